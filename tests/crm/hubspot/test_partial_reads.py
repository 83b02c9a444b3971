"""A batch read that HubSpot answers in part: what it could not say is asked again, and never taken for "not there"."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from connector.errors import CrmUnavailable
from connector.ports import Crm, Cursor
from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import DEALS, HISTORY, NOW, a_record, definitions, says, talking_to

NAMES = ("dealname", "hubspot_owner_id", "dealstage", "amount", "deal_currency_code", "closedate", "hs_is_closed_won")
SINCE = Cursor(NOW - timedelta(hours=1))
GONE = "Could not get some DEAL objects, they may be deleted or not exist. Check that ids are valid."


def refused(category: str, *ids: str, key: str = "ids", message: str = "internal error") -> dict[str, Any]:
    """An error of some rows."""
    return {"status": "error", "category": category, "message": message, "context": {key: list(ids)} if ids else {}}


def answered(results: Iterable[dict[str, Any]], *errors: dict[str, Any]) -> Response:
    """200, or 207 with errors."""
    body = {"status": "COMPLETE", "results": list(results), "errors": list(errors), "numErrors": len(errors)}
    return says(207 if errors else 200, body)


def portal(reads: Callable[[Request, int], Response]) -> Callable[[Request], Response]:
    """Two deals, 501 and 502, of which 501 has company 7; batch reads are answered by `reads`, which is told how often."""
    asked: dict[str, int] = {}

    def answer(request: Request) -> Response:
        if request.path.startswith("/crm/properties"):
            return says(200, definitions(*NAMES, "hs_is_closed", "hs_lastmodifieddate", "hs_object_id"))
        if request.path.endswith("/batch/read"):
            asked[request.path] = asked.get(request.path, 0) + 1
            return reads(request, asked[request.path])
        if request.path.endswith("/search"):
            return says(200, {"total": 2, "results": [a_record("501", dealname="A"), a_record("502", dealname="B")]})
        return says(200, {"results": []})  # nothing archived

    return answer


def ids_of(request: Request) -> list[str]:
    return [each["id"] for each in request.json()["inputs"]]


def links(request: Request) -> Response:
    """501 has a company, 502 has none."""
    none = refused("OBJECT_NOT_FOUND", "502", key="fromObjectId") | {
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"
    }
    one = {"from": {"id": "501"}, "to": [{"toObjectId": 7, "associationTypes": []}]}
    return answered([one], *([none] if "502" in ids_of(request) else []))


def read_through(crm: Crm) -> dict[str, object]:
    """What a later read of deals brings: the company of each."""
    pages = list(crm.changed(DEALS, SINCE))
    return {each.ref.id: each.fields["associations.companies"] for page in pages for each in page.records}


def test_a_row_that_failed_is_asked_again_and_not_deleted() -> None:
    def reads(request: Request, time: int) -> Response:
        if time == 1:
            return answered([a_record("501", dealname="A")], refused("INTERNAL_ERROR", "502"))
        return answered(a_record(each, dealname="A") for each in ids_of(request))

    with talking_to(
        portal(lambda request, time: links(request) if "asso" in request.path else reads(request, time))
    ) as (
        crm,
        service,
    ):
        found = crm.read(DEALS, ["501", "502"])
        times = sum(each.path.endswith("deals/batch/read") for each in service.asked)
    assert {each.ref.id: each.deleted for each in found} == {"501": False, "502": False}
    assert times == 2


@pytest.mark.parametrize(
    "errors",
    [(refused("INTERNAL_ERROR", "502"),), (refused("RATE_LIMITS", "502"),), ()],
    ids=["failed", "too many", "said nothing of"],
)
def test_a_row_that_keeps_failing_stops_the_read(errors: tuple[dict[str, Any], ...]) -> None:
    def reads(request: Request, _time: int) -> Response:
        known = [a_record("501", dealname="A")] if "501" in ids_of(request) else []
        return links(request) if "asso" in request.path else answered(known, *errors)

    with talking_to(portal(reads)) as (crm, _), pytest.raises(CrmUnavailable):
        crm.read(DEALS, ["501", "502"])


@pytest.mark.parametrize(
    "error",
    [
        refused("OBJECT_NOT_FOUND", "502", message=GONE),
        refused("OBJECT_NOT_FOUND", "502", key="id", message=GONE),
        refused("OBJECT_NOT_FOUND", message=GONE),  # recorded errors leave the context out at times
        refused("VALIDATION_ERROR", "502", message="502 is no id"),
    ],
)
def test_what_is_said_not_to_be_there_is_gone(error: dict[str, Any]) -> None:
    def reads(request: Request, _time: int) -> Response:
        return links(request) if "asso" in request.path else answered([a_record("501", dealname="A")], error)

    with talking_to(portal(reads)) as (crm, _):
        found = crm.read(DEALS, ["501", "502"])
    assert {each.ref.id: each.deleted for each in found} == {"501": False, "502": True}


def test_who_was_merged_is_answered_by_the_survivor() -> None:
    def reads(request: Request, _time: int) -> Response:
        return links(request) if "asso" in request.path else answered([a_record("501", dealname="A")])

    with talking_to(portal(reads)) as (crm, _):
        found = crm.read(DEALS, ["499"])  # was merged into 501
    assert {each.ref.id: each.deleted for each in found} == {"501": False, "499": True}


def test_who_was_merged_into_another_of_the_batch_is_asked_alone() -> None:
    def reads(request: Request, _time: int) -> Response:
        return links(request) if "asso" in request.path else answered([a_record("501", dealname="A")])

    with talking_to(portal(reads)) as (crm, service):
        found = crm.read(DEALS, ["499", "500", "501"])  # two were merged into the third
        asked = [ids_of(each) for each in service.asked if each.path.endswith("deals/batch/read")]
    assert {each.ref.id: each.deleted for each in found} == {"501": False, "499": True, "500": True}
    assert asked == [["499", "500", "501"], ["499"], ["500"]]


def test_companies_are_not_lost_to_a_failing_row() -> None:
    def reads(request: Request, time: int) -> Response:
        if time == 1:
            return answered([], refused("INTERNAL_ERROR", "501", "502", key="fromObjectId"))
        return links(request)

    with talking_to(portal(reads)) as (crm, _):
        assert read_through(crm) == {"501": "7", "502": None}


def test_a_history_that_failed_does_not_move_the_cursor() -> None:
    def reads(request: Request, _time: int) -> Response:
        if "asso" in request.path:
            return links(request)
        return answered([], refused("INTERNAL_ERROR", *ids_of(request)))

    with talking_to(portal(reads)) as (crm, _):
        read_through(crm)
        with pytest.raises(CrmUnavailable):
            list(crm.changed(HISTORY, SINCE))

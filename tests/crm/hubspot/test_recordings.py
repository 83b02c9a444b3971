"""Bodies that the real HubSpot sent, replayed to our client over HTTP: what does it make of them?

They were recorded by amp-labs/connectors without status and headers; the statuses served here are the
SDK's (200, 207) or those that HubSpot documents for the category (400, 403, 409).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.errors import CrmDenied, CrmUnavailable
from connector.model.changes import Settled
from connector.model.records import RecordKind, Ref
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.ports import Cursor, Source
from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import NOW, a_record, a_task, an_update, definitions, pulled, records, says, talking_to

CONTACTS = Source(RecordKind.ACCOUNT, "contacts")
CONTACTS_MAPPING = CrmMapping(
    "hubspot",
    (
        SourceMap(
            RecordKind.ACCOUNT, "contacts", {"name": "lastname", "at": "associations.companies", "phone": "phone"}
        ),
    ),
)
Recorded = Callable[[str], Any]


@pytest.fixture
def recorded(evidence: Path) -> Recorded:
    """A recorded body by its path below HubSpot's folder."""
    root = evidence / "contracts/recordings/amp-labs__connectors/providers/hubspot"
    return lambda path: json.loads((root / path).read_text(encoding="utf-8"))


def test_tells_the_updated_row_from_the_one_that_does_not_exist(recorded: Recorded) -> None:
    body = recorded("test/batch/update/contacts/err-partial-success.json")
    with talking_to([says(207, body)]) as (crm, service):
        good, bad = crm.write([an_update("171591000199", attain_actual="1"), an_update("unknownIdentifier888")])
        assert len(service.asked) == 1
    assert (good.settled, good.remote_id) == (Settled.WRITTEN, "171591000199")
    assert (bad.settled, bad.remote_id) == (Settled.REFUSED, None)
    assert bad.reason.startswith("Could not get some CONTACT objects")


def test_tells_the_created_row_from_the_one_in_conflict(recorded: Recorded) -> None:
    body = recorded("test/batch/create/contacts/err-partial-success.json")
    with talking_to([says(207, body)]) as (crm, _):
        conflict, made = crm.write([a_task("ab"), a_task("cd")])
    assert (conflict.settled, conflict.reason) == (
        Settled.REFUSED,
        "Contact already exists. Existing ID: 171591000198",
    )
    assert (made.settled, made.remote_id) == (Settled.WRITTEN, "171596044870")


def test_pairs_every_row_of_a_batch_that_worked(recorded: Recorded) -> None:
    body = recorded("test/batch/update/contacts/success.json")
    ids = [each["id"] for each in body["results"]]
    with talking_to([says(200, body)]) as (crm, _):
        receipts = crm.write([an_update(each, attain_actual="1") for each in reversed(ids)])
    assert [(each.settled, each.remote_id) for each in receipts] == [(Settled.WRITTEN, each) for each in reversed(ids)]


def test_refuses_every_row_that_sets_a_property_hubspot_does_not_know(recorded: Recorded) -> None:
    body = recorded("test/batch/update/contacts/err-many-invalid-properties.json")

    def answer(request: Request) -> Response:
        inputs = request.json()["inputs"]
        if any("first000name" in each["properties"] for each in inputs):
            return says(400, body)
        return says(200, {"status": "COMPLETE", "results": [a_record(each["id"]) for each in inputs]})

    changes = [
        an_update("1", first000name="A", last000name="B"),
        an_update("2", attain_actual="1"),
        an_update("3", last000name="C"),
    ]
    with talking_to(answer) as (crm, service):
        receipts = crm.write(changes)
        assert len(service.asked) == 2
    assert [each.settled for each in receipts] == [Settled.REFUSED, Settled.WRITTEN, Settled.REFUSED]
    assert receipts[0].reason == 'Property "first000name" does not exist; Property "last000name" does not exist'


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        (
            "test/batch/update/contacts/err-duplicate-ids.json",
            400,
            "Duplicate IDs found in batch input: [123456]. IDs must be unique",
        ),
        ("test/batch/create/contacts/err-conflict.json", 409, "Contact already exists"),
        ("test/search/error-invalid-object.json", 400, "Unable to infer object type from: butterflies"),
    ],
)
def test_refuses_a_single_row_in_hubspots_own_words(recorded: Recorded, path: str, status: int, reason: str) -> None:
    with talking_to([says(status, recorded(path))]) as (crm, service):
        receipt = crm.write([an_update("123456", attain_actual="1")])[0]
        assert (receipt.settled, receipt.reason, len(service.asked)) == (Settled.REFUSED, reason, 1)


def test_names_the_scope_that_is_missing(recorded: Recorded) -> None:
    refusal = says(403, recorded("test/metadata-err-schemas-scope.json"))
    with talking_to([refusal]) as (crm, _), pytest.raises(CrmDenied) as denied:
        crm.schema()
    assert "custom-object-read" in denied.value.problem
    assert "custom-object-read" in denied.value.cure


def test_passes_on_a_refusal_that_has_no_category(recorded: Recorded) -> None:
    refusal = says(400, recorded("test/search/error-invalid-object.json"))
    with talking_to([refusal]) as (crm, _), pytest.raises(CrmUnavailable, match="object type from: butterflies"):
        crm.schema()


def test_walks_recorded_search_pages_and_their_associations(recorded: Recorded) -> None:
    pages = [recorded("test/search/contacts/1-first-page.json"), recorded("test/search/contacts/2-second-page.json")]

    def answer(request: Request) -> Response:
        if request.path.startswith("/crm/properties"):
            return says(200, definitions("lastname", "phone"))
        if request.path.endswith("/search"):
            return says(200, pages.pop(0))
        if "/associations/" in request.path:
            return says(207, recorded("test/search/contacts/contacts-to-companies.json"))
        return says(200, {"results": []})

    covered = datetime(2025, 1, 1, tzinfo=UTC)
    with talking_to(answer, mapping=CONTACTS_MAPPING) as (crm, service):
        found = pulled(crm, CONTACTS, Cursor(covered))
        first, second = service.bodies("/search")
    assert records(found) == ["501", "103107104018"]
    assert found[0].total == 57
    assert [each.fields for page in found for each in page.records] == [
        {"lastname": "Heller", "phone": None, "associations.companies": "29022297485"},
        {"lastname": "Conroy", "phone": "5555550100", "associations.companies": None},
    ]
    assert found[0].records[0].modified_at == datetime(2025, 1, 27, 19, 53, 15, 581000, tzinfo=UTC)
    stamps = [
        {"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1735687800000"},  # 2024-12-31T23:30Z
        {"propertyName": "lastmodifieddate", "operator": "LTE", "value": str(int(NOW.timestamp() - 120) * 1000)},
    ]
    assert first["filterGroups"] == [{"filters": stamps}]
    beyond = {"propertyName": "hs_object_id", "operator": "GT", "value": "501"}
    assert second["filterGroups"] == [{"filters": [*stamps, beyond]}]
    assert "after" not in second  # the next page is cut by id


def test_follows_the_cursor_of_a_recorded_list(recorded: Recorded) -> None:
    pages = [recorded("test/read/objects-api/contacts-response.json"), {"results": []}]

    def answer(request: Request) -> Response:
        if request.path.startswith("/crm/properties"):
            return says(200, definitions("lastname", "phone"))
        return says(200, pages.pop(0))

    with talking_to(answer, mapping=CONTACTS_MAPPING) as (crm, service):
        found = pulled(crm, CONTACTS)
        assert [each.param("after") for each in service.asked] == ["", "", "394"]
    assert records(found) == ["1", "51", "101"]  # none of them has a `url`, which we do not need
    assert found[0].records[1].modified_at == datetime(2023, 12, 13, 22, 45, 30, 353000, tzinfo=UTC)


def test_reads_outcomes_from_recorded_pipelines(recorded: Recorded) -> None:
    def answer(request: Request) -> Response:
        if "/pipelines/" in request.path:
            return says(200, recorded("test/metadata-deals-external-pipelines.json"))
        if "/account-info/" in request.path:
            return says(200, recorded("test/post-auth/account-info.json"))
        return says(200, recorded("test/metadata-deals-properties-sampled.json"))

    with talking_to(answer, mapping=CONTACTS_MAPPING) as (crm, _):
        schema = crm.schema()
        assert crm.url(Ref("smb", "deals", "5")) == "https://app.hubspot.com/contacts/12345678/record/0-3/5"
    assert [(each.name, each.outcome, each.probability) for each in schema.stages] == [
        ("appointmentscheduled", "open", 0.2),
        ("qualifiedtobuy", "open", 0.4),
        ("presentationscheduled", "open", 0.6),
        ("decisionmakerboughtin", "open", 0.8),
        ("contractsent", "open", 0.9),
        ("closedwon", "won", 1.0),
        ("closedlost", "lost", 0.0),
    ]
    assert {(each.name, each.type, each.writable) for each in schema.objects["contacts"].values()} >= {
        ("dealstage", "enumeration", True),
        ("pipeline", "enumeration", True),
    }
    assert schema.currencies == ("USD",)

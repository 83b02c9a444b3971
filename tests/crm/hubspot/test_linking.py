"""Linking: tasks are found on what they are about, at once or later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connector.model.changes import Change, Receipt, Settled
from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import Portal, a_record, says, talking_to
from tests.crm.hubspot.test_write import complete, installed, task


class Troubled(Portal):
    """A portal that answers some requests otherwise."""

    trouble: Callable[[Request], Response | None] = staticmethod(lambda _request: None)

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        return self.trouble(request) or self.box.answer(request)


def about(key: str, deal: str) -> Change:
    return Change(task(key).row, task(key).fields, links={"deals": deal}, once=True)


def a_deal_of_a_company(portal: Portal) -> tuple[str, str]:
    deal = portal.add("deals", dealname="D", pipeline="default", dealstage="talking")
    company = portal.add("companies", name="Blue Ox")
    portal.link("deals", deal, "companies", company, 5)
    return deal, company


def shown(portal: Portal, task_id: str | None) -> dict[str, list[str]]:
    found: dict[str, Any] = portal.do("GET", f"/crm/objects/2026-03/tasks/{task_id}?associations=deals,companies")
    return {kind: [each["id"] for each in some["results"]] for kind, some in found.get("associations", {}).items()}


def test_links_a_task_to_its_deals_company_as_well() -> None:
    portal = Portal()
    deal, company = a_deal_of_a_company(portal)
    with portal.connected() as crm:
        installed(crm)
        [receipt] = crm.write([about("ab", deal)])
    assert (receipt.settled, receipt.reason) == (Settled.WRITTEN, "")
    assert shown(portal, receipt.remote_id) == {"deals": [deal], "companies": [company]}


def test_links_a_task_to_its_deal() -> None:
    portal = Portal()
    deal = portal.add("deals", dealname="D", pipeline="default", dealstage="talking")
    with portal.connected() as crm:
        installed(crm)
        [receipt] = crm.write([about("ab", deal)])
    assert (receipt.settled, receipt.reason) == (Settled.WRITTEN, "")
    assert shown(portal, receipt.remote_id) == {"deals": [deal]}


def test_says_so_of_the_one_written_task_that_can_never_be_linked() -> None:
    portal = Portal()
    deal, company = a_deal_of_a_company(portal)
    with portal.connected() as crm:
        installed(crm)
        gone, there = crm.write([about("ab", "999999"), about("cd", deal)])
    assert (gone.settled, there.settled) == (Settled.WRITTEN, Settled.WRITTEN)
    assert gone.reason == "written, but not linked: 999999 is not a valid ID"
    assert there.reason == ""
    assert shown(portal, there.remote_id) == {"deals": [deal], "companies": [company]}


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ("/tasks/deals/batch/create", 503),
        ("/tasks/deals/batch/create", 403),
        ("/tasks/companies/batch/create", 503),
        ("/tasks/companies/batch/create", 403),
        ("/deals/companies/batch/read", 503),
    ],
)
def test_a_link_that_fails_is_made_later_and_the_task_is_left_alone(where: str, status: int) -> None:
    portal = Troubled()
    deal, company = a_deal_of_a_company(portal)
    with portal.connected() as crm:
        installed(crm)
        refusal = says(status, {"status": "error", "message": "not now"})
        portal.trouble = lambda request: refusal if request.path.endswith(where) else None
        [receipt] = crm.write([about("ab", deal)])
        assert receipt.settled is Settled.BUSY
        assert receipt.remote_id
        assert receipt.reason.startswith("written, but not linked: ")
        [again] = crm.link([(about("ab", deal), receipt.remote_id)])
        assert again.settled is Settled.BUSY
        portal.change("tasks", receipt.remote_id, hs_task_status="COMPLETED")
        portal.trouble = lambda _request: None
        portal.asked.clear()
        [linked] = crm.link([(about("ab", deal), receipt.remote_id)])
    assert linked == Receipt(receipt.row, Settled.WRITTEN, receipt.remote_id, created=True)
    assert shown(portal, receipt.remote_id) == {"deals": [deal], "companies": [company]}
    assert {each.path.split("/")[2] for each in portal.asked} == {"associations"}
    status_now = portal.do("GET", f"/crm/objects/2026-03/tasks/{receipt.remote_id}?properties=hs_task_status")
    assert status_now["properties"]["hs_task_status"] == "COMPLETED"


def test_companies_that_are_not_for_us_to_see_are_not_waited_for() -> None:
    portal = Troubled()
    deal, _ = a_deal_of_a_company(portal)
    with portal.connected() as crm:
        installed(crm)
        refusal = says(403, {"status": "error", "message": "no", "category": "MISSING_SCOPES"})
        portal.trouble = lambda request: refusal if request.path.endswith("/deals/companies/batch/read") else None
        [receipt] = crm.write([about("ab", deal)])
    assert (receipt.settled, receipt.reason) == (Settled.WRITTEN, "")
    assert shown(portal, receipt.remote_id) == {"deals": [deal]}


def test_one_link_that_spoils_a_batch_does_not_keep_the_others_from_theirs() -> None:
    made: list[str] = []

    def answer(request: Request) -> Response:
        inputs = request.json()["inputs"]
        if request.path.endswith("/upsert"):
            return complete(*(a_record(f"9{each['id']}", attain_alert_key=each["id"]) for each in inputs))
        if request.path.endswith("/companies/batch/read"):
            return says(200, {"results": []})
        if any(each["to"]["id"] == "77" for each in inputs):
            return says(400, {"status": "error", "message": "no such deal", "category": "VALIDATION_ERROR"})
        made.extend(each["from"]["id"] for each in inputs)
        return says(201, {"results": []})

    with talking_to(answer) as (crm, _):
        receipts = crm.write([about(str(at), "77" if at == 2 else "5") for at in range(4)])
    assert sorted(made) == ["90", "91", "93"]
    assert [each.reason for each in receipts] == ["", "", "written, but not linked: no such deal", ""]
    assert {each.settled for each in receipts} == {Settled.WRITTEN}

"""What an account requires of people, and 2026-09 of us: told in words an admin can act on, and parked row by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from connector.crm.hubspot.errors import said
from connector.crm.hubspot.required import enforced, explained
from connector.model.changes import Change, Receipt, Row, Settled, Wanted, WantedField
from connector.normalise.mapping import RecordFields
from connector.ports import Crm, Finding, Severity
from connector.sandbox.serve import serve
from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import (
    MAPPING,
    Days,
    Portal,
    Scripted,
    a_deal,
    a_record,
    a_task,
    connected,
    says,
    talking_to,
)
from tests.crm.hubspot.test_write import DUE

HEALTH = WantedField("deals", "attain_health", "Health", "number")
KEY = WantedField("tasks", "attain_alert_key", "Attain key", "text", unique=True)
WANTED = Wanted(fields=(HEALTH, KEY))
ON_DEALS = replace(MAPPING, write=replace(MAPPING.write, deals=RecordFields("deals", {"attain_health": "health"})))
WHERE = "Settings > Properties > Deals > Conditional logic"


@contextmanager
def at(portal: Portal, version: str) -> Iterator[Crm]:
    with serve(portal) as served:
        crm = connected(served.url, portal.days, ON_DEALS, options={"version": version})
        yield crm
        crm.close()


def healthy(deal: str) -> Change:
    return Change(Row("smb", "deals", "hs_object_id", deal), {"attain_health": 70})


def found(crm: Crm, *refused: Receipt) -> dict[str, Finding]:
    return {each.subject: each for each in crm.doctor(WANTED, refused)}


@pytest.mark.parametrize(
    ("version", "held"),
    [("2026-03", False), ("2026-03-beta", False), ("2026-09", True), ("2026-09-beta", True), ("2027-03", True)],
)
def test_knows_which_versions_hold_writes_against_them(version: str, held: bool) -> None:
    assert enforced(version) is held


def test_the_rows_that_break_a_rule_are_parked_alone_each_with_the_way_out() -> None:
    portal = Portal()
    deals = [a_deal(portal, f"D{number}") for number in range(40)]
    with at(portal, "2026-09") as crm:
        crm.install(WANTED, check=False)
        portal.box.require("deals", "hs_next_step", on="dealstage", values=["offered"])
        for number in (7, 23):
            portal.change("deals", deals[number], dealstage="offered")
        receipts = crm.write([healthy(each) for each in deals])
        refused = [each for each in receipts if each.settled is Settled.REFUSED]
        assert [each.row.key for each in refused] == [deals[7], deals[23]]
        assert {each.settled for each in receipts if each not in refused} == {Settled.WRITTEN}
        [reason] = {each.reason for each in refused}
        assert reason.startswith(
            "hs_next_step is required because of a conditional property rule based on [dealstage]."
        )
        assert WHERE in reason
        assert reason.endswith("or say `write_version: 2026-03` in the connection, which asks for none of this.")
        told = found(crm, *refused)["deals.refused"]
        assert (told.severity, told.text) == (
            Severity.WARNING,
            f"2 records in Offered (Sales Pipeline) could not be written: {reason}",
        )
        assert "attain outbox retry" in told.cure
    with at(portal, "2026-03") as crm:
        assert {each.settled for each in crm.write([healthy(each) for each in deals])} == {Settled.WRITTEN}


def test_a_task_that_the_create_form_would_not_have_says_where_the_form_is() -> None:
    portal = Portal()
    with at(portal, "2026-09") as crm:
        crm.install(WANTED, check=False)
        portal.box.require("tasks", "hs_task_body")
        bare, full = (a_task(key, hs_task_subject="Behind", hs_timestamp=DUE) for key in ("ab", "cd"))
        full = replace(full, fields={**full.fields, "hs_task_body": "Call them"})
        receipts = crm.write([bare, full])
    assert [each.settled for each in receipts] == [Settled.REFUSED, Settled.WRITTEN]
    assert receipts[0].reason.startswith("A value for hs_task_body must be provided.")
    assert "Settings > Objects > Tasks > Create record" in receipts[0].reason


def test_a_refusal_of_single_rows_is_told_as_well_as_one_of_a_whole_batch() -> None:
    """Which of the two HubSpot sends is not documented."""
    fault = {
        "code": "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
        "message": "state is required because of a conditional property rule based on [country]",
        "context": {"propertyName": ["state"]},
    }
    error = {
        "status": "error",
        "category": "VALIDATION_ERROR",
        "message": "The property values provided are invalid",
        "context": {"ids": ["2"]},
        "errors": [fault],
    }
    body = {"status": "COMPLETE", "results": [a_record("1"), a_record("3")], "errors": [error], "numErrors": 1}
    with serve(Scripted([says(207, body)])) as served:
        crm = connected(served.url, Days(), ON_DEALS, options={"version": "2026-09"})
        receipts = crm.write([healthy(each) for each in ("1", "2", "3")])
        crm.close()
    assert [each.settled for each in receipts] == [Settled.WRITTEN, Settled.REFUSED, Settled.WRITTEN]
    assert receipts[1].reason.startswith("state is required because of a conditional property rule based on [country].")
    assert WHERE in receipts[1].reason


def test_a_user_who_may_not_associate_is_told_which_permission_it_is() -> None:
    answers = [
        says(
            200, {"status": "COMPLETE", "results": [{"id": "5", "properties": {}, "updatedAt": "2026-11-25T11:00:00Z"}]}
        ),
        says(
            400,
            {"status": "error", "message": "Missing 'Edit Associations' permission.", "category": "VALIDATION_ERROR"},
        ),
    ]
    body = said({"message": "Missing 'Edit Associations' permission.", "category": "VALIDATION_ERROR"})
    assert "Permissions > Edit associations" in explained("tasks", body, "2026-09")
    assert explained("tasks", body, "2026-03") == "Missing 'Edit Associations' permission."
    with talking_to(answers) as (crm, _):
        change = replace(a_task("ab"), links={"companies": "7"})
        [receipt] = crm.write([change])
    assert receipt.settled is Settled.WRITTEN
    assert receipt.reason == "written, but not linked: Missing 'Edit Associations' permission."


def test_the_doctor_says_beforehand_what_nobody_can_ask_and_that_the_older_version_is_safe() -> None:
    portal = Portal()
    portal.box.require("deals", "hs_next_step", on="dealstage", values=["offered"])
    with at(portal, "2026-09") as crm:
        told = found(crm)["required properties"]
    assert told.severity is Severity.NOTE
    assert "users, tasks, deals" in told.text
    assert "write_version: 2026-03" in told.cure
    with at(portal, "2026-03") as crm:
        assert found(crm)["required properties"].severity is Severity.OK
    assert {each.method for each in portal.asked if "/objects/" in each.path} == {"GET"}, "the doctor wrote something"


def test_the_doctor_names_a_format_that_is_asked_of_what_we_write() -> None:
    portal = Portal()
    rule = {"ruleArguments": ["40"]}
    for name in ("hs_task_subject", "hs_task_body"):
        portal.do("PUT", f"/crm/property-validations/2026-03/0-27/{name}/rule-type/MAX_LENGTH", rule)
    with at(portal, "2026-03") as crm:
        told = found(crm)
    assert told["tasks.hs_task_subject"].severity is Severity.WARNING
    assert "MAX_LENGTH" in told["tasks.hs_task_subject"].text
    assert "tasks.hs_task_body" not in told, "which this mapping does not write"


def test_an_account_that_does_not_tell_its_formats_is_no_error() -> None:
    portal = Portal()
    portal.box.allow("pat-eu1-secret", ("crm.objects.deals.read", "crm.schemas.deals.read"))
    with at(portal, "2026-03") as crm:
        told = found(crm)
    assert told["tasks.rules"].severity is Severity.NOTE


def test_writes_may_stay_with_an_older_version_than_reads() -> None:
    def answer(request: Request) -> Response:
        if request.path.endswith("/batch/update"):
            return says(200, {"status": "COMPLETE", "results": [a_record("501", attain_health="70")]})
        return says(200, {"status": "COMPLETE", "results": [a_record("501", attain_health="60")]})

    service = Scripted(answer)
    with serve(service) as served:
        options = {"version": "2026-09", "write_version": "2026-03"}
        crm = connected(served.url, Days(), ON_DEALS, options=options)
        crm.current([healthy("501").row], ["attain_health"])
        crm.write([healthy("501")])
        crm.close()
    assert [each.path for each in service.asked] == [
        "/crm/objects/2026-09/deals/batch/read",
        "/crm/objects/2026-03/deals/batch/update",
    ]

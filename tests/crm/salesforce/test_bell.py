"""The bell rings once for an alert that was just created, and never again for the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from connector.crm.salesforce.package.access import ACCESS, SEND, needs
from connector.crm.salesforce.package.pages import BELL
from connector.model.changes import Change, Row, Settled, Wanted, WantedField
from connector.ports import Severity
from connector.sandbox.wire import Request, Response
from tests.crm.salesforce.company import Place, place, shipped_mapping, write_company
from tests.crm.salesforce.conftest import Time
from tests.crm.salesforce.permissions import takes

KEY = "Attain_Key__c"
WANTED = Wanted(fields=(WantedField("Task", KEY, "Attain key", "text", unique=True, length=40),))


@pytest.fixture
def loud(tmp_path: Path, time: Time, private_key: str) -> Iterator[Place]:
    with place(write_company(tmp_path), time, private_key, bell="on") as found:
        found.crm.install(WANTED, check=False)
        yield found


def alert(place: Place, key: str) -> Change:
    [ana, *_] = [each.ref.id for each in place.records("User") if each.fields["Email"] == "ana@example.com"]
    fields = {"OwnerId": ana, "Subject": "Bookings are behind", "Description": "60 % of the target, 80 % of the time"}
    return Change(Row("emea", "Task", KEY, key), fields, once=True)


def test_rings_once_for_a_new_alert(loud: Place) -> None:
    change = alert(loud, "one")
    [receipt] = loud.crm.write([change])
    [rung] = loud.sandbox.rung
    assert (rung["recipientIds"], rung["targetId"]) == ([change.fields["OwnerId"]], receipt.remote_id)
    assert (rung["title"], rung["body"]) == (change.fields["Subject"], change.fields["Description"])
    loud.crm.write([change])
    assert len(loud.sandbox.rung) == 1, "an upsert that only updates rings nothing"


def test_what_is_no_alert_rings_nothing(loud: Place) -> None:
    task = alert(loud, "two")
    loud.crm.write([Change(task.row, task.fields)])
    assert loud.sandbox.rung == []


def test_a_lost_answer_is_not_asked_for_again(loud: Place) -> None:
    """It may have rung; ringing twice is worse than not at all, and the task is there."""
    asked: list[str] = []

    def instead(request: Request) -> Response | None:
        if request.path.endswith("customNotificationAction"):
            asked.append(request.path)
            return Response(503)
        return None

    loud.heard.instead = instead
    [receipt] = loud.crm.write([alert(loud, "three")])
    assert receipt.settled is Settled.WRITTEN
    assert len(asked) == 1


def test_without_being_asked_for_it_is_silent(tmp_path: Path, time: Time, private_key: str) -> None:
    with place(write_company(tmp_path), time, private_key) as quiet:
        quiet.crm.install(WANTED, check=False)
        quiet.crm.write([alert(quiet, "four")])
        assert quiet.sandbox.rung == []


def failing(answer: Response) -> Callable[[Request], Response | None]:
    return lambda request: answer if request.path.endswith("customNotificationAction") else None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Response(403, {"Content-Type": "application/json"}, b'[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]'), "INSUFFICIENT_ACCESS: no"),
        (Response(200, {"Content-Type": "application/json"}, b'[{"actionName":"x","isSuccess":false,"errors":[{"statusCode":"INVALID_ID_FIELD","message":"whom"}]}]'), "INVALID_ID_FIELD: whom"),
    ],
)  # fmt: skip
def test_a_bell_that_does_not_ring_says_why_once_a_cycle(loud: Place, answer: Response, said: str) -> None:
    loud.heard.instead = failing(answer)
    with structlog.testing.capture_logs() as logged:
        for key in ("five", "six", "seven"):
            [receipt] = loud.crm.write([alert(loud, key)])
            assert receipt.settled is Settled.WRITTEN
        loud.time.sleep(900)
        loud.crm.write([alert(loud, "eight")])
    assert [each["event"] for each in logged] == ["bell_did_not_ring"] * 2
    assert said in logged[0]["problem"]
    assert logged[0]["log_level"] == "warning"
    assert logged[0]["crm"] == "emea"


def test_a_bell_that_was_never_hung_up_says_so(tmp_path: Path, time: Time, private_key: str) -> None:
    with place(write_company(tmp_path), time, private_key, bell="on") as org:
        org.sandbox.refused_parts[BELL] = "no"
        org.crm.install(WANTED, check=False)
        with structlog.testing.capture_logs() as logged:
            org.crm.write([alert(org, "nine")])
        assert "attain install" in logged[0]["problem"]
        [told] = [each for each in org.crm.doctor(WANTED) if each.subject == "bell"]
    assert (told.severity, told.cure) == (Severity.ERROR, "run `attain install`")


def test_an_installation_grants_ringing_where_it_is_asked_for(tmp_path: Path, time: Time, private_key: str) -> None:
    with place(write_company(tmp_path), time, private_key, bell="on") as org:
        org.sandbox.minimum_access()
        org.crm.install(WANTED, check=False)
        org.crm.write([alert(org, "ten")])
        assert len(org.sandbox.rung) == 1
        assert told_of_the_bell(org) == [Severity.OK]
        takes(org, ACCESS)
        assert told_of_the_bell(org) == [Severity.ERROR]
    assert SEND not in needs(shipped_mapping()).user


def told_of_the_bell(org: Place) -> list[Severity]:
    return [each.severity for each in org.crm.doctor(WANTED) if each.subject == "bell"]


def test_nobody_is_told_of_a_bell_that_is_off(tmp_path: Path, time: Time, private_key: str) -> None:
    with place(write_company(tmp_path), time, private_key) as org:
        assert told_of_the_bell(org) == []

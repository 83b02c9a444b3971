"""The bell rings once for an alert that was just created, and never again for the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.errors import ConfigError
from connector.model.changes import Change, Row, Settled, Wanted, WantedField
from connector.sandbox.wire import Request, Response
from tests.crm.salesforce.company import Place, place, write_company
from tests.crm.salesforce.conftest import Time

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


def test_a_word_that_is_neither_on_nor_off_is_refused(tmp_path: Path, time: Time, private_key: str) -> None:
    with (
        pytest.raises(ConfigError, match="`bell` is on or off"),
        place(write_company(tmp_path), time, private_key, bell="loud"),
    ):
        pass

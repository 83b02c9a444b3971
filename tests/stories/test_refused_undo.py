"""An undo that a CRM refuses or has no time for, and what a human let go: told, kept, and written over by nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from connector.sandbox.wire import Request, Response, Service
from connector.service import wiring
from connector.store.locks import run_lock
from tests.cli.attain import Attain, Ended
from tests.faults.village import Village

NO = {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "no way", "fields": []}
LOCKED = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access", "fields": []}
ROWS, TASKS = "/composite/sobjects/Attain_Attainment__c/", "/composite/sobjects/Task/"


@contextmanager
def answering(village: Village, error: Mapping[str, object], *where: str) -> Iterator[None]:
    """Salesforce says this of every record that is written or removed there."""

    def exchange(_host: str, service: Service, request: Request) -> Response:
        if request.method not in ("PATCH", "POST", "DELETE") or not any(each in request.path for each in where):
            return service.answer(request)
        ids = request.param("ids")
        count = len(ids.split(",")) if ids else len(request.json()["records"])
        body = [{"id": None, "success": False, "errors": [error]} for _ in range(count)]
        return Response(200, {"content-type": "application/json"}, json.dumps(body).encode())

    before, village.exchange = village.exchange, exchange
    yield
    village.exchange = before


def said(village: Village, attain: Attain, *words: str) -> Ended:
    with village.wired():
        ended = attain(*words)
    village.time.sleep(900)
    return ended


def rows(village: Village) -> int:
    return len(village.soql("SELECT Id FROM Attain_Attainment__c"))


def tasks(village: Village) -> list[str]:
    return sorted(
        each["Attain_Key__c"] for each in village.soql("SELECT Attain_Key__c FROM Task WHERE Attain_Key__c != null")
    )


def states(attain: Attain) -> dict[str, int]:
    """How many records are on their way to Salesforce, by state."""
    found = [each["state"] for each in json.loads(attain("outbox", "--json").out) if each["row"].startswith("emea:")]
    return {state: found.count(state) for state in dict.fromkeys(found)}


def won(village: Village) -> None:
    """A deal of Salesforce's is won: several rows are to say something else."""
    deal = village.soql("SELECT Id FROM Opportunity WHERE IsClosed = false ORDER BY Id LIMIT 1")[0]["Id"]
    fields = {"Amount": 999_999, "CloseDate": "2026-11-20", "StageName": "Closed Won"}
    village.edit(f"Opportunity/{deal}", fields)


def actuals(village: Village) -> list[float]:
    return sorted(float(each["Actual__c"] or 0) for each in village.soql("SELECT Actual__c FROM Attain_Attainment__c"))


def test_an_undo_that_is_refused_says_so_and_stays_until_somebody_decides(village: Village, attain: Attain) -> None:
    run = village.cycle().run_id
    before, numbers = rows(village), actuals(village)
    with answering(village, NO, "/composite/sobjects"):
        told = said(village, attain, "undo", run, "--apply")
    assert told.code == 1, told
    # 20 rows and 2 tasks; HubSpot's part is done: its users' numbers and its one task
    assert "22 records not taken back" in told.err
    assert "emea: refused 22 records: FIELD_CUSTOM_VALIDATION_EXCEPTION: no way" in told.err
    assert "records taken back; on hold" in told.out
    assert (rows(village), states(attain)) == (before, {"failed": 22})
    won(village)
    for _ in range(2):
        assert said(village, attain, "sync").code == 0
    assert (actuals(village), states(attain)) == (numbers, {"failed": 22})  # nothing is written over them
    assert said(village, attain, "outbox", "retry", "all", "--reason", "the rule was mended").code == 0
    assert said(village, attain, "sync").code == 0
    assert (rows(village), tasks(village)) == (0, [])
    said(village, attain, "sync")
    assert rows(village) == 0  # on hold


def test_an_undo_that_is_refused_and_let_go_is_forgotten(village: Village, attain: Attain) -> None:
    run = village.cycle().run_id
    numbers = actuals(village)
    with answering(village, NO, "/composite/sobjects"):
        said(village, attain, "undo", run, "--apply")
    won(village)
    assert said(village, attain, "outbox", "discard", "all", "--reason", "never mind").code == 0
    assert said(village, attain, "sync").code == 0
    assert max(actuals(village)) >= 999_999 > max(numbers)
    assert len(tasks(village)) == 2


def test_an_undo_that_salesforce_has_no_time_for_arrives_later_and_holds(village: Village, attain: Attain) -> None:
    run = village.cycle().run_id
    with answering(village, LOCKED, "/composite/sobjects"):
        told = said(village, attain, "undo", run, "--apply")
    assert (told.code, "22 records not taken back yet: a later cycle tries again" in told.err) == (0, True), told
    won(village)
    for _ in range(3):
        assert said(village, attain, "sync").code == 0
        assert (rows(village), tasks(village)) == (0, [])


def test_beside_a_scheduler_an_undo_is_approved_and_holds_from_then_on(village: Village, attain: Attain) -> None:
    run = village.cycle().run_id
    with wiring.house(village.config, world=village.time.world, connect=False) as ready, run_lock(ready.store):
        told = said(village, attain, "undo", run, "--apply")
    assert (told.code, "On hold from then on" in told.out, "taken back;" in told.out) == (0, True, False), told
    assert said(village, attain, "sync").code == 0
    assert rows(village) == 0


def test_apply_ends_with_1_where_a_crm_refuses_records(village: Village, attain: Attain) -> None:
    assert [said(village, attain, "sync", "--only", each).code for each in ("pull", "appraise")] == [0, 0]
    with answering(village, NO, TASKS):
        told = said(village, attain, "apply")
    assert (told.code, "emea: refused 2 records" in told.err, rows(village)) == (1, True, 20), told


def test_an_alert_that_was_let_go_stays_away_until_somebody_asks_for_it(village: Village, attain: Attain) -> None:
    with answering(village, NO, TASKS):
        village.cycle()
    told = said(village, attain, "outbox", "discard", "all", "--reason", "the rep has left")
    assert (told.code, "not tried again by themselves; other values of a record are a new wish" in told.out) == (
        0,
        True,
    )
    for _ in range(3):
        village.time.sleep(86_400)  # what it says changes from day to day
        assert said(village, attain, "sync").code == 0
        assert (tasks(village), states(attain)) == ([], {"discarded": 2})
    assert said(village, attain, "outbox", "retry", "all", "--reason", "x").code == 1  # they were let go one and all
    [key, _] = [each["row"].split("=")[1].rstrip("]") for each in json.loads(attain("outbox", "--json").out)]
    assert said(village, attain, "outbox", "retry", key, "--reason", "she is back").code == 0
    assert said(village, attain, "sync").code == 0
    assert tasks(village) == [key]

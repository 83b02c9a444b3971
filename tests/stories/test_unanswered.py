"""Answers that do not come: what they left in the CRM is read back, made sure of, taken away, or waited for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connector.flow.cycle import run_cycle
from connector.sandbox.wire import Request, Response, Service
from connector.service import wiring
from connector.store import outbox
from connector.store.locks import run_lock
from tests.cli.attain import Attain
from tests.faults.village import Village
from tests.faults.wire import Lost, Silent

ROWS, TASKS, THEIRS = "/composite/sobjects/Attain_Attainment__c/", "/composite/sobjects/Task/", "/tasks/batch/upsert"
LARGE = 999_999
WON = {"Amount": LARGE, "CloseDate": "2026-11-20", "StageName": "Closed Won"}


@contextmanager
def unanswered(village: Village, *where: str) -> Iterator[None]:
    """No request there is answered, though each has its effect."""

    def exchange(_host: str, service: Service, request: Request) -> Response:
        found = service.answer(request)
        if any(each in request.path for each in where):
            raise Silent("read timed out")
        return found

    before, village.exchange = village.exchange, exchange
    yield
    village.exchange = before


def tasks(village: Village) -> list[dict[str, Any]]:
    return village.soql("SELECT Id, Status FROM Task WHERE Attain_Key__c != null")


def shown(village: Village) -> dict[str, float]:
    """What rows of ours say that have a number, by key."""
    rows = village.soql("SELECT Attain_Key__c, Actual__c FROM Attain_Attainment__c")
    return {str(each["Attain_Key__c"]): float(each["Actual__c"] or 0) for each in rows}


def a_closed_deal(village: Village) -> dict[str, Any]:
    query = "SELECT Id, Amount, CloseDate, StageName FROM Opportunity WHERE IsClosed = true ORDER BY CloseDate DESC"
    return village.soql(query)[0]


def test_a_task_that_its_reader_completed_is_not_reopened(village: Village) -> None:
    with unanswered(village, TASKS):
        assert village.cycle().exit_code == 4
    assert len(tasks(village)) == 2
    for each in tasks(village):
        village.edit(f"Task/{each['Id']}", {"Status": "Completed"})
    village.time.sleep(900)
    assert village.cycle().exit_code == 0
    assert [each["Status"] for each in tasks(village)] == ["Completed", "Completed"]


def test_a_number_that_went_there_and_back_is_the_one_that_is_shown(village: Village) -> None:
    """A is shown, B is sent and its answer lost, and by the next cycle it is A again."""
    village.cycle()
    village.time.sleep(3600)
    before = shown(village)
    deal = a_closed_deal(village)
    village.edit(f"Opportunity/{deal['Id']}", WON)
    village.time.sleep(3600)
    with unanswered(village, ROWS):
        village.cycle()
    assert shown(village) != before
    village.edit(f"Opportunity/{deal['Id']}", {name: deal[name] for name in WON})
    for _ in range(3):
        village.time.sleep(3600)
        assert village.cycle().exit_code == 0
    assert shown(village) == before


def test_what_was_made_by_an_attempt_whose_answer_was_lost_is_taken_away(village: Village, attain: Attain) -> None:
    """The second attempt is answered: there was such a record already. It was ours."""
    lost = set[str]()

    def exchange(_host: str, service: Service, request: Request) -> Response:
        found = service.answer(request)
        for each in (ROWS, TASKS):
            if each in request.path and each not in lost:
                lost.add(each)
                raise Lost("reset")
        return found

    village.exchange = exchange
    run = village.cycle().run_id
    assert (lost, len(shown(village)), len(tasks(village))) == ({ROWS, TASKS}, 20, 2)
    with village.wired():
        undone = attain("undo", run, "--apply")
    assert undone.code == 0, undone
    assert (shown(village), tasks(village)) == ({}, [])


def plan_before_it_was_broken_off(village: Village, attain: Attain) -> tuple[Path, dict[str, float]]:
    """A plan was made; then a deal was won, and when rows with that were being written, somebody pressed Ctrl-C.

    Returns the plan's file, and the numbers that it has for Salesforce.
    """
    file = village.folder / "plan.json"
    with village.wired():
        with wiring.house(village.config, world=village.time.world) as ready:
            run_cycle(ready, only="pull")
            run_cycle(ready, only="appraise")
        made = attain("plan", "--json", "--out", str(file))
    assert made.code == 0, made
    [emea] = [each for each in json.loads(made.out) if each["connection"] == "emea"]
    numbers = {
        row["row"].partition("=")[2].rstrip("]"): float(row["fields"]["Actual__c"]["then"])
        for row in emea["rows"]
        if "Actual__c" in row["fields"]
    }
    assert max(numbers.values()) < LARGE

    def exchange(_host: str, service: Service, request: Request) -> Response:
        if ROWS in request.path:
            raise KeyboardInterrupt
        return service.answer(request)

    village.edit(f"Opportunity/{a_closed_deal(village)['Id']}", WON)
    village.time.sleep(1800)
    before, village.exchange = village.exchange, exchange
    with pytest.raises(KeyboardInterrupt):
        village.cycle()
    village.exchange = before
    return file, numbers


def test_a_plan_is_written_as_it_was_looked_at_whatever_was_under_way(village: Village, attain: Attain) -> None:
    file, numbers = plan_before_it_was_broken_off(village, attain)
    with village.wired():
        applied = attain("apply", str(file))
    assert applied.code == 0, applied
    assert {key: shown(village)[key] for key in numbers} == pytest.approx(numbers, abs=0.01)


def test_what_nobody_can_tell_of_stays_and_is_told(village: Village, attain: Attain) -> None:
    """Salesforce does not say what of ours has arrived: nothing takes the place of what is under way."""
    file, numbers = plan_before_it_was_broken_off(village, attain)

    def exchange(_host: str, service: Service, request: Request) -> Response:
        if dict(request.query).get("q", "").endswith("FROM Attain_Attainment__c") or "Attain_Key__c IN" in str(
            request.query
        ):
            return Response(503)
        return service.answer(request)

    village.exchange = exchange
    with village.wired():
        applied = attain("apply", str(file))
    assert applied.code == 4, applied
    assert applied.err.count("it is being written already") == len(numbers) == 20
    assert open_states(village) == {"unknown"}


def test_beside_a_scheduler_what_is_under_way_stays_and_is_told(village: Village, attain: Attain) -> None:
    file, numbers = plan_before_it_was_broken_off(village, attain)
    with (
        wiring.house(village.config, world=village.time.world, connect=False) as ready,
        run_lock(ready.store),
        village.wired(),
    ):
        applied = attain("apply", str(file))
    assert (applied.code, applied.err.count("it is being written already")) == (1, len(numbers)), applied
    assert "6 records approved" in applied.out
    assert open_states(village) == {"unknown"}


def open_states(village: Village) -> set[str]:
    """Of what is on its way to Salesforce."""
    with wiring.house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        return {str(each.state) for each in outbox.open_entries(tx, "emea")}

"""Scenes that chance would hardly play: each sets one trap, and says in words who fell into it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

from connector.errors import Fenced
from connector.flow import appraise, plans
from connector.flow.cycle import run_cycle
from connector.sandbox.wire import Request, Response, Service
from connector.service.wiring import house
from connector.store import outbox
from tests.faults.points import Killed, Points
from tests.faults.rows import differing
from tests.faults.trials import Fault
from tests.faults.village import LATE, OVERLAP, SETTLE, Village
from tests.faults.violations import Violations, judge, settle


def seen_late(village: Village, fault: Fault) -> list[str]:
    """A change of a long transaction: stamped at the very edge of the next window, visible after this one."""
    violations = Violations()
    village.approve()
    with fault():
        village.cycle()
        village.time.sleep(24 * 3600)
        village.cycle()
        late = village.coming_late()[0]
        stamped = village.time.at
        village.edit(f"Opportunity/{late}", {"Amount": 4711.11})
        village.time.at = stamped + OVERLAP + SETTLE
        village.cycle()  # covers up to the overlap after the stamp, and cannot see it yet
        village.time.at = stamped + LATE + timedelta(minutes=1)
        village.cycle()  # its window begins exactly at the stamp
    for each in differing(village):
        violations.note("lost", each)
    return violations.words


def zombie(village: Village, fault: Fault) -> list[str]:
    """A process that stood still while another took over wakes up, and goes on where it was."""
    violations, asleep = Violations(), [True]
    village.approve()

    def exchange(_host: str, service: Service, request: Request) -> Response:
        found = service.answer(request)
        if (
            asleep
            and "Opportunity" in dict(request.query).get("q", "")
            and "FROM Opportunity " in dict(request.query)["q"]
        ):
            asleep.clear()  # the answer is on its way; another process does a whole cycle meanwhile
            _taken_over(village)
        return found

    with fault():
        village.exchange = exchange
        try:
            _wakes_up(village, violations, "committed a page")
        finally:
            village.exchange = lambda _host, service, request: service.answer(request)
        settle(village, violations)
    judge(village, violations)
    return violations.words


def _taken_over(village: Village) -> str:
    """Another process does a whole cycle; its run."""
    with house(village.config, world=village.time.world) as other:
        return run_cycle(other, locked=True).run_id


def _wakes_up(village: Village, violations: Violations, wrongly: str) -> None:
    """The cycle in which a process loses its streams: it must notice."""
    try:
        with village.wired(), house(village.config, world=village.time.world) as ready:
            run_cycle(ready, locked=True)
        violations.note("unfenced", f"a process that had lost its streams {wrongly}")
    except Fenced:
        pass


def overtaken(village: Village, fault: Fault) -> list[str]:
    """A process stood still with a day worked out while another did a whole cycle: what it found is true no more."""
    violations, asleep = Violations(), [True]
    village.approve()
    worked_out, theirs = plans.plans_for, list[str]()

    def plans_for(*given: Any) -> Any:
        found = worked_out(*given)
        if asleep:
            asleep.clear()
            for deal in {
                each["OwnerId"]: each["Id"] for each in village.soql("SELECT Id, OwnerId FROM Opportunity")
            }.values():
                won = {"Amount": 9_999_999, "CloseDate": "2026-11-20", "StageName": "Closed Won"}
                village.edit(f"Opportunity/{deal}", won)
            village.time.sleep(1_800)
            theirs.append(_taken_over(village))
        return found

    with fault(), mock.patch.object(appraise, "plans_for", plans_for):
        _wakes_up(village, violations, "ended well")
        with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
            left = [each for name in ("emea", "smb") for each in outbox.open_entries(tx, name)]
        stale = [str(each.change.row) for each in left if each.run_id not in theirs]
        violations.note("unfenced", f"a process that had lost its streams committed an appraisal: {stale}", len(stale))
        settle(village, violations)
    judge(village, violations)
    return violations.words


def done_meanwhile(village: Village, fault: Fault) -> list[str]:
    """The answer to an alert is lost with the process; a rep completes the task before anybody recovers."""
    violations = Violations()
    village.approve()
    points = Points()

    def exchange(_host: str, service: Service, request: Request) -> Response:
        found = service.answer(request)
        if "/composite/sobjects/Task/" in request.path:
            points.dead = True
            points.passing("the answer to the alerts")
        return found

    with fault():
        village.exchange = exchange
        try:
            with points.watched():
                village.cycle()
            raise AssertionError("no alert left: the scene says nothing")
        except Killed:
            pass
        finally:
            village.exchange = lambda _host, service, request: service.answer(request)
        tasks = [each["Id"] for each in village.soql("SELECT Id FROM Task WHERE Attain_Key__c != null")]
        for each in tasks:
            village.edit(f"Task/{each}", {"Status": "Completed"})
        settle(village, violations)
    states: list[Any] = village.soql("SELECT Id, Status FROM Task WHERE Attain_Key__c != null")
    reopened = [each["Id"] for each in states if each["Id"] in tasks and each["Status"] != "Completed"]
    violations.note("twice", f"tasks that a rep had completed are told again: {reopened}", len(reopened))
    return violations.words

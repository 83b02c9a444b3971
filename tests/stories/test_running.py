"""`attain run` from round to round: what ops change on disk, and what it says of what breaks."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_SUBMITTED
from apscheduler.schedulers.background import BackgroundScheduler
from structlog.testing import capture_logs

from connector.errors import CrmUnavailable, SchemaDrifted, TooManyRejected
from connector.flow import chores
from connector.flow.cycle import run_cycle
from connector.flow.house import House
from connector.flow.sweep import Comparison
from connector.sandbox.wire import Request, Response, Service
from connector.service import schedule
from connector.service.rounds import Rounds, Troubles
from connector.service.schedule import Door, scheduler_for
from connector.service.wiring import house as open_house
from connector.store import outbox, records
from tests.faults.village import Village
from tests.stories.describing import OPPORTUNITY, described, is_now
from tests.stories.installed import Time

TABLE = "quotas"


@pytest.fixture(scope="module", autouse=True)
def kind_of_store() -> str:
    """What is on disk is the same for both."""
    return "sqlite"


@pytest.fixture
def house(village: Village) -> Iterator[House]:
    with village.wired(), open_house(village.config, world=village.time.world) as found:
        yield found


def quotas(house: House) -> list[object]:
    """The rows that the store holds."""
    with house.store.reading() as tx:
        return [dict(each.values) for each in records.readings(tx, TABLE)]


def events(logs: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    return [each for each in logs if each["event"] == name]


def test_a_row_that_changes_counts_with_the_next_round(village: Village, house: House) -> None:
    path = village.config.parent / "files" / "quotas.csv"
    rounds = Rounds(house, village.config, village.time.world)
    rounds.one(hinted=False)
    before = quotas(house)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    rounds.one(hinted=True)  # hints read nothing but what the CRMs told of
    assert quotas(house) == before
    rounds.one(hinted=False)
    assert len(quotas(house)) == len(before) - 1 == len(lines) - 2


@pytest.mark.parametrize("kind", ["a row that cannot be read", "no file"])
def test_rows_stay_while_a_table_cannot_be_read_and_it_is_said_once(village: Village, house: House, kind: str) -> None:
    path = village.config.parent / "files" / "quotas.csv"
    text = path.read_text(encoding="utf-8")
    rounds = Rounds(house, village.config, village.time.world)
    rounds.one(hinted=False)
    before = quotas(house)
    if kind == "no file":
        path.unlink()
    else:
        path.write_text(f"{text}nobody,what is this\n", encoding="utf-8")
    with capture_logs() as logs:
        rounds.one(hinted=False)
        rounds.one(hinted=False)
    assert quotas(house) == before
    assert ["quotas.csv" in str(each["problem"]) for each in events(logs, "tables_unreadable")] == [True]
    path.write_text(text + text.splitlines()[-1].replace("2026", "2031", 1) + "\n", encoding="utf-8")
    with capture_logs() as logs:
        rounds.one(hinted=False)
    assert len(events(logs, "tables_read")) == 1


def test_changed_rules_wait_for_a_restart_and_it_is_said_once(village: Village, house: House) -> None:
    rounds = Rounds(house, village.config, village.time.world)
    rounds.one(hinted=False)
    rule = next(iter(sorted(house.settings.rules.rglob("*.yaml"))))
    rule.write_text(rule.read_text(encoding="utf-8") + "\n# a word more\n", encoding="utf-8")
    with capture_logs() as logs:
        rounds.one(hinted=False)
        rounds.one(hinted=False)
    assert [each["files"] for each in events(logs, "changed_on_disk")] == [[str(rule)]]


def test_a_chore_that_fails_is_said_once_and_so_is_its_end(
    village: Village, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Comparison:
        raise CrmUnavailable("smb", "HubSpot did not answer")

    rounds = Rounds(house, village.config, village.time.world)
    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(chores, "sweep", broken)
        rounds.one(hinted=False)
        rounds.one(hinted=False)
    assert [each["crm"] for each in events(logs, "chore_failed")] == ["smb"]
    with capture_logs() as logs:
        rounds.one(hinted=False)
    assert len(events(logs, "chore_recovered")) == 1
    assert events(logs, "swept")


def test_a_source_that_pauses_is_told_by_the_cycle_and_not_by_its_chores_too(village: Village, house: House) -> None:
    rounds = Rounds(house, village.config, village.time.world)
    rounds.one(hinted=False)
    village.time.sleep(7 * 24 * 3600)  # ids, formulas and the weekly comparison are due
    with capture_logs() as logs, described(village, OPPORTUNITY, "Amount", is_now(type="percent")):
        rounds.one(hinted=False)
        rounds.one(hinted=False)
    assert [each["crm"] for each in events(logs, "crm_unavailable")] == ["emea"]
    assert (events(logs, "chore_failed"), events(logs, "chore_recovered")) == ([], [])
    assert "Account" in {each["object"] for each in events(logs, "swept")}
    assert "Opportunity" not in {each["object"] for each in events(logs, "swept")}


class Round:
    """Rounds of which the first lasts until it is told to go on; what they were is noted."""

    def __init__(self) -> None:
        self.began, self.may_end, self.heard, self.over = (threading.Event() for _ in range(4))
        self.seen = list[str]()

    def one(self, *, hinted: bool) -> None:
        self.seen.append("hints" if hinted else "cycle")
        self.began.set()
        assert self.may_end.wait(20)

    def scheduler(self, work: object, every: timedelta) -> BackgroundScheduler:
        """The scheduler that there is; it tells when the hints wait behind the cycle, and when their turn is over."""
        found = scheduler_for(work, every)
        for mask, told in ((EVENT_JOB_SUBMITTED, self.heard), (EVENT_JOB_EXECUTED, self.over)):
            found.add_listener(lambda event, told=told: told.set() if event.job_id == schedule.HINTS else None, mask)
        return found


@contextmanager
def running(
    village: Village, patched: pytest.MonkeyPatch, rounds: Round, stop: threading.Event, door: Door
) -> Iterator[None]:
    """`attain run`, its first round under way; ended by whoever looks on."""
    patched.setattr(schedule, "Rounds", lambda *_: rounds)
    patched.setattr(schedule, "scheduler_for", rounds.scheduler)
    patched.setattr(schedule, "GATHER", timedelta(0))
    forever = partial(schedule.run_forever, village.config, world=village.time.world, stop=stop, door=door)
    with village.wired():
        thread = threading.Thread(target=forever)
        thread.start()
        assert rounds.began.wait(20)
        yield
        thread.join(20)
        assert not thread.is_alive()


def test_what_was_heard_behind_the_last_cycle_waits_for_the_next_start(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, stop, wakes = Round(), threading.Event(), list[Callable[[], None]]()

    @contextmanager
    def door(_house: House, wake: Callable[[], None]) -> Iterator[None]:
        wakes.append(wake)
        yield

    with running(village, monkeypatch, rounds, stop, door):
        wakes[0]()
        assert rounds.heard.wait(20)
        stop.set()
        rounds.may_end.set()
    assert rounds.over.wait(20)
    assert rounds.seen == ["cycle"]


def test_a_door_that_does_not_close_takes_no_longer_than_the_patience_at_the_end(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, stop, ended = Round(), threading.Event(), threading.Event()

    def ends(code: int) -> None:
        assert code == 0
        ended.set()
        rounds.may_end.set()

    @contextmanager
    def door(_house: House, _wake: Callable[[], None]) -> Iterator[None]:
        yield
        assert ended.wait(20), "the process waits for the door"

    monkeypatch.setattr(schedule, "PATIENCE_AT_THE_END", 0.0)
    monkeypatch.setattr(os, "_exit", ends)
    with running(village, monkeypatch, rounds, stop, door):
        stop.set()
    assert ended.is_set()


def test_each_source_of_a_connection_that_breaks_is_told() -> None:
    troubles = Troubles(Time(datetime(2026, 11, 25, tzinfo=UTC)).world)
    deals = SchemaDrifted("emea: Opportunity has no field `Amonut`")
    calls = SchemaDrifted("emea: Task has no field `Kind`")
    smb = TooManyRejected("smb", "deals", 20, 100, "`amount` is no number")
    worse = TooManyRejected("smb", "deals", 21, 100, "`amount` is no number")
    with capture_logs() as logs:
        troubles.note([deals])
        troubles.note([deals, calls, smb])
        troubles.note([calls, worse])
    assert [(each["event"], each["crm"]) for each in logs] == [
        ("crm_unavailable", "emea"),
        ("crm_unavailable", "emea"),
        ("crm_unavailable", "smb"),
        ("crm_recovered", "emea"),
    ]


def test_what_waited_while_others_used_up_the_orgs_calls_is_written_once_they_do_not(village: Village) -> None:
    """Others take 91 % of the day while our rows are about to leave; a quarter of an hour later they have stopped."""
    org, asked = village.salesforce, list[str]()

    def exchange(_host: str, service: Service, request: Request) -> Response:
        if service is org:
            asked.append(request.path)
            if "/composite/sobjects/Task/" in request.path and len(org_rows()) == 0:
                org._used = int(org.daily_requests * 0.91)
        return service.answer(request)

    def org_rows() -> list[dict[str, Any]]:
        return village.soql("SELECT Id FROM Attain_Attainment__c")

    village.exchange = exchange
    with village.wired(), open_house(village.config, world=village.time.world) as house:
        assert run_cycle(house).exit_code == 4
        assert len(village.soql("SELECT Id FROM Task WHERE Attain_Key__c != null")) == 2  # alerts still left
        with house.store.reading() as tx:
            waiting = outbox.open_entries(tx, "emea")
        assert {(str(each.state), each.attempt) for each in waiting} == {("retry_wait", 0)}
        village.time.sleep(10 * 60)
        org._used, before = 100, len(asked)
        assert run_cycle(house).exit_code == 4
        assert len(asked) == before  # what was told is believed for a quarter of an hour
        village.time.sleep(5 * 60)
        assert run_cycle(house).exit_code == 0
        with house.store.reading() as tx:
            assert outbox.open_entries(tx, "emea") == []
    assert len(org_rows()) == len(waiting) == 20

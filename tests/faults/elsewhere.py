"""Trials that need no crash: poison, outages, refused logins, changes of clocks, a month of days, a restarted server."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import Any
from zoneinfo import ZoneInfo

import psutil

from connector.errors import ConnectorError, TooManyRejected
from connector.flow.cycle import run_cycle
from connector.flow.keep import is_systematic
from connector.flow.pull import pull
from connector.model.changes import Change
from connector.model.records import RawRecord, RecordKind, Ref
from connector.model.schema import CrmField
from connector.ports import Cursor, Page, Source, Stamp
from connector.sandbox.wire import Request, Response, Service
from connector.service.wiring import house
from connector.store import entries, jobs, outbox, records, streams, wishes
from connector.store.entries import State
from tests.faults.village import HUBSPOT, TODAY, Village, drawn
from tests.faults.violations import Violations, judge, settle
from tests.faults.walk import Walk
from tests.faults.wire import Lost
from tests.postgres import Server

DEALS = Source(RecordKind.DEAL, "Opportunity")
PAGE = 2_000
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Auckland",
    "Africa/Cairo",
)


class Poisoned:
    """A CRM that answers with deals, some of which nobody can read; sixty ways of that."""

    name, type = "emea", "salesforce"

    def __init__(self, total: int, share: float, seed: int, page: int = PAGE) -> None:
        self.total, self.page = total, page
        chance = drawn(seed, "poison")
        self.spoilt = {number: chance.choice(SPOILT) for number in range(total) if chance.random() < share}

    def sources(self) -> Sequence[Source]:
        return (DEALS,)

    def described(self, _source: Source) -> Mapping[str, CrmField]:
        return {}

    def changed(self, source: Source, since: Cursor | None) -> Iterator[Page]:
        """From where it was broken off; all in one window, after which nothing changes."""
        until = datetime(2026, 11, 25, 12, tzinfo=UTC)
        if since and since.covered:
            yield Page(source, (), Cursor(until), last=True)
            return
        for start in range(int(since.after) if since else 0, self.total, self.page):
            end = min(start + self.page, self.total)
            rows, last = tuple(map(self._deal, range(start, end))), end == self.total
            yield Page(source, rows, Cursor(until) if last else Cursor(None, until, str(end)), last=last)

    def listing(self, _source: Source) -> Iterator[Sequence[Stamp]]:
        return iter(())

    def read(self, _source: Source, ids: Sequence[str]) -> Sequence[RawRecord]:
        return [self._deal(int(each.removeprefix("006"))) for each in ids]

    def _deal(self, number: int) -> RawRecord:
        fields: dict[str, Any] = {
            "Name": f"Deal {number}", "StageName": "Prospecting", "Amount": 1000, "CurrencyIsoCode": "EUR",
            "CloseDate": "2026-12-01", "CreatedDate": "2026-01-05T08:00:00.000+0000", "OwnerId": "0051", "AccountId": "0011",
            "IsWon": False, "IsClosed": False, "Probability": 10,
        }  # fmt: skip
        fields |= self.spoilt.get(number, {})
        stamp = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=number)
        return RawRecord(RecordKind.DEAL, Ref("emea", "Opportunity", f"006{number:09}"), stamp, fields)


_WRONG = (
    "NaN", "Infinity", "-Infinity", "1e400", "twelve", "1,5", "0x10", "--1", "1.2.3", "1.2e", "5 5", "\ud83d", "é" * 10,
    "9" * 400, {"value": 1}, [1], True, b"1".hex() + "z", "12€", "١٢x",
)  # fmt: skip
_DAYS = (
    "2026-02-30", "2026-13-01", "yesterday", "30.11.2026", "2026/12/01", "0000-00-00", "9999999", "20261", "2026-1-1x",
    {"day": 1}, [2026, 12, 1], True, "2026-12-01T25:00:00", "2026-04-31", "\ud83d", "-1", "2026-00-10", "12-01-2026", "tomorrow", "∞",
)  # fmt: skip
SPOILT: tuple[dict[str, Any], ...] = (
    *({"Amount": each} for each in _WRONG),
    *({"CloseDate": each} for each in _DAYS),
    *({"CreatedDate": each} for each in _DAYS),
)


def poison(village: Village, total: int, share: float) -> list[str]:
    """One per cent is set aside and the cursor moves; a third stops the source, and the cursor stays."""
    violations, crm = Violations(), Poisoned(total, share, 1)
    found = _drunk(village, crm)
    if share < 0.05:
        told = f"{found.held} and {found.aside} set aside of {total}"
        violations.note("lost", told, int(found.held + found.aside != total))
        told = f"{found.aside} set aside, {len(crm.spoilt)} are bad"
        violations.note("lost", told, int(found.aside != len(crm.spoilt)))
        violations.note("stuck", "the cursor stayed", int(not found.covered))
    else:
        violations.note("lost", "the source did not stop", int(not found.stopped))
        violations.note("lost", "the cursor passed over records that nobody could read", int(found.covered))
    return violations.words


def poison_by_and_by(village: Village, total: int, share: float, cycles: int) -> list[str]:
    """In pages of a hundred: it stops in each cycle, and goes no further. A third of it mended, it goes on a little; all of it, it ends."""
    violations, crm = Violations(), Poisoned(total, share, 1, page=100)
    first = _drunk(village, crm)
    for cycle in range(cycles):
        if cycle == cycles // 2:
            crm.spoilt = {number: bad for at, (number, bad) in enumerate(crm.spoilt.items()) if at % 3}
        village.time.sleep(86_400)  # after a day, what was set aside is read again
        found = _drunk(village, crm)
        told = f"cycle {cycle}: {found}"
        passed = cycle < cycles // 2 and found != first
        violations.note("lost", told, int(not found.stopped or found.covered or found.whole or passed))
        violations.note("lost", told, int(is_systematic(found.aside, found.held + found.aside)))
    crm.spoilt.clear()
    for _ in range(2):
        village.time.sleep(86_400)
        found = _drunk(village, crm)
    mended = found == Drunk(held=total, aside=0, covered=True, whole=True, stopped=False)
    violations.note("stuck", f"mended: {found}", int(not mended))
    return violations.words


@dataclass(frozen=True)
class Drunk:
    """After a pull of the poisoned CRM."""

    held: int
    aside: int
    covered: bool
    whole: bool
    stopped: bool


def _drunk(village: Village, crm: Any) -> Drunk:
    with house(village.config, world=village.time.world, connect=False) as ready:
        with ready.store.writing() as tx:
            epoch = streams.take(tx, "emea")
        report = pull(ready, crm, epoch, TODAY)
        with ready.store.reading() as tx:
            cursor = streams.cursor(tx, "emea", str(DEALS))
            return Drunk(
                held=records.counts(tx).get(("emea", "deal"), 0),
                aside=len(records.set_aside_list(tx)),
                covered=cursor is not None and cursor.covered is not None,
                whole=streams.is_whole(tx, "emea"),
                stopped=any(isinstance(each, TooManyRejected) for each in report.troubles),
            )


Trouble = Callable[[str], Response]  # what a host answers


def nobody_there(_host: str) -> Response:
    raise Lost("nobody there")


def day_used_up(host: str) -> Response:
    """As HubSpot documents it, without Retry-After; and as Salesforce is known to say it."""
    if host == HUBSPOT:
        body = b'{"status":"error","message":"You have reached your daily limit.","errorType":"RATE_LIMIT","policyName":"DAILY"}'
        return Response(429, {}, body)
    return Response(403, {}, b'[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]')


def outage(village: Village, hours: int, trouble: Trouble = nobody_there) -> list[str]:
    """Nobody is served for hours, with a cycle each quarter of an hour; then all is well, and what waited is sent, once."""
    violations, asked = Violations(), Counter[str]()
    village.approve()
    waiting = _queued(village, violations)
    down = True

    def exchange(host: str, service: Service, request: Request) -> Response:
        if not down or (trouble is day_used_up and request.path.endswith("/oauth2/token")):  # a login is no call
            return service.answer(request)
        asked[host] += 1
        return trouble(host)

    village.exchange = exchange
    cycles = hours * 4
    for _ in range(cycles):
        village.cycle()
        village.time.sleep(900)
    # Each cycle asks a connection once at least: to begin with it is tried five times, then once in a quarter of an hour.
    # A day that is used up opens no circuit: whoever pulls asks, and so does whoever writes.
    for host, times in asked.items():
        most = (2.2 if trouble is day_used_up else 1.1) * cycles + 12
        violations.note("storm", f"{times} requests to {host} in {cycles} cycles", int(times > most))
    down = False
    settle(village, violations)
    judge(village, violations)
    _judge_sent(village, waiting, violations)
    return violations.words


def _queued(village: Village, violations: Violations) -> list[Change]:
    """All is read and reckoned, and nothing has left yet: alerts and rows wait in both directions.

    One alert of each is of a rule that has ceased meanwhile: no later appraisal would raise it anew.
    """
    with village.wired(), house(village.config, world=village.time.world) as ready:
        for stage in ("pull", "appraise"):
            run_cycle(ready, only=stage)
        with ready.store.writing() as tx:
            for name in ready.crms:
                one = next(each.change for each in outbox.open_entries(tx, name) if each.change.once)
                ceased = replace(one, row=replace(one.row, key=f"ceased-{name}"))
                wishes.enqueue(tx, [ceased], "earlier", village.time.now())
            found = [each.change for name in ready.crms for each in outbox.open_entries(tx, name)]
    kinds = Counter((each.row.connection, each.once) for each in found)
    for name, once in product(("emea", "smb"), (True, False)):
        violations.note("idle", f"nothing waits for {name}: alerts {once}", int(not kinds[name, once]))
    return found


def _judge_sent(village: Village, waiting: Sequence[Change], violations: Violations) -> None:
    """What waited has arrived: each alert once, and of each row what is wished for by now."""
    told = village.told()
    for each in waiting:
        times = told[each.row.key]
        violations.note("lost", f"{each.row} was told {times} times", int(each.once and times != 1))
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        latest = entries.latest(tx, [each.row for each in waiting])
    for row, entry in latest.items():
        violations.note("lost", f"{row} is {entry.state}", int(entry.state is not State.ACKED))


def refused_login(village: Village, minutes: int) -> list[str]:
    """The integration user is switched off for a while; cycles come every minute, each in a new process."""
    violations, logins = Violations(), list[datetime]()
    village.approve()
    off = True

    def exchange(_host: str, service: Service, request: Request) -> Response:
        if off and request.path.endswith("/oauth2/token"):
            logins.append(village.time.at)
            return Response(400, {}, b'{"error":"invalid_grant","error_description":"inactive user"}')
        return service.answer(request)

    village.exchange = exchange
    for _ in range(minutes):
        village.cycle()
        village.time.sleep(60)
    closest = min((after - before for before, after in pairwise(logins)), default=timedelta(minutes=5))
    violations.note("storm", f"two logins within {closest}", int(closest < timedelta(minutes=5)))
    violations.note("idle", "nobody ever tried to log in", int(not logins))
    off = False
    settle(village, violations)
    judge(village, violations)
    return violations.words


def clocks(village: Village, zone: str, year: int) -> list[str]:
    """A job of the day, asked for every ten minutes through both changes of the clocks: once for each day."""
    violations, done = Violations(), Counter[date]()
    local = ZoneInfo(zone)
    with house(village.config, world=village.time.world, connect=False) as ready:
        for change in _changes(local, year):
            at = change - timedelta(days=2)
            while at < change + timedelta(days=2):
                day = at.astimezone(local).date()
                with ready.store.writing() as tx:
                    if jobs.is_due(tx, f"daily {zone}", day.isoformat()):
                        jobs.begin(tx, f"daily {zone}", day.isoformat(), at)
                        jobs.finish(tx, f"daily {zone}", day.isoformat(), at)
                        done[day] += 1
                at += timedelta(minutes=10)
    violations.note("twice", f"{zone}: {done}", sum(times - 1 for times in done.values()))
    violations.note("lost", f"{zone}: {sorted(done)}", int(len(done) < 2 * 4))
    return violations.words


def _changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """The hours of a year after which the clock says something else than an hour later."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=each) for each in range(366 * 24)]
    return [
        one for one, next_ in pairwise(hours) if one.astimezone(zone).utcoffset() != next_.astimezone(zone).utcoffset()
    ]


def soak(village: Village, days: int, seed: int) -> list[str]:
    """Days of work and hourly cycles in one process: memory and open files stay where they were after the first tenth."""
    violations, me = Violations(), psutil.Process()
    village.approve()
    walk = Walk(village, drawn(seed, "soak"), crashes=False)
    samples: list[tuple[float, int]] = []
    for hour in range(days * 24):
        for _ in range(3):
            walk.work()
        village.time.sleep(3600)
        village.cycle()
        if hour % 12 == 0:
            gc.collect()
            samples.append((me.memory_info().rss / 2**20, me.num_fds()))
    warm = samples[max(1, len(samples) // 5) :]
    grown = warm[-1][0] - warm[0][0]
    per_day = grown / max(1, days)
    violations.note("leak", f"{grown:.0f} MiB in {days} days", int(per_day > 4 and grown > 60))
    violations.note("leak", f"open files from {warm[0][1]} to {warm[-1][1]}", int(warm[-1][1] > warm[0][1] + 5))
    for each in walk.at_rest().words:
        violations.note("lost", each)
    return violations.words


def restarts(village: Village, server: Server, cycles: int, seed: int) -> list[str]:
    """The database server dies in the middle of cycles, again and again."""
    violations, chance = Violations(), drawn(seed, "restarts")
    village.approve()
    for _ in range(cycles):
        due = chance.randrange(1, 60)

        def exchange(_host: str, service: Service, request: Request) -> Response:
            nonlocal due
            due -= 1
            if due == 0:
                server.restart()
            return service.answer(request)

        village.exchange = exchange
        try:
            village.cycle()
        except ConnectorError as error:
            violations.note("dark", str(error), int(error.exit_code not in (4, 5)))
        village.time.sleep(600)
    village.exchange = lambda _host, service, request: service.answer(request)
    settle(village, violations)
    judge(village, violations)
    return violations.words

"""Appraise: the store's records in; one day's results, and the changes they ask for, out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from connector.appraisal.appraise import Appraisal, appraise, told_now
from connector.appraisal.payouts import estimates
from connector.appraisal.recognition import recognised
from connector.decide.recognising import recognition_alerts
from connector.decide.recognition import Recognised
from connector.decide.snooze import awake
from connector.errors import Fenced
from connector.flow.approval import waits
from connector.flow.closing import closed_now
from connector.flow.house import House
from connector.flow.plan import Plan
from connector.flow.plans import plans_for
from connector.model.calendar import Period
from connector.model.catalogue import Type
from connector.model.closings import Closed
from connector.model.people import Roster
from connector.model.records import MEMBERSHIPS, Reading, RecordKind, table_of
from connector.model.results import Score
from connector.normalise.people import Sources, resolve
from connector.store import closings, records, results, sightings, streams, wishes
from connector.store.entries import Terms
from connector.store.mirror import open_mirror, publish, refresh
from connector.store.pseudonyms import everybody, forgettings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Connection

LEVELS = ("region", "team")  # widest first: what the company is cut by


@dataclass(frozen=True, slots=True)
class Appraised:
    """One day's results, and the plan for each connection."""

    appraisal: Appraisal
    roster: Roster
    plans: tuple[Plan, ...]
    queued: int = 0  # changes put into the outbox
    waiting: int = 0  # alerts whose readers have a quiet hour
    unread: tuple[str, ...] = ()  # connections that were never read to the end: nothing is decided before they are


def appraise_day(house: House, today: date, run_id: str, epochs: Mapping[str, int]) -> Appraised:
    """Measure, score and decide; keep the results and queue what differs, in one commit.

    Only connections that may be written to get their differences queued; the others are planned. Nothing is queued, and
    no alert kept, before every connection has been read to the end once: half of the deals would make everybody look poor.
    `epochs`: of each connection, as the run took them. Raises Fenced when another process has taken one over since, or
    somebody was forgotten meanwhile, whom all of this still names.
    """
    with house.store.reading() as tx:
        forgotten = forgettings(tx)
    roster = people_of(house)
    refresh_mirror(house, roster)
    with reading_mirror(house) as mirror:
        closed, new = closed_now(house, mirror, roster, today)
        found = _appraised(house, mirror, roster, today, closed)
    plans = plans_for(house, found, roster, run_id)
    writable = {each.name for each in house.settings.connections if each.write}
    with house.store.writing() as tx:
        if forgettings(tx) != forgotten:
            raise Fenced("somebody was forgotten meanwhile: the next cycle works it out without them")
        streams.all_held(tx, epochs)
        results.rename(tx, {old: each.name for each in house.rules.metrics.values() for old in each.was})
        unread = never_read(tx, house)
        results.save(tx, run_id, today, found.targets, found.scores, () if unread else found.alerts, found.cards)
        closings.add_true_ups(tx, new)
        queued = 0 if unread else sum(_queue(tx, house, each, run_id) for each in plans if each.connection in writable)
    later = told_now(found, house.rules, roster, house.settings.company, house.world.now()).later
    return Appraised(found, roster, plans, queued, len(later), unread)


def never_read(tx: Connection, house: House) -> tuple[str, ...]:
    """Connections that were never read to the end, or not by one mapping."""
    return tuple(each.name for each in house.settings.connections if not streams.is_whole(tx, each.name))


def _queue(tx: Connection, house: House, plan: Plan, run_id: str) -> int:
    """Queue a plan, held where a human must agree first; what is wished for no more is let go."""
    settings = next(each for each in house.settings.connections if each.name == plan.connection)
    terms = Terms(held=waits(tx, house, settings, plan))
    wishes.withdraw(tx, plan.connection, [each.row for each in plan.changes])
    return wishes.enqueue(tx, plan.changes, run_id, house.world.now(), terms).new


def plan_day(house: House, today: date) -> tuple[Plan, ...]:
    """What a cycle would write by what the store knows now. Keeps and queues nothing."""
    roster = people_of(house)
    with reading_mirror(house) as mirror:
        found = _appraised(house, mirror, roster, today)
    return plans_for(house, found, roster, "plan")


def _appraised(
    house: House, mirror: DuckDBPyConnection, roster: Roster, today: date, closed: Closed | None = None
) -> Appraisal:
    """What a cycle wants to know of a day: what people are held against, and what it pays."""
    found = appraise_with(house, mirror, roster, today, closed=closed, everything=False)

    earlier = _scores_of(house, mirror, roster, today, found.closed)
    company, rules, known = house.settings.company, house.rules, house.agreed(roster, today).people(roster)
    paid = estimates(rules.plans, found.scores, known, company.calendar, today=today, earlier=earlier)
    earned = recognised_on(house, mirror, roster, today, closed=found.closed)
    told = recognition_alerts(
        earned, rules.recognition, roster, connections=list(rules.mappings), today=today, language=company.language
    )
    return replace(found, payouts=paid, alerts=(*found.alerts, *awake(told, Tables(house), roster, today)))


def _scores_of(
    house: House, mirror: DuckDBPyConnection, roster: Roster, today: date, closed: Closed | None
) -> Callable[[Sequence[Period]], Sequence[Score]]:
    """Finds the scores of other periods, when somebody asks for them."""

    def found(periods: Sequence[Period]) -> Sequence[Score]:
        return appraise_with(
            house, mirror, roster, today, periods, closed=closed, everything=False, judged=False
        ).scores

    return found


def recognised_on(
    house: House, mirror: DuckDBPyConnection, roster: Roster, today: date, *, closed: Closed | None = None
) -> list[Recognised]:
    """Whatever anybody earned, and how far they are with their next level."""
    return recognised(
        mirror,
        house.rules,
        roster,
        house.settings.company,
        Tables(house),
        today=today,
        agreed=house.agreed(roster, today),
        scores_of=_scores_of(house, mirror, roster, today, closed),
    )


def people_of(house: House) -> Roster:
    """Who is who, from what the store knows."""
    tables = (MEMBERSHIPS, *(table_of(each.name, MEMBERSHIPS) for each in house.settings.connections))
    with house.store.reading() as tx:
        sources = Sources(
            users=sightings.users(tx),
            sightings=sightings.sightings(tx),
            people=records.readings(tx, "people"),
            absences=records.readings(tx, "absences"),
            memberships=[each for table in tables for each in records.readings(tx, table)],
            connections=tuple(each.name for each in house.settings.connections),
            levels=LEVELS,
            forgotten=everybody(tx),
        )
    return resolve(sources)


@contextmanager
def reading_mirror(house: House) -> Iterator[DuckDBPyConnection]:
    """The published mirror, read-only; from any process, at any time."""
    mirror = open_mirror(house.settings.mirror)
    try:
        yield mirror
    finally:
        mirror.close()


def appraise_with(
    house: House,
    mirror: DuckDBPyConnection,
    roster: Roster,
    today: date,
    periods: Sequence[Period] = (),
    *,
    closed: Closed | None = None,
    everything: bool = True,
    judged: bool = True,
) -> Appraisal:
    """One day appraised over an open mirror; `closed` is looked up where it is not known."""
    company = house.settings.company
    known = closed_now(house, mirror, roster, today)[0] if closed is None else closed
    with _no_search_for_cycles():
        return appraise(
            mirror,
            house.rules,
            roster,
            company,
            Tables(house),
            today=today,
            periods=periods,
            closed=known,
            agreed=house.agreed(roster, today),
            everything=everything,
            judged=judged,
        )


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """An appraisal makes millions of values that never point back: looking for cycles among them is a fifth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Tables(Mapping[str, Sequence[Reading]]):
    """The rows of every file table by its name, each read when somebody asks for it: most are only measured."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._read = dict[str, Sequence[Reading]]()

    def __getitem__(self, name: str) -> Sequence[Reading]:
        if name not in self._house.rules.tables:
            raise KeyError(name)
        if name not in self._read:
            with self._house.store.reading() as tx:
                self._read[name] = records.readings(tx, name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._house.rules.tables)

    def __len__(self) -> int:
        return len(self._house.rules.tables)


def refresh_mirror(house: House, roster: Roster) -> None:
    """Bring the mirror up to the store, and let readers have it."""
    working = _working(house.settings.mirror)
    refresh(
        house.store,
        working,
        company=house.settings.company,
        roster=roster,
        files=house.rules.files,
        custom=_custom_fields(house),
    )
    publish(working, house.settings.mirror)


def _working(mirror: Path) -> Path:
    """The file that only the running process opens."""
    return mirror.with_name(mirror.name + ".working")


def _custom_fields(house: House) -> Mapping[str, Mapping[str, Type]]:
    found: dict[str, dict[str, Type]] = {"deals": {}, "accounts": {}}
    names = {RecordKind.DEAL: "deals", RecordKind.ACCOUNT: "accounts"}
    for mapping in house.rules.mappings.values():
        for source in mapping.sources:
            if source.kind in names:
                found[names[source.kind]] |= {name: each.type for name, each in source.custom.items()}
    return found

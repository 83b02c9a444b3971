"""Invented companies with truths planted in them: sixteen sellers, almost four years, every deal with its past.

Nothing here knows how the product looks at them: deals are told as a CRM would tell them, and stored as if pulled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

from connector.improve.looking.patterns import last_days
from connector.model.calendar import Calendar, Grain
from connector.model.catalogue import Type
from connector.model.money import Money
from connector.model.people import Assignment, Person, Roster
from connector.model.records import Account, Deal, Outcome, Record, Ref, StageChange
from connector.store.database import Store
from tests.store.mirrored import Mirrored

FIRST, TODAY, UNTIL = date(2023, 1, 1), date(2026, 10, 1), date(2027, 1, 1)  # what is open today closes later
LAST = "2026-Q3"
CALENDAR = Calendar()
PEOPLE = 16
SIZE, OFTEN, WON = 20_000, 4.0, 0.45  # of a deal; deals closed a month; of which won
STAGES = ("Discovery", "Proposal", "Negotiation")
LOST_FROM = (0.3, 0.4, 0.3)
USUAL_QUARTER = round(3 * OFTEN * WON * SIZE * 1.13)  # the mean of a lognormal lies above its median: exp(0.5 ** 2 / 2)
SANDBAGGER, BUNCHER = "p00", "p01"
LEAKING = ("West", "Proposal")


@dataclass(frozen=True)
class World:
    """What is planted."""

    seed: int
    sandbagger: bool = False
    buncher: bool = False
    leak: bool = False
    months: Mapping[int, float] = field(
        default_factory=dict
    )  # by month of the year: as many deals as usual, times this
    dropped: date | None = None  # from when on the market halves
    by_potential: bool = False  # territories differ, between 0.4 and 1.6 of the usual


def people() -> list[Person]:
    return [
        Person(
            id=f"p{at:02}",
            name=f"Seller {at:02}",
            email=f"p{at:02}@example.com",
            identities=(Ref("emea", "User", f"p{at:02}"),),
            active=True,
            starts_on=None,
            ends_on=None,
            assignments=(Assignment(date(1, 1, 1), {"role": "AE", "team": "East" if at < PEOPLE // 2 else "West"}),),
        )
        for at in range(PEOPLE)
    ]


def built(world: World, store: Store, folder: Path) -> Mirrored:
    """The company in a mirror, by the product's own store."""
    mirrored = Mirrored(
        store, folder / "m.duckdb", roster=Roster.of(people()), custom={"accounts": {"potential": Type.NUMBER}}
    )
    mirrored.save(*_records(world))
    mirrored.refresh()
    return mirrored


def _records(world: World) -> Iterator[Record]:
    rng = Random(world.seed)
    number = 0
    for at, person in enumerate(people()):
        territory = 0.4 + 1.2 * at / (PEOPLE - 1) if world.by_potential else 1.0
        potential = territory if world.by_potential else rng.uniform(0.4, 1.6)
        yield _account(person.id, round(potential * 1_000_000))
        month = CALENDAR.containing(FIRST, Grain.MONTH)
        while month.starts_on < UNTIL:
            market = 0.5 if world.dropped and month.starts_on >= world.dropped else 1.0
            many = OFTEN * territory * market * world.months.get(month.starts_on.month, 1.0)
            for _ in range(_poisson(many, rng)):
                number += 1
                day = month.starts_on + timedelta(days=rng.randrange((month.ends_before - month.starts_on).days))
                yield from _deal(f"d{number}", person.id, day, world, rng)
            month = CALENDAR.containing(month.ends_before, Grain.MONTH)


def _deal(name: str, owner: str, day: date, world: World, rng: Random) -> Iterator[Record]:
    """One that was closed on a day: created, moved from stage to stage, and closed."""
    ends = date.max
    won, at_stage = rng.random() < WON, rng.choices(range(3), LOST_FROM)[0]
    west = int(owner[1:]) >= PEOPLE // 2
    if world.leak and west and day >= CALENDAR.period(LAST).starts_on and rng.random() < 0.6:
        won, at_stage = False, 1
    if world.buncher and owner == BUNCHER and won:
        quarter = CALENDAR.containing(day, Grain.QUARTER)
        end = last_days(quarter, CALENDAR)
        day = end + timedelta(days=rng.randrange((quarter.ends_before - end).days))
        ends = quarter.last_day  # promised for the quarter, and kept on its last days
    amount = max(round(rng.lognormvariate(0, 0.5) * SIZE), 500)
    sandbags = world.sandbagger and owner == SANDBAGGER and won
    shown = round(amount * 0.6) if sandbags else amount
    starts = day - timedelta(days=rng.randrange(50, 110))
    span = (day - starts).days
    late = CALENDAR.containing(day, Grain.QUARTER).ends_before + timedelta(days=15)
    reached = STAGES if won else STAGES[: at_stage + 1]
    stage_now, due_now = "", day
    for at, stage in enumerate(reached):
        moment = starts + timedelta(days=span * at // (len(reached) + 1))
        if moment >= TODAY:
            break
        due = late if sandbags else day + timedelta(days=round(rng.gauss(8 if at == 0 else 0, 18 if at == 0 else 6)))
        due = min(due, ends)
        yield _stood(name, at, stage, moment, shown, due, owner)
        stage_now, due_now = stage, due
    outcome = Outcome.OPEN if day >= TODAY else Outcome.WON if won else Outcome.LOST
    if outcome is not Outcome.OPEN:
        stage_now, due_now = f"Closed {outcome.capitalize()}", day
        yield _stood(name, len(reached), stage_now, day, amount, day, owner)
    if not stage_now:
        return  # not there yet
    yield Deal(
        ref=Ref("emea", "Opportunity", name),
        modified_at=_at(day),
        name=name,
        outcome=outcome,
        stage=stage_now,
        pipeline=None,
        account=Ref("emea", "Account", f"a-{owner}"),
        owner=Ref("emea", "User", owner),
        amount=Money((shown if outcome is Outcome.OPEN else amount) * 100, "EUR"),
        probability=None,
        created_at=_at(starts),
        created_on=starts,
        closed_on=due_now,
    )


def _stood(name: str, nth: int, stage: str, on: date, amount: int, due: date, owner: str) -> StageChange:
    return StageChange(
        Ref("emea", "OpportunityHistory", f"{name}-{nth}"), _at(on), Ref("emea", "Opportunity", name), stage, _at(on), on,
        Money(amount * 100, "EUR"), due, Ref("emea", "User", owner),
    )  # fmt: skip


def _account(owner: str, potential: int) -> Account:
    return Account(
        ref=Ref("emea", "Account", f"a-{owner}"),
        modified_at=_at(FIRST),
        name=f"Territory {owner}",
        parent=None,
        owner=Ref("emea", "User", owner),
        industry=None,
        country=None,
        created_on=FIRST,
        custom={"potential": potential},
    )


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10), UTC)


def _poisson(mean: float, rng: Random) -> int:
    """Arrivals within one unit of time, by the waits between them."""
    many, passed, wait = 0, 0.0, _waits(mean, rng)
    while (passed := passed + wait()) < 1:
        many += 1
    return many


def _waits(mean: float, rng: Random) -> Callable[[], float]:
    return lambda: rng.expovariate(mean)

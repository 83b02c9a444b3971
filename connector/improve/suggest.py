"""Next period's targets from what people did before: several ways, each tried on past periods, the best one used.

Nothing of it is applied: it is written as rows for a human to edit.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import pstdev
from typing import TYPE_CHECKING

from connector.appraisal.rules import Rules
from connector.improve.months import MonthlyPast, same_draws
from connector.improve.ways import BEFORE, MARKET, NAIVE, POTENTIAL, SEASON, WAYS, Surroundings, Way, ways
from connector.measure.formulas import family
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Person, Roster
from connector.model.records import Reading
from connector.model.results import Subject
from connector.score.reach import Reach, reach

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

HELPS = Decimal("0.9")  # of the error without the market index
STRONG = 1.5  # times a usual month: a season that nobody should overlook
UNLIKELY = 0.10  # a chance that is hardly one
TRIED = 4  # like periods on which each way is tried


Tried = tuple[Mapping[str, float | None], float]  # what each way said of one person's past period, and what came


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What one person might be asked for."""

    person: str  # a person id
    value: Decimal  # in the metric's unit; whole units of money
    naive: Decimal | None  # what last year x growth says; None: there was no last year
    own: int  # months of their own that it rests on
    chance: Reach  # of reaching it
    present: Decimal | None = None  # the target that they have in that period as it stands; None: none yet
    chance_now: float | None = None  # of reaching that one


@dataclass(frozen=True, slots=True)
class Suggested:
    """A metric's suggestions for a period, and how well each way would have done before."""

    metric: str
    period: Period
    way: str
    errors: Mapping[str, Decimal]  # by way: what it missed of past periods, person by person, as a share of their total
    rows: tuple[Suggestion, ...]
    plan: Decimal | None  # the company's own number, where there is one
    problem: str = ""  # why nothing can be suggested
    remarks: tuple[str, ...] = ()  # what could not be taken in, each a sentence

    @property
    def total(self) -> Decimal:
        """What they add up to."""
        return sum((each.value for each in self.rows), Decimal(0))

    @property
    def naive(self) -> str:
        """The way that all others are held against: last year's number, or where there was none, the last one."""
        return NAIVE if NAIVE in self.errors else BEFORE

    @property
    def fairness(self) -> tuple[float, float] | None:
        """How far people's chances are apart (standard deviation, 0 to 0.5): by the targets as they stand, and by these.

        Over whoever has both; None: fewer than three.
        """
        both = [
            (each.chance_now, each.chance.probability)
            for each in self.rows
            if each.chance_now is not None and each.chance.probability is not None
        ]
        if len(both) < 3:
            return None
        return pstdev(now for now, _ in both), pstdev(then for _, then in both)


@dataclass(frozen=True, slots=True)
class Suggesting:
    """Everything that suggestions are made from."""

    mirror: DuckDBPyConnection
    rules: Rules
    roster: Roster
    calendar: Calendar
    today: date
    tables: Mapping[str, Sequence[Reading]]

    def of(  # noqa: PLR0917
        self,
        metric: Metric,
        period: Period,
        people: Sequence[Person],
        plan: Decimal | None,
        digits: int,
        present: Mapping[str, Decimal],
    ) -> Suggested:
        """Suggestions for some people; `digits` are those of money's minor units, 0 for other numbers.

        `present` has the targets of that period as they stand, by person id.
        """
        if not suggestible(period):
            return Suggested(metric.name, period, "", {}, (), plan, f"{period.id} is not made up of whole months")
        past = self._past(metric, self.today)
        around = Surroundings.of(self.mirror, metric, self.rules.targets, self.tables, self.rules.catalogue)
        if not any(self.calendar.is_working(day) for day in period.days()):
            return Suggested(metric.name, period, "", {}, (), plan, f"{period.id} has no working day")
        errors = _errors(self._tried(metric, period, people, around))
        if not errors:
            problem = "no past period like it has records, and months before it"
            return Suggested(metric.name, period, "", {}, (), plan, problem)
        way = min(errors, key=lambda each: (errors[each], WAYS.index(each)))
        row = _Rows(metric, past, period, ways(past, period, around), way, digits)
        rows = tuple(found for person in people if (found := row.of(person, present.get(person.id))))
        remarks = *around.index.problems, *_holes(around, people, self.today), *_strong(past), *_moved(errors)
        return Suggested(
            metric.name, period, way, errors, rows, plan, remarks=(*remarks, *_hindsight(way), *_unlikely(rows))
        )

    def _past(self, metric: Metric, today: date) -> MonthlyPast:
        return MonthlyPast.of(self.mirror, metric, self.rules, self.calendar, self.roster, today)

    def _tried(self, metric: Metric, period: Period, people: Sequence[Person], around: Surroundings) -> list[Tried]:
        """What each way would have said of the like periods before, knowing what was known when they began."""
        found: list[Tried] = []
        before = self.calendar.containing(self.today, period.grain)
        if before.last_day <= self.today:  # today's is over: it is a past one
            before = period
        for _ in range(TRIED):
            before = self.calendar.before(before)
            past = self._past(metric, before.starts_on)
            said = ways(past, before, around)
            kin = family(metric, self.rules.metrics, former=True)
            actual = measure(self.mirror, kin, [before], [], before.last_day).values
            for person in people:
                share = past.share(person, before)
                if (person.starts_on and person.starts_on > before.starts_on) or not share:
                    continue  # nobody brings anything while they are away, whatever is expected of them
                known = actual.get((metric.name, Subject("person", person.id), before.id))
                came = float(known.value or 0) if known else 0.0
                found.append(({name: _part(way(person), share) for name, way in said.items()}, came))
        return found


@dataclass(frozen=True, slots=True)
class _Rows:
    """Turns what a way expects of somebody into a row."""

    metric: Metric
    past: MonthlyPast
    period: Period
    ways: Mapping[str, Way]
    way: str
    digits: int

    def of(self, person: Person, present: Decimal | None) -> Suggestion | None:
        """None: nobody knows anything of them, and of their peers neither."""
        value = self.ways[self.way](person)
        if value is None:
            value = self.ways[SEASON](person)  # a usual month can be said of everybody who has peers
        if value is None:
            return None
        asked = Decimal(max(value, 0.0) * self.past.share(person, self.period))  # nobody is asked to lose anything
        rounded = asked.scaleb(-self.digits).quantize(Decimal(1), ROUND_HALF_UP).scaleb(self.digits)
        naive = self.ways[NAIVE](person)
        chance = self._chance(person, rounded)
        now = None if present is None else self._chance(person, present).probability
        return Suggestion(
            person.id, rounded, None if naive is None else Decimal(round(naive)), chance.own, chance, present, now
        )

    def _chance(self, person: Person, value: Decimal) -> Reach:
        rng = same_draws(self.metric.name, person.id, self.period.id)
        return reach(self.past.history(person, rng), float(value), self.past.theirs(person, self.period), rng)


def _part(number: float | None, share: float) -> float | None:
    return None if number is None else number * share


def _errors(tried: Sequence[Tried]) -> dict[str, Decimal]:
    """By how much each way missed, as a share of what came.

    All are held against the same people and periods. A way that can say nothing of more than half of them is no contender; where
    there was no last year, that is the naive one too.
    """
    spoken = [said for said, _ in tried if any(number is not None for number in said.values())]
    names = [name for name in WAYS if sum(said.get(name) is not None for said in spoken) * 2 >= len(spoken)]
    while names:
        missed, together = _missed(tried, names)
        if together:
            return {name: Decimal(str(round(each / together, 4))) for name, each in missed.items()}
        names.pop()
    return {}


def _missed(tried: Sequence[Tried], names: Sequence[str]) -> tuple[dict[str, float], float]:
    missed, together = dict.fromkeys(names, 0.0), 0.0
    for said, came in tried:
        numbers = {name: number for name in names if (number := said.get(name)) is not None}
        if len(numbers) == len(names):
            together += came
            for name, number in numbers.items():
                missed[name] += abs(number - came)
    return missed, together


def _moved(errors: Mapping[str, Decimal]) -> list[str]:
    """That the market moved people's numbers, where knowing of it would have helped."""
    with_it, without = errors.get(MARKET), errors.get(SEASON)
    if with_it is None or without is None or with_it > without * HELPS:
        return []
    return [f"the market moved it: usual months missed {with_it:.0%} with the market index, {without:.0%} without"]


def _strong(past: MonthlyPast) -> list[str]:
    """Months that usually bring far more than others."""
    found = sorted(past.seasons.items(), key=lambda each: -each[1])
    return [
        f"{_named(past.calendar, place)} usually brings {share:.0%} of a usual month"
        for place, share in found
        if share >= STRONG
    ]


def _named(calendar: Calendar, place: int) -> str:
    """A month of the fiscal year by its everyday name; those of whole weeks are counted."""
    return f"P{place:02}" if calendar.weeks else month_name[(calendar.first_month + place - 2) % 12 + 1]


def _hindsight(way: str) -> list[str]:
    """What a way was tried with that nobody knew then: accounts are kept as they are now, not as they were."""
    if way != POTENTIAL:
        return []
    return [
        f"{POTENTIAL} was tried on past periods with today's owners and values: it may have missed more than it says"
    ]


def _unlikely(rows: Sequence[Suggestion]) -> list[str]:
    """That most could hardly be reached, where it is so: no way fits what these people do."""
    chances = [each.chance.probability for each in rows if each.chance.probability is not None]
    few = sum(each < UNLIKELY for each in chances)
    if few * 2 <= len(chances):
        return []
    return [
        f"{few} of {len(chances)} have a chance below {UNLIKELY:.0%}: look at what they are made of before using them"
    ]


def _holes(around: Surroundings, people: Sequence[Person], today: date) -> list[str]:
    """What the market index says nothing of."""
    market, values = around.market, around.index.values
    if market is None or "" in values or not people:
        return []
    segments = {person.on(today).levels.get(market.by, "") for person in people} if market.by else {""}
    missing = sorted(each for each in segments if not values.get(each) or values[each][0][0] > today)
    return [f"{market.index} has no value for {each or 'all segments'} by {today}" for each in missing]


def suggestible(period: Period) -> bool:
    """Whether it is made up of whole months, by which suggestions are made: a week or a window that moves is not."""
    return period.grain not in (Grain.WEEK, Grain.ROLLING)


def next_period(calendar: Calendar, grain: Grain, today: date) -> Period:
    """The period after the one that contains a day."""
    return calendar.containing(calendar.containing(today, grain).ends_before, grain)

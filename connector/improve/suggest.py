"""Next period's targets from what people did before: several ways, each tried on past periods, the best one used.

Nothing of it is applied: it is written as rows for a human to edit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from connector.appraisal.rules import Rules
from connector.improve.months import MonthlyPast, same_draws
from connector.measure.formulas import family
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Person, Roster
from connector.model.results import Subject
from connector.score.reach import PRIOR, Reach, reach

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

NAIVE, SEASON, TREND = "last year x growth", "usual month x season", "usual month x season x trend"
TRIED = 4  # like periods on which each way is tried
SLOWEST, FASTEST = 0.8, 1.25  # what half a year may say about the next one
RECENT = 6  # months


Tried = tuple[Mapping[str, float | None], float]  # what each way said of one person's past period, and what came


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What one person might be asked for."""

    person: str  # a person id
    value: Decimal  # in the metric's unit; whole units of money
    naive: Decimal | None  # what last year x growth says; None: there was no last year
    own: int  # months of their own that it rests on
    chance: Reach  # of reaching it


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

    @property
    def total(self) -> Decimal:
        """What they add up to."""
        return sum((each.value for each in self.rows), Decimal(0))


@dataclass(frozen=True, slots=True)
class Suggesting:
    """Everything that suggestions are made from."""

    mirror: DuckDBPyConnection
    rules: Rules
    roster: Roster
    calendar: Calendar
    today: date

    def of(
        self, metric: Metric, period: Period, people: Sequence[Person], plan: Decimal | None, digits: int
    ) -> Suggested:
        """Suggestions for some people; `digits` are those of money's minor units, 0 for other numbers."""
        past = MonthlyPast.of(self.mirror, metric, self.rules, self.calendar, self.roster, self.today)
        # Where there was no last year, it is tried on nothing, and the other ways are held against each other.
        tried = self._tried(metric, period, people)
        errors = _errors(tried, (NAIVE, SEASON, TREND)) or _errors(tried, (SEASON, TREND))
        if not errors:
            problem = "no past period like it has records, and months before it"
            return Suggested(metric.name, period, "", {}, (), plan, problem)
        way = min(errors, key=lambda each: (errors[each], each != NAIVE, each))
        expected = _ways(past, period)
        rows = [self._row(metric, past, period, person, expected, way, digits) for person in people]
        return Suggested(metric.name, period, way, errors, tuple(each for each in rows if each), plan)

    def _row(  # noqa: PLR0917
        self,
        metric: Metric,
        past: MonthlyPast,
        period: Period,
        person: Person,
        ways: Mapping[str, Callable[[Person], float | None]],
        way: str,
        digits: int,
    ) -> Suggestion | None:
        value = ways[way](person)
        if value is None:  # nobody knows anything of them, and of their peers neither
            return None
        rounded = Decimal(value).scaleb(-digits).quantize(Decimal(1), ROUND_HALF_UP).scaleb(digits)
        naive = ways[NAIVE](person)
        rng = same_draws(metric.name, person.id, period.id)
        chance = reach(past.history(person, rng), float(rounded), past.whole(period), rng)
        return Suggestion(person.id, rounded, None if naive is None else Decimal(round(naive)), chance.own, chance)

    def _tried(self, metric: Metric, period: Period, people: Sequence[Person]) -> list[Tried]:
        """What each way would have said of the like periods before, knowing what was known when they began."""
        found: list[Tried] = []
        before = self.calendar.containing(self.today, period.grain)
        for _ in range(TRIED):
            before = self.calendar.containing(before.starts_on - timedelta(days=1), period.grain)
            past = MonthlyPast.of(self.mirror, metric, self.rules, self.calendar, self.roster, before.starts_on)
            ways = _ways(past, before)
            kin = family(metric, self.rules.metrics, former=True)
            actual = measure(self.mirror, kin, [before], [], before.last_day).values
            for person in people:
                if person.starts_on and person.starts_on > before.starts_on:
                    continue
                known = actual.get((metric.name, Subject("person", person.id), before.id))
                came = float(known.value or 0) if known else 0.0
                found.append(({name: way(person) for name, way in ways.items()}, came))
        return found


def _errors(tried: Sequence[Tried], names: Sequence[str]) -> dict[str, Decimal]:
    """By how much each way missed, as a share of what came; none is held to what another one said nothing of."""
    missed: dict[str, float] = {}
    together = 0.0
    for said, came in tried:
        numbers = {name: number for name in names if (number := said[name]) is not None}
        if len(numbers) < len(names):
            continue
        together += came
        for name, number in numbers.items():
            missed[name] = missed.get(name, 0.0) + abs(number - came)
    return {name: Decimal(str(round(each / together, 4))) for name, each in missed.items()} if together else {}


def _ways(past: MonthlyPast, period: Period) -> dict[str, Callable[[Person], float | None]]:
    """The ways to expect somebody's number in a period, each from what was known on a day."""
    whole, growth, trend = sum(past.whole(period)), past.growth(), past.trend(RECENT)
    swung = min(max(trend, SLOWEST), FASTEST)

    def naive(person: Person) -> float | None:
        last = past.last_year(person, period)
        return None if last is None else last * (growth or 1.0)

    def usual(person: Person) -> float | None:
        own, peers = past.of_person(person), past.usual_of_role(person)
        if not own and peers is None:
            return None
        peers = sum(own) / len(own) if peers is None else peers
        return (sum(own) + PRIOR * peers) / (len(own) + PRIOR)

    def seasonal(person: Person) -> float | None:
        month = usual(person)
        return None if month is None else month * whole

    def moving(person: Person) -> float | None:
        month = usual(person)
        return None if month is None else month * whole * swung

    return {NAIVE: naive, SEASON: seasonal, TREND: moving}


def next_period(calendar: Calendar, grain: Grain, today: date) -> Period:
    """The period after the one that contains a day."""
    return calendar.containing(calendar.containing(today, grain).ends_before, grain)

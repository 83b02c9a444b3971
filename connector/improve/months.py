"""What each month brought, person by person, freed of its season."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator, default_rng

from connector.appraisal.rules import Rules
from connector.measure.formulas import family
from connector.measure.measure import Measurements, measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Person, Roster
from connector.model.results import COMPANY, Subject
from connector.score.reach import PRIOR, History, Months, prior, season
from connector.targets.presence import employed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

BACK = 24  # months
PEERS = 240  # months of others that are looked at


def same_draws(*question: str) -> Generator:
    """Randomness that follows from what is asked: the same question gets the same answer."""
    return default_rng(list("|".join(question).encode()))


@dataclass(frozen=True, slots=True)
class _Pool:
    """What the months of everybody of one role brought, one person after another."""

    months: Months
    places: Mapping[str, tuple[int, int]]  # by person id: from where, to where
    prior: float = PRIOR  # as many months of one's own as all of these count for

    def others(self, person: str) -> int:
        """How many months are not theirs."""
        first, last = self.places.get(person, (0, 0))
        return len(self.months) - (last - first)

    def some(self, person: str, rng: Generator) -> Months:
        """The months of others: some of them, where there are many."""
        first, last = self.places.get(person, (0, 0))
        many = self.others(person)
        chosen = np.arange(many) if many <= PEERS else rng.choice(many, PEERS, replace=False, shuffle=False)
        found: Months = self.months[np.where(chosen < first, chosen, chosen + (last - first))]
        return found

    def usual(self, person: str) -> float | None:
        """The mean of others' months; None: there are none."""
        first, last = self.places.get(person, (0, 0))
        many = self.others(person)
        return float(self.months.sum() - self.months[first:last].sum()) / many if many else None


@dataclass(frozen=True)
class MonthlyPast:
    """What each month of the last two years brought, by person; as far back as there are records."""

    months: Sequence[Period]  # newest first
    values: Measurements
    metric: str
    calendar: Calendar
    roster: Roster
    today: date
    pools: dict[str, _Pool] = field(default_factory=dict)  # by role, once looked at

    @classmethod
    def of(  # noqa: PLR0917
        cls, mirror: DuckDBPyConnection, metric: Metric, rules: Rules, calendar: Calendar, roster: Roster, today: date
    ) -> MonthlyPast:
        months = calendar.past(calendar.containing(today, Grain.MONTH), BACK)
        values = measure(mirror, family(metric, rules.metrics, former=True), months, [], today)
        # Before the first record nothing was nothing: such months are unknown, and no zeros.
        while months and not _total(values, metric.name, months[-1]):
            months.pop()
        return cls(months, values, metric.name, calendar, roster, today)

    @cached_property
    def seasons(self) -> Mapping[int, float]:
        """How much of a usual month each month of the year brings, 1 to 12; empty: too little is known."""
        return season(self.totals, [each.starts_on.month for each in self.months])

    @cached_property
    def totals(self) -> list[float]:
        """The company's, newest first."""
        return [_total(self.values, self.metric, each) for each in self.months]

    def of_person(self, person: Person) -> list[float]:
        """The months in which they were there from the first day on, freed of their season."""
        found = []
        for month in self.months:
            if not employed(person, month) or (person.starts_on and person.starts_on > month.starts_on):
                continue
            known = self.values.get(self.metric, Subject("person", person.id), month.id)
            factor = self.seasons.get(month.starts_on.month, 1.0)
            found.append(float(known.value or 0) / factor if known and factor else 0.0)
        return found

    def history(self, person: Person, rng: Generator) -> History:
        """Their own months, and some of those of everybody else who does what they do."""
        pool = self._pool(person)
        return History(self.of_person(person), pool.some(person.id, rng), pool.prior)

    def usual(self, person: Person) -> float | None:
        """A usual month of theirs, drawn a little towards that of people who do the same; None: nothing is known."""
        own, pool = self.of_person(person), self._pool(person)
        peers = pool.usual(person.id)
        if not own and peers is None:
            return None
        peers = sum(own) / len(own) if peers is None else peers
        return (sum(own) + pool.prior * peers) / (len(own) + pool.prior)

    def _pool(self, person: Person) -> _Pool:
        role = person.on(self.today).levels.get("role", "")
        if role not in self.pools:
            months, places = list[float](), dict[str, tuple[int, int]]()
            by_person = list[list[float]]()
            for each in self.roster.people:
                if each.active and each.on(self.today).levels.get("role", "") == role:
                    first = len(months)
                    by_person.append(self.of_person(each))
                    months += by_person[-1]
                    places[each.id] = first, len(months)
            self.pools[role] = _Pool(np.array(months, dtype=np.float64), places, prior(by_person))
        return self.pools[role]

    def to_come(self, period: Period) -> list[float]:
        """How much of a usual month each month that is not over yet still is."""
        found = []
        for month in self.calendar.within(period, Grain.MONTH):
            if month.ends_before <= self.today:
                continue
            days = [each for each in month.days() if self.calendar.is_working(each)]
            left = sum(each >= self.today for each in days) / len(days) if days else 0.0
            found.append(self.seasons.get(month.starts_on.month, 1.0) * left)
        return found

    def whole(self, period: Period) -> list[float]:
        """How much of a usual month each month of a period is, whether it is over or not."""
        return [self.seasons.get(each.starts_on.month, 1.0) for each in self.calendar.within(period, Grain.MONTH)]

    def last_year(self, person: Person, period: Period) -> float | None:
        """What they brought in the months of the same name, the last time; None: they, or the records, were not there."""
        places = [each.starts_on.month for each in self.calendar.within(period, Grain.MONTH)]
        last = [next((each for each in self.months if each.starts_on.month == place), None) for place in places]
        return self.brought(person, [each for each in last if each]) if all(last) else None

    def brought(self, person: Person, months: Sequence[Period]) -> float | None:
        """What they brought in some of the months; None: they, or the records, were not there."""
        found = 0.0
        for month in months:
            if not employed(person, month) or (person.starts_on and person.starts_on > month.starts_on):
                return None
            known = self.values.get(self.metric, Subject("person", person.id), month.id)
            found += float(known.value or 0) if known else 0.0
        return found if sum(self._by_month[each.id] for each in months) > 0 else None

    @cached_property
    def _by_month(self) -> Mapping[str, float]:
        return {each.id: total for each, total in zip(self.months, self.totals, strict=True)}

    @cached_property
    def freed(self) -> list[float]:
        """The company's, freed of their season, newest first."""
        return [
            total / factor if (factor := self.seasons.get(month.starts_on.month, 1.0)) else 0.0
            for month, total in zip(self.months, self.totals, strict=True)
        ]

    def growth(self) -> float | None:
        """The company's last twelve months against the twelve before; None: records do not reach back so far."""
        totals = self.totals
        before = sum(totals[12:24])
        return sum(totals[:12]) / before if len(totals) >= 24 and totals[23] > 0 and before > 0 else None

    def trend(self, recent: int) -> float:
        """The company's last months against all of them, freed of their season; 1 where nothing came."""
        usual = sum(self.freed) / len(self.freed) if self.freed else 0.0
        return sum(self.freed[:recent]) / recent / usual if usual > 0 else 1.0


def _total(values: Measurements, metric: str, month: Period) -> float:
    found = values.get(metric, COMPANY, month.id)
    return float(found.value or 0) if found else 0.0

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
from connector.improve.shares import Shares
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
TRIM = 2  # months of twelve, on either end, that say nothing about growth
MOSTLY = 0.5  # of a month's working days: with fewer of them, what a whole month would have brought is a guess


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
    """What each month of the last two years brought, by person; as far back as there are records.

    A month that somebody was away for is none of theirs, and no month of zero; one that they were there for in part counts
    as what the whole of it would have brought.
    """

    months: Sequence[Period]  # newest first
    values: Measurements
    metric: str
    calendar: Calendar
    roster: Roster
    today: date
    shares: Shares
    pools: dict[str, _Pool] = field(default_factory=dict)  # by role, once looked at
    places: dict[str, int] = field(default_factory=dict)  # of months in their fiscal year, once asked for

    @classmethod
    def of(  # noqa: PLR0917
        cls, mirror: DuckDBPyConnection, metric: Metric, rules: Rules, calendar: Calendar, roster: Roster, today: date
    ) -> MonthlyPast:
        months = calendar.past(calendar.containing(today, Grain.MONTH), BACK)
        values = measure(mirror, family(metric, rules.metrics, former=True), months, [], today)
        # Before the first record nothing was nothing: such months are unknown, and no zeros.
        while months and not _total(values, metric.name, months[-1]):
            months.pop()
        return cls(months, values, metric.name, calendar, roster, today, Shares.of(rules, metric, calendar))

    @cached_property
    def seasons(self) -> Mapping[int, float]:
        """How much of a usual month each month of the fiscal year brings, by its place in it; empty: too little is known."""
        return season(self.staffed, self._in_order)

    @cached_property
    def _in_order(self) -> list[int]:
        return [self.place(each) for each in self.months]

    def place(self, month: Period) -> int:
        """Where a month stands in its fiscal year, 1 to 12.

        The day it starts on does not tell: two months of whole weeks may start in March, and none in April.
        """
        known = self.places.get(month.id)
        if known is None:
            year = self.calendar.containing(month.starts_on, Grain.YEAR)
            known = self.places[month.id] = self.calendar.within(year, Grain.MONTH).index(month) + 1
        return known

    def factor(self, month: Period) -> float:
        """How much of a usual month a month brings by its season."""
        return self.seasons.get(self.place(month), 1.0)

    @cached_property
    def totals(self) -> list[float]:
        """The company's, newest first."""
        return [_total(self.values, self.metric, each) for each in self.months]

    @cached_property
    def staffed(self) -> list[float]:
        """The company's as they would have been with nobody away, newest first: an absence is no season, and no trend.

        Each counts for what a month of theirs usually brings. A month that most of that was away for is taken to be like
        those of the same place in the year, else like all others.
        """
        absent = [each for each in self.roster.people if each.absences]
        if not absent:
            return self.totals
        usual = {each.id: self._mean(each) for each in self.roster.people}
        known: list[float | None] = []
        for month, total in zip(self.months, self.totals, strict=True):
            employable = sum(usual[each.id] for each in self.roster.people if employed(each, month))
            away = sum(usual[each.id] * self._away(each, month) for each in absent)
            there = 1 - away / employable if employable else 1.0
            known.append(total / there if there >= MOSTLY else None)
        return _completed(known, self._in_order)

    def _mean(self, person: Person) -> float:
        """What a month brings in which they are there, its season left in."""
        own = [brought for month in self.months if (brought := self.of_month(person, month)) is not None]
        return max(sum(own) / len(own), 0.0) if own else 0.0

    def _away(self, person: Person, month: Period) -> float:
        """The part of a month that they were away for; not that before they came, or after they left."""
        if not (person.employed(month.starts_on) and person.employed(month.last_day)):
            return 0.0
        there, whole = self.shares.presence.days(person, month)
        return 1 - there / whole if whole else 0.0

    def of_month(self, person: Person, month: Period) -> float | None:
        """What a month brought, or would have, had they been there for all of it; None: they were there for too little.

        Whoever came in the middle of a month was not there for it.
        """
        if not employed(person, month) or (person.starts_on and person.starts_on > month.starts_on):
            return None
        there, whole = self.shares.presence.days(person, month)
        if there < whole * MOSTLY:
            return None
        known = self.values.get(self.metric, Subject("person", person.id), month.id)
        return float(known.value or 0) * (whole / there if whole else 1.0) if known else 0.0

    def of_person(self, person: Person) -> list[float]:
        """The months that they were there for, freed of their season."""
        found = []
        for month in self.months:
            brought = self.of_month(person, month)
            if brought is not None:
                factor = self.factor(month)
                found.append(brought / factor if factor else 0.0)
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
                # Who has left since was one of them then: without those, a past day's peers are whoever did well.
                there = each.active or (each.ends_on is not None and each.ends_on >= self.today)
                if there and each.on(self.today).levels.get("role", "") == role:
                    first = len(months)
                    by_person.append(self.of_person(each))
                    months += by_person[-1]
                    places[each.id] = first, len(months)
            self.pools[role] = _Pool(np.array(months, dtype=np.float64), places, prior(by_person))
        return self.pools[role]

    def to_come(self, person: Person, period: Period) -> list[float]:
        """How much of a usual month each month that is not over yet still is for somebody."""
        months = self.calendar.within(period, Grain.MONTH)
        return [
            self.factor(month) * self.shares.left(person, month, self.today)
            for month in months
            if month.ends_before > self.today
        ]

    def theirs(self, person: Person, period: Period) -> list[float]:
        """How much of a usual month each month of a period is for somebody, whether it is over or not."""
        months = self.calendar.within(period, Grain.MONTH)
        return [self.factor(each) * self.shares.of_month(person, each) for each in months]

    def whole(self, period: Period) -> list[float]:
        """The same for anybody who is there for all of it."""
        return [self.factor(each) for each in self.calendar.within(period, Grain.MONTH)]

    def share(self, person: Person, period: Period) -> float:
        """How much of what a period usually brings falls on what is theirs of it, 0 to 1: a strong month counts for more."""
        usual = sum(self.whole(period))
        return sum(self.theirs(person, period)) / usual if usual else 1.0

    def last_year(self, person: Person, period: Period) -> float | None:
        """What they brought in the months of the same place, the last time; None: they, or the records, were not there."""
        places = [self.place(each) for each in self.calendar.within(period, Grain.MONTH)]
        last = [next((each for each in self.months if self.place(each) == place), None) for place in places]
        return self.brought(person, [each for each in last if each]) if all(last) else None

    def brought(self, person: Person, months: Sequence[Period]) -> float | None:
        """What they brought in some of the months; None: they, or the records, were not there."""
        found = 0.0
        for month in months:
            brought = self.of_month(person, month)
            if brought is None:
                return None
            found += brought
        return found if sum(self._by_month[each.id] for each in months) > 0 else None

    @cached_property
    def _by_month(self) -> Mapping[str, float]:
        return {each.id: total for each, total in zip(self.months, self.totals, strict=True)}

    @cached_property
    def freed(self) -> list[float]:
        """The company's, freed of their season, newest first."""
        return [
            total / factor if (factor := self.factor(month)) else 0.0
            for month, total in zip(self.months, self.staffed, strict=True)
        ]

    def growth(self) -> float | None:
        """The company's last twelve months against the twelve before; None: records do not reach back so far.

        The two months that gained most and the two that lost most are left out: a single large deal is no growth.
        """
        totals = self.staffed
        if len(totals) < 24 or totals[23] <= 0:
            return None
        pairs = sorted(zip(totals[:12], totals[12:24], strict=True), key=lambda each: each[0] - each[1])[TRIM:-TRIM]
        last, before = (sum(column) for column in zip(*pairs, strict=True))
        return last / before if before > 0 else None

    def trend(self, recent: int) -> float:
        """The company's last months against all of them, freed of their season; 1 where nothing came."""
        usual = sum(self.freed) / len(self.freed) if self.freed else 0.0
        return sum(self.freed[:recent]) / recent / usual if usual > 0 else 1.0


def _completed(known: Sequence[float | None], places: Sequence[int]) -> list[float]:
    """With a number for the months that have none."""
    all_known = [each for each in known if each is not None]
    usual = sum(all_known) / len(all_known) if all_known else 0.0
    alike: dict[int, list[float]] = {}
    for each, place in zip(known, places, strict=True):
        if each is not None:
            alike.setdefault(place, []).append(each)
    of_place = {place: sum(each) / len(each) for place, each in alike.items()}
    return [of_place.get(place, usual) if each is None else each for each, place in zip(known, places, strict=True)]


def _total(values: Measurements, metric: str, month: Period) -> float:
    found = values.get(metric, COMPANY, month.id)
    return float(found.value or 0) if found else 0.0

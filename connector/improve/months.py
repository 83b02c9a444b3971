"""What each month brought, person by person, freed of its season."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from connector.appraisal.rules import Rules
from connector.measure.formulas import family
from connector.measure.measure import Measurements, measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Person, Roster
from connector.model.results import COMPANY, Subject
from connector.score.reach import History, season
from connector.targets.presence import employed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

BACK = 24  # months
PEERS = 240  # months of others that are looked at


@dataclass(frozen=True, slots=True)
class MonthlyPast:
    """What each month of the last two years brought, by person."""

    months: Sequence[Period]  # newest first
    values: Measurements
    metric: str
    seasons: Mapping[int, float]
    calendar: Calendar
    pools: dict[str, dict[str, list[float]]] = field(default_factory=dict)  # by role and person id, once looked at
    sums: dict[str, tuple[float, int]] = field(default_factory=dict)  # of each pool: total and months

    @classmethod
    def of(
        cls, mirror: DuckDBPyConnection, metric: Metric, rules: Rules, calendar: Calendar, today: date
    ) -> MonthlyPast:
        months = []
        before = calendar.containing(today, Grain.MONTH).starts_on
        for _ in range(BACK):
            month = calendar.containing(before - timedelta(days=1), Grain.MONTH)
            months.append(month)
            before = month.starts_on
        values = measure(mirror, family(metric, rules.metrics, former=True), months, [], today)
        found = cls(months, values, metric.name, {}, calendar)
        return replace(found, seasons=season(found._totals(), [each.starts_on.month for each in months]))

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

    def of_role(self, roster: Roster, person: Person, today: date) -> list[float]:
        """The same of everybody else who does what they do."""
        pool = self._pool(roster, person, today)
        return [value for other, months in pool.items() if other != person.id for value in months]

    def history(self, roster: Roster, person: Person, today: date, rng: Random) -> History:
        """Their own months, and those of others: some of them, where there are many."""
        others = self.of_role(roster, person, today)
        return History(self.of_person(person), others if len(others) <= PEERS else rng.sample(others, PEERS))

    def usual_of_role(self, roster: Roster, person: Person, today: date) -> float | None:
        """Their mean; None: nobody else does."""
        role = person.on(today).levels.get("role", "")
        pool = self._pool(roster, person, today)
        if role not in self.sums:
            self.sums[role] = sum(map(sum, pool.values())), sum(map(len, pool.values()))
        (total, months), own = self.sums[role], pool.get(person.id, [])
        return (total - sum(own)) / (months - len(own)) if months > len(own) else None

    def _pool(self, roster: Roster, person: Person, today: date) -> Mapping[str, list[float]]:
        if not self.pools:
            for each in roster.people:
                if each.active:
                    role = each.on(today).levels.get("role", "")
                    self.pools.setdefault(role, {})[each.id] = self.of_person(each)
        return self.pools.get(person.on(today).levels.get("role", ""), {})

    def to_come(self, period: Period, today: date) -> list[float]:
        """How much of a usual month each month that is not over yet still is."""
        found = []
        for month in self.calendar.within(period, Grain.MONTH):
            if month.ends_before <= today:
                continue
            days = [each for each in month.days() if self.calendar.is_working(each)]
            left = sum(each >= today for each in days) / len(days) if days else 0.0
            found.append(self.seasons.get(month.starts_on.month, 1.0) * left)
        return found

    def whole(self, period: Period) -> list[float]:
        """How much of a usual month each month of a period is, whether it is over or not."""
        return [self.seasons.get(each.starts_on.month, 1.0) for each in self.calendar.within(period, Grain.MONTH)]

    def last_year(self, person: Person, period: Period) -> float | None:
        """What they brought in the months of the same name, the last time; None: they, or the records, were not there."""
        found = company = 0.0
        totals = dict(zip((each.id for each in self.months), self._totals(), strict=True))
        for month in self.calendar.within(period, Grain.MONTH):
            last = next((each for each in self.months if each.starts_on.month == month.starts_on.month), None)
            if last is None or not employed(person, last) or (person.starts_on and person.starts_on > last.starts_on):
                return None
            known = self.values.get(self.metric, Subject("person", person.id), last.id)
            found += float(known.value or 0) if known else 0.0
            company += totals[last.id]
        return found if company > 0 else None

    def growth(self) -> float | None:
        """The company's last twelve months against the twelve before; None: records do not reach back so far."""
        totals = self._totals()
        before = sum(totals[12:24])
        return sum(totals[:12]) / before if len(totals) >= 24 and totals[23] > 0 and before > 0 else None

    def trend(self, recent: int) -> float:
        """The company's last months against all of them, freed of their season; 1 where nothing came."""
        freed = [
            total / factor if (factor := self.seasons.get(month.starts_on.month, 1.0)) else 0.0
            for month, total in zip(self.months, self._totals(), strict=True)
        ]
        usual = sum(freed) / len(freed) if freed else 0.0
        return sum(freed[:recent]) / recent / usual if usual > 0 else 1.0

    def _totals(self) -> list[float]:
        """The company's, newest first."""
        found = (self.values.get(self.metric, COMPANY, each.id) for each in self.months)
        return [float(each.value or 0) if each else 0.0 for each in found]

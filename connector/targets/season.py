"""How a year is spread by its season: by the shares that its months had in the years before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from connector.model.calendar import Calendar, Grain, Period

Months = Mapping[str, Decimal]  # month id → what the company reached in it


@dataclass(frozen=True, slots=True)
class Spread:
    """Weights for the months of a year, and what they are."""

    months: str | tuple[Decimal, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Past:
    """What the company reached in the months of complete fiscal years, by metric."""

    months: Mapping[str, Months] = field(default_factory=dict)
    least: int = 4  # years that a season is learned from

    def spread(self, metric: str, year: Period, calendar: Calendar) -> Spread:
        """The season of a year, each year before it of the same weight; by working days where there are too few."""
        known = self.months.get(metric, {})
        years: dict[str, list[Decimal]] = {}
        before = calendar.containing(year.starts_on, Grain.YEAR)
        for _ in range(self.least * 2):
            before = calendar.before(before)
            values = [known.get(each.id) for each in calendar.within(before, Grain.MONTH)]
            numbers = [each for each in values if each is not None]
            if len(numbers) == len(values) and sum(numbers) > 0 and min(numbers) >= 0:
                years[before.id] = numbers
        if len(years) < self.least:
            return Spread("working days", f"by working days: {len(years)} of {self.least} years that a season needs")
        shares = [[each / sum(values) for each in values] for values in years.values()]
        weights = tuple(sum(column) / len(shares) for column in zip(*shares, strict=True))
        return Spread(tuple(map(_short, weights)), f"by season, learned from {', '.join(sorted(years))}")


def _short(weight: Decimal | int) -> Decimal:
    """A weight to twelve digits: proportions, which the spread divides exactly."""
    return Decimal(weight).quantize(Decimal("1e-12"))

"""The company's calendar: fiscal periods, working days, holidays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property


class Grain(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A half-open stretch of days of the fiscal calendar."""

    starts_on: date
    ends_before: date
    id: str  # 2026, 2026-Q1, 2026-01: unique across grains
    grain: Grain

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day < self.ends_before

    @property
    def last_day(self) -> date:
        """The last day that still belongs to the period."""
        return self.ends_before - timedelta(days=1)

    def days(self) -> Iterator[date]:
        """Each day once, in order."""
        for offset in range((self.ends_before - self.starts_on).days):
            yield self.starts_on + timedelta(days=offset)


_PERIOD_ID = re.compile(r"(?:FY)?(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>\d{2})))?")


@dataclass(frozen=True)
class Calendar:
    """One fiscal calendar for the whole company.

    A fiscal year is named after the calendar year in which it ends; quarters are fiscal
    (`2027-Q1`), months keep their everyday name (`2026-04`).
    """

    first_month: int = 1  # of the fiscal year
    working_weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})  # Monday is 0
    holidays: frozenset[date] = frozenset()

    def containing(self, day: date, grain: Grain) -> Period:
        """The period of that length that the day belongs to."""
        if grain is Grain.MONTH:
            return self._month(day.year, day.month)
        year = self._fiscal_year(day)
        if grain is Grain.YEAR:
            return self._year(year)
        return self._quarter(year, ((day.month - self.first_month) % 12) // 3 + 1)

    def period(self, period_id: str) -> Period:
        """The period of that id: `2026`, `FY2026`, `2026-Q3`, `2026-07`. Raises ValueError."""
        found = _PERIOD_ID.fullmatch(period_id.strip().upper())
        if not found or (found["month"] and not 1 <= int(found["month"]) <= 12):
            raise ValueError(f"`{period_id}` is no period; write 2026, 2026-Q3 or 2026-07")
        year = int(found["year"])
        if found["month"]:
            return self._month(year, int(found["month"]))
        if found["quarter"]:
            return self._quarter(year, int(found["quarter"]))
        return self._year(year)

    def current(self, today: date) -> tuple[Period, Period, Period]:
        """Month, quarter and year that contain today: what is written back."""
        return tuple(self.containing(today, grain) for grain in Grain)  # type: ignore[return-value]

    def open_on(self, today: date, close_after: int = 15) -> tuple[Period, ...]:
        """Periods that contain today, plus ended ones until `close_after` working days have passed."""
        found: dict[str, Period] = {}
        for grain in Grain:
            current = self.containing(today, grain)
            found[current.id] = current
            before = self.containing(current.starts_on - timedelta(days=1), grain)
            if self.working_days(before.ends_before, today) < close_after:
                found[before.id] = before
        return tuple(sorted(found.values(), key=lambda each: (each.starts_on, each.id)))

    def within(self, period: Period, grain: Grain) -> tuple[Period, ...]:
        """The periods of a shorter (or the same) grain that make up a period, in order."""
        parts, day = [], period.starts_on
        while day < period.ends_before:
            part = self.containing(day, grain)
            parts.append(part)
            day = part.ends_before
        return tuple(parts)

    def is_working(self, day: date) -> bool:
        """A working weekday that is no holiday."""
        return day.weekday() in self.working_weekdays and day not in self.holidays

    def working_days(self, starts_on: date, ends_before: date) -> int:
        """Working days in a half-open stretch; 0 when it is empty or reversed."""
        return sum(
            self.is_working(starts_on + timedelta(days=offset)) for offset in range((ends_before - starts_on).days)
        )

    def elapsed(self, period: Period, today: date) -> int:
        """Finished working days: today counts only once it is over."""
        return self.working_days(period.starts_on, min(max(today, period.starts_on), period.ends_before))

    def last_working_days(self, today: date, count: int) -> tuple[date, ...]:
        """The last `count` working days up to and including today, oldest first."""
        days: list[date] = []
        day = today
        while len(days) < count:
            if self.is_working(day):
                days.append(day)
            day -= timedelta(days=1)
        return tuple(reversed(days))

    @cached_property
    def _fiscal_shift(self) -> int:
        return 0 if self.first_month == 1 else 1

    def _fiscal_year(self, day: date) -> int:
        return day.year + (self._fiscal_shift if day.month >= self.first_month else 0)

    def _month(self, year: int, month: int) -> Period:
        return Period(date(year, month, 1), _months_on(year, month, 1), f"{year}-{month:02}", Grain.MONTH)

    def _quarter(self, year: int, quarter: int) -> Period:
        first = _months_on(year - self._fiscal_shift, self.first_month, 3 * (quarter - 1))
        return Period(first, _months_on(first.year, first.month, 3), f"{year}-Q{quarter}", Grain.QUARTER)

    def _year(self, year: int) -> Period:
        first = date(year - self._fiscal_shift, self.first_month, 1)
        return Period(first, _months_on(first.year, first.month, 12), str(year), Grain.YEAR)


def _months_on(year: int, month: int, count: int) -> date:
    """The first day of the month that lies `count` months after the given one."""
    months = year * 12 + month - 1 + count
    return date(months // 12, months % 12 + 1, 1)

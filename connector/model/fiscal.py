"""Fiscal years: of twelve calendar months from any month on, or of 52 and 53 whole weeks as retailers count them."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, count
from typing import Protocol

from connector.model.periods import months_on

WEEK = timedelta(days=7)
MONTHS = tuple(calendar.month_name[at].lower() for at in range(1, 13))  # as a config names them


class FiscalYears(Protocol):
    """How a company cuts time into years of twelve months; a quarter is three of them, a half is six."""

    def year_of(self, day: date) -> int:
        """The fiscal year that a day belongs to."""
        ...

    def bounds(self, year: int) -> tuple[date, ...]:
        """The first days of a year's twelve months, and of the next year: 13 days."""
        ...

    def month_id(self, year: int, place: int) -> str:
        """The id of a year's month; `place` counts from 0."""
        ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class MonthYears:
    """Years of calendar months, named after the calendar year in which they end, or else start.

    Months keep their everyday name: `2026-04`.
    """

    first_month: int = 1
    named_by_start: bool = False

    @property
    def _shift(self) -> int:
        return 0 if self.first_month == 1 or self.named_by_start else 1

    def year_of(self, day: date) -> int:
        """The fiscal year that a day belongs to."""
        return day.year + self._shift - (day.month < self.first_month)

    def bounds(self, year: int) -> tuple[date, ...]:
        """The first days of a year's twelve months, and of the next year."""
        return tuple(months_on(year - self._shift, self.first_month, place) for place in range(13))

    def month_id(self, year: int, place: int) -> str:
        """`2026-04`."""
        first = months_on(year - self._shift, self.first_month, place)
        return f"{first.year}-{first.month:02}"


@dataclass(frozen=True, slots=True)
class WeekYears:
    """Years of 52 or 53 whole weeks: quarters of 13 weeks, months of 4 or 5 by a pattern.

    A year ends on one weekday: the one nearest to a day of the year, at most three days before or after it, or the
    last one of a month. The 53rd week belongs to the last month. The calendar of the National Retail Federation is
    4-5-4, ends on the Saturday nearest to 31 January, and is named by its start (nrf.com/resources/4-5-4-calendar).
    Months are counted: `2026-P01`.
    """

    pattern: tuple[int, int, int] = (4, 4, 5)  # weeks of a quarter's months
    weekday: int = 5  # on which years end; Monday is 0
    month: int = 1
    day: int | None = 31  # the day that a year's end is nearest to; None: the last such weekday of the month
    named_by_start: bool = False

    def year_of(self, day: date) -> int:
        """The fiscal year that a day belongs to."""
        ending = next(year for year in count(day.year - 1) if day < self._ends_before(year))
        return ending - self._shift

    def bounds(self, year: int) -> tuple[date, ...]:
        """The first days of a year's twelve months, and of the next year."""
        ending = year + self._shift
        first, after = self._ends_before(ending - 1), self._ends_before(ending)
        weeks = accumulate((self.pattern * 4)[:-1], initial=0)
        return (*(first + WEEK * passed for passed in weeks), after)

    def month_id(self, year: int, place: int) -> str:
        """`2026-P01`."""
        return f"{year}-P{place + 1:02}"

    @property
    def _shift(self) -> int:
        """A year that ends with December starts, as meant, in the year that it ends in."""
        ends_with_december = self.month == 12 and self.day in (31, None)
        return 1 if self.named_by_start and not ends_with_december else 0

    def _ends_before(self, ending: int) -> date:
        """The day after the end of the year that ends, as meant, in a calendar year."""
        following = months_on(ending, self.month, 1)
        if self.day is None:
            latest = following - timedelta(days=1)
        else:
            latest = date(ending, self.month, self.day) + timedelta(days=3)
        return latest - timedelta(days=(latest.weekday() - self.weekday) % 7) + timedelta(days=1)

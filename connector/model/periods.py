"""Periods and their grains: half-open stretches of days, each under an id of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Grain(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    HALF = "half"
    WEEK = "week"
    ROLLING = "rolling"


WRITTEN = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)  # what CRMs are shown, alerts look at and quotas are given for
AIMED = (Grain.MONTH, Grain.QUARTER, Grain.HALF, Grain.YEAR)  # what has targets, shortest first
CALENDAR = (*AIMED, Grain.WEEK)  # a day lies in exactly one period of each


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A half-open stretch of days of the fiscal calendar."""

    starts_on: date
    ends_before: date
    id: str  # 2026, 2026-H1, 2026-Q1, 2026-01 or 2026-P01, 2026-W01, last-90-days: unique across grains
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


def week_of(day: date) -> Period:
    """The ISO week of a day, Monday to Sunday; its year is the one that its Thursday lies in (ISO 8601)."""
    return week(*day.isocalendar()[:2])


def week(year: int, number: int) -> Period:
    """An ISO week by year and number. Raises ValueError where the year has no such week."""
    first = date.fromisocalendar(year, number, 1)
    return Period(first, first + timedelta(days=7), f"{year}-W{number:02}", Grain.WEEK)


LONGEST = {"day": 3660, "week": 520, "month": 120}  # of a rolling window: ten years
_ROLLING_ID = re.compile(r"last-(?P<count>[1-9]\d{0,3})-(?P<unit>day|week|month)s?")


def rolling(period_id: str, today: date) -> Period:
    """The window of an id like `last-90-days`, up to and including today.

    Weeks are seven days each; months go back to the day after the same day of the month, so that the last 12
    months are one year. Raises ValueError beyond ten years, and for an id that `is_rolling` denies.
    """
    found = _ROLLING_ID.fullmatch(period_id)
    if not found:
        raise ValueError(f"`{period_id}` is no rolling window; write last-90-days")
    count, unit = int(found["count"]), found["unit"]
    if count > LONGEST[unit]:
        raise ValueError(f"`{period_id}` goes back more than ten years")
    ends_before = today + timedelta(days=1)
    if unit == "month":
        starts_on = months_before(ends_before, count)
    else:
        starts_on = ends_before - timedelta(days=count * (7 if unit == "week" else 1))
    return Period(starts_on, ends_before, f"last-{count}-{unit}s", Grain.ROLLING)


def is_rolling(period_id: str) -> bool:
    """Whether an id names a window that moves with today."""
    return _ROLLING_ID.fullmatch(period_id) is not None


def months_before(day: date, count: int) -> date:
    """The same day of an earlier month, or that month's last day."""
    first = months_on(day.year, day.month, -count)
    following = months_on(first.year, first.month, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def months_on(year: int, month: int, count: int) -> date:
    """The first day of the month that lies `count` months after the given one."""
    months = year * 12 + month - 1 + count
    return date(months // 12, months % 12 + 1, 1)

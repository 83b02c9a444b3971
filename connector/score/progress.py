"""How far a period has come, in working days: the company's, or those a person is there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from connector.model.calendar import Calendar, Period
from connector.model.people import Absence, Person


@dataclass(frozen=True, slots=True)
class Progress:
    """Working days over, and all of the period's."""

    elapsed: int
    working_days: int


def progress(calendar: Calendar, period: Period, today: date, person: Person | None = None) -> Progress:
    """Finished working days only: today counts once it is over.

    A person's days are those they are employed and not absent, without the holidays of the country that they sat in
    when the period began.
    """
    if person is None:
        days = _working_days(calendar, period, None)
        return Progress(bisect_left(days, today), len(days))
    country = person.on(period.starts_on).levels.get("country") if calendar.elsewhere else None
    days = _days_there(calendar, period, country, person.absences)
    first = bisect_left(days, person.starts_on) if person.starts_on else 0
    past_end = bisect_right(days, person.ends_on) if person.ends_on else len(days)
    return Progress(max(min(bisect_left(days, today), past_end) - first, 0), max(past_end - first, 0))


@lru_cache(maxsize=16_384)
def _days_there(calendar: Calendar, period: Period, country: str | None, away: tuple[Absence, ...]) -> tuple[date, ...]:
    """The same for everybody with the same absences, and asked for with each of their metrics."""
    days = _working_days(calendar, period, country)
    touching = [each for each in away if each.starts_on < period.ends_before and each.ends_on >= period.starts_on]
    return tuple(day for day in days if not any(each.starts_on <= day <= each.ends_on for each in touching))


@lru_cache(maxsize=4_096)
def _working_days(calendar: Calendar, period: Period, country: str | None) -> tuple[date, ...]:
    return tuple(day for day in period.days() if calendar.is_working(day, country))

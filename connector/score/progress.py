"""How far a period has come, in working days: the company's, or those a person is there."""

from __future__ import annotations

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
        return _progress(calendar, period, today, starts_on=None, ends_on=None, absences=(), country=None)
    country = person.on(period.starts_on).levels.get("country") if calendar.elsewhere else None
    return _progress(
        calendar,
        period,
        today,
        starts_on=person.starts_on,
        ends_on=person.ends_on,
        absences=person.absences,
        country=country,
    )


@lru_cache(maxsize=16_384)
def _progress(
    calendar: Calendar,
    period: Period,
    today: date,
    *,
    starts_on: date | None,
    ends_on: date | None,
    absences: tuple[Absence, ...],
    country: str | None,
) -> Progress:
    """The same for everybody with the same days, and asked for each of their metrics."""
    first = max(period.starts_on, starts_on or period.starts_on)
    days = [day for day in period.days() if day >= first and (ends_on is None or day <= ends_on)]
    there = [
        day
        for day in days
        if calendar.is_working(day, country) and not any(each.starts_on <= day <= each.ends_on for each in absences)
    ]
    return Progress(sum(day < today for day in there), len(there))

"""Who is there, for how many working days, and whether a policy is meant for them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from connector.language.evaluate import truth
from connector.language.expression import Expression
from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Absence, Assignment, Person


@dataclass(slots=True)
class Presence:
    """Answers about people and periods, each worked out once."""

    calendar: Calendar
    _working: dict[tuple[str, str | None], tuple[date, ...]] = field(default_factory=dict)  # by period and country
    _days: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def days(self, person: Person, period: Period) -> tuple[int, int]:
        """Working days that the person is there, and all of the period's, by the holidays of the country they sit in."""
        key = person.id, period.id
        if key not in self._days:
            working = self._working_days(person, period)
            if person.employed(period.starts_on) and person.employed(period.last_day):
                self._days[key] = len(working) - _missed(working, person.absences), len(working)
            else:
                self._days[key] = sum(map(person.present, working)), len(working)
        return self._days[key]

    def between(self, person: Person, first: date, last: date) -> int:
        """Working days that the person is there from one day to another, both inclusive; counted as `days` counts months."""
        first, last = max(first, person.starts_on or first), min(last, person.ends_on or last)
        found = 0
        while first <= last:
            month = self.calendar.containing(first, Grain.MONTH)
            if first == month.starts_on and month.last_day <= last:
                found += self.days(person, month)[0]
            else:
                days = (day for day in self._working_days(person, month) if first <= day <= last)
                found += sum(map(person.present, days))
            first = month.ends_before
        return found

    def _working_days(self, person: Person, period: Period) -> tuple[date, ...]:
        """Those of the country that they sit in when the period begins, present or not."""
        country = seat(person, period).levels.get("country") if self.calendar.elsewhere else None
        working = self._working.get((period.id, country))
        if working is None:
            working = tuple(day for day in period.days() if self.calendar.is_working(day, country))
            self._working[period.id, country] = working
        return working

    def works(self, person: Person, day: date, period: Period) -> bool:
        """Whether the day is a working day where the person sits."""
        country = seat(person, period).levels.get("country") if self.calendar.elsewhere else None
        return self.calendar.is_working(day, country)

    def here(self, person: Person, period: Period) -> bool:
        """There on at least one working day; in a period without any, on at least one day."""
        there, working = self.days(person, period)
        return there > 0 if working else any(map(person.present, period.days()))


def _missed(working: Sequence[date], absences: Sequence[Absence]) -> int:
    """How many of some working days absences take, each day once."""
    missed, from_on = 0, 0
    for each in sorted(absences, key=lambda it: it.starts_on) if absences else ():
        first = max(bisect_left(working, each.starts_on), from_on)
        after = bisect_right(working, each.ends_on)
        missed += max(after - first, 0)
        from_on = max(from_on, after)
    return missed


def employed(person: Person, period: Period) -> bool:
    """Employed on at least one day, absent or not."""
    starts_late = person.starts_on is not None and person.starts_on >= period.ends_before
    return not starts_late and (person.ends_on is None or person.ends_on >= period.starts_on)


def seat(person: Person, period: Period) -> Assignment:
    """Where they sat when the period began, or when they joined in it."""
    return person.on(max(period.starts_on, person.starts_on or period.starts_on))


def meant(person: Person, for_: Expression | None, period: Period) -> bool:
    """Whether a `for:` chooses them, as they were when the period began, or when they joined in it."""
    return for_ is None or truth(for_, person_values(person, period), period.starts_on) is True


def person_values(person: Person, period: Period) -> dict[str, object]:
    """A person as `for:` sees them: the fields of the relation `people`, and their levels."""
    return _values(person, seat(person, period))


def person_values_on(person: Person, day: date) -> dict[str, object]:
    """The same, on a day."""
    return _values(person, person.on(day))


def _values(person: Person, sat: Assignment) -> dict[str, object]:
    return {
        **sat.levels,
        "name": person.name,
        "email": person.email,
        "started_on": person.starts_on,
        "ended_on": person.ends_on,
    }

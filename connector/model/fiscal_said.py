"""Fiscal years as a CRM has them, held against the company's own; and the rule that would say the same.

The CRM's years are read, compared and told of, and never obeyed by themselves: targets, locked periods and what people are
paid by hang on the calendar, and whoever edits a year in a CRM's setup moves none of it. A human takes them over, by a
line in the config.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from connector.model.calendar import Calendar
from connector.model.fiscal import MONTHS, FiscalYears, MonthYears, WeekYears
from connector.model.periods import Grain, Period

DAY = timedelta(days=1)
PATTERNS = ((4, 4, 5), (4, 5, 4), (5, 4, 4))  # weeks of a quarter's months
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBER = re.compile(r"(?<!\d)(?:20)?(\d{2})(?!\d)")
_LEAP_DAY = (2, 29)
PAST = timedelta(days=366)  # years that ended longer ago are no news


@dataclass(frozen=True, slots=True)
class SaidPeriod:
    """A month, quarter or year as a CRM has it; both days belong to it."""

    grain: Grain  # MONTH | QUARTER | YEAR
    starts_on: date
    ends_on: date
    year: str  # the CRM's name of the fiscal year: "FY 2027"
    number: int | None = None  # its place in the year, from 1; None: the CRM gives names instead
    label: str = ""  # "September FY 2016"

    @property
    def name(self) -> str:
        """As it is called there, or what it is."""
        return self.label or f"{self.grain} {self.number or ''}".strip() + f" of {self.year}"

    def here(self, calendar: Calendar) -> tuple[Period, bool]:
        """Our period that holds its first day, and whether it has the same days."""
        ours = calendar.containing(self.starts_on, self.grain)
        return ours, (ours.starts_on, ours.last_day) == (self.starts_on, self.ends_on)


@dataclass(frozen=True, slots=True)
class Difference:
    """A period that begins or ends on other days here."""

    said: SaidPeriod
    ours: Period  # the one that holds its first day

    def __str__(self) -> str:
        said, ours = self.said, self.ours
        return f"{said.name} is {said.starts_on} to {said.ends_on} there, {ours.id} {ours.starts_on} to {ours.last_day} here"


@dataclass(frozen=True, slots=True)
class SaidYear:
    """A fiscal year of a CRM with its parts, in order."""

    name: str
    starts_on: date
    ends_on: date
    quarters: tuple[SaidPeriod, ...]
    months: tuple[SaidPeriod, ...]

    @property
    def periods(self) -> tuple[SaidPeriod, ...]:
        """The year itself, its quarters, its months."""
        whole = SaidPeriod(Grain.YEAR, self.starts_on, self.ends_on, self.name, label=self.name)
        return whole, *self.quarters, *self.months


def differences(calendar: Calendar, said: Iterable[SaidPeriod], since: date) -> list[Difference]:
    """Periods of years that end on or after a day and are not ours, year by year, the longest first.

    Parts of a year that is not made of twelve are no months of ours, and are left aside.
    """
    found = []
    for year in years(said):
        if year.ends_on < since:
            continue
        of_twelve = len(year.months) == 12
        for each in (each for each in year.periods if of_twelve or each.grain is not Grain.MONTH):
            ours, same = each.here(calendar)
            if not same:
                found.append(Difference(each, ours))
    return found


def years(said: Iterable[SaidPeriod]) -> list[SaidYear]:
    """The years of a CRM, oldest first; one without a period of its own is left out."""
    by_year: dict[str, list[SaidPeriod]] = {}
    for each in sorted(said, key=lambda it: (it.starts_on, it.ends_on)):
        by_year.setdefault(each.year, []).append(each)
    found = []
    for name, periods in by_year.items():
        whole = next((each for each in periods if each.grain is Grain.YEAR), None)
        if whole is not None:
            parts = (tuple(it for it in periods if it.grain is grain) for grain in (Grain.QUARTER, Grain.MONTH))
            found.append(SaidYear(name, whole.starts_on, whole.ends_on, *parts))
    return found


def rule_for(said: Sequence[SaidYear]) -> FiscalYears | None:
    """The rule by which all these years are cut, and so all to come; None where no rule of ours says the same.

    Of several that do, the one that most companies would mean: the last weekday of a month, then the nearest to its end.
    """
    if not said:
        return None
    return next((rule for rule in _candidates(said[-1]) if all(_fits(rule, each) for each in said)), None)


def as_config(rule: FiscalYears) -> str:
    """The rule as it is written under `company:` of the config, in one line. Raises TypeError for a rule of nobody's."""
    match rule:
        case MonthYears(first_month=first, named_by_start=by_start):
            parts = [f"starts: {MONTHS[first - 1]}"]
        case WeekYears(pattern=pattern, weekday=weekday, month=month, day=day, named_by_start=by_start):
            end = f"{_WEEKDAYS[weekday]} nearest {MONTHS[month - 1]} {day}"
            end = f"last {_WEEKDAYS[weekday]} of {MONTHS[month - 1]}" if day is None else end
            parts = [f"pattern: {'-'.join(map(str, pattern))}", f"ends: {end}"]
        case _:
            raise TypeError(f"nobody writes {rule!r}")
    return f"fiscal_year: {{{', '.join([*parts, *(['named: start'] if by_start else [])])}}}"


def _candidates(year: SaidYear) -> Iterator[FiscalYears]:
    for by_start in (False, True):
        if year.starts_on.day == 1:
            yield MonthYears(year.starts_on.month, by_start)
        for pattern in PATTERNS:
            for month, day in _endings(year.ends_on):
                yield WeekYears(pattern, year.ends_on.weekday(), month, day, by_start)


def _endings(day: date) -> Iterator[tuple[int, int | None]]:
    """What a year that ends on a day may end by: a month's last such weekday, or the one nearest to a day."""
    yield day.month, None
    near = [day + DAY * away for away in range(-3, 4)]
    for each in sorted(near, key=lambda it: (it.month == (it + DAY).month, abs(it - day))):
        if (each.month, each.day) != _LEAP_DAY:
            yield each.month, each.day


def _fits(rule: FiscalYears, year: SaidYear) -> bool:
    number = rule.year_of(year.starts_on)
    bounds = rule.bounds(number)
    if (bounds[0], bounds[-1] - DAY) != (year.starts_on, year.ends_on) or not _is_called(year.name, number):
        return False
    months = [(first, after - DAY) for first, after in pairwise(bounds)]
    quarters = [(first, after - DAY) for first, after in pairwise(bounds[::3])]
    return months == _spans(year.months) and quarters == _spans(year.quarters)


def _spans(periods: Iterable[SaidPeriod]) -> list[tuple[date, date]]:
    return [(each.starts_on, each.ends_on) for each in periods]


def _is_called(name: str, number: int) -> bool:
    """Whether a year's name has our number for it; a name without any number goes with each."""
    found = _NUMBER.findall(name)
    return not found or f"{number % 100:02}" in found

"""The company's calendar: fiscal periods, working days, holidays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

from connector.model.fiscal import FiscalYears, MonthYears, WeekYears
from connector.model.periods import WRITTEN, Grain, Period, is_rolling, rolling, week, week_of

__all__ = ["Calendar", "Grain", "Period"]

_PERIOD_ID = re.compile(r"(?:FY)?(?P<year>\d{4})(?:-(?:(?P<kind>[QHPW])(?P<place>\d{1,2})|(?P<month>\d{2})))?")
YEARS = range(1900, 2201)  # a year beyond is a typing error
_LONG = {Grain.QUARTER: 3, Grain.HALF: 6, Grain.YEAR: 12}  # months


@dataclass(frozen=True)
class Calendar:
    """One fiscal calendar for the whole company.

    A fiscal year is named after the calendar year in which it ends, unless its start names it; quarters and halves
    are fiscal (`2027-Q1`, `2027-H1`), months keep their everyday name (`2026-04`). With `weeks`, years are made of
    whole weeks instead, and months are counted (`2026-P01`). Weeks are ISO weeks (`2026-W48`).
    """

    first_month: int = 1  # of the fiscal year
    working_weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})  # Monday is 0
    holidays: frozenset[date] = frozenset()
    weeks: WeekYears | None = None  # None: years of calendar months
    named_by_start: bool = False
    elsewhere: tuple[tuple[str, frozenset[date]], ...] = ()  # a country as people's levels name it, and its holidays

    def containing(self, day: date, grain: Grain) -> Period:
        """The period of that length that the day belongs to. Raises ValueError for a rolling window: many do."""
        known = self._known.get((day, grain))
        if known is None:
            known = self._known[day, grain] = self._containing(day, grain)
        return known

    def before(self, period: Period) -> Period:
        """The period of the same length before one. Raises ValueError for a rolling window."""
        return self.containing(period.starts_on - timedelta(days=1), period.grain)

    def past(self, period: Period, many: int) -> list[Period]:
        """So many periods of the same length before one, newest first. Raises ValueError for a rolling window."""
        found: list[Period] = []
        for _ in range(many):
            period = self.before(period)
            found.append(period)
        return found

    def period(self, period_id: str, today: date | None = None) -> Period:
        """The period of that id: `2026`, `FY2026`, `2026-H2`, `2026-Q3`, `2026-07`, `2026-W48`, `last-90-days`.

        A window that ends with today needs one. Raises ValueError.
        """
        given = period_id.strip()
        if is_rolling(given.lower()):
            if today is None:
                raise ValueError(f"`{period_id}` moves from day to day; a fixed period is needed: {self._examples}")
            return rolling(given.lower(), today)
        found = _PERIOD_ID.fullmatch(given.upper())
        known = self._named(found) if found and int(found["year"]) in YEARS else None
        if known is None:
            raise ValueError(f"`{period_id}` is no period; write {self._examples}")
        return known

    def current(self, today: date) -> tuple[Period, ...]:
        """Month, quarter and year that contain today: what is written back."""
        return tuple(self.containing(today, grain) for grain in WRITTEN)

    def open_on(self, today: date, close_after: int = 15) -> tuple[Period, ...]:
        """Periods that contain today, plus ended ones until `close_after` working days have passed."""
        found: dict[str, Period] = {}
        for grain in WRITTEN:
            current = self.containing(today, grain)
            found[current.id] = current
            before = self.containing(current.starts_on - timedelta(days=1), grain)
            if self.working_days(before.ends_before, today) < close_after:
                found[before.id] = before
        return tuple(sorted(found.values(), key=lambda each: (each.starts_on, each.id)))

    def within(self, period: Period, grain: Grain) -> tuple[Period, ...]:
        """The periods of a shorter (or the same) grain that make up a period, in order.

        Raises ValueError where they do not: no whole number of weeks makes up a calendar month.
        """
        known = self._known_parts.get((period, grain))
        if known is None:
            known = self._known_parts[period, grain] = self._within(period, grain)
        return known

    def is_working(self, day: date, country: str | None = None) -> bool:
        """A working weekday that is no holiday: of the country, where it has holidays of its own, else of the company."""
        holidays = self._by_country.get(country.casefold(), self.holidays) if country else self.holidays
        return day.weekday() in self.working_weekdays and day not in holidays

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
    def _known(self) -> dict[tuple[date, Grain], Period]:
        """Periods asked for so far: everybody's targets ask for the same few."""
        return {}

    @cached_property
    def _known_parts(self) -> dict[tuple[Period, Grain], tuple[Period, ...]]:
        return {}

    def _containing(self, day: date, grain: Grain) -> Period:
        if grain is Grain.WEEK:
            return week_of(day)
        if grain is Grain.ROLLING:
            raise ValueError("a day is in no rolling window of its own")
        year = self._years.year_of(day)
        bounds = _bounds(self._years, year)
        return self._part(year, sum(each <= day for each in bounds) - 1, grain)

    def _within(self, period: Period, grain: Grain) -> tuple[Period, ...]:
        parts, day = [], period.starts_on
        while day < period.ends_before:
            part = self.containing(day, grain)
            parts.append(part)
            day = part.ends_before
        if parts[0].starts_on != period.starts_on or day != period.ends_before:
            raise ValueError(f"{period.id} is not made up of whole {grain}s")
        return tuple(parts)

    @cached_property
    def _by_country(self) -> Mapping[str, frozenset[date]]:
        return {country.casefold(): holidays for country, holidays in self.elsewhere}

    @cached_property
    def _years(self) -> FiscalYears:
        return self.weeks or MonthYears(self.first_month, self.named_by_start)

    @property
    def _examples(self) -> str:
        return f"2026, 2026-H2, 2026-Q3, {self._years.month_id(2026, 6)} or 2026-W48"

    def _part(self, year: int, month: int, grain: Grain) -> Period:
        """The part of a year that its month lies in; months count from 0."""
        bounds = _bounds(self._years, year)
        if grain is Grain.MONTH:
            return Period(bounds[month], bounds[month + 1], self._years.month_id(year, month), grain)
        length = _LONG[grain]
        first = month - month % length
        name = "" if grain is Grain.YEAR else f"-{grain[0].upper()}{first // length + 1}"
        return Period(bounds[first], bounds[first + length], f"{year}{name}", grain)

    def _named(self, found: re.Match[str]) -> Period | None:
        """The period that the parts of an id name; None: there is none in this calendar."""
        year, kind, place = int(found["year"]), found["kind"], int(found["place"] or 0)
        if found["month"]:
            return self._everyday_month(year, int(found["month"]))
        if kind is None:
            return self._part(year, 0, Grain.YEAR)
        if kind == "W":
            return week(year, place) if 1 <= place <= _weeks_in(year) and len(found["place"]) == 2 else None
        grain = {"Q": Grain.QUARTER, "H": Grain.HALF, "P": Grain.MONTH}[kind]
        length = _LONG.get(grain, 1)
        if not 1 <= place <= 12 // length:
            return None
        known = self._part(year, (place - 1) * length, grain)
        return known if known.id == found[0].removeprefix("FY") else None

    def _everyday_month(self, year: int, month: int) -> Period | None:
        if self.weeks or not 1 <= month <= 12:
            return None
        return self.containing(date(year, month, 1), Grain.MONTH)


@lru_cache(maxsize=1024)
def _bounds(years: FiscalYears, year: int) -> tuple[date, ...]:
    return years.bounds(year)


def _weeks_in(year: int) -> int:
    """52 or 53: the 28th of December always lies in the last ISO week of its year."""
    return date(year, 12, 28).isocalendar().week

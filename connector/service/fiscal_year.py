"""The company's fiscal year as ops write it: months from any month on, or whole weeks as retailers count them."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from connector.model.fiscal import MONTHS, MonthYears, WeekYears
from connector.rulebook.validate import Shape, complaint
from connector.yamlfile import did_you_mean

WEEKDAYS = tuple(name.lower() for name in calendar.day_name)

_NEAREST = re.compile(r"(?P<weekday>[a-z]+) nearest (?P<month>[a-z]+) (?P<day>\d{1,2})")
_LAST = re.compile(r"last (?P<weekday>[a-z]+) of (?P<month>[a-z]+)")
_LEAP = 2024


def month_number(word: object) -> int:
    """1 to 12. Raises a complaint."""
    return _place(word, MONTHS) + 1


def _place(word: object, known: tuple[str, ...]) -> int:
    given = str(word).lower()
    if given not in known:
        hint = did_you_mean(str(word), known) or f"one of {', '.join(known)}"
        raise complaint("unknown-value", f"`{word}` is not among them", hint)
    return known.index(given)


def _end(value: object) -> tuple[int, int, int | None]:
    """Weekday, month, and the day that a year's end is nearest to, if it is not the last such weekday of the month."""
    given = " ".join(str(value).lower().split())
    found = _NEAREST.fullmatch(given) or _LAST.fullmatch(given)
    if found is None:
        hint = "write saturday nearest january 31, or last saturday of january"
        raise complaint("no-year-end", f"`{value}` does not say on which day a year ends", hint)
    weekday, month = _place(found["weekday"], WEEKDAYS), month_number(found["month"])
    day = int(found["day"]) if "day" in found.groupdict() else None
    if day is not None and not _is_every_year(month, day):
        raise complaint("no-year-end", f"not every year has a {found['month'].capitalize()} {day}", "take a day before")
    return weekday, month, day


def _is_every_year(month: int, day: int) -> bool:
    try:
        return (month, day) != (2, 29) and date(_LEAP, month, day).day == day
    except ValueError:
        return False


class FiscalYear(Shape):
    """`starts` for years of months; `pattern` and `ends` for years of weeks."""

    starts: Annotated[int, PlainValidator(month_number)] | None = None
    pattern: Literal["4-4-5", "4-5-4", "5-4-4"] | None = None
    ends: Annotated[tuple[int, int, int | None], PlainValidator(_end)] | None = None
    named: Literal["end", "start"] = Field("end", description="which calendar year names it")

    @property
    def incomplete(self) -> str:
        """What is missing, or too much; empty where nothing is."""
        if (self.starts is None) == (self.pattern is None):
            return "a fiscal year has either `starts`, or `pattern` and `ends`"
        if (self.pattern is None) != (self.ends is None):
            return "`pattern` and `ends` need each other"
        return ""

    def years(self) -> MonthYears | WeekYears:
        """The fiscal years, where nothing is incomplete."""
        by_start = self.named == "start"
        if self.pattern is None or self.ends is None:
            return MonthYears(self.starts or 1, by_start)
        first, second, third = map(int, self.pattern.split("-"))
        weekday, month, day = self.ends
        return WeekYears((first, second, third), weekday, month, day, by_start)

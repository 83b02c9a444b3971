"""Fiscal years that an admin cut by hand: Setup > Fiscal Year > Custom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import count

from connector.sandbox.salesforce.database import Stored
from connector.sandbox.salesforce.organisation import Organisation

WEEK = timedelta(weeks=1)
Years = Mapping[str, tuple[date, Sequence[Sequence[int]]]]
Part = tuple[str, int, date, date]  # type, number, first day, the day after the last


def cut(org: Organisation, years: Years) -> None:
    """Each year with a period for itself, its quarters, what they are made of, and its weeks."""
    settings, periods = org.schema.objects["FiscalYearSettings"], org.schema.objects["Period"]
    for name in ("Period", "FiscalYearSettings"):
        org.database.run(f'DELETE FROM "{name}"')
    for name, (first, quarters) in years.items():
        parts = list(_parts(first, quarters))
        year: Stored = {
            "Name": name,
            "StartDate": first.isoformat(),
            "EndDate": _last(parts[0][3]),
            "IsStandardYear": 0,
            "YearType": "Custom",
            "WeekStartDay": first.isoweekday() % 7 + 1,
            "SystemModstamp": org.stamp,
        }
        id = org.database.insert(settings, year)
        for kind, number, starts_on, ends_before in parts:
            row: Stored = {
                "FiscalYearSettingsId": id,
                "Type": kind,
                "Number": number,
                "StartDate": starts_on.isoformat(),
                "EndDate": _last(ends_before),
                "IsForecastPeriod": int(kind in {"Month", "Quarter"}),
                "FullyQualifiedLabel": name if kind == "Year" else f"{kind} {number} {name}",
                "SystemModstamp": org.stamp,
            }
            org.database.insert(periods, row)


def _parts(first: date, quarters: Sequence[Sequence[int]]) -> Iterator[Part]:
    day, numbers, found = first, count(1), list[Part]()
    for place, quarter in enumerate(quarters, 1):
        begun = day
        for weeks in quarter:
            found.append(("Month", next(numbers), day, day + WEEK * weeks))
            day += WEEK * weeks
        found.append(("Quarter", place, begun, day))
    yield "Year", 1, first, day
    yield from found
    for at in range((day - first) // WEEK):
        yield "Week", at + 1, first + WEEK * at, first + WEEK * (at + 1)


def _last(ends_before: date) -> str:
    return (ends_before - timedelta(days=1)).isoformat()

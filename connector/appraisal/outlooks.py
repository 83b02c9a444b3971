"""How each metric is expected to go on in each period: read off the periods before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.appraisal.pipeline import pipeline_errors
from connector.measure.daily import daily
from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Grain, Period
from connector.model.settings import Company
from connector.score.outlook import Outlook
from connector.score.season import Course, chosen, course
from connector.targets.season import Past

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

YEARS_BACK = 8  # what a season of targets may be learned from
# How many periods back a season is learned from: older ones say little about today's business.
BACK = {Grain.MONTH: 12, Grain.QUARTER: 8, Grain.HALF: 6, Grain.YEAR: 4}


def outlooks(
    mirror: DuckDBPyConnection, metrics: Sequence[Metric], periods: Sequence[Period], company: Company, as_of: date
) -> Mapping[tuple[str, str], Outlook]:
    """The outlook of every metric that builds up, by its name and the period's id.

    A like period is one of the same length, over before the period begins, that records reach back to. All of them are
    the company's: one person's past is too thin to show a season.
    """
    past = {each: tuple(_before(each, company.calendar, as_of)) for each in periods if each.grain in BACK}
    first = min((before.starts_on for found in past.values() for before in found), default=None)
    if first is None:
        return {}
    numbers = daily(mirror, metrics, Period(first - timedelta(days=1), as_of, "the past", Grain.ROLLING), as_of)
    found: dict[tuple[str, str], Outlook] = {}
    courses: dict[tuple[str, str], Course | None] = {}
    for metric, days in numbers.items():
        begun = min(days, default=as_of)
        for period, before in past.items():
            like: list[Course] = []
            for each in before:
                key = metric, each.id
                if key not in courses:
                    totals = running_totals(each, days, company.calendar)
                    courses[key] = course(each.id, totals) if begun < each.starts_on else None
                known = courses[key]
                like += [known] if known else []
            found[metric, period.id] = Outlook(chosen(like, company.like_periods))
    piped = {each.name: each for each in metrics if each.pipeline and each.name in numbers}
    for period, before in past.items() if piped else ():
        theirs = {name: numbers[name] for name in piped}
        missed = pipeline_errors(mirror, before, theirs, company.calendar, metrics=piped, today=as_of)
        for name, errors in missed.items():
            found[name, period.id] = replace(found[name, period.id], pipeline_error=errors)
    return found


def seasons(mirror: DuckDBPyConnection, metrics: Sequence[Metric], company: Company, as_of: date) -> Past:
    """What the company reached in each month of the fiscal years that are over, for targets that follow a season."""
    calendar = company.calendar
    this_year = calendar.containing(as_of, Grain.YEAR)
    first = this_year.starts_on.replace(year=this_year.starts_on.year - YEARS_BACK)
    found: dict[str, dict[str, Decimal]] = {}
    if metrics:
        span = Period(first - timedelta(days=7), this_year.starts_on, "the past", Grain.ROLLING)
        for name, days in daily(mirror, metrics, span, as_of).items():
            begun = min(days, default=as_of)
            months: dict[str, Decimal] = {}
            for day, value in days.items():
                month = calendar.containing(day, Grain.MONTH)
                months[month.id] = months.get(month.id, Decimal(0)) + value
            found[name] = _whole_years(months, begun, this_year, calendar)
    return Past(found, company.like_periods)


def _whole_years(
    months: Mapping[str, Decimal], begun: date, this_year: Period, calendar: Calendar
) -> dict[str, Decimal]:
    """The months of years that records reach back to the beginning of; one without a record has nothing, which is known."""
    known: dict[str, Decimal] = {}
    year = this_year
    for _ in range(YEARS_BACK):
        year = calendar.before(year)
        if begun <= calendar.within(year, Grain.MONTH)[0].last_day:
            known |= {each.id: months.get(each.id, Decimal(0)) for each in calendar.within(year, Grain.MONTH)}
    return known


def _before(period: Period, calendar: Calendar, as_of: date) -> Iterator[Period]:
    """The like periods, newest first."""
    start = period.starts_on
    for _ in range(BACK[period.grain]):
        before = calendar.containing(start - timedelta(days=1), period.grain)
        if before.ends_before <= as_of:
            yield before
        start = before.starts_on


def running_totals(period: Period, days: Mapping[date, Decimal], calendar: Calendar) -> list[Decimal]:
    """The running total after each working day; what came in on a weekend belongs to the day before it."""
    totals: list[Decimal] = []
    running = Decimal(0)
    for day in period.days():
        running += days.get(day, Decimal(0))
        if calendar.is_working(day):
            totals.append(running)
        elif totals:
            totals[-1] = running
    return totals

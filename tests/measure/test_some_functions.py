"""Functions that only the mirror can answer: percentiles, averages of some, working days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar
from connector.model.results import Subject
from tests.measure.mirror import Record, a_deal, a_metric, a_mirror

ANA = Subject("person", "ana")
Q4 = Calendar().period("2026-Q4")

# The last quarter of 2026 with Saturdays, Sundays and Christmas (a Friday) off.
OFF = {date(2026, 12, 25)}
DAYS = [Q4.starts_on + timedelta(at) for at in range(92)]


def of_ana(metric: Metric, *records: list[Record]) -> Decimal | None:
    mirror = a_mirror(*records)
    mirror.execute("create or replace table calendar (day date, working_number integer)")
    number = 0
    for day in DAYS:
        number += day.weekday() < 5 and day not in OFF
        mirror.execute("insert into calendar values (?, ?)", [day, number])
    found = measure(mirror, [metric], [Q4], [], date(2026, 12, 31)).get(metric.name, ANA, Q4.id)
    return found.value if found else None


def test_a_percentile_lies_between_the_records_around_it() -> None:
    deals = [a_deal(amount=each) for each in (10_000, 20_000, 30_000, 40_000)]
    # Four values have three gaps; 80 % of them is 2.4 gaps: 0.4 of the way from the third to the fourth.
    assert of_ana(a_metric(measure="percentile(amount, 80%)"), *deals) == 34_000
    assert of_ana(a_metric(measure="percentile(amount, 0%)"), *deals) == 10_000
    assert of_ana(a_metric(measure="percentile(amount, 50%)"), *deals) == 25_000


def test_the_average_of_some_leaves_the_others_out() -> None:
    deals = [a_deal(amount=30_000), a_deal(amount=50_000), a_deal(amount=1_000_000, outcome="lost")]
    assert of_ana(a_metric(measure="avg_if(amount, outcome = 'won')"), *deals) == 40_000
    assert of_ana(a_metric(measure="avg_if(amount, outcome = 'open')"), *deals) is None


def test_working_days_leave_weekends_and_holidays_out() -> None:
    days = a_metric(measure="max(working_days_between(created_on, closed_on))", unit="days")
    # From Thursday to Monday: Friday and Monday. Over Christmas from Thursday to Monday: Monday alone.
    assert of_ana(days, a_deal(created_on=date(2026, 10, 8), closed_on=date(2026, 10, 12))) == 2
    assert of_ana(days, a_deal(created_on=date(2026, 12, 24), closed_on=date(2026, 12, 28))) == 1
    assert of_ana(days, a_deal(created_on=date(2026, 10, 8), closed_on=date(2026, 10, 8))) == 0
    # A deal created before the calendar begins: nobody knows.
    assert of_ana(days, a_deal(created_on=date(1999, 1, 1), closed_on=date(2026, 10, 8))) is None


def test_working_days_choose_records() -> None:
    quick = a_metric(measure="count()", unit="deals", where="working_days_between(created_on, closed_on) <= 2")
    slow = a_deal(created_on=date(2026, 10, 1), closed_on=date(2026, 10, 8))
    assert of_ana(quick, a_deal(created_on=date(2026, 10, 8), closed_on=date(2026, 10, 12)), slow) == 1

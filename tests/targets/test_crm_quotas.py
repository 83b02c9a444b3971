"""The period that a CRM's quota is for: it says a first day, and a length or a last day, in whatever zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from connector.model.calendar import Calendar
from connector.model.records import Reading, Ref
from connector.targets.quotas import number_of
from tests.targets.policies import METRICS

FEBRUARY = Calendar(first_month=2)


def period_of(calendar: Calendar = Calendar(), **values: object) -> str:  # noqa: B008  (frozen)
    given = {"person": "emea:User/1", "metric": "bookings", "value": 100, **values}
    reading = Reading(Ref("emea", "ForecastingQuota", "1"), datetime(2026, 1, 1, tzinfo=UTC), given)  # type: ignore[arg-type]
    assert reading.table == "emea.quotas"
    return number_of(reading, calendar, METRICS, takers={"bookings"}, currency="EUR")[1].period.id


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        (date(2026, 10, 1), date(2026, 12, 31), "2026-Q4"),
        (date(2026, 9, 30), date(2026, 12, 30), "2026-Q4"),  # a zone west of ours
        (date(2026, 10, 1), date(2027, 1, 1), "2026-Q4"),  # an end that is not inclusive
        (date(2026, 2, 1), date(2026, 2, 28), "2026-02"),
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2026, 7, 1), date(2026, 12, 31), "2026-H2"),
    ],
)
def test_a_first_and_a_last_day(first: date, last: date, period: str) -> None:
    assert period_of(starts_on=first, ends_on=last) == period


@pytest.mark.parametrize(
    ("first", "grain", "period"),
    [
        (date(2026, 10, 1), "quarter", "2026-Q4"),
        (date(2026, 9, 30), "quarter", "2026-Q4"),  # B13: a start that a zone moved into the month before
        (date(2026, 11, 17), "month", "2026-11"),  # Salesforce takes any day of the month
    ],
)
def test_b13_a_first_day_and_a_length(first: date, grain: str, period: str) -> None:
    assert period_of(starts_on=first, grain=grain) == period


def test_fiscal_periods_are_the_company_s() -> None:
    assert period_of(FEBRUARY, starts_on=date(2026, 5, 1), ends_on=date(2026, 7, 31)).endswith("Q2")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"starts_on": date(2026, 10, 1)}, "neither a last day nor how long"),
        ({"starts_on": date(2026, 10, 1), "ends_on": date(2026, 11, 15)}, "no period of the fiscal calendar"),
        ({"starts_on": date(2026, 10, 1), "grain": "decade"}, "neither a last day nor how long"),
        ({"period": "soon"}, "soon"),
    ],
)
def test_what_is_no_period_says_so(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        period_of(**values)

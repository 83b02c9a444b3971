"""Fiscal periods and working days; expected values were counted on a wall calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.calendar import Calendar, Grain

JANUARY = Calendar()
APRIL = Calendar(first_month=4)
days = st.dates(date(2015, 1, 1), date(2035, 12, 31))


def test_the_fourth_quarter_of_2026_has_66_working_days_without_holidays() -> None:
    quarter = JANUARY.period("2026-Q4")
    assert JANUARY.working_days(quarter.starts_on, quarter.ends_before) == 66


def test_today_counts_only_once_it_is_over() -> None:
    quarter = JANUARY.period("2026-Q4")
    assert JANUARY.elapsed(quarter, date(2026, 10, 1)) == 0
    assert JANUARY.elapsed(quarter, date(2026, 11, 3)) == 23
    assert JANUARY.elapsed(quarter, date(2027, 2, 1)) == 66


def test_a_holiday_is_no_working_day() -> None:
    calendar = Calendar(holidays=frozenset({date(2026, 12, 25)}))
    assert calendar.working_days(date(2026, 12, 21), date(2026, 12, 28)) == 4


def test_a_fiscal_year_is_named_after_the_year_in_which_it_ends() -> None:
    year = APRIL.containing(date(2026, 11, 25), Grain.YEAR)
    assert (year.id, year.starts_on, year.ends_before) == ("2027", date(2026, 4, 1), date(2027, 4, 1))
    assert APRIL.containing(date(2026, 11, 25), Grain.QUARTER).id == "2027-Q3"
    assert APRIL.containing(date(2027, 3, 31), Grain.QUARTER).id == "2027-Q4"


def test_period_ids_lead_back_to_their_period() -> None:
    for calendar in (JANUARY, APRIL):
        for period in calendar.current(date(2026, 11, 25)):
            assert calendar.period(period.id) == period


@pytest.mark.parametrize("wrong", ["2026-Q5", "2026-13", "26", "2026-q", "Q4 2026", ""])
def test_refuses_what_is_no_period(wrong: str) -> None:
    with pytest.raises(ValueError, match="no period"):
        JANUARY.period(wrong)


def test_an_ended_period_stays_open_for_fifteen_working_days() -> None:
    # 1 October 2026 is a Thursday: the fifteenth working day after the quarter's end is 21 October.
    assert "2026-Q3" in {each.id for each in JANUARY.open_on(date(2026, 10, 21))}
    assert "2026-Q3" not in {each.id for each in JANUARY.open_on(date(2026, 10, 22))}


def test_the_last_working_days_skip_the_weekend() -> None:
    assert JANUARY.last_working_days(date(2026, 11, 9), 3) == (date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 9))


@given(days, st.sampled_from([JANUARY, APRIL]))
def test_every_day_lies_in_exactly_one_period_of_each_grain(day: date, calendar: Calendar) -> None:
    for grain in Grain:
        period = calendar.containing(day, grain)
        assert day in period
        assert period.last_day in period
        assert period.ends_before not in period
        following = calendar.containing(period.ends_before, grain)
        assert following.starts_on == period.ends_before


@given(days, st.sampled_from([JANUARY, APRIL]))
def test_months_and_quarters_make_up_their_year(day: date, calendar: Calendar) -> None:
    year = calendar.containing(day, Grain.YEAR)
    for grain, count in ((Grain.MONTH, 12), (Grain.QUARTER, 4)):
        parts = calendar.within(year, grain)
        assert len(parts) == count
        assert (
            sum((part.ends_before - part.starts_on for part in parts), timedelta()) == year.ends_before - year.starts_on
        )

"""Fiscal periods and working days; expected values were counted on a wall calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.calendar import Calendar, Grain
from connector.model.fiscal import WeekYears
from connector.model.periods import CALENDAR

JANUARY = Calendar()
APRIL = Calendar(first_month=4)
NRF = Calendar(weeks=WeekYears((4, 5, 4), named_by_start=True))  # the Saturday nearest to 31 January
AUGUST = Calendar(weeks=WeekYears((4, 4, 5), month=8, day=None))  # the last Saturday of August
DECEMBER = Calendar(weeks=WeekYears((5, 4, 4), weekday=6, month=12, named_by_start=True))  # Sunday nearest to the 31st
NEW_YEAR = Calendar(weeks=WeekYears(month=1, day=1))
ALL = [JANUARY, APRIL, Calendar(first_month=4, named_by_start=True), NRF, AUGUST, DECEMBER, NEW_YEAR]
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


@pytest.mark.parametrize(
    "wrong",
    ["2026-Q5", "2026-13", "26", "2026-q", "Q4 2026", "", "2026-H3", "2026-W00", "2026-W4", "2026-Q01", "0000", "9999"],
)
def test_refuses_what_is_no_period(wrong: str) -> None:
    with pytest.raises(ValueError, match="no period"):
        JANUARY.period(wrong)


def test_an_ended_period_stays_open_for_fifteen_working_days() -> None:
    # 1 October 2026 is a Thursday: the fifteenth working day after the quarter's end is 21 October.
    assert "2026-Q3" in {each.id for each in JANUARY.open_on(date(2026, 10, 21))}
    assert "2026-Q3" not in {each.id for each in JANUARY.open_on(date(2026, 10, 22))}


def test_the_last_working_days_skip_the_weekend() -> None:
    assert JANUARY.last_working_days(date(2026, 11, 9), 3) == (date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 9))


@given(days, st.sampled_from(ALL))
def test_every_day_lies_in_exactly_one_period_of_each_grain(day: date, calendar: Calendar) -> None:
    for grain in CALENDAR:
        period = calendar.containing(day, grain)
        assert day in period
        assert period.last_day in period
        assert period.ends_before not in period
        following = calendar.containing(period.ends_before, grain)
        assert following.starts_on == period.ends_before
        assert following.id != period.id
        assert calendar.containing(period.starts_on, grain) == period
        assert calendar.containing(period.last_day, grain) == period
        assert calendar.period(period.id) == period


@given(days, st.sampled_from(ALL))
def test_months_quarters_and_halves_make_up_their_year(day: date, calendar: Calendar) -> None:
    year = calendar.containing(day, Grain.YEAR)
    for grain, count in ((Grain.MONTH, 12), (Grain.QUARTER, 4), (Grain.HALF, 2)):
        parts = calendar.within(year, grain)
        assert len(parts) == count
        assert (
            sum((part.ends_before - part.starts_on for part in parts), timedelta()) == year.ends_before - year.starts_on
        )


# National Retail Federation, nrf.com/resources/4-5-4-calendar: 53 weeks in 2012, 2017 and 2023; 2017 begins on
# 29 January 2017. Coresight's guide to the same calendar: fiscal 2023 ends on 3 February 2024.
def test_the_retail_years_of_2012_2017_and_2023_alone_have_53_weeks() -> None:
    lengths = {year: weeks_of(NRF, str(year)) for year in range(2007, 2028)}
    assert [year for year, weeks in lengths.items() if weeks == 53] == [2012, 2017, 2023]
    assert set(lengths.values()) == {52, 53}


def weeks_of(calendar: Calendar, period_id: str) -> float:
    period = calendar.period(period_id)
    return (period.ends_before - period.starts_on).days / 7


def test_the_retail_years_of_2017_and_2023_begin_and_end_as_published() -> None:
    assert NRF.period("2017").starts_on == date(2017, 1, 29)
    assert NRF.period("2017").last_day == date(2018, 2, 3)
    assert NRF.period("2023").last_day == date(2024, 2, 3)
    assert NRF.containing(date(2024, 2, 3), Grain.YEAR).id == "2023"
    assert NRF.containing(date(2024, 2, 4), Grain.MONTH).id == "2024-P01"


def test_the_53rd_week_belongs_to_the_last_month_and_quarter() -> None:
    months = [weeks_of(NRF, f"2023-P{place:02}") for place in range(1, 13)]
    assert months == [4, 5, 4] * 3 + [4, 5, 5]
    assert [weeks_of(NRF, f"2023-Q{place}") for place in (1, 2, 3, 4)] == [13, 13, 13, 14]
    assert [weeks_of(NRF, f"2024-P{place:02}") for place in (10, 11, 12)] == [4, 5, 4]
    assert weeks_of(NRF, "2023-H2") == 27


# The table of both rules for August under "4-4-5 calendar" in the encyclopaedias, 2006 to 2011.
def test_a_year_may_end_on_the_last_saturday_of_a_month_or_on_the_nearest_to_its_end() -> None:
    nearest = Calendar(weeks=WeekYears(month=8))
    years = [str(year) for year in range(2006, 2012)]
    assert [f"{AUGUST.period(each).last_day:%m-%d}" for each in years] == [
        "08-26", "08-25", "08-30", "08-29", "08-28", "08-27",
    ]  # fmt: skip
    assert [f"{nearest.period(each).last_day:%m-%d}" for each in years] == [
        "09-02", "09-01", "08-30", "08-29", "08-28", "09-03",
    ]  # fmt: skip


def test_months_follow_their_pattern() -> None:
    for calendar, pattern in ((AUGUST, [4, 4, 5]), (DECEMBER, [5, 4, 4])):
        assert [weeks_of(calendar, f"2026-P{place:02}") for place in range(1, 10)] == pattern * 3


def test_a_year_of_weeks_near_new_year_keeps_its_own_year() -> None:
    # 31 December 2026 is a Thursday: the nearest Sunday is 3 January 2027, and 28 December is nine days before.
    year = DECEMBER.containing(date(2027, 1, 3), Grain.YEAR)
    assert (year.id, year.last_day) == ("2026", date(2027, 1, 3))
    assert DECEMBER.containing(date(2027, 1, 4), Grain.MONTH).id == "2027-P01"


def test_a_start_may_name_the_fiscal_year() -> None:
    calendar = Calendar(first_month=4, named_by_start=True)
    assert calendar.containing(date(2027, 3, 31), Grain.QUARTER).id == "2026-Q4"
    assert calendar.period("2026").starts_on == date(2026, 4, 1)
    assert calendar.period("2026-H2").starts_on == date(2026, 10, 1)


def test_halves_are_fiscal() -> None:
    half = APRIL.period("2027-H2")
    assert (half.starts_on, half.last_day, half.grain) == (date(2026, 10, 1), date(2027, 3, 31), Grain.HALF)
    assert JANUARY.containing(date(2026, 6, 30), Grain.HALF).id == "2026-H1"


def test_a_week_belongs_to_the_year_of_its_thursday() -> None:
    # ISO 8601: 2020 and 2026 have 53 weeks; 3 January 2027 is the last day of 2026-W53.
    assert JANUARY.containing(date(2026, 11, 25), Grain.WEEK).id == "2026-W48"
    assert JANUARY.containing(date(2027, 1, 3), Grain.WEEK).id == "2026-W53"
    assert JANUARY.containing(date(2025, 12, 29), Grain.WEEK).id == "2026-W01"
    week = NRF.period("2026-W48")
    assert (week.starts_on, week.last_day) == (date(2026, 11, 23), date(2026, 11, 29))
    with pytest.raises(ValueError, match="no period"):
        JANUARY.period("2027-W53")


@pytest.mark.parametrize(
    ("given", "first"),
    [
        ("last-90-days", date(2026, 8, 28)),  # 31 August: 4 days, September 30, October 31, November 25
        ("last-1-days", date(2026, 11, 25)),
        ("last-4-weeks", date(2026, 10, 29)),
        ("Last-12-Months", date(2025, 11, 26)),
    ],
)
def test_a_window_ends_with_today(given: str, first: date) -> None:
    window = JANUARY.period(given, date(2026, 11, 25))
    assert (window.starts_on, window.last_day) == (first, date(2026, 11, 25))
    assert (window.id, window.grain) == (given.lower(), Grain.ROLLING)


def test_a_window_of_months_stays_within_the_shorter_month() -> None:
    # Up to 30 March: a month before the 31st is the 28th of February, so the window begins there.
    assert JANUARY.period("last-1-month", date(2026, 3, 30)).starts_on == date(2026, 2, 28)
    assert JANUARY.period("last-1-month", date(2026, 3, 31)).starts_on == date(2026, 3, 1)


@pytest.mark.parametrize("given", ["last-0-days", "last-5-years", "last-days", "last--4-weeks"])
def test_refuses_what_is_no_window(given: str) -> None:
    with pytest.raises(ValueError, match="no period"):
        JANUARY.period(given, date(2026, 11, 25))


def test_a_window_needs_a_day_and_no_more_than_ten_years() -> None:
    with pytest.raises(ValueError, match="moves from day to day"):
        JANUARY.period("last-90-days")
    with pytest.raises(ValueError, match="ten years"):
        JANUARY.period("last-3661-days", date(2026, 11, 25))


@pytest.mark.parametrize(("calendar", "wrong"), [(NRF, "2026-07"), (NRF, "2026-P13"), (JANUARY, "2026-P07")])
def test_months_are_named_in_one_way_by_each_calendar(calendar: Calendar, wrong: str) -> None:
    with pytest.raises(ValueError, match=r"write 2026, 2026-H2, 2026-Q3, 2026-(P07|07) or 2026-W48"):
        calendar.period(wrong)


def test_weeks_do_not_make_up_a_month() -> None:
    with pytest.raises(ValueError, match="2026-11 is not made up of whole weeks"):
        JANUARY.within(JANUARY.period("2026-11"), Grain.WEEK)
    sundays = Calendar(weeks=WeekYears((4, 4, 5), weekday=6))
    assert len(sundays.within(sundays.period("2026-Q1"), Grain.WEEK)) == 13


def test_crms_are_shown_month_quarter_and_year() -> None:
    assert [each.id for each in NRF.current(date(2026, 11, 25))] == ["2026-P10", "2026-Q4", "2026"]
    assert {each.grain for each in NRF.open_on(date(2026, 11, 25))} <= {Grain.MONTH, Grain.QUARTER, Grain.YEAR}

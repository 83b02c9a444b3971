"""Fiscal years of a CRM against ours. The retail years are those that the National Retail Federation published.

nrf.com/resources/4-5-4-calendar: fiscal 2023 (53 weeks) from 29 January 2023 to 3 February 2024, then 52 weeks each:
2024 until 1 February 2025, 2025 until 31 January 2026, 2026 until 30 January 2027.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from connector.model.calendar import Calendar
from connector.model.fiscal import MonthYears, WeekYears
from connector.model.fiscal_said import SaidPeriod, as_config, differences, rule_for, years
from connector.model.periods import Grain
from connector.service.fiscal_year import FiscalYear
from connector.yamlfile import parse

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
RETAIL = ((4, 5, 4),) * 4
LONG = (*RETAIL[:3], (4, 5, 5))  # 53 weeks
LATELY = date(2020, 1, 1)


def of_weeks(name: str, first: date, quarters: Sequence[Sequence[int]] = RETAIL) -> list[SaidPeriod]:
    """A year with its parts, as an admin would have cut it."""
    found, day, number = list[SaidPeriod](), first, 0
    for place, quarter in enumerate(quarters, 1):
        begun = day
        for weeks in quarter:
            number += 1
            found.append(SaidPeriod(Grain.MONTH, day, day + WEEK * weeks - DAY, name, number))
            day += WEEK * weeks
        found.append(SaidPeriod(Grain.QUARTER, begun, day - DAY, name, place))
    return [SaidPeriod(Grain.YEAR, first, day - DAY, name), *found]


def of_months(name: str, starts: Sequence[date]) -> list[SaidPeriod]:
    """A year of calendar months; the thirteenth day begins the next."""
    months = [SaidPeriod(Grain.MONTH, starts[at], starts[at + 1] - DAY, name, at + 1) for at in range(12)]
    quarters = [SaidPeriod(Grain.QUARTER, starts[at], starts[at + 3] - DAY, name) for at in (0, 3, 6, 9)]
    return [SaidPeriod(Grain.YEAR, starts[0], starts[12] - DAY, name), *quarters, *months]


NRF = [
    *of_weeks("FY 2023", date(2023, 1, 29), LONG),
    *of_weeks("FY 2024", date(2024, 2, 4)),
    *of_weeks("FY 2025", date(2025, 2, 2)),
    *of_weeks("FY 2026", date(2026, 2, 1)),
]
APRIL = [date(2026 + (at + 3) // 12, (at + 3) % 12 + 1, 1) for at in range(13)]  # April 2026 to April 2027


def line_for(said: list[SaidPeriod]) -> str:
    rule = rule_for(years(said))
    assert rule is not None
    return as_config(rule)


def test_the_retail_years_follow_the_rule_that_they_were_published_with() -> None:
    assert [each.ends_on for each in years(NRF)] == [
        date(2024, 2, 3), date(2025, 2, 1), date(2026, 1, 31), date(2027, 1, 30),
    ]  # fmt: skip
    assert line_for(NRF) == "fiscal_year: {pattern: 4-5-4, ends: saturday nearest january 31, named: start}"


def test_years_that_end_with_the_last_saturday_of_a_month_say_so() -> None:
    """26 September 2026 and 25 September 2027 are the last Saturdays of their months, and not the nearest to its end."""
    quarters = ((4, 4, 5),) * 4
    said = [*of_weeks("2026", date(2025, 9, 28), quarters), *of_weeks("2027", date(2026, 9, 27), quarters)]
    assert line_for(said) == "fiscal_year: {pattern: 4-4-5, ends: last saturday of september}"


def test_years_of_months_are_named_as_the_crm_names_them() -> None:
    assert line_for(of_months("FY27", APRIL)) == "fiscal_year: {starts: april}"
    assert line_for(of_months("2026", APRIL)) == "fiscal_year: {starts: april, named: start}"
    assert line_for(of_months("This year", APRIL)) == "fiscal_year: {starts: april}"


@pytest.mark.parametrize(
    "said",
    [
        of_weeks("2026", date(2026, 2, 1), ((5, 5, 3),) * 4),  # a pattern of nobody's
        of_weeks("2026", date(2026, 2, 1), ((3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (1, 1, 1, 1))),  # 16 periods
        [*of_weeks("2025", date(2025, 2, 2), LONG), *of_weeks("2026", date(2026, 2, 8), LONG)],  # 53 weeks twice
        of_weeks("2030", date(2026, 2, 1)),  # named after another year
        [each for each in of_weeks("2026", date(2026, 2, 1)) if each.grain is not Grain.MONTH],
    ],
)
def test_years_that_no_rule_of_ours_cuts_have_none(said: list[SaidPeriod]) -> None:
    assert rule_for(years(said)) is None


def test_without_a_year_there_is_no_rule() -> None:
    assert rule_for(years([])) is None


@pytest.mark.parametrize(
    "rule",
    [
        MonthYears(4),
        MonthYears(10, named_by_start=True),
        WeekYears(),
        WeekYears((4, 5, 4), 5, 1, 31, named_by_start=True),
        WeekYears((5, 4, 4), 6, 12, None),
    ],
)
def test_what_is_to_be_pasted_is_read_back_as_the_rule(rule: MonthYears | WeekYears) -> None:
    read = parse(as_config(rule), "config.yaml").value
    assert isinstance(read, dict)
    given = FiscalYear.model_validate(read["fiscal_year"])
    assert given.incomplete == ""
    assert given.years() == rule


def test_periods_of_the_same_days_differ_in_nothing() -> None:
    ours = Calendar(weeks=WeekYears((4, 5, 4), 5, 1, 31, named_by_start=True))
    assert differences(ours, NRF, LATELY) == []


def test_periods_of_other_days_are_told_year_quarters_and_months() -> None:
    """Against calendar years a retail year differs in all but its first month, which is February 2026."""
    found = [str(each) for each in differences(Calendar(), of_weeks("FY 2026", date(2026, 2, 1)), LATELY)]
    assert len(found) == 1 + 4 + 11
    assert found[0] == "FY 2026 is 2026-02-01 to 2027-01-30 there, 2026 2026-01-01 to 2026-12-31 here"
    assert found[1] == "quarter 1 of FY 2026 is 2026-02-01 to 2026-05-02 there, 2026-Q1 2026-01-01 to 2026-03-31 here"
    assert found[5] == "month 2 of FY 2026 is 2026-03-01 to 2026-04-04 there, 2026-03 2026-03-01 to 2026-03-31 here"


def test_one_week_that_was_moved_is_found() -> None:
    """The admin gave a week of the second month to the third: both are told, quarter and year are as before."""
    ours = Calendar(weeks=WeekYears((4, 5, 4), 5, 1, 31, named_by_start=True))
    moved = of_weeks("FY 2026", date(2026, 2, 1), ((4, 4, 5), *RETAIL[1:]))
    assert [(each.said.grain, each.said.number, each.ours.id) for each in differences(ours, moved, LATELY)] == [
        (Grain.MONTH, 2, "2026-P02"),
        (Grain.MONTH, 3, "2026-P02"),
    ]


def test_years_that_are_long_over_are_no_news() -> None:
    since = date(2027, 1, 1)
    assert {each.said.year for each in differences(Calendar(), NRF, since)} == {"FY 2026"}


def test_parts_of_a_year_of_thirteen_are_no_months() -> None:
    said = of_weeks("2026", date(2026, 2, 1), ((4, 4, 4), (4, 4, 4), (4, 4, 4), (4, 4, 4, 4)))
    found = differences(Calendar(), said, LATELY)
    assert {each.said.grain for each in found} == {Grain.YEAR, Grain.QUARTER}

"""Ramp, proration by other units, over-assignment and seasons, worked out by hand or taken from published examples."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.calendar import Calendar
from connector.model.people import Assignment, Roster
from connector.model.results import COMPANY, Subject, Target
from connector.targets.known import Known
from connector.targets.policy import Ramp, SplitStep
from connector.targets.presence import Presence
from connector.targets.season import Past
from connector.targets.targets import targets
from tests.targets.policies import METRICS, a_person, a_policy, aimed, away, numbers

CALENDAR = Calendar()
EQUALLY = (SplitStep("person", "equal"),)
HALVES = Ramp((Decimal(0), Decimal("0.5")))


def worked(evidence: Path, number: str) -> Any:
    cases = json.loads((evidence / "data" / "worked_examples.json").read_text())
    return next(each for each in cases if each["id"] == number)


def months(found: dict[str, Decimal], *ids: str) -> list[Decimal]:
    return [found[each] for each in ids]


class TestRamp:
    def test_a_table_of_amounts_by_completed_months_of_tenure(self, evidence: Path) -> None:
        case = worked(evidence, "W10")
        table = case["inputs"]["ramp_by_completed_tenure_months"]
        # The source says nothing about the month of hiring; nothing is asked of it here.
        ramp = Ramp((Decimal(0), *(Decimal(each * 100) for each in table.values())), amounts=True)
        policy = a_policy(every="month", each=Decimal(case["inputs"]["full_quota"] * 100), ramp=ramp)
        hired = a_person(starts_on=date(2026, 1, 1))
        found = numbers(aimed([policy], [hired], *(f"2026-0{each}" for each in range(1, 7))))
        ids = [f"2026-0{1 + each}" for each in case["inputs"]["tenure_months"]]
        assert [each / 100 for each in months(found, *ids)] == case["expected"]["monthly_quota"]

    def test_the_ramp_comes_first_and_only_then_the_days_that_are_there(self) -> None:
        # Hired on 16 March, a Monday: in March nothing is asked; in April half, in May all. Away for the last week of April.
        hired = a_person(starts_on=date(2026, 3, 16), absences=away(date(2026, 4, 27), date(2026, 4, 30)))
        policy = a_policy("meetings", every="month", each=Decimal(22), ramp=HALVES)
        found = aimed([policy], [hired], "2026-03", "2026-04", "2026-05")
        # On 1 April half a month is over: no month is completed. 22 working days in April, four of them missed.
        assert months(numbers(found, "meetings"), "2026-03", "2026-04", "2026-05") == [0, 0, 11]
        later = aimed(
            [a_policy("meetings", every="month", each=Decimal(22), ramp=Ramp((Decimal("0.5"), Decimal("0.5"))))],
            [hired],
            "2026-04",
        )
        assert numbers(later, "meetings") == {"2026-04": 9}  # half of 22, and 18 of 22 days of that
        steps = [each.what for each in later.values["meetings", Subject("person", "ana"), "2026-04"].steps]
        assert steps == ["each", "ramp", "proration"]

    def test_tenure_may_begin_with_the_first_full_month(self) -> None:
        hired = a_person(starts_on=date(2026, 3, 16))
        ramp = Ramp(HALVES.months, begins="first_full_month")
        policy = a_policy("meetings", every="month", each=Decimal(20), ramp=ramp, prorate="none")
        found = numbers(aimed([policy], [hired], "2026-03", "2026-04", "2026-05", "2026-06"), "meetings")
        # April is the first full month, the 0th of the table; March, before it, counts as the 0th too.
        assert months(found, "2026-03", "2026-04", "2026-05", "2026-06") == [0, 0, 10, 20]

    def test_whoever_has_always_been_here_or_is_not_meant_has_no_ramp(self) -> None:
        policy = a_policy("meetings", every="month", each=Decimal(20), ramp=HALVES)
        assert numbers(aimed([policy], [a_person()], "2026-03"), "meetings") == {"2026-03": 20}

    def test_a_ramp_never_raises_a_target(self) -> None:
        ramp = Ramp((Decimal(99),), amounts=True)
        policy = a_policy("meetings", every="month", each=Decimal(20), ramp=ramp)
        hired = a_person(starts_on=date(2026, 3, 2))
        assert numbers(aimed([policy], [hired], "2026-03"), "meetings")["2026-03"] <= 20

    @pytest.mark.parametrize(
        ("ramp", "left"),
        [
            (Ramp((Decimal("0.2"),)), 10),  # at most two would be harder
            (Ramp((Decimal(0),)), 10),
            (Ramp((Decimal(30),), amounts=True), 30),
            (Ramp((Decimal(2),), amounts=True), 10),
        ],
    )
    def test_a_ramp_never_makes_it_harder_to_stay_below_a_number(self, ramp: Ramp, left: int) -> None:
        policy = a_policy("complaints", every="month", each=Decimal(10), ramp=ramp)
        found = aimed([policy], [a_person(starts_on=date(2026, 4, 1))], "2026-04")
        assert numbers(found, "complaints") == {"2026-04": left}


class TestProration:
    def test_by_whole_months_of_a_weighed_year(self, evidence: Path) -> None:
        case = worked(evidence, "W09")
        given_, wanted = case["inputs"], case["expected"]
        weights = tuple(Decimal(str(each)) for each in given_["weights"].values())
        policy = a_policy(company=Decimal(given_["annual"] * 100), months=weights, split=EQUALLY, prorate="months")
        joined = a_person(starts_on=date.fromisoformat(given_["start"]))
        found = numbers(aimed([policy], [joined], "2019-Q1", "2019-Q2", "2019-Q3", "2019-Q4", "2019"))
        quarters = {name: float(found[f"2019-{name}"] / 100) for name in ("Q1", "Q2", "Q3", "Q4")}
        # A third of 20,000.00 is 6,666.67 twice and 6,666.66 once, so that the parts re-add: the published cent apart.
        assert quarters == {name: pytest.approx(wanted[name], abs=0.011) for name in quarters}
        assert float(found["2019"] / 100) == pytest.approx(wanted["total"], abs=0.011)

    @pytest.mark.parametrize(
        ("prorate", "start_day", "left"),
        [
            ("days", "included", Decimal(16)),  # from the 16th to the 31st: 16 of 31 days
            ("days", "excluded", Decimal(15)),
            ("working_days", "included", Decimal("16.9091")),  # 12 of 22 working days of 31
            ("working_days", "excluded", Decimal("15.5")),
            ("months", "included", Decimal(0)),
            ("none", "included", Decimal(31)),
        ],
    )
    def test_a_joiner_in_the_middle_of_march(self, prorate: str, start_day: str, left: Decimal) -> None:
        policy = a_policy("meetings", every="month", each=Decimal(31), prorate=prorate, start_day=start_day)
        found = numbers(aimed([policy], [a_person(starts_on=date(2026, 3, 16))], "2026-03"), "meetings")
        assert found == {"2026-03": left}

    def test_what_is_better_when_lower_is_not_prorated(self) -> None:
        policy = a_policy("complaints", every="month", each=Decimal(4))
        found = numbers(aimed([policy], [a_person(starts_on=date(2026, 3, 16))], "2026-03"), "complaints")
        assert found == {"2026-03": 4}


class TestOverAssignment:
    def test_it_compounds_from_level_to_level(self, evidence: Path) -> None:
        case = worked(evidence, "W35")
        levels = ("a", "b", "c", "d", "person")
        assert len(levels) == case["inputs"]["levels"]
        hedge = {"": Decimal(str(case["inputs"]["hedge_per_level"])) - 1}
        company = Decimal(case["inputs"]["company_target"] * 100)
        policy = a_policy(company=company, split=tuple(SplitStep(each, "equal") for each in levels), over_assign=hedge)
        seat = (Assignment(date(2026, 1, 1), dict.fromkeys(levels[:4], "only")),)
        found = numbers(aimed([policy], [a_person(assignments=seat)], "2026"))
        assert float(found["2026"] / 100) == pytest.approx(
            case["expected"]["sum_ic_quota"], abs=0.5
        )  # rounded a month at a time

    def test_the_company_keeps_its_number_and_the_parts_say_what_is_on_top(self) -> None:
        policy = a_policy(company=Decimal(1200_00), split=EQUALLY, over_assign={"person": Decimal("0.1")})
        found = aimed([policy], [a_person(), a_person("ben")], "2026-01")
        assert found.values["bookings", COMPANY, "2026-01"].value == 100_00
        mine = found.values["bookings", Subject("person", "ana"), "2026-01"]
        assert mine.value == 55_00
        assert [(each.what, each.change) for each in mine.steps][-2:] == [
            ("split by person", Decimal(-50_00)),
            ("over-assigned by person", Decimal(5_00)),
        ]


def seasonal(past: Past, period: str) -> Target:
    policy = a_policy(company=Decimal(1200_00), months="season")
    found = targets(
        [policy],
        Roster.of([a_person()]),
        [CALENDAR.period(period)],
        CALENDAR,
        Known(past=past),
        metrics=METRICS,
        currency="EUR",
    )
    return found.values["bookings", COMPANY, period]


def a_year(year: int, december: int) -> dict[str, Decimal]:
    """100 in each month, and something else in December."""
    return {f"{year}-{month:02}": Decimal(december if month == 12 else 100) for month in range(1, 13)}


class TestSeason:
    def test_a_year_follows_the_mean_shares_of_the_years_before(self) -> None:
        # Decembers of 900 in 2,000 and of 100 in 1,200: 45 % and 8 1/3 %, on average 26 2/3 % of 1,200.00.
        past = Past({"bookings": a_year(2025, 900) | a_year(2024, 100)}, least=2)
        found = seasonal(past, "2026-12")
        assert found.value == 320_00
        assert found.steps[-1].says == "by season, learned from 2024, 2025"

    def test_with_too_few_years_working_days_are_taken_and_it_is_said(self) -> None:
        found = seasonal(Past({"bookings": a_year(2025, 900)}, least=2), "2026-12")
        assert found.value == 105_75  # 23 of 261 working days
        assert found.steps[-1].says == "by working days: 1 of 2 years that a season needs"

    def test_a_year_of_which_a_month_is_missing_teaches_nothing(self) -> None:
        broken = {key: value for key, value in a_year(2024, 100).items() if key != "2024-05"}
        found = seasonal(Past({"bookings": a_year(2025, 900) | broken}, least=2), "2026-12")
        assert found.steps[-1].says.startswith("by working days: 1 of 2 years")

    @given(st.lists(st.lists(st.integers(0, 10**6), min_size=12, max_size=12), min_size=2, max_size=3))
    def test_the_months_add_up_to_the_year(self, years: list[list[int]]) -> None:
        known = {
            f"{2025 - at}-{month + 1:02}": Decimal(value)
            for at, year in enumerate(years)
            for month, value in enumerate(year)
        }
        past = Past({"bookings": known}, least=2)
        parts = [seasonal(past, f"2026-{month:02}").value for month in range(1, 13)]
        assert sum(parts) == 1200_00


def test_4_4_5_weighs_the_months_of_each_quarter() -> None:
    policy = a_policy(company=Decimal(5200_00), months=tuple(map(Decimal, (4, 4, 5) * 4)), split=EQUALLY)
    found = numbers(aimed([policy], [a_person()], "2026-01", "2026-02", "2026-03"))
    assert months(found, "2026-01", "2026-02", "2026-03") == [400_00, 400_00, 500_00]


def test_three_weights_are_those_of_the_months_of_every_quarter() -> None:
    policy = a_policy(company=Decimal(4000_00), months=(Decimal(5), Decimal(3), Decimal(2)), split=EQUALLY)
    ids = [f"2026-{month:02}" for month in range(1, 13)]
    found = numbers(aimed([policy], [a_person()], *ids, "2026-Q3", "2026"))
    assert months(found, *ids) == [500_00, 300_00, 200_00] * 4
    assert months(found, "2026-Q3", "2026") == [1000_00, 4000_00]


def test_four_weights_are_those_of_the_quarters() -> None:
    policy = a_policy(company=Decimal(4000_00), months=tuple(map(Decimal, (10, 20, 30, 40))), split=EQUALLY)
    found = numbers(aimed([policy], [a_person()], "2026-02", "2026-Q2", "2026-Q4"))
    assert months(found, "2026-Q2", "2026-Q4") == [800_00, 1600_00]
    assert found["2026-02"] == Decimal(133_33)  # a third of 400.00, the odd cent first


@given(
    st.integers(0, 10**9),
    st.lists(st.decimals(0, 1, places=2), min_size=1, max_size=5),
    st.dates(date(2025, 6, 1), date(2026, 12, 31)),
    st.sampled_from(["working_days", "days", "months", "none"]),
    st.decimals(0, "0.5", places=2),
)
def test_every_derivation_re_adds_and_nothing_is_negative(
    number: int, ramp: list[Decimal], hired: date, prorate: str, hedge: Decimal
) -> None:
    policy = a_policy(
        company=Decimal(number), split=EQUALLY, ramp=Ramp(tuple(ramp)), prorate=prorate, over_assign={"": hedge}
    )
    found = aimed([policy], [a_person(starts_on=hired), a_person("ben")], "2026-03", "2026-Q1", "2026")
    for each in found.values.values():
        assert sum(step.change for step in each.steps) == each.value >= 0
        assert each.steps[-1].value == each.value


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 20)), max_size=4))
def test_days_away_count_once_however_absences_overlap(absences: list[tuple[int, int]]) -> None:
    first = date(2026, 9, 15)
    rows = tuple(
        each for start, length in absences for each in away(first + timedelta(start), first + timedelta(start + length))
    )
    person, period = a_person(absences=rows), CALENDAR.period("2026-Q4")
    there = sum(CALENDAR.is_working(day) and person.present(day) for day in period.days())
    assert Presence(CALENDAR).days(person, period) == (there, 66)

"""What everybody should reach, worked out by hand."""

from __future__ import annotations

import itertools
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from connector.model.calendar import Calendar
from connector.model.fiscal import WeekYears
from connector.model.people import Assignment, Roster
from connector.model.results import COMPANY, Subject
from connector.targets.known import Known
from connector.targets.policy import SplitStep
from connector.targets.targets import targets
from tests.targets.policies import METRICS, a_person, a_policy, a_quota, aimed, away, numbers, re_adds

EQUALLY = (SplitStep("person", "equal"),)
BY_TEAM = (SplitStep("team", "headcount"), SplitStep("person", "equal"))
EAST, WEST = Subject("team", "East"), Subject("team", "West")


def test_a_million_a_year_is_250_000_a_quarter(evidence: Path) -> None:
    case = _worked(evidence, "W11")
    policy = a_policy(company=Decimal(case["inputs"]["annual"] * 100), split=EQUALLY)
    found = aimed([policy], [a_person()], "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "2026")
    quarters = [numbers(found)[f"2026-Q{each}"] / 100 for each in (1, 2, 3, 4)]
    assert quarters == case["expected"]["noncumulative"]
    assert numbers(found)["2026"] == 100_000_000


def test_somebody_there_for_17_of_22_working_days_has_that_part_of_the_target(evidence: Path) -> None:
    case = _worked(evidence, "W07")
    # October 2026 has 22 working days; the week from the 12th to the 16th is five of them.
    absent = a_person(absences=away(date(2026, 10, 12), date(2026, 10, 16)))
    every = a_policy("meetings", every="month", each=Decimal(case["inputs"]["original_target"]))
    found = aimed([every], [absent], "2026-10")
    assert float(numbers(found, "meetings")["2026-10"]) == case["expected"]["prorated"]


def test_a_joiner_of_march_has_a_third_of_a_seasonal_first_quarter(evidence: Path) -> None:
    case = _worked(evidence, "W09")
    season = tuple(Decimal(str(each)) for each in case["inputs"]["weights"].values())
    policy = a_policy(each=Decimal(case["inputs"]["annual"] * 100), every="year", months=season)
    joiner = a_person(starts_on=date(2019, 3, 1))
    found = numbers(aimed([policy], [joiner], "2019-Q1", "2019-Q2", "2019-Q4", "2019"))
    assert found["2019-Q2"] == 2_000_000
    assert found["2019-Q4"] == 4_000_000
    # A third of 20,000.00 leaves two cents over, which go to January and February.
    assert found["2019-Q1"] == 666_666
    assert abs(found["2019"] - Decimal(str(case["expected"]["total"])) * 100) <= 1


def _worked(evidence: Path, case: str) -> dict:  # type: ignore[type-arg]
    cases = json.loads((evidence / "data" / "worked_examples.json").read_text())
    found: dict = next(each for each in cases if each["id"] == case)  # type: ignore[type-arg]
    return found


def test_months_by_working_days_weigh_what_they_have() -> None:
    # 2026 has 261 working days; October 22, November 21, December 23.
    policy = a_policy(company=Decimal(26_100), months="by working days")
    found = numbers(aimed([policy], [], "2026-10", "2026-11", "2026-12", "2026-Q4"), who=COMPANY)
    assert list(found.values()) == [2_200, 2_100, 2_300, 6_600]


def test_cents_that_cannot_be_spread_evenly_still_re_add() -> None:
    policy = a_policy(company=Decimal(100), split=EQUALLY)
    people = [a_person(each) for each in ("ana", "bo", "cy")]
    months = [f"2026-{each:02}" for each in range(1, 13)]
    found = aimed([policy], people, *months, "2026")
    assert sum(sum(numbers(found, who=each.id)[month] for month in months) for each in people) == 100
    assert sum(numbers(found, who=each.id)["2026"] for each in people) == 100


def test_teams_get_by_headcount_and_people_alike() -> None:
    people = [a_person("ana"), a_person("bo"), a_person("cy", team="West"), a_person("mia", role="SDR", team="West")]
    policy = a_policy(company=Decimal(3_600), split=BY_TEAM, for_="role = 'AE'")
    found = aimed([policy], people, "2026")
    assert [numbers(found, who=each)["2026"] for each in ("ana", "bo", "cy")] == [1_200, 1_200, 1_200]
    assert numbers(found, who="mia") == {}
    assert [numbers(found, who=each)["2026"] for each in (EAST, WEST, COMPANY)] == [2_400, 1_200, 3_600]


def test_weights_by_unit_are_kept_to_the_cent() -> None:
    weights = {"East": Decimal("0.7"), "West": Decimal("0.3")}
    split = (SplitStep("team", "weights", weights), SplitStep("person", "equal"))
    people = [a_person("ana"), a_person("cy", team="West")]
    found = aimed([a_policy(company=Decimal(1_200), split=split)], people, "2026")
    assert [numbers(found, who=each)["2026"] for each in ("ana", "cy")] == [840, 360]


def test_a_weight_for_a_unit_without_people_is_a_problem_and_nobodys() -> None:
    weights = {"East": Decimal("0.7"), "South": Decimal("0.3")}
    split = (SplitStep("team", "weights", weights), SplitStep("person", "equal"))
    found = aimed([a_policy(company=Decimal(1_200), split=split)], [a_person()], "2026")
    assert numbers(found)["2026"] == 840
    assert found.problems == ("rules/targets.yaml:1:0: team `South` has a weight and no people",)


def test_an_own_quarter_wins_over_the_split_and_says_so() -> None:
    policy = a_policy(company=Decimal(120_000_000), split=EQUALLY, quotas=("files.quotas",))
    found = aimed([policy], [a_person()], "2026-Q4", quotas=[a_quota("ana@example.com", "2026-Q4", 250_000)])
    target = found.get("bookings", Subject("person", "ana"), "2026-Q4")
    assert target is not None
    assert target.value == 25_000_000
    assert target.source == "files:quotas/ana@example.com|bookings|2026-Q4"
    assert [each.what for each in target.steps] == ["company", "spread", "split by person", "own quota"]
    assert target.steps[1].value == 30_000_000
    assert re_adds(target)


def test_an_own_quarter_is_spread_over_its_months_and_added_to_the_year() -> None:
    policy = a_policy(quotas=("files.quotas",), months="by working days")
    # 66 working days in the quarter: 22, 21 and 23 in its months.
    found = aimed([policy], [a_person()], "2026-11", "2026-Q4", "2026", quotas=[a_quota("ana", "2026-Q4", 660)])
    assert numbers(found) == {"2026-11": 21_000, "2026-Q4": 66_000, "2026": 66_000}


def test_own_months_are_added_up() -> None:
    rows = [a_quota("ana", f"2026-{each}", each) for each in (10, 11, 12)]
    found = aimed([a_policy(quotas=("files.quotas",))], [a_person()], "2026-Q4", "2026", quotas=rows)
    assert numbers(found) == {"2026-Q4": 3_300, "2026": 3_300}


def test_an_own_quarter_is_taken_before_its_own_months() -> None:
    rows = [a_quota("ana", "2026-10", 10), a_quota("ana", "2026-Q4", 100)]
    found = aimed([a_policy(quotas=("files.quotas",))], [a_person()], "2026-10", "2026-Q4", quotas=rows)
    assert numbers(found) == {"2026-10": 1_000, "2026-Q4": 10_000}


def test_an_own_year_of_a_joiner_is_spread_over_the_months_they_are_employed() -> None:
    joiner = a_person(starts_on=date(2026, 7, 1))
    found = aimed(
        [a_policy(quotas=("files.quotas",))], [joiner], "2026-Q2", "2026-Q3", quotas=[a_quota("ana", "2026", 600)]
    )
    assert numbers(found) == {"2026-Q3": 30_000}


def test_two_rows_for_one_period_count_neither_and_both_are_named() -> None:
    rows = [a_quota("ana", "2026-Q4", 1, key="one"), a_quota("Ana", "2026-Q4", 2, key="two")]
    found = aimed([a_policy(quotas=("files.quotas",))], [a_person()], "2026-Q4", quotas=rows)
    assert numbers(found) == {}
    assert found.problems == ("files:quotas/one and files:quotas/two both give Ana bookings for 2026-Q4",)


def test_rows_that_name_nothing_we_know_are_listed() -> None:
    rows = [
        a_quota("eve", "2026-Q4", 1, key="a"),
        a_quota("ana", "2026-Q9", 1, key="b"),
        a_quota("ana", "2026-Q4", 1, metric="bookigns", key="c"),
        a_quota("ana", "2026-Q4", 1, metric="meetings", key="d"),
        a_quota("ana", "2026-Q4", "much", key="e"),
    ]
    found = aimed([a_policy(quotas=("files.quotas",))], [a_person()], "2026-Q4", quotas=rows)
    assert found.problems == (
        "files:quotas/a: `eve` is nobody we know",
        "files:quotas/b: `2026-Q9` is no period; write 2026, 2026-H2, 2026-Q3, 2026-07 or 2026-W48",
        "files:quotas/c: there is no metric `bookigns`",
        "files:quotas/d: no target policy of `meetings` takes numbers from this table",
        "files:quotas/e: `much` is no number",
    )


def test_somebody_absent_all_month_has_no_target_and_the_quarter_goes_on() -> None:
    absent = a_person(absences=away(date(2026, 10, 1), date(2026, 10, 31)))
    policy = a_policy("meetings", every="month", each=Decimal(12))
    assert numbers(aimed([policy], [absent], "2026-10", "2026-Q4"), "meetings") == {"2026-Q4": 24}


def test_somebody_who_left_before_the_period_has_no_target() -> None:
    gone = a_person(ends_on=date(2026, 9, 30))
    assert numbers(aimed([a_policy("meetings", every="month", each=Decimal(12))], [gone], "2026-10"), "meetings") == {}


def test_a_colleagues_absence_raises_nobodys_target() -> None:
    people = [a_person("ana"), a_person("bo", absences=away(date(2026, 10, 1), date(2026, 10, 31)))]
    found = aimed([a_policy(company=Decimal(2_400), split=EQUALLY)], people, "2026-10")
    assert numbers(found) == {"2026-10": 100}


def test_a_ratio_is_the_same_in_every_period_and_never_prorated() -> None:
    absent = a_person(absences=away(date(2026, 10, 12), date(2026, 10, 16)))
    policy = a_policy("win_rate", every="quarter", each=Decimal("0.3"))
    found = aimed([policy], [absent], "2026-10", "2026-Q4", "2026")
    assert set(numbers(found, "win_rate").values()) == {Decimal("0.3")}
    assert numbers(found, "win_rate", COMPANY)["2026-Q4"] == Decimal("0.3")


def test_what_is_better_when_lower_is_not_prorated() -> None:
    absent = a_person(absences=away(date(2026, 10, 12), date(2026, 10, 16)))
    found = aimed([a_policy("complaints", every="month", each=Decimal(3))], [absent], "2026-10")
    assert numbers(found, "complaints") == {"2026-10": 3}


def test_a_role_counts_as_it_was_when_the_month_began() -> None:
    promoted = a_person(
        assignments=(
            Assignment(date(1, 1, 1), {"role": "SDR"}),
            Assignment(date(2026, 11, 1), {"role": "AE"}),
        )
    )
    policies = [
        a_policy("meetings", 1, every="month", each=Decimal(20), for_="role = 'SDR'"),
        a_policy("meetings", 2, every="month", each=Decimal(12), for_="role = 'AE'"),
    ]
    found = aimed(policies, [promoted], "2026-10", "2026-11", "2026-Q4")
    assert numbers(found, "meetings") == {"2026-10": 20, "2026-11": 12, "2026-Q4": 44}


def test_two_policies_for_one_person_are_a_problem_and_the_first_decides() -> None:
    policies = [a_policy("meetings", line, every="month", each=Decimal(line)) for line in (1, 2)]
    found = aimed(policies, [a_person()], "2026-10")
    assert numbers(found, "meetings") == {"2026-10": 1}
    assert found.problems == (
        "rules/targets.yaml:2:0: Ana already has a target for meetings from rules/targets.yaml:1:0",
    )


def test_a_unit_with_its_own_number_keeps_it() -> None:
    policy = a_policy(units={"East": Decimal(1_200)}, level="team", split=EQUALLY)
    found = aimed([policy], [a_person("ana"), a_person("cy", team="West")], "2026")
    assert numbers(found, who=EAST) == {"2026": 1_200}
    assert numbers(found) == {"2026": 1_200}
    assert numbers(found, who="cy") == {}


def test_a_fiscal_year_that_begins_in_april_spreads_over_its_own_months() -> None:
    april = Calendar(first_month=4)
    policy = a_policy(company=Decimal(1_200), year="2027", split=EQUALLY)
    found = aimed([policy], [a_person()], "2026-04", "2027-Q4", "2027", "2028", calendar=april)
    assert numbers(found) == {"2026-04": 100, "2027-Q4": 300, "2027": 1_200}


def test_a_half_adds_its_quarters_up() -> None:
    policy = a_policy(company=Decimal(1_201), split=EQUALLY)
    found = numbers(aimed([policy], [a_person()], "2026-H1", "2026-H2", "2026-Q3", "2026-Q4", "2026"))
    # 1201 over four quarters by largest remainder, the one left over to the first: 301, 300, 300, 300.
    assert found == {"2026-H1": 601, "2026-H2": 600, "2026-Q3": 300, "2026-Q4": 300, "2026": 1_201}


def test_a_row_for_a_half_is_spread_over_its_quarters_and_counts_in_its_year() -> None:
    policy = a_policy(company=Decimal(1_200), split=EQUALLY, quotas=("files.quotas",))
    rows = [a_quota("ana", "2026-H2", "9.02")]
    found = numbers(aimed([policy], [a_person()], "2026-Q3", "2026-Q4", "2026-H2", "2026", "2026-07", quotas=rows))
    assert found == {"2026-07": 151, "2026-Q3": 451, "2026-Q4": 451, "2026-H2": 902, "2026": 1_502}


def test_a_row_for_a_half_counts_in_its_year_as_it_stands_whatever_its_quarters_say() -> None:
    policy = a_policy(company=Decimal(1_200), split=EQUALLY, quotas=("files.quotas",))
    rows = [a_quota("ana", "2026-H2", "9.00"), a_quota("ana", "2026-Q3", "5.00")]
    found = numbers(aimed([policy], [a_person()], "2026-Q3", "2026-H2", "2026", quotas=rows))
    assert found == {"2026-Q3": 500, "2026-H2": 900, "2026": 1_500}


def test_weeks_and_windows_that_move_have_no_targets() -> None:
    calendar = Calendar()
    periods = (calendar.period("2026-W48"), calendar.period("last-90-days", date(2026, 11, 25)))
    policies = [a_policy(company=Decimal(1_200), split=EQUALLY), a_policy("win_rate", each=Decimal("0.3"))]
    found = targets(policies, Roster.of([a_person()]), periods, calendar, Known(), metrics=METRICS, currency="EUR")
    assert (found.values, found.problems) == ({}, ())


def test_a_row_for_a_week_is_named_and_not_dropped_silently() -> None:
    rows = [a_quota("ana", "2026-W48", 5), a_quota("ana", "last-4-weeks", 5)]
    found = aimed([a_policy(quotas=("files.quotas",))], [a_person()], "2026-11", quotas=rows)
    assert [each.partition(": ")[2] for each in found.problems] == [
        "there is no target for a week: `2026-W48`",
        "`last-4-weeks` moves from day to day; a fixed period is needed: 2026, 2026-H2, 2026-Q3, 2026-07 or 2026-W48",
    ]


def test_a_retail_year_spreads_over_its_own_months_and_re_adds() -> None:
    nrf = Calendar(weeks=WeekYears((4, 5, 4), named_by_start=True))
    policy = a_policy(company=Decimal(37_100), months="by working days", year="2023", split=EQUALLY)
    found = aimed([policy], [a_person()], "2023-P02", "2023-P12", "2023-Q4", "2023-H2", "2023", calendar=nrf)
    # 53 weeks of 700: the second month has five of them, the last one too, the last quarter fourteen.
    assert numbers(found) == {"2023-P02": 3_500, "2023-P12": 3_500, "2023-Q4": 9_800, "2023-H2": 18_900, "2023": 37_100}
    assert all(map(re_adds, found.values.values()))


def test_every_target_re_adds_step_by_step() -> None:
    people = [
        a_person("ana", starts_on=date(2026, 2, 16)),
        a_person("bo", team="West", absences=away(date(2026, 11, 2), date(2026, 11, 13))),
        a_person("cy", team="West", ends_on=date(2026, 11, 17)),
    ]
    policy = a_policy(company=Decimal(100_000_007), months="by working days", split=BY_TEAM, quotas=("files.quotas",))
    rows = [a_quota("bo", "2026-10", "123.45")]
    months = [f"2026-{each:02}" for each in range(1, 13)]
    found = aimed([policy], people, *months, "2026-Q1", "2026-Q4", "2026", quotas=rows)
    assert all(map(re_adds, found.values.values()))
    for who in ("ana", "bo", "cy", COMPANY, WEST):
        assert sum(numbers(found, who=who).get(each, Decimal(0)) for each in months) == numbers(found, who=who)["2026"]


def test_no_order_of_people_and_rows_changes_anything() -> None:
    people = [a_person("ana"), a_person("bo"), a_person("cy", team="West")]
    rows = [a_quota("bo", "2026-Q4", 5), a_quota("ana", "2026-10", 7)]
    policy = a_policy(company=Decimal(1_000), split=BY_TEAM, quotas=("files.quotas",))
    results = [
        aimed([policy], team, "2026-10", "2026-Q4", quotas=order).values
        for team in itertools.permutations(people)
        for order in (rows, rows[::-1])
    ]
    assert all(each == results[0] for each in results)


def test_a_metric_nobody_defined_is_a_problem() -> None:
    assert "margin" not in METRICS
    assert aimed([a_policy("margin", each=Decimal(1))], [a_person()], "2026").problems == (
        "rules/targets.yaml:1:0: there is no metric `margin`",
    )


def test_a_row_may_call_a_metric_by_a_name_that_it_had() -> None:
    quota = a_quota("ana", "2026-Q4", 250_000, metric="sales")
    found = aimed([a_policy(quotas=("files.quotas",))], [a_person()], "2026-Q4", quotas=[quota])
    assert found.problems == ()
    assert numbers(found) == {"2026-Q4": 25_000_000}


def test_a_holiday_of_ones_own_country_is_no_day_that_was_missed() -> None:
    """October 2026 has 22 working days; the 2nd is a holiday in India, where Asha sits, and nowhere else."""
    calendar = Calendar(elsewhere=(("India", frozenset({date(2026, 10, 2)})),))
    every = a_policy("meetings", every="month", each=Decimal(22))
    asha = a_person("asha", absences=away(date(2026, 10, 1), date(2026, 10, 2)), assignments=sits_in("India"))
    ben = a_person("ben", absences=away(date(2026, 10, 1), date(2026, 10, 2)), assignments=sits_in("Germany"))
    found = aimed([every], [asha, ben], "2026-10", calendar=calendar)
    # She missed one of 21 days, and he two of 22.
    assert round(numbers(found, "meetings", "asha")["2026-10"], 4) == Decimal("20.9524")
    assert numbers(found, "meetings", "ben") == {"2026-10": 20}


def sits_in(country: str) -> tuple[Assignment, ...]:
    return (Assignment(date(2026, 1, 1), {"team": "East", "role": "AE", "country": country}),)

"""What units are to reach where people move between them, worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.people import Assignment, Person, Roster
from connector.model.results import COMPANY, Subject
from connector.targets.policy import SplitStep, TargetPolicy
from connector.targets.reconcile import reconciled
from connector.targets.targets import Targets
from tests.targets.policies import a_person, a_policy, a_quota, aimed, away, numbers

EAST, WEST = Subject("team", "East"), Subject("team", "West")
HALVES = SplitStep("team", "weights", {"East": Decimal("0.5"), "West": Decimal("0.5")})
COMPANYS = a_policy(company=Decimal(3_600_00), split=(HALVES, SplitStep("person", "equal")))
UNITS = a_policy(
    units={"East": Decimal(1_800_00), "West": Decimal(1_800_00)}, level="team", split=(SplitStep("person", "equal"),)
)
QUARTER = ("2026-01", "2026-02", "2026-03", "2026-Q1")


def moving(name: str, *seats: tuple[date, str], **given_: Any) -> Person:
    rows = tuple(Assignment(day, {"role": "AE", "team": team} if team else {"role": "AE"}) for day, team in seats)
    return a_person(name, assignments=rows, **given_)


ANA = moving("ana", (date(1, 1, 1), "East"), (date(2026, 2, 1), "West"))
THREE = (ANA, a_person("ben", team="East"), a_person("cem", team="West"))


def units(found: Targets, *periods: str) -> list[list[Decimal]]:
    return [[numbers(found, who=each)[period] for each in (EAST, WEST, COMPANY)] for period in periods]


def test_a_unit_has_each_month_of_somebody_who_moved_that_they_sat_in_it() -> None:
    # Each team has 150.00 a month. Ana shares East's in January, and West's in February and March.
    found = aimed([COMPANYS], THREE, *QUARTER)
    assert [numbers(found, who=each)["2026-Q1"] for each in ("ana", "ben", "cem")] == [225_00, 375_00, 300_00]
    assert units(found, *QUARTER[:3]) == [[150_00, 150_00, 300_00]] * 3
    assert units(found, "2026-Q1") == [[450_00, 450_00, 900_00]]


def test_over_a_year_too() -> None:
    assert units(aimed([COMPANYS], THREE, "2026-H1", "2026"), "2026-H1", "2026") == [
        [900_00, 900_00, 1_800_00],
        [1_800_00, 1_800_00, 3_600_00],
    ]


@pytest.mark.parametrize("period", ["2026-01", "2026-Q1", "2026"])
def test_the_report_of_levels_reads_it_the_same_way(period: str) -> None:
    found = aimed([UNITS], THREE, period)
    report = {each.target.subject: each for each in reconciled(found.all, Roster.of(THREE))}
    assert [report[each].gap for each in (EAST, WEST)] == [0, 0]
    assert [report[each].people for each in (EAST, WEST)] == ([2, 1] if period == "2026-01" else [2, 2])


def test_a_number_of_ones_own_that_its_months_do_not_make_is_shared_as_they_are() -> None:
    # 900.00 for the quarter, of which 600.00 for January by a row of its own, and a third for each other month.
    own = [a_quota("ana", "2026-Q1", 900), a_quota("ana", "2026-01", 600)]
    found = aimed([a_policy(quotas=("files.quotas",))], [ANA], "2026-01", "2026-Q1", quotas=own)
    assert units(found, "2026-Q1") == [[450_00, 450_00, 900_00]]


def test_time_without_a_unit_is_the_companys() -> None:
    ana = moving("ana", (date(1, 1, 1), "East"), (date(2026, 2, 1), ""), (date(2026, 3, 1), "West"))
    found = aimed([a_policy(every="month", each=Decimal(100_00))], [ana], "2026-Q1")
    assert units(found, "2026-Q1") == [[100_00, 100_00, 300_00]]


def test_a_month_that_somebody_is_away_throughout_gives_their_unit_nothing() -> None:
    absent = moving("ana", *((each.starts_on, each.levels["team"]) for each in ANA.assignments),
                    absences=away(date(2026, 2, 1), date(2026, 3, 31)))  # fmt: skip
    found = aimed([a_policy(every="month", each=Decimal(100_00))], [absent], "2026-Q1")
    assert numbers(found, who=EAST) == {"2026-Q1": 100_00}
    assert numbers(found, who=WEST) == {}


def test_what_does_not_build_up_stays_with_the_unit_of_the_periods_beginning() -> None:
    found = aimed([a_policy("win_rate", every="quarter", each=Decimal("0.33333"))], [ANA], "2026-Q1")
    assert numbers(found, "win_rate", EAST) == {"2026-Q1": Decimal("0.33333")}
    assert numbers(found, "win_rate", WEST) == {}


@given(
    st.lists(st.tuples(st.integers(0, 360), st.sampled_from(["East", "West"])), max_size=4),
    st.integers(0, 10_000_000),
    st.sampled_from([COMPANYS, UNITS]),
)
def test_the_months_of_a_unit_make_its_quarters_and_its_year(
    moves: list[tuple[int, str]], number: int, policy: TargetPolicy
) -> None:
    seats = {date(1, 1, 1): "East"} | {date.fromordinal(date(2026, 1, 1).toordinal() + day): to for day, to in moves}
    people = [moving("ana", *sorted(seats.items())), *THREE[1:]]
    given_ = a_policy(company=Decimal(number), split=policy.split) if policy.company else policy
    months, quarters = [f"2026-{each:02}" for each in range(1, 13)], [f"2026-Q{each}" for each in range(1, 5)]
    found = aimed([given_], people, *months, *quarters, "2026")
    for subject in (EAST, WEST, COMPANY):
        mine = numbers(found, who=subject)
        assert sum(mine[each] for each in months) == sum(mine[each] for each in quarters) == mine["2026"]

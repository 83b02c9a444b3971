"""Targets that were changed after they were set, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.people import Person
from connector.model.results import Subject
from connector.targets.policy import SplitStep
from connector.targets.targets import Targets
from tests.targets.policies import a_person, a_policy, away, numbers, re_adds
from tests.targets.test_shared_out import aimed, rows

MONTHLY = a_policy("meetings", every="month", each=Decimal(22))
ROW = {
    "person": "ana@example.com", "metric": "meetings", "kind": "relief", "from": date(2026, 4, 1), "to": date(2026, 4, 30),
    "share": Decimal("0.5"), "amount": None, "approver": "Max", "reason": "territory_change",
}  # fmt: skip


def adjusted(
    *periods: str, more: tuple[Mapping[str, Any], ...] = (), first: date = date(2026, 4, 1), **row: Any
) -> Targets:
    return aimed([MONTHLY], [a_person()], *periods, adjustments=rows("adjustments", ROW | {"from": first} | row, *more))


def test_relief_lowers_the_days_it_is_for_and_no_others() -> None:
    found = adjusted("2026-03", "2026-04", "2026-Q2")
    # April's 22 are halved; May and June keep theirs.
    assert numbers(found, "meetings") == {"2026-03": 22, "2026-04": 11, "2026-Q2": 55}
    assert all(re_adds(each) for each in found.values.values())


def test_half_a_month_of_it_by_working_days() -> None:
    # 2026-04-16 is a Thursday: 11 of April's 22 working days are left, half of their 11 is taken off.
    assert numbers(adjusted("2026-04", first=date(2026, 4, 16)), "meetings") == {"2026-04": Decimal("16.5")}


def test_a_raise_mid_way_and_who_approved_it() -> None:
    found = adjusted("2026-04", "2026-05", kind="raise", first=date(2026, 4, 16), to=date(2026, 5, 31))
    assert numbers(found, "meetings") == {"2026-04": Decimal("27.5"), "2026-05": 33}
    last = found.values["meetings", Subject("person", "ana"), "2026-04"].steps[-1]
    assert last.what == "raise"
    assert last.says == (
        "50% more from 2026-04-16 to 2026-05-31, 11 of 22 working days of 2026-04; territory_change, approved by Max"
    )
    assert found.values["meetings", Subject("person", "ana"), "2026-04"].source == "files:adjustments/1"


def test_an_amount_is_for_all_its_days_together() -> None:
    # 22 working days in April and 21 in May: 43 taken off, 22 of them in April.
    found = adjusted("2026-04", "2026-05", share=None, amount=Decimal(43), to=date(2026, 5, 31), kind="relief")
    assert numbers(found, "meetings") == {"2026-04": 0, "2026-05": 1}


def test_an_override_says_what_should_be_reached_between_two_days() -> None:
    found = adjusted("2026-04", "2026-Q2", kind="override", share=None, amount=Decimal(30), first=date(2026, 4, 16))
    # The first half of April keeps its 11, the second has 30.
    assert numbers(found, "meetings") == {"2026-04": 41, "2026-Q2": 41 + 44}


def test_an_own_quota_is_adjusted_too() -> None:
    policy = a_policy("meetings", every="month", each=Decimal(22), quotas=("files.quotas",))
    own = rows("quotas", {"person": "ana", "metric": "meetings", "period": "2026-Q2", "value": 60})
    found = aimed([policy], [a_person()], "2026-04", "2026-Q2", quotas=own, adjustments=rows("adjustments", ROW))
    assert numbers(found, "meetings") == {"2026-04": 10, "2026-Q2": 50}


def test_a_ratio_is_changed_where_the_period_ends_within_the_row() -> None:
    policy = a_policy("win_rate", every="quarter", each=Decimal("0.3"))
    row = ROW | {
        "metric": "win_rate",
        "kind": "override",
        "share": None,
        "amount": Decimal("0.25"),
        "to": date(2026, 6, 30),
    }
    found = aimed([policy], [a_person()], "2026-Q1", "2026-Q2", adjustments=rows("adjustments", row))
    assert numbers(found, "win_rate") == {"2026-Q1": Decimal("0.3"), "2026-Q2": Decimal("0.25")}


# Joined on 16 April, a Thursday, or away until the day before: 11 of April's 22 working days, and 11 of its 22 meetings.
PARTS = [{"starts_on": date(2026, 4, 16)}, {"absences": away(date(2026, 4, 1), date(2026, 4, 15))}]


@pytest.mark.parametrize("there", PARTS)
@pytest.mark.parametrize(
    ("row", "left"),
    [
        ({"kind": "override", "share": None, "amount": Decimal(5)}, 5),
        ({"kind": "override"}, Decimal("5.5")),
        ({"kind": "relief", "share": Decimal(1)}, 0),
        ({"kind": "raise", "share": Decimal(1)}, 22),
        # Its last six working days, from the 23rd on, have 6 of the 11: half of them is taken off.
        ({"kind": "relief", "from": date(2026, 4, 23)}, 8),
        # The days before they were there are nobody's: all of it falls on the 11 that are left.
        ({"kind": "relief", "share": None, "amount": Decimal(4), "from": date(2026, 4, 1)}, 7),
    ],
)
def test_of_a_part_of_a_month_the_days_that_somebody_is_there_carry_all(
    there: dict[str, Any], row: dict[str, Any], left: Decimal
) -> None:
    adjustment = ROW | {"from": date(2026, 4, 16)} | row
    found = aimed([MONTHLY], [a_person(**there)], "2026-04", adjustments=rows("adjustments", adjustment))
    assert numbers(found, "meetings") == {"2026-04": left}
    assert all(re_adds(each) for each in found.values.values())


def test_an_amount_over_two_months_lies_on_the_days_that_somebody_is_there() -> None:
    # 11 working days are left of April, 21 are in May: 64 less are 22 in April, and 42 in May.
    row = ROW | {"share": None, "amount": Decimal(64), "to": date(2026, 5, 31)}
    policy = a_policy("meetings", every="month", each=Decimal(100))
    joiner = a_person(starts_on=date(2026, 4, 16))
    found = aimed([policy], [joiner], "2026-04", "2026-05", "2026-Q2", adjustments=rows("adjustments", row))
    assert numbers(found, "meetings") == {"2026-04": 50 - 22, "2026-05": 100 - 42, "2026-Q2": 250 - 64}


def test_an_override_by_a_number_is_somebodys_own_where_nothing_else_gives_them_one() -> None:
    others = a_policy("meetings", every="month", each=Decimal(22), for_="role = 'SDR'")
    row = ROW | {"kind": "override", "share": None, "amount": Decimal(30)}
    found = aimed([others], [a_person()], "2026-03", "2026-04", "2026-Q2", adjustments=rows("adjustments", row))
    assert numbers(found, "meetings") == {"2026-04": 30, "2026-Q2": 30}
    assert found.problems == ()
    assert all(re_adds(each) for each in found.values.values())


def test_it_is_of_the_kind_that_scores_are_measured_against() -> None:
    policies = [
        a_policy("meetings", every="month", each=Decimal(22), for_="role = 'SDR'", kind="quota"),
        a_policy("meetings", 2, every="month", each=Decimal(9), for_="role = 'SDR'", kind="stretch"),
    ]
    row = ROW | {"kind": "override", "share": None, "amount": Decimal(30)}
    found = aimed(policies, [a_person()], "2026-04", adjustments=rows("adjustments", row))
    mine = found.values["meetings", Subject("person", "ana"), "2026-04"]
    assert (mine.value, mine.kind) == (Decimal(30), "quota")
    assert found.besides == ()


def test_an_override_of_a_ratio_too() -> None:
    policy = a_policy("win_rate", every="quarter", each=Decimal("0.3"), for_="role = 'SDR'", kind="quota")
    row = ROW | {"metric": "win_rate", "kind": "override", "share": None, "amount": Decimal("0.25")}
    found = aimed([policy], [a_person()], "2026-04", "2026-Q2", adjustments=rows("adjustments", row))
    assert numbers(found, "win_rate") == {"2026-04": Decimal("0.25")}
    assert found.values["win_rate", Subject("person", "ana"), "2026-04"].kind == "quota"
    assert found.problems == ()


NOBODYS = "they have no number on its days, or are not there"


@pytest.mark.parametrize(
    ("person", "row", "says"),
    [
        (a_person(role="SDR"), {}, f"the relief changes nothing of Ana's meetings: {NOBODYS}"),
        (a_person(role="SDR"), {"kind": "override"}, f"the override changes nothing of Ana's meetings: {NOBODYS}"),
        (
            a_person(absences=away(date(2026, 4, 1), date(2026, 4, 15))), {"to": date(2026, 4, 15)},
            f"the relief changes nothing of Ana's meetings: {NOBODYS}",
        ),
        (
            a_person(), {"metric": "win_rate", "to": date(2026, 4, 20)},
            "the relief changes nothing of Ana's win_rate: they have no number in a period that ends on one of its days",
        ),
        (a_person(), {"metric": "bookings"}, "there is no target policy of `bookings` to change"),
    ],
)  # fmt: skip
def test_a_row_that_changes_nothing_is_named(person: Person, row: dict[str, Any], says: str) -> None:
    policies = [
        a_policy("meetings", every="month", each=Decimal(22), for_="role = 'AE'"),
        a_policy("win_rate", 2, every="quarter", each=Decimal("0.3")),
    ]
    found = aimed(policies, [person], "2026-04", "2026-Q2", adjustments=rows("adjustments", ROW | row))
    assert found.problems == (f"files:adjustments/1: {says}",)


def test_a_row_that_changes_another_month_or_is_for_another_time_is_not() -> None:
    absent = a_person(absences=away(date(2026, 4, 1), date(2026, 4, 30)))
    also_may = ROW | {"to": date(2026, 5, 31)}
    last_year = ROW | {"from": date(2025, 4, 1), "to": date(2025, 4, 30)}
    found = aimed([MONTHLY], [absent], "2026-04", "2026-Q2", adjustments=rows("adjustments", also_may))
    assert found.problems == ()
    found = aimed([MONTHLY], [absent], "2026-04", adjustments=rows("adjustments", last_year))
    assert found.problems == ()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"approver": " "}, "nobody approved it"),
        ({"reason": "ill for two weeks"}, "a reason is a code like `territory_change`, and never a story: `ill for two weeks`"),
        ({"kind": "bonus"}, "`bonus` is no kind of adjustment: relief, raise, override"),
        ({"share": None}, "an adjustment is a `share` or an `amount`, one of the two"),
        ({"amount": Decimal(3)}, "an adjustment is a `share` or an `amount`, one of the two"),
        ({"share": Decimal("1.2")}, "a relief of 120% makes no sense"),
        ({"to": date(2026, 3, 1)}, "an adjustment goes from a day to the same or a later one"),
        ({"person": "nobody"}, "`nobody` is nobody we know"),
    ],
)  # fmt: skip
def test_a_row_that_is_not_as_it_should_be_changes_nothing_and_is_named(wrong: dict[str, Any], says: str) -> None:
    found = adjusted("2026-04", **wrong)
    assert numbers(found, "meetings") == {"2026-04": 22}
    assert found.problems == (f"files:adjustments/1: {says}",)


COMPLAINTS = a_policy("complaints", every="month", each=Decimal(10))


@pytest.mark.parametrize("kind", ["relief", "raise"])
@pytest.mark.parametrize("size", [{}, {"share": None, "amount": Decimal(5)}])
def test_of_what_should_stay_low_less_or_more_is_not_guessed_at(kind: str, size: dict[str, Any]) -> None:
    row = ROW | {"metric": "complaints", "kind": kind} | size
    found = aimed([COMPLAINTS], [a_person()], "2026-04", adjustments=rows("adjustments", row))
    assert numbers(found, "complaints") == {"2026-04": 10}
    assert found.problems == (
        f"files:adjustments/1: less is better here, and a {kind} might be meant either way: write an override by the number",
    )


def test_an_override_of_it_says_what_is_meant() -> None:
    row = ROW | {"metric": "complaints", "kind": "override", "share": None, "amount": Decimal(15)}
    found = aimed([COMPLAINTS], [a_person()], "2026-04", adjustments=rows("adjustments", row))
    assert numbers(found, "complaints") == {"2026-04": 15}
    assert found.problems == ()


def test_two_overrides_of_one_day_neither_counts() -> None:
    one: dict[str, Any] = {"kind": "override", "share": None, "amount": Decimal(30)}
    found = adjusted("2026-04", more=(ROW | one | {"from": date(2026, 4, 30), "to": date(2026, 5, 30)},), **one)
    assert numbers(found, "meetings") == {"2026-04": 22}
    assert found.problems == ("files:adjustments/1 and files:adjustments/2 override the same days: neither counts",)


@given(
    st.sampled_from(["relief", "raise", "override"]),
    st.integers(0, 364), st.integers(0, 364), st.integers(0, 2_000_000),
)  # fmt: skip
def test_quarters_re_add_whatever_is_adjusted(kind: str, one: int, other: int, amount: int) -> None:
    first, last = (date.fromordinal(date(2026, 1, 1).toordinal() + each) for each in sorted((one, other)))
    row = ROW | {
        "metric": "bookings",
        "kind": kind,
        "share": None,
        "amount": Decimal(amount),
        "from": first,
        "to": last,
    }
    policy = a_policy(company=Decimal(9_999_99), split=(SplitStep("person", "equal"),), months="working days")
    quarters = [f"2026-Q{each}" for each in range(1, 5)]
    found = aimed([policy], [a_person()], "2026", *quarters, adjustments=rows("adjustments", row))
    mine = numbers(found)
    assert sum(mine[each] for each in quarters) == mine["2026"]
    assert all(re_adds(each) for each in found.values.values())

"""Payouts: published examples, boundaries worked out by hand, and what always holds."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Place
from connector.model.calendar import Calendar, Grain
from connector.model.results import Subject
from connector.score.commit_bias import adjusted, commit_bias, leaning
from connector.score.curve import CLOSED_ABOVE, Curve, Tier, completion
from connector.score.payout import Override, Paid, Payout, Plan, Result, added_up, overridden, payout

ANA = Subject("person", "ana")
Q4 = Calendar().period("2026-Q4")


def worked(evidence: Path, number: str) -> Any:
    cases = json.loads((evidence / "data" / "worked_examples.json").read_text())
    return next(each for each in cases if each["id"] == number)


def tiers(*given_: tuple[float, float | None, float]) -> tuple[Tier, ...]:
    return tuple(
        Tier(Decimal(str(start)), None if stop is None else Decimal(str(stop)), Decimal(str(rate)))
        for start, stop, rate in given_
    )


def euros(amount: float) -> Decimal:
    return Decimal(str(amount)) * 100


def a_plan(*measures: Paid, **given_: Any) -> Plan:
    return Plan("ae", "Account executive", Place("rules/incentives.yaml", 1), Grain.QUARTER, measures, **given_)


def paid(plan: Plan, *results: Result, before: int = 0) -> Payout:
    return payout(plan, ANA, Q4, results, before)


def test_each_slice_is_paid_at_its_own_rate(evidence: Path) -> None:
    case = worked(evidence, "W24")
    given_, wanted = case["inputs"], case["expected"]
    legs = Curve("marginal", tiers=tiers(*given_["tiers"])).legs(euros(given_["amount"]), euros(given_["quota"]))
    assert [each.pays for each in legs] == [euros(each) for each in wanted["legs"]]
    assert sum(each.pays for each in legs) == euros(wanted["payout"])


def test_three_more_of_them(evidence: Path) -> None:
    case = worked(evidence, "W30")
    curve = Curve("marginal", tiers=tiers(*case["inputs"]["tiers"]))
    first = {**case["inputs"], "payout": case["expected"]["payout"]}
    for each in (first, *case["expected"]["further_cases"]):
        legs = curve.legs(euros(each["sold"]), euros(each["objective"]))
        assert sum(leg.pays for leg in legs) == euros(each["payout"])


def test_the_whole_amount_at_the_rate_of_so_many_deals_and_a_bonus(evidence: Path) -> None:
    case = worked(evidence, "W29")  # 10 % for one or two deals, 20 % from three on, 500 more above 2,000 sold
    curve = Curve("cliff", by="count", tiers=tiers((0, 3, 0.1), (3, None, 0.2)), bonus=((euros(2000), euros(500)),))
    for name, deals in case["inputs"]["deals"].items():
        legs = curve.legs(euros(sum(deals)), None, Decimal(len(deals)))
        assert sum(each.pays for each in legs) == euros(case["expected"][name])


def test_how_much_of_an_interval_is_reached(evidence: Path) -> None:
    case = worked(evidence, "W32")
    target, base = Decimal(case["inputs"]["target"]), Decimal(case["inputs"]["base"])
    slices = [tuple(Decimal(str(each)) for each in pair) for pair in case["inputs"]["slices"]]
    assert [completion(base, target, *each) * 100 for each in slices] == case["expected"]["completion_pct"]
    subtotals = [completion(base, target, low, high) * (high - low) * target * Decimal("0.05") for low, high in slices]
    assert subtotals == case["expected"]["subtotal_at_5pct"]


def test_a_manager_has_a_share_of_what_their_people_are_paid(evidence: Path) -> None:
    case = worked(evidence, "W33")
    plan = a_plan(override=Override(Decimal(str(case["inputs"]["manager_fixed_rate"]))))
    found = overridden(plan, Payout("m", ANA, Q4, 0, ()), [int(euros(case["inputs"]["child_total"]))])
    assert found.pays == euros(case["expected"]["manager_total"])


def test_what_a_commit_is_worth(evidence: Path) -> None:
    case = worked(evidence, "W36")
    given_, wanted = case["inputs"], case["expected"]
    bias = commit_bias([(Decimal(given_["Mgr_A"]["commit"]), Decimal(given_["Mgr_A"]["actual"]))])
    assert bias == Decimal(str(wanted["bias"]))
    assert leaning(bias) == "sandbagging"
    commit, machine = Decimal(given_["current_commit"]), Decimal(given_["machine"])
    assert adjusted(commit, bias) == Decimal(str(wanted["adjusted"]))
    assert adjusted(commit, bias, machine, Decimal(str(given_["blend"]["adjusted"]))) == Decimal(str(wanted["blended"]))
    assert commit_bias([]) is None
    assert [leaning(Decimal(each)) for each in ("0.89", "0.9", "1.1")] == [
        "over-promising",
        "as committed",
        "as committed",
    ]


@pytest.mark.parametrize(("boundary", "rate"), [("[a, b)", 6), (CLOSED_ABOVE, 5)])
def test_exactly_on_a_boundary_the_named_rule_decides(boundary: str, rate: int) -> None:
    curve = Curve("cliff", boundary=boundary, tiers=tiers((0, 1, 0.05), (1, None, 0.06)))
    assert sum(each.pays for each in curve.legs(euros(1000), euros(1000))) == rate * 10_00


def test_a_straight_line_between_points() -> None:
    # 75 % lies half way between 50 % (pays nothing) and 100 % (pays all): half of 10,000.00. Beyond 150 % it is flat.
    points = tuple((Decimal(str(at)), Decimal(str(pays))) for at, pays in ((0.5, 0), (1, 1), (1.5, 2)))
    curve = Curve("interpolated", points=points, on_target=euros(10_000))
    assert [sum(leg.pays for leg in curve.legs(euros(each), euros(100))) for each in (40, 75, 100, 125, 400)] == [
        0, 5_000_00, 10_000_00, 15_000_00, 20_000_00,
    ]  # fmt: skip


SIMPLE = Paid("bookings", Curve("marginal", tiers=tiers((0, 1, 0.05), (1, None, 0.10))))


def test_a_cap_and_a_threshold_hold_it_and_say_so() -> None:
    plan = a_plan(SIMPLE, threshold=Decimal("0.5"), cap=euros(60))
    below, over = paid(plan, Result(euros(499), euros(1000))), paid(plan, Result(euros(1200), euros(1000)))
    assert (below.pays, below.held) == (0, "below the threshold of 50%")
    assert (over.pays, over.held) == (60_00, "capped")


def test_what_cannot_be_told_is_not_zero() -> None:
    plan = a_plan(SIMPLE)
    assert (paid(plan, Result(euros(1), None)).pays, paid(plan, Result(euros(1), None)).reason) == (
        None,
        "bookings: no target",
    )
    assert paid(plan, Result(euros(1), Decimal(0))).reason == "bookings: target is zero"
    assert paid(plan, Result(None, euros(1), None, "nothing to measure")).reason == "bookings: nothing to measure"


def test_measures_are_weighed_or_multiply_each_other() -> None:
    half = [Paid(each.metric, each.curve, Decimal("0.5")) for each in (SIMPLE, SIMPLE)]
    results = Result(euros(1000), euros(1000)), Result(euros(500), euros(1000))
    assert paid(a_plan(*half), *results).pays == 25_00 + 12_50
    assert (
        paid(a_plan(SIMPLE, SIMPLE, combine="linked"), *results).pays == 25_00
    )  # 50.00, of which the second reaches half


def test_a_deal_taken_back_makes_the_year_to_date_pay_less_than_it_has() -> None:
    # The first quarter paid 5 % of 1,000.00; then 300.00 of it is reopened and 200.00 are new: the year has 900.00.
    so_far = added_up([Result(euros(700), euros(1000)), Result(euros(200), euros(1000))])
    assert paid(a_plan(SIMPLE, basis="year_to_date"), so_far, before=50_00).pays == 45_00 - 50_00


def test_the_cap_is_the_periods_also_of_a_year_to_date() -> None:
    # 120 % of 1,000.00 in each quarter: 50.00 and 20.00 of it each time, 70.00, 140.00 and 210.00 in the year so far.
    plan, before = a_plan(SIMPLE, basis="year_to_date", cap=euros(60)), 0
    given_ = []
    for quarters in (1, 2, 3):
        found = paid(plan, added_up([Result(euros(1200), euros(1000))] * quarters), before=before)
        given_.append((found.pays, found.held))
        before += found.pays or 0
    assert given_ == [(60_00, "capped")] * 3
    # The fourth brings nothing: the year of 4,800.00 less 1,200.00 is at 90 %, and owes 180.00, which it has had.
    last = paid(plan, added_up([Result(euros(1200), euros(1000))] * 3 + [Result(euros(0), euros(1000))]), before=before)
    assert (last.pays, last.held) == (0, "")


def test_what_a_cap_held_back_comes_when_there_is_room_for_it() -> None:
    plan = a_plan(SIMPLE, basis="year_to_date", cap=euros(60))
    # 120 % and 90 %: the year so far is at 105 % of 2,000.00, and owes 110.00, of which 60.00 were paid.
    found = paid(plan, added_up([Result(euros(1200), euros(1000)), Result(euros(900), euros(1000))]), before=60_00)
    assert (found.pays, found.held) == (50_00, "")


def test_below_the_threshold_a_year_to_date_takes_back_what_it_gave() -> None:
    plan = a_plan(SIMPLE, basis="year_to_date", threshold=Decimal("0.5"), cap=euros(60))
    found = paid(plan, added_up([Result(euros(600), euros(1000)), Result(euros(0), euros(1000))]), before=30_00)
    assert (found.pays, found.held) == (-30_00, "below the threshold of 50%")


def test_a_period_without_a_target_adds_nothing_to_an_attainment() -> None:
    # 500.00 with no target, then 600.00 of 1,000.00: 60 %, of which 5 % are paid.
    so_far = added_up([Result(euros(500), None), Result(euros(600), euros(1000))])
    found = paid(a_plan(SIMPLE, basis="year_to_date"), so_far)
    assert (found.pays, found.lines[0].result.actual) == (30_00, euros(600))
    # With nothing to measure then it is the same, and not unknown.
    assert added_up([Result(None, None, None, "nothing to measure"), Result(euros(600), euros(1000))]).actual == 600_00
    # Where rates go by the amount itself, all of it counts, whatever was wanted; the threshold reads what was.
    by_amount = Paid("bookings", Curve("marginal", "amount", tiers=tiers((0, None, 0.05))))
    plan = a_plan(by_amount, basis="year_to_date", threshold=Decimal("0.7"))
    assert paid(a_plan(by_amount, basis="year_to_date"), so_far).pays == 55_00
    assert paid(plan, so_far).held == "below the threshold of 70%"


def test_a_year_of_which_no_period_has_a_target_has_no_attainment() -> None:
    so_far = added_up([Result(euros(500), None), Result(euros(600), None)])
    assert so_far == Result(euros(1100), None)
    assert paid(a_plan(SIMPLE, basis="year_to_date"), so_far).reason == "bookings: no target"


@pytest.mark.parametrize(("target", "why"), [(None, "no target"), (Decimal(0), "target is zero")])
def test_what_multiplies_a_payout_needs_an_attainment_and_so_does_a_threshold(target: Decimal | None, why: str) -> None:
    by_amount = Paid("renewals", Curve("marginal", "amount", tiers=tiers((0, None, 0.05))))
    both = Result(euros(1000), euros(1000)), Result(euros(500), target)
    linked = paid(a_plan(SIMPLE, by_amount, combine="linked"), *both)
    assert (linked.pays, linked.reason) == (None, f"renewals: {why}")
    assert paid(a_plan(SIMPLE, by_amount), *both).pays == 50_00 + 25_00  # added up, each pays for itself
    held = paid(a_plan(by_amount, threshold=Decimal("0.5")), both[1])
    assert (held.pays, held.reason) == (None, f"renewals: {why}")


def test_credit_notes_beyond_all_sales_are_paid_back_at_the_first_rate() -> None:
    assert paid(a_plan(SIMPLE), Result(euros(-100), euros(1000))).pays == -5_00


@given(
    st.lists(st.tuples(st.integers(1, 200), st.integers(0, 40)), min_size=1, max_size=5),
    st.integers(-1_000_00, 5_000_00), st.integers(1, 5_000_00), st.integers(0, 1_000_00),
)  # fmt: skip
def test_legs_re_add_and_more_is_never_paid_less(
    steps: list[tuple[int, int]], actual: int, target: int, more: int
) -> None:
    bounds = [0]
    for width, _ in steps:
        bounds.append(bounds[-1] + width)
    stops = [*bounds[1:-1], None]
    made = tuple(
        Tier(Decimal(start) / 100, None if stop is None else Decimal(stop) / 100, Decimal(rate) / 100)
        for start, stop, (_, rate) in zip(bounds, stops, steps, strict=False)
    )
    plan = a_plan(Paid("bookings", Curve("marginal", tiers=made)))
    found, better = (paid(plan, Result(Decimal(each), Decimal(target))) for each in (actual, actual + more))
    assert found.pays is not None
    assert better.pays is not None
    assert found.pays == sum(leg.pays for line in found.lines for leg in line.legs)
    assert better.pays >= found.pays
    exact = sum((leg.amount * leg.rate for line in found.lines for leg in line.legs), Decimal(0))
    assert abs(found.pays - exact) <= Decimal("0.5")

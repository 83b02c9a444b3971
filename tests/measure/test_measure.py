"""What is measured, for whom, and in which period."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.measure.measure import Measurements, measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar
from connector.model.catalogue import Type
from connector.model.results import COMPANY, Measurement, Subject
from tests.measure.mirror import (
    Record,
    a_deal,
    a_formula,
    a_metric,
    a_mirror,
    a_seat,
    a_training,
    an_account_period,
    an_activity,
)

CALENDAR = Calendar()
Q4 = CALENDAR.period("2026-Q4")
ANA, BO, CY = (Subject("person", each) for each in ("ana", "bo", "cy"))
EAST, WEST = Subject("team", "East"), Subject("team", "West")

bookings = a_metric(where="outcome = 'won'", credit="splits")
deals_won = a_metric("deals_won", where="outcome = 'won'", measure="count()", unit="deals", credit="splits")
win_rate = a_metric(
    "win_rate", where="outcome in ('won', 'lost')", measure="count_if(outcome = 'won') / count()", unit="ratio"
)
sales_cycle = a_metric("sales_cycle", measure="median(days_between(created_on, closed_on))", unit="days")


def everything(metrics: Sequence[Metric], *records: Sequence[Record], today: date = date(2026, 12, 31)) -> Measurements:
    return measure(a_mirror(*records), metrics, [Q4], ["team", "region"], today)


def measured(
    metric: Metric, *records: Sequence[Record], subject: Subject = ANA, today: date = date(2026, 12, 31)
) -> Measurement | None:
    return everything([metric], *records, today=today).get(metric.name, subject, Q4.id)


def value(
    metric: Metric, *records: Sequence[Record], subject: Subject = ANA, today: date = date(2026, 12, 31)
) -> Decimal | None:
    found = measured(metric, *records, subject=subject, today=today)
    return found.value if found else None


def test_somebody_with_nothing_to_measure_is_absent_rather_than_zero() -> None:
    assert measured(win_rate, a_deal(outcome="open")) is None


def test_the_company_always_has_an_entry_and_a_sum_over_nothing_is_unknown() -> None:
    found = everything([bookings, deals_won])
    assert found["bookings", COMPANY, "2026-Q4"].value is None
    assert found["deals_won", COMPANY, "2026-Q4"].value == 0


def test_a_win_rate_keeps_both_whole_sides() -> None:
    found = measured(win_rate, a_deal(), a_deal(), a_deal(outcome="lost"))
    assert found is not None
    assert found.top == 2
    assert found.bottom == 3
    assert found.value is not None
    assert round(found.value, 4) == Decimal("0.6667")


def test_leaves_out_a_deal_that_closes_on_the_first_day_of_the_next_quarter() -> None:
    assert value(bookings, a_deal(), a_deal(closed_on=date(2027, 1, 1)), today=date(2027, 1, 5)) == 100_000


def test_counts_a_deal_that_closes_on_the_first_and_on_the_last_day() -> None:
    deals = a_deal(closed_on=date(2026, 10, 1)), a_deal(closed_on=date(2026, 12, 31))
    assert value(deals_won, *deals) == 2


def test_nothing_dated_after_the_day_asked_about_counts() -> None:
    deals = a_deal(closed_on=date(2026, 11, 3)), a_deal(closed_on=date(2026, 11, 4))
    assert value(deals_won, *deals, today=date(2026, 11, 3)) == 1


def test_planned_records_count_where_the_metric_looks_to_the_end_of_the_period() -> None:
    pipeline = a_metric("pipeline", where="outcome = 'open'", credit="owner", through="period_end")
    assert value(pipeline, a_deal(outcome="open", closed_on=date(2026, 12, 20)), today=date(2026, 11, 3)) == 100_000


def test_month_quarter_and_year_are_measured_in_one_go() -> None:
    mirror = a_mirror(a_deal(closed_on=date(2026, 2, 3)), a_deal(), a_deal(closed_on=date(2026, 11, 30)))
    found = measure(mirror, [deals_won], CALENDAR.current(date(2026, 11, 30)), [], date(2026, 11, 30))
    assert {period: found["deals_won", ANA, period].value for period in ("2026-11", "2026-Q4", "2026")} == {
        "2026-11": 1,
        "2026-Q4": 2,
        "2026": 3,
    }


def test_every_day_of_a_fortnight_falls_into_exactly_one_month() -> None:
    deals = [a_deal(closed_on=date(2026, 10, day)) for day in range(25, 32)]
    deals += [a_deal(closed_on=date(2026, 11, day)) for day in range(1, 8)]
    months = [CALENDAR.period(each) for each in ("2026-10", "2026-11", "2026-Q4")]
    found = measure(a_mirror(*deals), [deals_won], months, [], date(2026, 12, 31))
    assert [found["deals_won", ANA, each.id].value for each in months] == [7, 7, 14]


def test_half_of_ten_and_all_of_five_are_ten(evidence: Path) -> None:
    case = _worked(evidence, "W03")
    deals = [
        a_deal(amount=each["qty"], splits=_shares(ana=each["contribution_pct"])) for each in case["inputs"]["orders"]
    ]
    assert value(bookings, *deals) == case["expected"]["achieved_qty"]


def test_two_people_who_share_an_order_have_half_of_it_each(evidence: Path) -> None:
    case = _worked(evidence, "W04")["inputs"]
    deal = a_deal(amount=case["order_qty"], splits=_shares(ana=case["splits"]["P1"], bo=case["splits"]["P2"]))
    assert [value(bookings, deal, subject=each) for each in (ANA, BO)] == [10, 10]


def _worked(evidence: Path, case: str) -> dict:  # type: ignore[type-arg]
    cases = json.loads((evidence / "data" / "worked_examples.json").read_text())
    found: dict = next(each for each in cases if each["id"] == case)  # type: ignore[type-arg]
    return found


def _shares(**percent: int) -> list[tuple[str, int, bool]]:
    """Shares in per cent; what is left over is somebody else's."""
    rest = 100 - sum(percent.values())
    people = {**percent, **({"zoe": rest} if rest else {})}
    return [(person, each * 10_000, False) for person, each in people.items()]


def test_a_cent_that_cannot_be_shared_goes_to_the_largest_remainder() -> None:
    # 100.01 in thirds: 3333.66, 3333.66 and 3333.67 cents; two cents are left over, for cy and then for ana.
    deal = a_deal(amount=10_001, splits=[("ana", 333_333, False), ("bo", 333_333, False), ("cy", 333_334, False)])
    assert [value(bookings, deal, subject=each) for each in (ANA, BO, CY)] == [3_334, 3_333, 3_334]


def test_shares_of_a_negative_amount_re_add_too() -> None:
    deal = a_deal(amount=-10_001, splits=[("ana", 500_000, False), ("bo", 500_000, False)])
    assert [value(bookings, deal, subject=each) for each in (ANA, BO)] == [-5_001, -5_000]


def test_shares_of_99_99_per_cent_give_all_of_the_money_away() -> None:
    deal = a_deal(amount=10_000, splits=[(each, 333_300, False) for each in ("ana", "bo", "cy")])
    assert [value(bookings, deal, subject=each) for each in (ANA, BO, CY)] == [3_334, 3_333, 3_333]


def test_a_deal_shared_by_two_team_mates_counts_once_for_the_team() -> None:
    records = (
        a_deal(amount=100, splits=[("ana", 600_000, False), ("bo", 400_000, False)]),
        a_seat("ana", "East"),
        a_seat("bo", "East"),
    )
    found = everything([bookings, deals_won], *records)
    money = [found["bookings", each, "2026-Q4"].value for each in (ANA, BO, EAST, COMPANY)]
    deals = [found["deals_won", each, "2026-Q4"].value for each in (ANA, BO, EAST, COMPANY)]
    assert money == [60, 40, 100, 100]
    assert deals == [1, 1, 1, 1]


def test_a_deal_shared_by_two_teams_counts_for_both_and_once_for_their_region() -> None:
    records = (
        a_deal(amount=100, splits=[("ana", 600_000, False), ("bo", 400_000, False)]),
        a_seat("ana", "East"),
        a_seat("bo", "West"),
    )
    found = everything([bookings, deals_won], *records)
    north = Subject("region", "North")
    assert [found["bookings", each, "2026-Q4"].value for each in (EAST, WEST, north)] == [60, 40, 100]
    assert [found["deals_won", each, "2026-Q4"].value for each in (EAST, WEST, north)] == [1, 1, 1]


def test_an_overlay_counts_for_the_person_and_in_no_roll_up() -> None:
    records = (
        a_deal(amount=100, splits=[("ana", 1_000_000, False), ("bo", 1_000_000, True)]),
        a_seat("ana", "East"),
        a_seat("bo", "West"),
    )
    found = everything([bookings], *records)
    assert [found["bookings", each, "2026-Q4"].value for each in (ANA, BO, EAST, COMPANY)] == [100, 100, 100, 100]
    assert found.get("bookings", WEST, "2026-Q4") is None


def test_a_person_with_a_share_and_an_overlay_on_one_deal_won_one_deal() -> None:
    deal = a_deal(amount=100, splits=[("ana", 500_000, False), ("bo", 500_000, False), ("ana", 200_000, True)])
    assert value(deals_won, deal) == 1
    assert value(bookings, deal) == 70


def test_a_deal_of_nobody_we_know_counts_for_the_company_alone() -> None:
    records = a_deal(owner=None, amount=7), a_deal(amount=100), a_seat("ana", "East")
    found = everything([bookings], *records)
    assert found["bookings", COMPANY, "2026-Q4"].value == 107
    assert found["bookings", EAST, "2026-Q4"].value == 100


def test_a_deal_whose_splits_do_not_add_up_is_left_out_for_its_owner() -> None:
    found = measured(bookings, a_deal(faulty="splits add up to 90 %"))
    assert found is not None
    assert found.value is None
    assert (found.records, found.left_out) == (0, 1)


def test_a_deal_without_an_amount_is_left_out_and_not_zero() -> None:
    found = measured(bookings, a_deal(), a_deal(amount=None))
    assert found is not None
    assert found.value == 100_000
    assert (found.records, found.left_out) == (1, 1)


def test_a_unit_is_who_sat_in_it_on_the_day_of_the_record() -> None:
    moved = date(2026, 11, 1)
    records = (
        a_deal(amount=1, closed_on=date(2026, 10, 31)),
        a_deal(amount=10, closed_on=moved),
        a_seat("ana", "East", ends_before=moved),
        a_seat("ana", "West", starts_on=moved),
    )
    assert [value(bookings, *records, subject=each) for each in (EAST, WEST)] == [1, 10]


def test_the_owner_at_close_keeps_a_deal_that_is_handed_over_later() -> None:
    deal = a_deal(owner="bo", owner_at_close="ana", amount=5)
    assert value(a_metric(credit="owner_at_close"), deal) == 5
    assert value(a_metric(credit="owner"), deal, subject=BO) == 5


def test_the_median_needs_no_share_and_lies_between_two_deals() -> None:
    deals = a_deal(created_on=date(2026, 10, 1)), a_deal(created_on=date(2026, 9, 28))
    assert value(sales_cycle, *deals) == Decimal("8.5")  # 7 and 10 days


def test_a_shared_deal_is_one_deal_in_a_teams_median() -> None:
    cycle = a_metric("cycle", measure="median(days_between(created_on, closed_on))", unit="days", credit="splits")
    half = [("ana", 500_000, False), ("bo", 500_000, False)]
    records = (
        a_deal(created_on=date(2026, 10, 7), splits=half),  # 1 day
        a_deal(created_on=date(2026, 10, 5)),  # 3 days
        a_deal(created_on=date(2026, 10, 3)),  # 5 days
        a_seat("ana", "East"),
        a_seat("bo", "East"),
    )
    assert value(cycle, *records, subject=EAST) == 3


def test_customers_are_counted_once_each() -> None:
    customers = a_metric("customers", measure="count_distinct(account)", unit="customers")
    deals = a_deal(account="a"), a_deal(account="a"), a_deal(account="b"), a_deal(account=None)
    found = measured(customers, *deals)
    assert found is not None
    assert found.value == 2
    assert (found.records, found.left_out) == (3, 1)


def test_weighted_counts_count_shares() -> None:
    shared = a_metric("deals_won", measure="count()", unit="deals", credit="splits", weighted=True)
    deal = a_deal(splits=[("ana", 600_000, False), ("bo", 400_000, False)])
    assert [value(shared, deal, subject=each) for each in (ANA, BO, COMPANY)] == [Decimal("0.6"), Decimal("0.4"), 1]


def test_a_mean_of_money_takes_each_deal_whole() -> None:
    mean = a_metric("mean", measure="avg(amount)", credit="splits")
    deals = a_deal(amount=100, splits=[("ana", 500_000, False), ("bo", 500_000, False)]), a_deal(amount=201)
    assert value(mean, *deals) == Decimal("150.5")


def test_money_times_a_probability_is_rounded_deal_by_deal() -> None:
    weighted = a_metric("weighted", where="outcome = 'open'", measure="sum(amount * probability)", credit="owner")
    deals = [a_deal(outcome="open", amount=each, probability=0.5) for each in (100, 101, 103)]
    assert value(weighted, *deals) == 50 + 51 + 52


def test_a_formula_divides_two_metrics_once() -> None:
    average = a_formula("average_deal", "bookings / deals_won", "money", bookings=Type.MONEY, deals_won=Type.NUMBER)
    found = everything([average, bookings, deals_won], a_deal(amount=100), a_deal(amount=101))
    assert found["average_deal", ANA, "2026-Q4"].value == Decimal("100.5")
    assert found["average_deal", COMPANY, "2026-Q4"].bottom == 2


def test_activities_count_for_whoever_performed_them() -> None:
    calls = a_metric("calls", of="activities", where="status = 'completed'", measure="count()", unit="calls")
    records = an_activity(), an_activity("bo"), an_activity(status="planned"), an_activity(None), a_seat("ana", "East")
    assert [value(calls, *records, subject=each) for each in (ANA, EAST, COMPANY)] == [1, 1, 3]


def test_rows_of_a_file_table_count_for_the_person_they_name() -> None:
    hours = a_metric("hours", of="files.trainings", measure="sum(hours)", unit="hours")
    records = a_training(hours=0.1), a_training(hours=0.2), a_training(None, hours=1)
    assert value(hours, *records) == Decimal("0.3")
    assert value(hours, *records, subject=COMPANY) == Decimal("1.3")


def test_many_metrics_measured_together_are_what_each_is_alone() -> None:
    records = (
        *(a_deal(amount=each, outcome=("won", "lost")[each % 2], account=f"a{each % 3}") for each in range(1, 12)),
        a_deal(amount=99, splits=[("ana", 700_000, False), ("bo", 300_000, False)]),
        a_seat("ana", "East"),
    )
    metrics = [bookings, deals_won, win_rate, sales_cycle]
    together = everything(metrics, *records)
    alone = {key: each for metric in metrics for key, each in everything([metric], *records).values.items()}
    assert together.values == alone


def test_somebody_who_only_lost_has_no_bookings_although_both_are_read_in_one_scan() -> None:
    lost = a_metric("lost", where="outcome = 'lost'", measure="count()", unit="deals", credit="splits")
    found = everything([bookings, lost], a_deal(outcome="lost"))
    assert found["lost", ANA, "2026-Q4"].value == 1
    assert found.get("bookings", ANA, "2026-Q4") is None


def test_no_order_of_the_records_changes_anything() -> None:
    records = [
        a_deal(
            "emea:Opportunity/a",
            amount=10_001,
            splits=[("ana", 333_333, False), ("bo", 333_333, False), ("cy", 333_334, False)],
        ),
        a_deal("emea:Opportunity/b", amount=77, splits=[("ana", 500_000, False), ("bo", 500_000, False)]),
        a_deal("emea:Opportunity/c", outcome="lost"),
        a_deal("emea:Opportunity/d", faulty="splits add up to 120 %"),
        a_seat("ana", "East") + a_seat("bo", "West"),
    ]
    metrics = [bookings, deals_won, win_rate, sales_cycle]
    results = [everything(metrics, *each).values for each in [*itertools.permutations(records)][::13]]
    assert all(each == results[0] for each in results)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-(10**9), 10**9), st.lists(st.integers(1, 1_000_000), min_size=1, max_size=4)),
        min_size=1,
        max_size=5,
    )
)
def test_what_people_are_credited_with_adds_up_to_the_companys(deals: list[tuple[int, list[int]]]) -> None:
    names = ("ana", "bo", "cy", "dee")
    records = []
    for amount, weights in deals:
        shares = [1_000_000 * each // sum(weights) for each in weights]
        shares[0] += 1_000_000 - sum(shares)
        splits = [(person, share, False) for person, share in zip(names, shares, strict=False)]
        records.append(a_deal(amount=amount, splits=splits))
    found = everything([bookings], *records)
    people = [each.value or 0 for (_, subject, _), each in found.values.items() if subject.kind == "person"]
    assert sum(people) == found["bookings", COMPANY, "2026-Q4"].value == sum(amount for amount, _ in deals)


def test_any_periods_may_be_asked_for_at_once() -> None:
    today = date(2026, 11, 25)
    wanted = [
        CALENDAR.period(each, today) for each in ("2026-H2", "2026-Q4", "2026-W47", "last-90-days", "last-4-weeks")
    ]
    days = [(9, 30), (6, 30), (11, 16), (11, 22), (11, 23), (8, 28), (8, 27), (10, 29), (10, 28)]
    deals = [a_deal(amount=2**at, closed_on=date(2026, *day)) for at, day in enumerate(days)]
    found = measure(a_mirror(*deals, a_seat("ana", "East")), [bookings], wanted, ["team"], today)
    sums = {
        "2026-H2": sum(2**at for at in range(9)) - 2,
        "2026-Q4": 4 + 8 + 16 + 128 + 256,
        "2026-W47": 4 + 8,  # 16 to 22 November
        "last-90-days": sum(2**at for at in range(9)) - 2 - 64,  # from 28 August
        "last-4-weeks": 4 + 8 + 16 + 128,  # from 29 October
    }
    for who in (ANA, EAST, COMPANY):
        assert {period: found["bookings", who, period].value for period in sums} == sums


def test_what_has_a_record_per_period_is_unknown_in_a_week() -> None:
    week = CALENDAR.period("2026-W40")
    came_back = a_metric("came_back", of="account_periods", measure="count()", unit="customers", where="came_back")
    mirror = a_mirror(an_account_period(0, 400, came_back=True))
    found = measure(mirror, [came_back], [week, Q4], [], date(2026, 12, 31))
    assert found["came_back", COMPANY, "2026-Q4"].value == 1
    assert (found["came_back", COMPANY, week.id].value, found["came_back", COMPANY, week.id].reason) == (
        None,
        "account_periods has no week periods",
    )

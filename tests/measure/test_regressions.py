"""Mistakes that others made in measuring, each by its number; B7 does not concern us: deals belong to no tree of items."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

from connector.measure.evidence import evidence
from connector.measure.measure import Measurements, measure
from connector.model.calendar import Calendar, Period
from connector.model.results import COMPANY, Subject, Target
from connector.score.score import score
from tests.measure.mirror import Record, a_deal, a_metric, a_mirror, a_seat
from tests.measure.shipped import shipped

CALENDAR = Calendar()
Q4 = CALENDAR.period("2026-Q4")
END = date(2026, 12, 31)
ANA, BO = Subject("person", "ana"), Subject("person", "bo")
EAST, WEST, NORTH = Subject("team", "East"), Subject("team", "West"), Subject("region", "North")


def everything(
    name: str, *records: list[Record], today: date = END, periods: tuple[Period, ...] = (Q4,)
) -> Measurements:
    return measure(a_mirror(*records), shipped(name), periods, ["team", "region"], today)


def target(value: int, metric: str = "bookings") -> Target:
    return Target(metric, ANA, Q4, Decimal(value), "money", (), "")


def test_b1_a_deal_on_each_of_14_days_is_in_exactly_one_part_and_the_parts_add_up() -> None:
    days = [date(2026, 10, 25) + timedelta(days=each) for each in range(14)]
    deals = [a_deal(amount=10**at, closed_on=day) for at, day in enumerate(days)]
    periods = tuple(CALENDAR.period(each) for each in ("2026-10", "2026-11", "2026-12", "2026-Q4"))
    found = everything("bookings", *deals, periods=periods)
    october, november, december, quarter = (found["bookings", COMPANY, each.id].value for each in periods)
    # 25 to 31 October are seven days, 1 to 7 November seven more; each deal is one digit.
    assert [october, november, december] == [1_111_111, 11_111_110_000_000, None]
    assert quarter == 11_111_111_111_111


def test_b2_exactly_the_target_of_a_lower_is_better_metric_is_attained_by_either_method() -> None:
    for method in ("linear", "ratio"):
        metric = a_metric(
            "lost", where="outcome = 'lost'", measure="count()", unit="deals", better="lower", method=method
        )
        found = measure(a_mirror(a_deal(outcome="lost"), a_deal(outcome="lost")), [metric], [Q4], [], END)
        made = score(found.get("lost", ANA, Q4.id), target(2, "lost"), metric, ANA, Q4, calendar=CALENDAR, today=END)
        assert made.attainment == 1


def test_b3_when_all_records_are_gone_no_old_value_stays() -> None:
    [metric] = shipped("bookings")
    before, after = everything("bookings", a_deal()), everything("bookings", a_deal(outcome="lost"))
    numbers = [
        score(each.get("bookings", ANA, Q4.id), target(100), metric, ANA, Q4, calendar=CALENDAR, today=END).actual
        for each in (before, after)
    ]
    assert numbers == [100_000, 0]


def test_b5_without_a_single_deal_the_whole_target_is_the_gap() -> None:
    [metric] = shipped("bookings")
    found = everything("bookings").get("bookings", ANA, Q4.id)
    made = score(found, target(250_000), metric, ANA, Q4, calendar=CALENDAR, today=END)
    assert [made.actual, made.attainment, made.gap] == [0, 0, 250_000]


def test_b6_a_unit_has_what_its_members_have_at_every_level() -> None:
    records = a_deal(amount=1), a_deal(amount=20, owner="bo"), a_deal(amount=300, owner="cy")
    seats = a_seat("ana", "East"), a_seat("bo", "East"), a_seat("cy", "West")
    found = everything("bookings", *records, *seats)
    assert [found["bookings", each, Q4.id].value for each in (EAST, WEST, NORTH, COMPANY)] == [21, 300, 321, 321]


def test_b7_of_units_three_deep_the_root_has_all_of_it_once() -> None:
    seats = [
        a_seat("ana", "Rhine", region="West"), a_seat("bo", "Main", region="West"), a_seat("cy", "Elbe", region="East"),
    ]  # fmt: skip
    deals = [a_deal("", owner, amount=amount) for owner, amount in (("ana", 1_00), ("bo", 2_00), ("cy", 4_00))]
    shared = a_deal(amount=8_00, splits=[("ana", 500_000, False), ("bo", 500_000, False)])
    metric = a_metric(credit="splits")
    found = measure(a_mirror(*seats, *deals, shared), [metric], [Q4], ("region", "team"), END)
    by_unit = {each.id: found["bookings", each, Q4.id].value for _, each, _ in found if each.kind in ("team", "region")}
    assert by_unit == {"Rhine": 5_00, "Main": 6_00, "Elbe": 4_00, "West": 11_00, "East": 4_00}
    assert found["bookings", COMPANY, Q4.id].value == 15_00


def test_b8_shares_count_and_more_than_100_per_cent_is_refused_and_named() -> None:
    shared = a_deal(amount=20, splits=[("ana", 250_000, False), ("bo", 750_000, False)])
    refused = a_deal("emea:Opportunity/9", amount=1_000, faulty="splits add up to 120 %")
    mirror, [metric] = a_mirror(shared, refused), shipped("bookings")
    behind = evidence(mirror, metric, ANA, Q4, END)
    assert behind.total == 5
    assert [(each.ref, each.reason) for each in behind.left_out] == [("emea:Opportunity/9", "splits add up to 120 %")]


def test_b9_a_deal_shared_by_two_team_mates_counts_once_for_the_team() -> None:
    deal = a_deal(amount=100, splits=[("ana", 600_000, False), ("bo", 400_000, False)])
    found = everything("bookings", deal, a_seat("ana", "East"), a_seat("bo", "East"))
    assert [found["bookings", each, Q4.id].value for each in (ANA, BO, EAST, COMPANY)] == [60, 40, 100, 100]


def test_b11_credits_in_any_order_give_the_same_numbers() -> None:
    thirds = [("ana", 333_333, False), ("bo", 333_333, False), ("cy", 333_334, False)]
    deals = [
        a_deal(f"emea:Opportunity/{at}", amount=amount, splits=[*order])
        for at, (amount, order) in enumerate(zip((100, 101, -7), permutations(thirds), strict=False))
    ]
    results = [everything("bookings", *each).values for each in permutations(deals)]
    assert all(each == results[0] for each in results)
    assert sum(each.value or 0 for (_, who, _), each in results[0].items() if who.kind == "person") == 194


def test_b12_one_and_a_half_times_the_target_stays_one_and_a_half() -> None:
    [metric] = shipped("bookings")
    found = everything("bookings", a_deal(amount=150)).get("bookings", ANA, Q4.id)
    made = score(found, target(100), metric, ANA, Q4, calendar=CALENDAR, today=END)
    assert made.attainment == Decimal("1.5")


def test_b13_a_close_date_is_a_day_whatever_the_zone() -> None:
    months = tuple(CALENDAR.period(each) for each in ("2026-10", "2026-11"))
    found = everything("deals_won", a_deal(closed_on=date(2026, 11, 1)), periods=months)
    assert [found["deals_won", COMPANY, each.id].value for each in months] == [0, 1]

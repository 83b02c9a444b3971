"""Numbers that need every line, in the statement that adds up the rest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connector.measure.measure import measure
from connector.model.calendar import Calendar
from connector.model.results import COMPANY, Subject
from tests.measure.mirror import a_deal, a_metric, a_mirror, a_seat

TODAY = date(2026, 11, 3)
QUARTER = Calendar().period("2026-Q4")
ANA = Subject("person", "ana")
customers = a_metric("customers", measure="count_distinct(account)", where="outcome = 'won'", unit="customers")
won = a_metric("won", measure="count()", where="outcome = 'won'", unit="deals", credit="splits")
split_customers = a_metric(
    "split_customers", measure="count_distinct(account)", where="outcome = 'won'", unit="customers", credit="splits"
)


def test_somebody_whose_only_deal_is_refused_has_no_customers_rather_than_an_unknown_number() -> None:
    mirror = a_mirror(a_deal(account="acme", faulty="splits add up to 90 %"))
    found = measure(mirror, [won, split_customers], [QUARTER], ["team"], TODAY)["split_customers", ANA, QUARTER.id]
    assert (found.value, found.records, found.left_out) == (Decimal(0), 0, 1)


def test_a_shared_deal_is_one_customer_for_each_person_each_unit_and_the_company() -> None:
    halves = [("ana", 500_000, False), ("bo", 500_000, False)]
    mirror = a_mirror(
        a_deal(account="acme", splits=halves),
        a_deal(account="acme"),
        a_deal(account="blue", owner="bo"),
        a_seat("ana", "East") + a_seat("bo", "East"),
    )
    found = measure(mirror, [split_customers], [QUARTER], ["team"], TODAY)
    counted = {
        who: found["split_customers", who, QUARTER.id].value
        for who in (ANA, Subject("person", "bo"), Subject("team", "East"), COMPANY)
    }
    assert list(counted.values()) == [1, 2, 2, 2]


def test_days_of_one_seat_on_both_sides_of_a_bound_stay_in_their_own_period() -> None:
    months = [Calendar().period("2026-10"), Calendar().period("2026-11")]
    mirror = a_mirror(
        a_deal(account="acme", closed_on=date(2026, 10, 31)),
        a_deal(account="blue", closed_on=date(2026, 11, 1)),
        a_deal(account="blue", closed_on=date(2026, 11, 2)),
        a_seat("ana", "East"),
    )
    found = measure(mirror, [won, customers], [*months, QUARTER], ["team"], TODAY)
    east = Subject("team", "East")
    assert [found["won", east, each.id].value for each in (*months, QUARTER)] == [1, 2, 3]
    assert [found["customers", east, each.id].value for each in (*months, QUARTER)] == [1, 1, 2]

"""Amounts at the rate of the close date, of the plan and of the CRM; what accounts pay, at the rate of the period's start."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from connector.errors import Place
from connector.language.read import condition, measure
from connector.measure.exchange import exchange
from connector.measure.metric import Metric
from connector.model.calendar import Calendar
from connector.model.catalogue import RELATIONS, Catalogue
from connector.model.money import Money
from connector.model.records import Outcome
from connector.model.results import COMPANY
from connector.model.settings import PlanRate
from connector.store.mirror import open_mirror
from tests.store.made import TODAY, account, account_ref, deal, rate, won
from tests.store.mirrored import Mirrored, company

APRIL = date(2026, 4, 10)
PLAN = (PlanRate("2025", "USD", Decimal("1.10")), PlanRate("2026", "USD", Decimal("1.25")))


@pytest.fixture
def euros(mirrored: Mirrored) -> Mirrored:
    """Market: 1.10 USD for a euro in 2025, 1.20 from 2026 on. Plan: 1.10 and 1.25."""
    mirrored.company = replace(company(), plan_rates=PLAN)
    mirrored.save(rate("USD", "EUR", date(2025, 1, 1), "1.10"), rate("USD", "EUR", date(2026, 1, 1), "1.20"))
    return mirrored


def test_at_the_plan_rate_of_the_fiscal_year_it_closed_in(euros: Mirrored) -> None:
    euros.save(
        won("d1", APRIL, amount=Money(3_000_00, "USD")), won("d2", date(2025, 6, 1), amount=Money(1_100_00, "USD"))
    )
    # 3,000 / 1.20 = 2,500.00 and 3,000 / 1.25 = 2,400.00; 1,100 / 1.10 = 1,000.00 either way.
    assert euros.look("select amount, amount_at_plan, fx_effect from deals order by ref") == [
        (2_500_00, 2_400_00, 100_00),
        (1_000_00, 1_000_00, 0),
    ]


def test_a_rate_against_another_currency_leads_across_where_that_one_has_a_rate(mirrored: Mirrored) -> None:
    mirrored.save(
        rate("EUR", "USD", date(2026, 1, 1), "0.8"),  # for a dollar
        rate("GBP", "USD", date(2025, 1, 1), "0.5"),
        rate("GBP", "USD", date(2026, 3, 1), "0.4"),
        rate("CHF", "SEK", date(2026, 1, 1), "0.1"),  # leads nowhere
        won("d1", APRIL, amount=Money(100_00, "GBP")),  # 250 USD, 200.00 EUR
        won("d2", APRIL, amount=Money(100_00, "USD")),  # 80.00 EUR
        won("d3", APRIL, amount=Money(100_00, "CHF")),
        won("d4", date(2025, 6, 1), amount=Money(100_00, "GBP")),  # no euros then
    )
    assert mirrored.look("select ref, amount from deals order by ref") == [
        ("emea:Opportunity/d1", 200_00),
        ("emea:Opportunity/d2", 80_00),
        ("emea:Opportunity/d3", None),
        ("emea:Opportunity/d4", None),
    ]
    mirrored.save(rate("GBP", "EUR", date(2026, 1, 1), "0.8"))  # what is said outright wins: 125.00 EUR
    assert mirrored.look("select amount from deals where ref like '%d1'") == [(125_00,)]


def test_an_open_deal_is_worth_what_it_is_worth_today_though_a_later_rate_is_known(euros: Mirrored) -> None:
    later = TODAY + timedelta(days=30)
    euros.save(
        rate("USD", "EUR", later, "2.00"),
        deal("d1", closed_on=later + timedelta(days=9), amount=Money(2_40_00, "USD")),
        won("d2", later, amount=Money(2_40_00, "USD")),
    )
    assert euros.look("select amount from deals order by ref") == [(2_00_00,), (1_20_00,)]  # at 1.20, and at 2.00
    assert euros.look("select amount from deal_versions where deal like '%d1'") == [(2_00_00,)]
    euros.today = later
    assert euros.look("select amount from deals order by ref") == [(1_20_00,), (1_20_00,)]
    assert euros.look("select amount from deal_versions where deal like '%d1'") == [(1_20_00,)]


def test_where_all_rates_are_of_later_days_an_open_deal_has_the_first(mirrored: Mirrored) -> None:
    mirrored.save(
        rate("USD", "EUR", TODAY + timedelta(days=1), "2.00"), rate("USD", "EUR", TODAY + timedelta(days=9), "4.00")
    )
    mirrored.save(deal("d1", amount=Money(4_00, "USD")))
    assert mirrored.deal("amount") == (2_00,)


def test_in_the_companys_currency_a_plan_changes_nothing(euros: Mirrored) -> None:
    euros.save(won("d1", APRIL, amount=Money(5_00, "EUR")))
    assert euros.deal("amount, amount_at_plan, fx_effect") == (5_00, 5_00, 0)


def test_an_open_deal_without_a_date_has_the_plan_of_this_year(euros: Mirrored) -> None:
    euros.save(deal("d1", closed_on=None, amount=Money(1_250_00, "USD")))
    assert euros.deal("amount_at_plan") == (1_000_00,)


def test_without_a_plan_rate_nothing_is_assumed_and_it_is_said(euros: Mirrored) -> None:
    euros.save(won("d1", date(2027, 1, 5), amount=Money(1_00, "USD")))
    assert euros.deal("amount_at_plan, fx_effect") == (None, None)
    assert euros.ask("select what from faults") == [("there is no plan rate for USD in the year it closed",)]


def test_where_nobody_plans_rates_nobody_is_told(mirrored: Mirrored) -> None:
    mirrored.save(rate("USD", "EUR", date(2025, 1, 1), "1.10"), won("d1", APRIL, amount=Money(1_10, "USD")))
    assert mirrored.look("select amount, amount_at_plan from deals") == [(1_00, None)]
    assert mirrored.ask("select * from faults") == []


def test_a_new_plan_makes_new_amounts(euros: Mirrored) -> None:
    euros.save(won("d1", APRIL, amount=Money(3_000_00, "USD")))
    assert euros.deal("amount_at_plan") == (2_400_00,)
    euros.company = replace(company(), plan_rates=(PlanRate("2026", "USD", Decimal("1.5")),))
    assert euros.deal("amount_at_plan") == (2_000_00,)


def test_what_the_crm_converted_is_taken_as_it_is(euros: Mirrored) -> None:
    euros.save(won("d1", APRIL, amount=Money(3_000_00, "USD"), amount_converted=Money(2_345_67, "EUR")))
    assert euros.deal("amount_by_crm") == (2_345_67,)


def test_in_the_companys_currency_there_was_nothing_for_the_crm_to_convert(euros: Mirrored) -> None:
    euros.save(won("d1", APRIL, amount=Money(5_00, "EUR")), won("d2", APRIL, amount=Money(5_00, "USD")))
    assert euros.look("select amount_by_crm from deals order by ref") == [(5_00,), (None,)]


def a_metric(kind: str) -> Metric:
    place = Place("rules/metrics.yaml", 1)
    relation = RELATIONS["deals"].at_rate(kind)
    summed = measure("sum(amount)", relation, "EUR", lambda _: place)
    where = condition("outcome = 'won'", relation, "EUR", lambda _: place)
    return Metric("bookings", "Bookings", "money", place, "deals", summed, "closed_on", "splits", where, rate=kind)


def test_the_effect_of_exchange_rates_re_adds(euros: Mirrored) -> None:
    euros.save(won("d1", APRIL, amount=Money(3_000_00, "USD")), won("d2", APRIL, amount=Money(7_00, "EUR")))
    euros.refresh()
    mirror, year = open_mirror(euros.path), Calendar().period("2026")
    try:
        found = exchange(
            mirror, a_metric("plan"), Catalogue(RELATIONS, "EUR"), subject=COMPANY, period=year, as_of=TODAY
        )
        assert found is not None
        assert [found.at_plan, found.at_close, found.effect] == [2_407_00, 2_507_00, 100_00]
        usual = a_metric("at_close")
        assert exchange(mirror, usual, Catalogue(RELATIONS, "EUR"), subject=COMPANY, period=year, as_of=TODAY) is None
    finally:
        mirror.close()


def test_a_deal_without_one_of_its_rates_is_no_effect_of_exchange_rates(euros: Mirrored) -> None:
    # Nobody planned a rate for pounds, though the market had one.
    euros.save(rate("GBP", "EUR", date(2026, 1, 1), "0.8"), won("d1", APRIL, amount=Money(8_00, "GBP")))
    euros.save(won("d2", APRIL, amount=Money(3_000_00, "USD")))
    euros.refresh()
    with open_mirror(euros.path) as mirror:
        found = exchange(
            mirror,
            a_metric("plan"),
            Catalogue(RELATIONS, "EUR"),
            subject=COMPANY,
            period=Calendar().period("2026"),
            as_of=TODAY,
        )
    assert found is None


def test_every_amount_is_its_plan_and_the_effect(euros: Mirrored) -> None:
    dice = Random(7)
    euros.save(*(won(f"p{at}", APRIL, amount=Money(dice.randint(-(10**9), 10**9), "USD")) for at in range(500)))
    assert euros.look("select count(*), count(*) filter (amount <> amount_at_plan + fx_effect) from deals") == [
        (500, 0)
    ]


def test_both_ends_of_a_period_are_at_the_rate_of_its_start(euros: Mirrored) -> None:
    # 1,200 USD a year from February 2025 on, renewed: what the dollar did meanwhile is no contraction.
    euros.save(
        account("a1"),
        won("d1", date(2025, 2, 1), account=account_ref("a1"), amount=Money(1_320_00, "USD")),
        won("d2", date(2026, 2, 1), account=account_ref("a1"), amount=Money(1_320_00, "USD")),
    )
    rows = euros.look(
        "select period, start_value, end_value, kept_value from account_periods where grain = 'year' order by period"
    )
    # 2025 begins before the first deal; 2026 begins at 1.20: 1,320 / 1.20 = 1,100.00 at both ends.
    assert rows == [("2025", 0, 1_200_00, 0), ("2026", 1_100_00, 1_100_00, 1_100_00)]


def test_an_outcome_is_no_matter(euros: Mirrored) -> None:
    euros.save(deal("d1", outcome=Outcome.LOST, closed_on=APRIL, amount=Money(3_000_00, "USD")))
    assert euros.deal("amount_at_plan") == (2_400_00,)

"""Suggestions by the way that missed least on past quarters: worked out by hand for a team of steady sellers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from connector.improve.suggest import NAIVE, SEASON, TREND, Suggested, Suggesting, next_period
from connector.model.calendar import Calendar, Grain
from connector.model.people import Roster
from tests.appraisal.test_appraise import rules
from tests.improve.test_lint import seated
from tests.measure.mirror import Record, a_deal, a_metric, a_mirror

TODAY = date(2026, 12, 28)
CALENDAR = Calendar()
Q1 = CALENDAR.period("2027-Q1")
bookings = a_metric(where="outcome = 'won'")
ANA, BEA = seated("ana"), seated("bea")


def sold(owner: str, amounts: dict[int, int], *, back: int = 48, growth: float = 1.0) -> Iterator[list[Record]]:
    """A deal in each of the last months, by the month of the year, `growth` times as much each year."""
    for month in range(1, back):
        year, at = divmod(11 - month, 12)
        amount = round(amounts.get(at + 1, amounts.get(0, 0)) * growth ** (2 + year))
        if amount:
            yield a_deal(owner=owner, closed_on=date(2026 + year, at + 1, 10), amount=amount)


def suggested(*records: list[Record], plan: int | None = None) -> Suggested:
    using, roster = rules(metrics={"bookings": bookings}, alerts={}), Roster.of([ANA, BEA])
    making = Suggesting(a_mirror(*records), using, roster, CALENDAR, TODAY)
    return making.of(bookings, Q1, [ANA, BEA], None if plan is None else Decimal(plan), 2)


def values(found: Suggested) -> dict[str, int]:
    return {each.person: int(each.value) for each in found.rows}


def test_steady_sellers_are_asked_for_what_they_always_sell() -> None:
    found = suggested(*sold("ana", {0: 100_000}), *sold("bea", {0: 100_000}))
    assert values(found) == {"ana": 300_000, "bea": 300_000}
    assert set(found.errors.values()) == {Decimal(0)}
    assert (found.total, found.rows[0].own) == (Decimal(600_000), 24)
    assert found.rows[0].chance.probability == 1.0


def test_the_way_that_missed_nothing_is_used() -> None:
    # Bea always sells twice what Ana does: last year says so exactly, the usual month is drawn to what peers do.
    found = suggested(*sold("ana", {0: 100_000}), *sold("bea", {0: 200_000}))
    assert found.way == NAIVE
    assert values(found) == {"ana": 300_000, "bea": 600_000}
    # (24 x 1,000 + 12 x 2,000) / 36 = 1,333.33 a month for Ana, 1,666.67 for Bea: 1,000 too much, and 1,000 too little,
    # of 9,000 a quarter.
    assert found.errors == {NAIVE: Decimal(0), SEASON: Decimal("0.2222"), TREND: Decimal("0.2222")}


def test_a_season_is_kept_and_a_trend_is_seen() -> None:
    # March is three times another month; every year half as much again.
    found = suggested(
        *sold("ana", {0: 100_000, 3: 300_000}, growth=1.5), *sold("bea", {0: 100_000, 3: 300_000}, growth=1.5)
    )
    assert found.way == NAIVE
    assert found.errors[NAIVE] < found.errors[TREND] < found.errors[SEASON]
    # The first quarter of 2026 brought (1 + 1 + 3) x 1,000 x 1.5 ^ 2 = 11,250; a year's growth on it is half as much again.
    assert values(found)["ana"] == pytest.approx(1_687_500, rel=0.02)


def test_the_gap_to_the_company_s_number_is_shown() -> None:
    found = suggested(*sold("ana", {0: 100_000}), *sold("bea", {0: 100_000}), plan=900_000)
    assert found.plan is not None
    assert found.total - found.plan == -300_000


def test_without_a_last_year_the_other_ways_are_held_against_each_other() -> None:
    found = suggested(*sold("ana", {0: 100_000}, back=10), *sold("bea", {0: 100_000}, back=10))
    assert set(found.errors) == {SEASON, TREND}
    assert found.rows


def test_too_little_history_is_said_and_nothing_is_made_up() -> None:
    found = suggested(a_deal(owner="ana", closed_on=date(2026, 12, 1)))
    assert found.rows == ()
    assert "no past period" in found.problem


def test_the_next_period_is_the_one_after_today_s() -> None:
    assert next_period(CALENDAR, Grain.QUARTER, TODAY).id == "2027-Q1"
    assert next_period(CALENDAR, Grain.MONTH, date(2026, 1, 31)).id == "2026-02"

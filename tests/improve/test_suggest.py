"""Suggestions by the way that missed least on past quarters: worked out by hand for a team of steady sellers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.improve.months import MonthlyPast, same_draws
from connector.improve.shares import Shares
from connector.improve.suggest import Suggested, Suggesting, Suggestion, _hindsight, _unlikely, next_period
from connector.improve.ways import BEFORE, MARKET, NAIVE, POTENTIAL, SEASON, TREND
from connector.model.calendar import Calendar, Grain
from connector.model.fiscal import WeekYears
from connector.model.people import Person, Roster
from connector.model.records import Reading, Ref
from connector.score.reach import Reach
from connector.targets.market import Market
from connector.targets.policy import Ramp
from tests.appraisal.test_appraise import rules
from tests.improve.test_lint import seated
from tests.measure.mirror import Record, a_deal, a_metric, a_mirror
from tests.targets.policies import a_policy, away

TODAY = date(2026, 12, 28)
STAMP = datetime(2026, 1, 1, tzinfo=UTC)
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


def suggested(
    *records: list[Record], plan: int | None = None, people: Sequence[Person] = (ANA, BEA), **more: Any
) -> Suggested:
    using = rules(metrics={"bookings": bookings}, alerts={})
    making = Suggesting(
        a_mirror(*records), using, Roster.of(people), more.get("calendar", CALENDAR), more.get("today", TODAY), {}
    )
    wanted = None if plan is None else Decimal(plan)
    return making.of(bookings, more.get("period", Q1), people, wanted, 2, {})


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
    wide = Decimal("0.2222")
    assert found.errors == {NAIVE: Decimal(0), BEFORE: Decimal(0), SEASON: wide, TREND: wide}


def test_a_season_is_kept_and_a_trend_is_seen() -> None:
    # March is three times another month; every year half as much again.
    found = suggested(
        *sold("ana", {0: 100_000, 3: 300_000}, growth=1.5), *sold("bea", {0: 100_000, 3: 300_000}, growth=1.5)
    )
    assert found.way == NAIVE
    assert found.errors[NAIVE] < found.errors[TREND] < found.errors[SEASON]
    # The first quarter of 2026 brought (1 + 1 + 3) x 1,000 x 1.5 ^ 2 = 11,250; a year's growth on it is half as much again.
    assert values(found)["ana"] == pytest.approx(1_687_500, rel=0.02)


LEAVE = away(date(2026, 5, 1), date(2026, 11, 30))


def sold_while_there(owner: str, amounts: dict[int, int]) -> list[list[Record]]:
    """The same, but for the months of a leave."""
    return [
        each for each in sold(owner, amounts) if not LEAVE[0].starts_on <= each[0][1]["closed_on"] <= LEAVE[0].ends_on
    ]


def test_months_of_leave_are_no_months_of_zero() -> None:
    # Who comes back after seven months is asked for what they always sold, and whoever stayed for no more than before.
    people = seated("ana", absences=LEAVE), BEA
    found = suggested(*sold_while_there("ana", {0: 100_000}), *sold("bea", {0: 100_000}), people=people)
    assert values(found) == {"ana": 300_000, "bea": 300_000}
    assert [(each.own, each.chance.probability) for each in found.rows] == [(17, 1.0), (24, 1.0)]
    # Of the second quarter of 2026 she was there for one month of three, of the third for none.
    assert set(found.errors.values()) == {Decimal(0)}
    assert found.remarks == (), "what her leave cost is no season"


def test_a_leave_of_the_only_one_who_sells_is_no_season() -> None:
    found = suggested(*sold_while_there("ana", {0: 100_000, 3: 300_000}), people=[seated("ana", absences=LEAVE)])
    assert values(found) == {"ana": 500_000}
    assert found.remarks == ("March usually brings 257% of a usual month",)  # 3,000 of (11 x 1,000 + 3,000) / 12


def test_a_month_that_somebody_was_there_for_in_part_counts_as_the_whole_of_it() -> None:
    def november(first_day_away: int) -> float | None:
        ana = seated("ana", absences=away(date(2026, 11, first_day_away), date(2026, 11, 30)))
        mirror = a_mirror(a_deal(owner="ana", closed_on=date(2026, 11, 10), amount=110_000))
        given = rules(metrics={"bookings": bookings}, alerts={}), CALENDAR, Roster.of([ana]), TODAY
        past = MonthlyPast.of(mirror, bookings, *given)
        return past.of_month(ana, past.months[0])

    # The month has 21 working days.
    assert november(17) == pytest.approx(210_000)  # 11 of them there
    assert november(16) is None  # 10 of them: too few to tell


RETAIL = Calendar(weeks=WeekYears((4, 4, 5), weekday=5, month=1, day=31))  # ends on the Saturday nearest to 31 January


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_months_of_whole_weeks_are_told_apart_by_their_place_in_the_year(year: int) -> None:
    # P03 always brings 9,000 and any other 1,000. In these years P02 and P03 both start in March, or no month in April.
    def sells(owner: str) -> Iterator[list[Record]]:
        for before in range(year - 4, year):
            for place in range(1, 13):
                month = RETAIL.period(f"{before}-P{place:02}")
                yield a_deal(
                    owner=owner, closed_on=month.starts_on + timedelta(10), amount=900_000 if place == 3 else 100_000
                )

    first = RETAIL.period(f"{year}-Q1")
    found = suggested(
        *sells("ana"), *sells("bea"), calendar=RETAIL, period=first, today=first.starts_on - timedelta(days=4)
    )
    assert values(found) == {"ana": 1_100_000, "bea": 1_100_000}
    assert found.errors[NAIVE] == found.errors[SEASON] == 0
    assert [each.naive for each in found.rows] == [1_100_000, 1_100_000]
    assert found.remarks == ("P03 usually brings 540% of a usual month",)  # 9,000 of 20,000 / 12


def test_a_fiscal_year_names_its_strong_month_as_everybody_does() -> None:
    fiscal = Calendar(first_month=2)
    found = suggested(*sold("ana", {0: 100_000, 3: 300_000}), calendar=fiscal, period=fiscal.period("2027-Q4"))
    assert found.remarks == ("March usually brings 257% of a usual month",)


def test_one_large_deal_is_no_growth() -> None:
    # Ten who sell 1,000.00 a month, and one deal of 60,000.00 in November: the last year brought half as much again.
    people = [seated(f"p{at}") for at in range(10)]
    records = [each for person in people for each in sold(person.id, {0: 100_000})]
    found = suggested(*records, a_deal(owner="p0", closed_on=date(2026, 11, 15), amount=6_000_000), people=people)
    assert set(values(found).values()) == {300_000}
    assert found.way == NAIVE


def test_growth_is_held_within_what_two_half_years_may_say() -> None:
    # Three times as much each year: of last year's quarter no more than 1.25 x 1.25 is expected.
    found = suggested(*sold("ana", {0: 100_000}, growth=3.0), people=[ANA])
    assert [each.naive for each in found.rows] == [Decimal(4_218_750)]  # 3 x 9,000.00 x 1.5625
    shrank = suggested(*sold("ana", {0: 100_000}, growth=0.5), people=[ANA])
    assert [each.naive for each in shrank.rows] == [Decimal(48_000)]  # 3 x 250.00 x 0.64


def test_nobody_is_asked_to_lose_anything() -> None:
    found = suggested(*sold("ana", {0: -100_000}), *sold("bea", {0: 300_000}))
    assert values(found) == {"ana": 0, "bea": 900_000}


def test_suggestions_that_hardly_anybody_would_reach_are_called_that() -> None:
    def row(probability: float | None) -> Suggestion:
        return Suggestion("ana", Decimal(1), None, 24, Reach(probability))

    assert _unlikely([row(0.02), row(0.09), row(0.5), row(None)]) == [
        "2 of 3 have a chance below 10%: look at what they are made of before using them"
    ]
    assert _unlikely([row(0.02), row(0.1)]) == []
    assert _unlikely([]) == []


@pytest.mark.parametrize(("day", "peers"), [(date(2026, 7, 1), 24), (TODAY, 0)])
def test_who_has_left_since_was_a_peer_before(day: date, peers: int) -> None:
    gone = seated("eve", active=False, ends_on=date(2026, 9, 30))
    mirror = a_mirror(*sold("ana", {0: 100_000}), *sold("eve", {0: 100_000}))
    given = rules(metrics={"bookings": bookings}, alerts={}), CALENDAR, Roster.of([ANA, gone]), day
    past = MonthlyPast.of(mirror, bookings, *given)
    assert len(past.history(ANA, same_draws("x")).peers) == peers


def test_a_way_that_was_tried_with_hindsight_says_so() -> None:
    [said] = _hindsight(POTENTIAL)
    assert said.startswith("account potential was tried on past periods with today's owners and values")
    assert _hindsight(SEASON) == []


def test_the_gap_to_the_company_s_number_is_shown() -> None:
    found = suggested(*sold("ana", {0: 100_000}), *sold("bea", {0: 100_000}), plan=900_000)
    assert found.plan is not None
    assert found.total - found.plan == -300_000


def test_without_a_last_year_the_other_ways_are_held_against_each_other() -> None:
    found = suggested(*sold("ana", {0: 100_000}, back=10), *sold("bea", {0: 100_000}, back=10))
    assert set(found.errors) == {BEFORE, SEASON, TREND}
    assert found.naive == BEFORE
    assert found.rows


def test_too_little_history_is_said_and_nothing_is_made_up() -> None:
    found = suggested(a_deal(owner="ana", closed_on=date(2026, 12, 1)))
    assert found.rows == ()
    assert "no past period" in found.problem


def test_the_next_period_is_the_one_after_today_s() -> None:
    assert next_period(CALENDAR, Grain.QUARTER, TODAY).id == "2027-Q1"
    assert next_period(CALENDAR, Grain.MONTH, date(2026, 1, 31)).id == "2026-02"


@pytest.mark.parametrize("written", ["2027-W05", "last-90-days"])
def test_a_period_that_is_not_made_of_months_is_said(written: str) -> None:
    found = suggested(*sold("ana", {0: 100_000}), period=CALENDAR.period(written, TODAY))
    assert (found.rows, found.problem) == ((), f"{found.period.id} is not made up of whole months")


def index(*values: tuple[str, date, int]) -> dict[str, list[Reading]]:
    return {
        "market_index": [
            Reading(Ref("files", "market_index", str(at)), STAMP, {"segment": segment, "date": day, "value": value})
            for at, (segment, day, value) in enumerate(values)
        ]
    }


def test_a_market_that_fell_is_taken_in_where_that_missed_less() -> None:
    # A quarter sells 3,000.00 until the market halves with October 2026; the year before, nothing moved.
    def sells(owner: str) -> Iterator[list[Record]]:
        for back in range(1, 48):
            year, at = divmod(11 - back, 12)
            amount = 50_000 if (year, at) >= (0, 9) else 100_000
            yield a_deal(owner=owner, closed_on=date(2026 + year, at + 1, 10), amount=amount)

    halved = index(("", date(2020, 1, 1), 100), ("", date(2026, 10, 1), 50))
    using, roster = rules(metrics={"bookings": bookings}, alerts={}), Roster.of([ANA, BEA])
    making = Suggesting(a_mirror(*sells("ana"), *sells("bea")), using, roster, CALENDAR, date(2027, 1, 2), halved)
    found = making.of(bookings, Q1, [ANA, BEA], None, 2, {})
    assert found.errors[MARKET] == min(found.errors.values()), "it alone knew of the last quarter"
    assert found.errors[MARKET] < found.errors[SEASON]


def test_a_segment_without_an_index_is_named_and_the_rest_goes_on() -> None:
    market = Market("files.market_index", "team")
    using = replace(rules(metrics={"bookings": bookings}, alerts={}), targets=(a_policy(market=market),))
    records = [*sold("ana", {0: 100_000}), *sold("bea", {0: 100_000})]
    making = Suggesting(
        a_mirror(*records), using, Roster.of([ANA, BEA]), CALENDAR, TODAY, index(("West", date(2020, 1, 1), 90))
    )
    found = making.of(bookings, Q1, [ANA, BEA], None, 2, {})
    assert found.remarks == ("files.market_index has no value for East by 2026-12-28",)
    assert values(found) == {"ana": 300_000, "bea": 300_000}


def test_a_period_without_working_days_is_said() -> None:
    shut = Calendar(holidays=frozenset(Q1.days()))
    making = Suggesting(a_mirror(*sold("ana", {0: 1})), rules(alerts={}), Roster.of([ANA]), shut, TODAY, {})
    assert making.of(bookings, Q1, [ANA], None, 2, {}).problem == "2027-Q1 has no working day"


def test_a_joiner_is_asked_for_as_much_as_their_ramp_and_their_days_say() -> None:
    # From 15 January on: 13 of 21 working days, then two whole months; half, then whole from the second month on.
    dan = seated("dan", starts_on=date(2027, 1, 15))
    ramp = Ramp((Decimal("0.5"), Decimal(1)))
    using = replace(rules(metrics={"bookings": bookings}, alerts={}), targets=(a_policy(ramp=ramp),))
    records = [*sold("ana", {0: 100_000}), *sold("bea", {0: 100_000})]
    making = Suggesting(a_mirror(*records), using, Roster.of([ANA, BEA, dan]), CALENDAR, TODAY, {})
    january = sum(date(2027, 1, day).weekday() < 5 for day in range(15, 32)) / 21
    expected = 100_000 * (0.5 * january + 0.5 + 1)
    *_, found = making.of(bookings, Q1, [ANA, BEA, dan], None, 2, {}).rows
    assert found.person == "dan"
    assert float(found.value) == pytest.approx(expected, abs=100)


def test_whoever_is_away_in_a_strong_month_is_asked_for_what_the_others_bring() -> None:
    # March brings three times another month: without it two fifths of the quarter's 5,000 are left.
    people = seated("ana", absences=away(date(2027, 3, 1), date(2027, 3, 31))), BEA
    found = suggested(*sold("ana", {0: 100_000, 3: 300_000}), *sold("bea", {0: 100_000, 3: 300_000}), people=people)
    assert values(found) == {"ana": 200_000, "bea": 500_000}
    assert [each.chance.probability for each in found.rows] == [1.0, 1.0]


def test_chances_know_who_is_away_and_who_is_new() -> None:
    # Away for all of January and February, or in the first months of a ramp: 2,000 of the usual 3,000 are out of reach.
    gone = seated("ana", absences=away(date(2027, 1, 1), date(2027, 2, 28)))
    dan = seated("dan", starts_on=date(2026, 12, 1))
    ramp = Ramp((Decimal(0), Decimal(0), Decimal(0), Decimal(1)))
    using = replace(rules(metrics={"bookings": bookings}, alerts={}), targets=(a_policy(ramp=ramp),))
    records = [*sold("ana", {0: 100_000}), *sold("bea", {0: 100_000})]
    making = Suggesting(a_mirror(*records), using, Roster.of([gone, BEA, dan]), CALENDAR, TODAY, {})
    found = making.of(bookings, Q1, [gone, BEA, dan], None, 2, dict.fromkeys(("ana", "bea", "dan"), Decimal(200_000)))
    assert {each.person: each.chance_now for each in found.rows} == {"ana": 0.0, "bea": 1.0, "dan": 0.0}
    assert values(found) == {"ana": 100_000, "bea": 300_000, "dan": 100_000}
    assert {each.chance.probability for each in found.rows} == {1.0}


def test_what_is_left_of_a_month_is_left_of_it_for_those_who_are_there() -> None:
    # January 2027 has 21 working days, ten of them from the 18th on, five of these from the 25th on.
    shares, january = Shares.of(rules(alerts={}), bookings, CALENDAR), CALENDAR.period("2027-01")
    gone = seated("ana", absences=away(date(2027, 1, 25), date(2027, 2, 5)))
    assert shares.left(BEA, january, date(2027, 1, 18)) == pytest.approx(10 / 21)
    assert shares.left(gone, january, date(2027, 1, 18)) == pytest.approx(5 / 21)
    assert shares.of_month(gone, january) == pytest.approx(16 / 21)


def test_fairness_is_how_far_chances_are_apart_before_and_after() -> None:
    cem = seated("cem")
    records = [each for name in ("ana", "bea", "cem") for each in sold(name, {0: 100_000})]
    using, roster = rules(metrics={"bookings": bookings}, alerts={}), Roster.of([ANA, BEA, cem])
    making = Suggesting(a_mirror(*records), using, roster, CALENDAR, TODAY, {})
    present = {"ana": Decimal(300_000), "bea": Decimal(300_000), "cem": Decimal(900_000)}
    found = making.of(bookings, Q1, [ANA, BEA, cem], None, 2, present)
    # Chances of 1, 1 and 0 deviate by the root of 2/9; all of them are 1 by what is suggested.
    assert found.fairness is not None
    assert found.fairness[0] == pytest.approx((2 / 9) ** 0.5)
    assert found.fairness[1] == 0

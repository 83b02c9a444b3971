"""A rep who stalls: 250,000 EUR to reach in the last quarter of 2026, 60,000 won on 8 October."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.appraisal.appraise import Appraisal, appraise, desired
from connector.appraisal.rules import Rules
from connector.decide.rule import AlertRule, Message, Speech
from connector.errors import Place
from connector.language.read import condition
from connector.model.calendar import Calendar, Grain
from connector.model.catalogue import RELATIONS, SCORE_FIELDS, Catalogue, Relation
from connector.model.people import Roster
from connector.model.records import Reading
from connector.model.results import COMPANY, Score, Subject
from connector.model.settings import Company
from connector.score.rank import Leaderboard
from tests.decide.test_changes import PROPERTIES, ROWS
from tests.measure.mirror import Record, a_deal, a_metric, a_mirror, a_seat, an_activity
from tests.measure.shipped import shipped
from tests.targets.policies import a_person, a_policy, a_quota

COMPANY_SETTINGS = Company("Example", "EUR", ZoneInfo("Europe/Berlin"), Calendar())
PLACE = Place("rules/alerts.yaml", 1)
SCORES = Relation("scores", "", SCORE_FIELDS, (), ())
ANA, EAST = Subject("person", "ana"), Subject("team", "East")

bookings = a_metric(where="outcome = 'won'", credit="splits", title="Closed-won revenue")
meetings = a_metric("meetings", of="activities", where="status = 'completed'", measure="count()", unit="meetings")
stale = a_metric("stale", measure="count_if(days_since(created_on) > 60)", unit="deals")


def a_rule(metric: str = "bookings", when: str = "pace < 70%", until: str = "pace >= 80%") -> AlertRule:
    def written(text: str) -> Any:
        return condition(text, SCORES, "EUR", lambda _: PLACE)

    return AlertRule(
        name="behind_pace",
        place=PLACE,
        metric=metric,
        period=Grain.QUARTER,
        when=written(when),
        after=3,
        until=written(until),
        tell=("rep",),
        say=Speech(Message("Behind pace: {metric}, {period}", "{actual} of {target}")),
    )


def rules(**given: Any) -> Rules:
    row: dict[str, Any] = {
        "metrics": {each.name: each for each in (bookings, meetings, stale)},
        "targets": (a_policy(quotas=("files.quotas",)),),
        "alerts": {"behind_pace": a_rule()},
        "mappings": {"emea": ROWS, "smb": PROPERTIES},
        "files": {},
        "catalogue": Catalogue(RELATIONS, "EUR"),
        "version": "0123456789ab",
    }
    return Rules(**row | given)


QUOTAS: Mapping[str, list[Reading]] = {"quotas": [a_quota("ana@example.com", "2026-Q4", 250_000)]}
ROSTER = Roster.of([a_person()])


def on(today: date, *records: list[Record], using: Rules | None = None) -> Appraisal:
    mirror = a_mirror(*(records or (a_deal(amount=6_000_000),)), a_seat("ana", "East"))
    return appraise(mirror, using or rules(), ROSTER, COMPANY_SETTINGS, QUOTAS, today=today)


def bookings_of(found: Appraisal, subject: Subject = ANA, period: str = "2026-Q4") -> Score:
    return next(
        each for each in found.scores if (each.metric, each.subject, each.period.id) == ("bookings", subject, period)
    )


def test_on_3_november_24_per_cent_are_reached_and_nothing_is_said() -> None:
    found = on(date(2026, 11, 3))
    score = bookings_of(found)
    assert score.attainment == Decimal("0.24")
    assert (score.elapsed, score.working_days) == (23, 66)
    assert score.expected is not None
    assert round(score.expected / 100, 2) == Decimal("87121.21")
    assert score.pace is not None
    assert round(score.pace, 3) == Decimal("0.689")
    assert found.alerts == ()


def test_on_5_november_the_third_working_day_in_a_row_it_is_said() -> None:
    assert on(date(2026, 11, 4)).alerts == ()
    (alert,) = on(date(2026, 11, 5)).alerts
    assert (alert.rule, alert.person, alert.raised_on) == ("behind_pace", "ana", date(2026, 11, 5))
    assert alert.text == "60 000 EUR of 250 000 EUR"


def test_on_a_later_day_and_on_a_weekend_it_is_still_the_same_alert() -> None:
    first = on(date(2026, 11, 5)).alerts
    for later in (date(2026, 11, 7), date(2026, 11, 25)):
        assert [(each.key, each.raised_on) for each in on(later).alerts] == [
            (each.key, each.raised_on) for each in first
        ]


def test_a_deal_that_brings_the_pace_back_ends_it() -> None:
    deals = a_deal(amount=6_000_000), a_deal(amount=4_000_000, closed_on=date(2026, 11, 9))
    # 100,000 of 28 x 3,787.88 = 106,060 expected on the 10th: pace 94 %.
    assert on(date(2026, 11, 10), *deals).alerts == ()


def test_a_metric_that_looks_at_the_day_is_measured_day_by_day() -> None:
    # Created on 1 September, so over 60 days old from 1 November on: the 2nd, 3rd and 4th are three working days.
    using = rules(
        targets=(a_policy("stale", each=Decimal(1), every=Grain.QUARTER),),
        alerts={"too_many": a_rule("stale", when="pace >= 100%", until="pace < 50%")},
    )
    assert on(date(2026, 11, 3), using=using).alerts == ()
    assert [each.raised_on for each in on(date(2026, 11, 4), using=using).alerts] == [date(2026, 11, 4)]


def test_a_metric_that_was_not_defined_yet_is_nobodys_zero_and_sets_off_nothing() -> None:
    later = replace(bookings, effective=date(2026, 11, 1))  # a month into the quarter
    using = rules(metrics={each.name: each for each in (later, meetings, stale)})
    found = on(date(2026, 11, 25), using=using)
    score = bookings_of(found)
    assert [score.actual, score.target, score.attainment] == [None, 25_000_000, None]
    assert score.reason.startswith("defined since 2026-11-01")
    assert bookings_of(found, period="2026-11").actual == 0
    assert found.alerts == ()


def test_an_alert_goes_by_the_definition_in_force_when_its_period_began() -> None:
    # Until 2027 what was lost counts, 200,000 of it; from then on what was won.
    lost = a_metric(where="outcome = 'lost'", credit="splits")
    dated = replace(bookings, effective=date(2027, 1, 1), before=(lost,))
    using = rules(metrics={each.name: each for each in (dated, meetings, stale)})
    deals = a_deal(amount=6_000_000), a_deal(amount=20_000_000, outcome="lost")
    assert [each.rule for each in on(date(2026, 11, 5), *deals).alerts] == ["behind_pace"]
    assert on(date(2026, 11, 5), *deals, using=using).alerts == ()


def test_open_periods_are_the_current_ones_and_those_not_closed_yet() -> None:
    assert [each.id for each in on(date(2026, 11, 3)).periods] == ["2026", "2026-10", "2026-Q4", "2026-11"]


def test_a_unit_and_the_company_are_scored_by_their_peoples_targets() -> None:
    found = on(date(2026, 11, 3))
    assert [bookings_of(found, each).attainment for each in (EAST, COMPANY)] == [Decimal("0.24")] * 2


def test_there_is_a_score_wherever_there_is_a_number_or_a_target() -> None:
    found = on(date(2026, 11, 3), an_activity())
    mine = {(each.metric, each.period.id) for each in found.scores if each.subject == ANA}
    assert ("meetings", "2026-Q4") in mine
    assert ("bookings", "2026-Q4") in mine
    assert ("stale", "2026-Q4") not in mine


def test_what_the_crms_should_show_is_the_current_month_quarter_and_year() -> None:
    both = a_policy(quotas=("files.quotas",)), a_policy("meetings", each=Decimal(40), every=Grain.QUARTER)
    using = rules(metrics={each.name: each for each in (bookings, meetings)}, targets=both)
    found = on(date(2026, 11, 5), a_deal(amount=6_000_000), an_activity(happened_on=date(2026, 10, 5)), using=using)
    wanted = desired(found, using, ROSTER, COMPANY_SETTINGS, run="r1", computed_at=datetime(2026, 11, 5, 6, tzinfo=UTC))
    keys = [each.row.key for each in wanted if each.row.object == "Attain_Attainment__c"]
    assert keys == [
        "attainment:bookings:ana:2026",
        "attainment:bookings:ana:2026-Q4",
        "attainment:bookings:ana:2026-11",
        "attainment:meetings:ana:2026",
        "attainment:meetings:ana:2026-Q4",
        "attainment:meetings:ana:2026-11",
    ]
    assert [each.row.key for each in wanted if each.once] == [found.alerts[0].key]


def test_a_metric_that_nobody_has_a_target_of_stays_out_of_the_crms() -> None:
    using = rules(metrics={each.name: each for each in (bookings, meetings)})
    found = on(date(2026, 11, 5), a_deal(amount=6_000_000), an_activity(), using=using)
    assert "meetings" in {each.metric for each in found.scores}
    wanted = desired(found, using, ROSTER, COMPANY_SETTINGS, run="r1", computed_at=datetime(2026, 11, 5, 6, tzinfo=UTC))
    assert not [each for each in wanted if "meetings" in f"{each.row.key} {' '.join(each.fields)}"]
    assert [each for each in wanted if "bookings" in f"{each.row.key} {' '.join(each.fields)}"]


def test_a_formula_over_a_target_is_scored_and_can_raise_alerts() -> None:
    known = {each.name: each for each in shipped("coverage_of_target", "bookings")}
    using = rules(
        metrics=known,
        targets=(
            a_policy(quotas=("files.quotas",)),
            a_policy("coverage_of_target", each=Decimal(3), every=Grain.QUARTER),
        ),
        alerts={"thin": a_rule("coverage_of_target", when="pace < 50%", until="pace >= 60%")},
    )
    deal = a_deal(amount=25_000_000, outcome="open", closed_on=date(2026, 12, 20), created_on=date(2026, 10, 1))
    found = on(date(2026, 11, 5), deal, using=using)
    scores = {
        each.subject: each.actual
        for each in found.scores
        if each.metric == "coverage_of_target" and "Q4" in each.period.id
    }
    assert scores == dict.fromkeys((ANA, EAST, Subject("region", "North"), COMPANY), 1)
    # A third of what is wanted, from the first day on: 1, 2 and 5 October are three working days.
    assert [(each.rule, each.raised_on) for each in found.alerts] == [("behind_pace", date(2026, 10, 5))]


def test_the_same_day_gives_the_same_appraisal_in_any_order() -> None:
    records = [a_deal(amount=6_000_000), a_deal(amount=5, owner="bo"), an_activity(), a_deal(outcome="lost")]
    forth, back = on(date(2026, 11, 5), *records), on(date(2026, 11, 5), *records[::-1])
    assert forth == back


def test_rows_that_name_nobody_are_among_the_problems() -> None:
    quotas = {"quotas": [a_quota("eve", "2026-Q4", 1, key="e")]}
    found = appraise(a_mirror(), rules(), ROSTER, COMPANY_SETTINGS, quotas, today=date(2026, 11, 3))
    assert found.problems == ("files:quotas/e: `eve` is nobody we know",)


@pytest.mark.parametrize("first_day", [date(2026, 10, 1), date(2027, 1, 1)])
def test_nobody_is_alerted_on_the_first_days_of_a_quarter(first_day: date) -> None:
    assert on(first_day).alerts == ()


def test_whoever_reached_the_target_first_is_ahead_of_who_has_sold_more_since() -> None:
    # Both are beyond their 1,000.00: Ana since 6 October, Ben since 9 October and with far more. Eve is on her way.
    roster = Roster.of([a_person(each) for each in ("ana", "ben", "eve")])
    quotas = {"quotas": [a_quota(f"{each}@example.com", "2026-Q4", 1_000) for each in ("ana", "ben", "eve")]}
    deals = [
        a_deal("d1", owner="ana", amount=1_000_00, closed_on=date(2026, 10, 6)),
        a_deal("d2", owner="ben", amount=9_000_00, closed_on=date(2026, 10, 9)),
        a_deal("d3", owner="eve", amount=900_00, closed_on=date(2026, 10, 1)),
    ]

    def ranks(ties: str) -> dict[str, int | None]:
        using = rules(leaderboards={"bookings": Leaderboard(ties)})
        mirror = a_mirror(*deals)
        found = appraise(mirror, using, roster, COMPANY_SETTINGS, quotas, today=date(2026, 11, 3))
        return {each.subject.id: each.rank for each in found.scores if _ranked_in(each)}

    assert ranks("first_to_reach") == {"ana": 1, "ben": 2, "eve": 3}
    assert ranks("standard") == {"ben": 1, "ana": 2, "eve": 3}


def _ranked_in(score: Score) -> bool:
    return (score.metric, score.subject.kind, score.period.id) == ("bookings", "person", "2026-Q4")


def test_b15_somebody_without_any_record_or_visit_is_scored_like_all_others() -> None:
    # Odoo brought up only the goals of people who had logged in lately.
    roster = Roster.of([a_person(), a_person("ben")])
    quotas = {"quotas": [a_quota(f"{each}@example.com", "2026-Q4", 1_000) for each in ("ana", "ben")]}
    found = appraise(a_mirror(a_deal()), rules(), roster, COMPANY_SETTINGS, quotas, today=date(2026, 11, 3))
    ben = bookings_of(found, Subject("person", "ben"))
    assert (ben.actual, ben.attainment, ben.rank) == (Decimal(0), Decimal(0), 2)
    assert {each.subject.id for each in found.alerts} == {"ben"}


A_DAY = st.dates(date(2026, 10, 1), date(2026, 12, 31))
SALES = st.lists(st.tuples(st.sampled_from(["ana", "ben"]), st.integers(1, 900_000), A_DAY), min_size=1, max_size=6)


def sold(sales: Sequence[tuple[str, int, date]]) -> list[list[Record]]:
    return [
        a_deal(f"emea:Opportunity/{at}", owner=who, amount=amount, closed_on=day)
        for at, (who, amount, day) in enumerate(sales)
    ]


def of_both(deals: Sequence[list[Record]]) -> Appraisal:
    roster = Roster.of([a_person(), a_person("ben")])
    quotas = {"quotas": [a_quota(f"{each}@example.com", "2026-Q4", 5_000) for each in ("ana", "ben")]}
    mirror = a_mirror(*deals, a_seat("ana", "East"), a_seat("ben", "East"))
    return appraise(mirror, rules(), roster, COMPANY_SETTINGS, quotas, today=date(2026, 12, 31))


@settings(max_examples=20, deadline=None)
@given(SALES, st.randoms(use_true_random=False))
def test_the_order_in_which_records_came_changes_nothing(sales: list[tuple[str, int, date]], dice: Random) -> None:
    deals = sold(sales)
    shuffled = dice.sample(deals, len(deals))
    one, other = of_both(deals), of_both(shuffled)
    assert (one.targets, one.scores, one.alerts, one.cards) == (other.targets, other.scores, other.alerts, other.cards)


@settings(max_examples=20, deadline=None)
@given(SALES, st.integers(1, 900_000), A_DAY)
def test_winning_more_never_lowers_an_attainment(sales: list[tuple[str, int, date]], amount: int, day: date) -> None:
    before, after = of_both(sold(sales)), of_both(sold([*sales, ("ana", amount, day)]))
    for who in (ANA, Subject("person", "ben"), EAST):
        less, more = bookings_of(before, who).attainment or 0, bookings_of(after, who).attainment or 0
        assert more >= less

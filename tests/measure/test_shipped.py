"""The shipped metrics, each over a handful of records; every number is worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pytest

from connector.measure.measure import Measurements, measure
from connector.model.calendar import Calendar
from connector.model.results import COMPANY, Subject
from connector.score.score import score
from tests.measure.mirror import (
    Record,
    a_deal,
    a_mirror,
    a_push,
    a_seat,
    a_skill,
    a_training,
    an_account_period,
    an_activity,
    an_answer,
    an_entry,
)
from tests.measure.shipped import shipped, shipped_rules

Q4 = Calendar().period("2026-Q4")
TODAY = date(2026, 11, 25)
ANA, BO, EAST = Subject("person", "ana"), Subject("person", "bo"), Subject("team", "East")


def everything(name: str, *records: Sequence[Record], targets: Mapping[str, int] | None = None) -> Measurements:
    """`targets`: what Ana should reach of a metric in the quarter."""
    aims = {(metric, ANA, Q4.id): Decimal(value) for metric, value in (targets or {}).items()}
    return measure(a_mirror(*records, a_seat("ana", "East")), shipped(name), [Q4], ["team"], TODAY, targets=aims)


def value(
    name: str, *records: Sequence[Record], subject: Subject = ANA, targets: Mapping[str, int] | None = None
) -> Decimal | None:
    found = everything(name, *records, targets=targets).get(name, subject, Q4.id)
    return found.value if found else None


class TestWinRates:
    deals = (a_deal(amount=300), a_deal(amount=100, outcome="lost"), a_deal(amount=0, outcome="lost"))

    def test_by_number_leaves_open_deals_out(self) -> None:
        rate = value("win_rate", *self.deals, a_deal(outcome="open"))
        assert rate is not None
        assert round(rate, 4) == Decimal("0.3333")

    def test_by_value_is_flattered_by_lost_deals_that_carry_nothing(self) -> None:
        assert value("win_rate_value", *self.deals) == Decimal("0.75")

    def test_by_value_leaves_a_deal_without_an_amount_out(self) -> None:
        found = everything("win_rate_value", *self.deals, a_deal(amount=None)).get("win_rate_value", ANA, Q4.id)
        assert found is not None
        assert (found.value, found.records, found.left_out) == (Decimal("0.75"), 3, 1)

    def test_of_a_cohort_go_by_the_day_of_creation(self) -> None:
        created = date(2026, 10, 5)
        deals = (
            a_deal(created_on=created),
            a_deal(created_on=created, outcome="open", closed_on=date(2027, 2, 1)),
            a_deal(created_on=created, outcome="open"),
            a_deal(created_on=created, outcome="lost"),
            a_deal(created_on=date(2026, 9, 30)),  # the quarter before
        )
        assert value("win_rate_cohort", *deals) == Decimal("0.25")
        assert value("cohort_open_share", *deals) == Decimal("0.5")


class TestCycle:
    def test_of_won_deals_only_from_creation_to_close(self) -> None:
        # 10, 20 and 60 days; the lost one took 1.
        days = [date(2026, 9, 28), date(2026, 9, 18), date(2026, 8, 9)]
        deals = [a_deal(created_on=day) for day in days]
        deals.append(a_deal(created_on=date(2026, 10, 7), outcome="lost"))
        assert value("sales_cycle", *deals) == 20
        assert value("sales_cycle_mean", *deals) == 30
        assert value("sales_cycle_p80", *deals) == 44  # 0.8 of the way from the first to the third: 20 and 0.6 of 40


class TestPipeline:
    soon = date(2026, 12, 20)

    def test_is_what_closes_in_the_period_weighed_by_whoever_knows(self) -> None:
        deals = (
            a_deal(amount=1_000, outcome="open", closed_on=self.soon, probability=0.5, own_probability=0.2),
            a_deal(amount=3_000, outcome="open", closed_on=self.soon, probability=0.1, own_probability=0.4),
            a_deal(amount=9_000, outcome="open", closed_on=date(2027, 1, 2), probability=0.1, own_probability=0.4),
            a_deal(amount=7_000),
        )
        assert value("open_pipeline", *deals) == 4_000
        assert value("open_deals", *deals) == 2
        assert value("weighted_pipeline", *deals) == 500 + 300
        assert value("weighted_pipeline_own", *deals) == 200 + 1_200

    def test_without_enough_history_of_a_stage_leaves_its_deals_out_and_says_so(self) -> None:
        deal = a_deal(outcome="open", closed_on=self.soon, own_probability=None)
        found = everything("weighted_pipeline_own", deal).get("weighted_pipeline_own", ANA, Q4.id)
        assert found is not None
        assert (found.value, found.left_out) == (None, 1)


class TestCoverage:
    deals = a_deal(amount=400), a_deal(amount=900, outcome="open", closed_on=date(2026, 12, 20))

    def test_is_of_what_is_still_missing_or_of_the_whole_target(self) -> None:
        assert value("coverage_of_remaining", *self.deals, targets={"bookings": 1_000}) == Decimal("1.5")
        assert value("coverage_of_target", *self.deals, targets={"bookings": 1_000}) == Decimal("0.9")

    @pytest.mark.parametrize("reached", [400, 300])
    def test_has_nothing_to_cover_once_the_target_is_reached(self, reached: int) -> None:
        assert value("coverage_of_remaining", *self.deals, targets={"bookings": reached}) is None

    def test_is_none_at_all_where_nothing_is_open_or_won(self) -> None:
        for name in ("coverage_of_remaining", "coverage_of_target"):
            assert value(name, targets={"bookings": 1_000}) == 0

    def test_is_unknown_without_a_target(self) -> None:
        for name in ("coverage_of_remaining", "coverage_of_target"):
            assert value(name, *self.deals) is None


def test_velocity_is_of_the_deals_that_are_open() -> None:
    soon = date(2026, 12, 20)
    deals = (
        *(a_deal(amount=1_000, created_on=date(2026, 9, 28)) for _ in range(2)),  # 10 days each
        *(a_deal(outcome="lost") for _ in range(2)),
        *(a_deal(outcome="open", amount=77, closed_on=soon) for _ in range(3)),
    )
    assert value("sales_velocity", *deals) == 150  # 3 deals of 1,000 at 50 % in 10 days


@pytest.mark.parametrize(
    ("name", "reached"),
    [
        ("forecast_commit", 1_000 + 200),
        ("forecast_best_case", 1_000 + 200 + 30 + 4),
        ("forecast_pipeline", 200 + 30 + 4 + 5 + 6),
    ],
)
def test_forecasts_add_up_and_leave_out_what_is_omitted(name: str, reached: int) -> None:
    said = {
        "Commit": 200,
        "Best Case": 30,
        "BEST_CASE": 4,
        "Pipeline": 5,
        None: 6,
        "Omitted": 70_000,
        "OMIT": 80_000,
    }
    deals = [
        a_deal(amount=amount, outcome="open", closed_on=date(2026, 12, 20), forecast_category=category)
        for category, amount in said.items()
    ]
    assert value(name, a_deal(amount=1_000, forecast_category="Closed"), *deals) == reached


class TestHygiene:
    def test_a_deal_is_past_due_the_day_after_its_close_date(self) -> None:
        days = [date(2026, 11, 24), TODAY, date(2026, 11, 26)]
        assert value("past_due_deals", *(a_deal(outcome="open", closed_on=day) for day in days)) == 1

    def test_a_deal_is_stale_after_a_fortnight_without_a_completed_activity(self) -> None:
        deals = (
            a_deal(outcome="open", last_activity_on=date(2026, 11, 11)),  # 14 days ago
            a_deal(outcome="open", last_activity_on=date(2026, 11, 10)),
            a_deal(outcome="open", last_activity_on=None, created_on=date(2026, 11, 1)),
            a_deal(outcome="open", last_activity_on=None, created_on=date(2026, 11, 20)),
            a_deal(last_activity_on=date(2026, 1, 1)),  # won
        )
        assert value("stale_deals", *deals) == 2
        assert value("stale_share", *deals) == Decimal("0.5")

    def test_a_deal_is_stuck_when_it_is_longer_in_its_stage_than_most(self) -> None:
        entered = [date(2026, 11, 4), date(2026, 11, 5)]  # 21 and 20 days ago
        deals = [a_deal(outcome="open", stage_entered_on=day, stage_p75_days=20.0) for day in entered]
        deals.append(a_deal(outcome="open", stage_entered_on=date(2026, 1, 1), stage_p75_days=None))
        assert value("stuck_deals", *deals) == 1

    def test_what_slipped_counts_once_in_the_quarter_that_it_left(self) -> None:
        twice = a_push(deal="emea:Opportunity/x", amount=500), a_push(deal="emea:Opportunity/x", amount=500)
        inside = a_push(left_quarter=False, new_closed_on=date(2026, 12, 28))
        before = a_push(old_closed_on=date(2026, 9, 30))
        assert value("slipped_deals", *twice, inside, before) == 1

    def test_what_is_still_to_leave_the_quarter_by_its_date_counts_already(self) -> None:
        # Moved in October from 15 December, which is after today.
        assert value("slipped_value", a_push(amount=500), a_push(amount=70)) == 570


def test_a_stage_is_passed_by_whoever_ever_came_further() -> None:
    entries = an_entry(2, 2), an_entry(2, 3), an_entry(2, 5), an_entry(2, 2), an_entry(1, 5)
    assert value("stage_conversion", *entries) == Decimal("0.5")


class TestCustomers:
    def test_are_new_once_by_account_or_by_group(self) -> None:
        deals = (
            a_deal(account="a", is_first_win=True, is_first_win_of_group=True),
            a_deal(account="b", is_first_win=True, is_first_win_of_group=False),
            a_deal(account="a", is_first_win=False),
        )
        assert value("new_customers", *deals) == 2
        assert value("new_customer_groups", *deals) == 1

    accounts = (
        an_account_period(1_000, 1_500),  # grew by 500
        an_account_period(1_000, 0),  # left
        an_account_period(2_000, 1_800),  # shrank by 200
        an_account_period(0, 900),  # new: in neither side
        an_account_period(0, 400, came_back=True),
        an_account_period(7_000, 7_000, period="2026", starts_on=date(2026, 1, 1), grain="year"),
        an_account_period(7_000, 7_000, period="2026-10", grain="month"),  # the same first day
    )

    def test_are_retained_by_number_gross_and_net(self) -> None:
        kept = value("customer_retention", *self.accounts)
        assert kept is not None
        assert round(kept, 4) == Decimal("0.6667")
        assert value("gross_retention", *self.accounts) == Decimal("0.7")  # 1000 + 0 + 1800 of 4000
        assert value("net_retention", *self.accounts) == Decimal("0.825")  # 1500 + 0 + 1800 of 4000
        assert value("reactivations", *self.accounts) == 1

    def test_belong_to_whoever_owns_them_to_their_team_and_to_the_company(self) -> None:
        accounts = an_account_period(100, 50), an_account_period(100, 100, "bo"), an_account_period(100, 90, None)
        rates = [value("net_retention", *accounts, subject=each) for each in (ANA, BO, EAST, COMPANY)]
        assert rates == [Decimal("0.5"), 1, Decimal("0.5"), Decimal("0.8")]

    def test_month_quarter_and_year_each_have_rows_of_their_own(self) -> None:
        periods = [Calendar().period(each) for each in ("2026-10", "2026-Q4", "2026", "2026-11")]
        found = measure(a_mirror(*self.accounts), shipped("customer_retention"), periods, [], TODAY)
        counted = {each.id: found["customer_retention", COMPANY, each.id].records for each in periods}
        assert counted == {"2026-10": 1, "2026-Q4": 3, "2026": 1, "2026-11": 0}


def test_activities_are_told_apart_by_type_and_only_completed_ones_count() -> None:
    records = (
        an_activity(type="call", account="a"),
        an_activity(type="call", account="a"),
        an_activity(type="email", account="b"),
        an_activity(type="meeting", account=None),
        an_activity(type="meeting", account="c", status="planned"),
    )
    names = ("activities", "calls_made", "emails_sent", "meetings_held", "accounts_touched")
    assert [value(name, *records) for name in names] == [4, 2, 1, 1, 2]


class TestTables:
    def test_satisfaction_is_the_share_of_4_and_5(self) -> None:
        answers = [an_answer(each) for each in (5, 4, 4, 3, 1)]
        assert value("csat", *answers, an_answer(9, survey="nps")) == Decimal("0.6")

    def test_promoters_less_detractors(self) -> None:
        answers = [an_answer(each, survey="nps") for each in (10, 9, 8, 7, 6)]
        assert value("nps", *answers) == Decimal("0.2")

    def test_four_answers_say_nothing_and_the_score_says_why(self) -> None:
        answers = [an_answer(5), an_answer(5), an_answer(5), an_answer(5), an_answer(5, "bo"), a_seat("bo", "East")]
        found = everything("csat", *answers)
        assert value("csat", *answers, subject=EAST) == 1
        [metric] = shipped("csat")
        made = score(found.get("csat", ANA, Q4.id), None, metric, ANA, Q4, calendar=Calendar(), today=TODAY)
        assert (made.actual, made.reason) == (None, "4 of at least 5 records; no target")

    def test_of_planned_skills_the_share_that_was_reached(self) -> None:
        skills = a_skill(date(2026, 10, 20)), a_skill(None), a_skill(None, due_on=date(2026, 12, 31))
        found = value("skill_plan_progress", *skills, a_skill(date(2026, 1, 1), due_on=date(2026, 3, 31)))
        assert found is not None
        assert round(found, 4) == Decimal("0.3333")

    def test_nobody_without_a_plan_is_judged_by_it(self) -> None:
        assert value("skill_plan_progress", a_skill(None, "bo")) is None

    def test_trainings_are_counted(self) -> None:
        assert value("trainings", a_training(), a_training(), a_training("bo")) == 2


def test_every_shipped_metric_can_be_measured_over_nothing() -> None:
    metrics = list(shipped_rules().metrics.values())
    found = measure(a_mirror(), metrics, [Q4], ["team"], TODAY)
    assert {name for name, subject, _ in found if subject == COMPANY} == {each.name for each in metrics}


def test_every_shipped_metric_says_what_it_is_in_its_own_words() -> None:
    titles = [each.title for each in shipped_rules().metrics.values()]
    assert len(set(titles)) == len(titles)

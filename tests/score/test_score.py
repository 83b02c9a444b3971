"""Attainment, gap and pace, worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.cli.terminal import percent
from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Period
from connector.model.people import Absence, Assignment
from connector.model.results import Measurement, Score, Subject, Target
from connector.score.distribution import distribution
from connector.score.outlook import Outlook
from connector.score.rank import Leaderboard, rank
from connector.score.score import score
from connector.score.season import chosen, course
from tests.measure.mirror import a_metric
from tests.targets.policies import a_person

CALENDAR = Calendar()
Q4 = CALENDAR.period("2026-Q4")
ANA = Subject("person", "ana")
bookings = a_metric()
win_rate = a_metric("win_rate", measure="count_if(outcome = 'won') / count()", unit="ratio")
complaints = a_metric("complaints", measure="count()", unit="complaints", better="lower")
cycle = a_metric("cycle", measure="median(days_between(created_on, closed_on))", unit="days", better="lower")
complaints_by_ratio = a_metric("complaints", measure="count()", unit="complaints", better="lower", method="ratio")


def scored(
    actual: Any,
    target: Any,
    metric: Metric = bookings,
    *,
    today: date = date(2026, 11, 3),
    period: Period = Q4,
    **given: Any,
) -> Score:
    measured = None if actual is None else Measurement(Decimal(actual), metric.unit, records=1)
    aim = None if target is None else Target(metric.name, ANA, period, Decimal(target), metric.unit, (), "")
    return score(measured, aim, metric, ANA, period, calendar=given.pop("calendar", CALENDAR), today=today, **given)


def test_24_000_of_30_000_is_80_per_cent(evidence: Path) -> None:
    case = _worked(evidence, "W01")
    found = scored(case["inputs"]["actual"], case["inputs"]["target"]).attainment
    assert found is not None
    assert float(found * 100) == case["expected"]["attainment_pct"]


def test_what_is_short_of_the_target_is_the_gap(evidence: Path) -> None:
    case = _worked(evidence, "W04")["expected"]["P1"]
    found = scored(case["achieved"], case["target"])
    assert found.gap == -case["variance"]


def test_pace_on_the_thirteenth_of_thirty_days(evidence: Path) -> None:
    case = _worked(evidence, "W23")
    every_day = Calendar(working_weekdays=frozenset(range(7)))
    june = every_day.period("2026-06")
    given, wanted = case["inputs"], case["expected"]
    today = date(2026, 6, given["days_elapsed"] + 1)
    found = scored(given["to_date"], given["goal"], today=today, period=june, calendar=every_day)
    assert (found.elapsed, found.working_days) == (12, 30)
    assert found.expected == Decimal(str(wanted["linear_expected_to_date"]))
    assert found.pace is not None
    assert float(round(found.pace * 100, 1)) == wanted["pace_index"]


def _worked(evidence: Path, case: str) -> dict:  # type: ignore[type-arg]
    cases = json.loads((evidence / "data" / "worked_examples.json").read_text())
    found: dict = next(each for each in cases if each["id"] == case)  # type: ignore[type-arg]
    return found


def test_60_000_of_250_000_after_23_of_66_working_days() -> None:
    found = scored(6_000_000, 25_000_000)
    assert (found.elapsed, found.working_days) == (23, 66)
    assert found.attainment == Decimal("0.24")
    assert found.expected is not None
    assert round(found.expected) == 8_712_121
    assert found.pace is not None
    assert round(found.pace, 3) == Decimal("0.689")


def test_over_achievement_is_kept_as_it_is() -> None:
    assert scored(150, 100).attainment == Decimal("1.5")


def test_a_target_of_zero_gives_no_attainment_and_a_reason() -> None:
    found = scored(5, 0)
    assert found.attainment is None
    assert found.reason == "target is zero; nothing is expected yet"


def test_no_target_is_not_a_target_of_zero() -> None:
    found = scored(5, None)
    assert (found.attainment, found.gap, found.expected, found.reason) == (None, None, None, "no target")


def test_a_negative_actual_is_a_negative_attainment() -> None:
    assert scored(-50, 100).attainment == Decimal("-0.5")


def test_somebody_with_a_target_and_no_deals_has_done_nothing() -> None:
    found = scored(None, 100)
    assert [found.actual, found.attainment, found.gap] == [0, 0, 100]


def test_a_ratio_of_no_records_stays_unknown() -> None:
    found = scored(None, "0.3", win_rate)
    assert (found.actual, found.attainment, found.reason) == (None, None, "nothing to measure")


def test_deals_that_cannot_be_counted_are_not_nothing() -> None:
    measured = Measurement(None, "money", left_out=2)
    aim = Target("bookings", ANA, Q4, Decimal(100), "money", (), "")
    found = score(measured, aim, bookings, ANA, Q4, calendar=CALENDAR, today=date(2026, 11, 3))
    assert (found.actual, found.left_out, found.reason) == (None, 2, "nothing that was found could be counted")


def test_nobody_is_behind_on_the_first_morning() -> None:
    found = scored(0, 100, today=date(2026, 10, 1))
    assert found.expected == 0
    assert (found.pace, found.reason) == (None, "nothing is expected yet")


def test_a_weekend_expects_nothing_more() -> None:
    friday_over, sunday = date(2026, 10, 31), date(2026, 11, 1)
    assert scored(1, 66, today=friday_over).expected == scored(1, 66, today=sunday).expected == 22


def test_a_holiday_is_no_working_day() -> None:
    holidays = Calendar(holidays=frozenset({date(2026, 12, 25)}))
    assert scored(1, 65, calendar=holidays, today=date(2027, 1, 5)).working_days == 65


def test_a_period_that_is_over_expects_all_of_it() -> None:
    assert scored(1, 100, today=date(2027, 2, 1)).expected == 100


def test_own_absences_are_no_days_on_which_something_is_expected() -> None:
    # Away all October: 44 working days are left, one of which (2 November) is over on the 3rd.
    absent = a_person(absences=(Absence(date(2026, 10, 1), date(2026, 10, 31)),))
    found = scored(1, 44, person=absent)
    assert (found.elapsed, found.working_days) == (1, 44)
    assert found.expected == 1


def test_a_ratio_is_expected_whole_on_every_day() -> None:
    found = scored("0.15", "0.3", win_rate)
    assert found.expected == Decimal("0.3")
    assert found.pace == Decimal("0.5")


@pytest.mark.parametrize("metric", [complaints, complaints_by_ratio])
def test_exactly_at_the_target_is_reached_by_every_method(metric: Metric) -> None:
    assert scored(10, 10, metric).attainment == 1


@pytest.mark.parametrize(("actual", "attainment"), [(0, 2), (5, "1.5"), (20, 0), (30, -1)])
def test_linear_runs_from_two_at_zero_to_zero_at_twice_the_target(actual: int, attainment: str) -> None:
    assert scored(actual, 10, complaints).attainment == Decimal(attainment)


def test_a_ratio_to_nothing_has_a_reason() -> None:
    found = scored(0, 10, complaints_by_ratio)
    assert (found.attainment, found.reason) == (None, "actual is zero")


def ranks(*results: tuple[Any, Any], metric: Metric = bookings) -> list[int | None]:
    return [each.rank for each in rank([scored(*each, metric) for each in results], [metric])]


def test_ranks_leave_a_gap_after_a_tie() -> None:
    assert ranks((90, 100), (80, 100), (80, 100), (70, 100)) == [1, 2, 2, 4]


def test_the_same_fraction_of_different_targets_ties() -> None:
    assert ranks((1, 3), (2, 6), (33, 100)) == [1, 1, 3]


def test_a_difference_beyond_any_rounding_breaks_a_tie() -> None:
    assert ranks((10**20, 3 * 10**20), (10**20 + 1, 3 * 10**20)) == [2, 1]


def test_whoever_has_no_attainment_has_no_rank() -> None:
    assert ranks((5, None), (80, 100), (1, 0)) == [None, 1, None]


def test_fewer_is_ahead_where_lower_is_better() -> None:
    assert ranks((5, 10), (2, 10), (20, 10), metric=complaints) == [2, 1, 3]


def test_periods_and_metrics_are_ranked_apart() -> None:
    one, other = scored(50, 100), scored(10, 100, period=CALENDAR.period("2026-10"))
    assert [each.rank for each in rank([one, other])] == [1, 1]


@pytest.mark.parametrize(
    ("period", "reason"), [("2026-W45", "no target for weeks"), ("last-4-weeks", "no target for windows that move")]
)
def test_what_has_no_targets_says_so(period: str, reason: str) -> None:
    found = scored(5, None, period=CALENDAR.period(period, date(2026, 11, 5)), today=date(2026, 11, 5))
    assert (found.actual, found.attainment, found.pace, found.reason) == (Decimal(5), None, None, reason)
    # Monday to Wednesday are over; or twenty working days of four weeks, less today.
    assert (found.elapsed, found.working_days) == ((3, 5) if period == "2026-W45" else (19, 20))


def test_a_persons_working_days_are_those_of_their_country() -> None:
    # October 2026 has 22 working days, 18 of them before Tuesday the 27th; Monday the 26th is Austria's national day.
    october = CALENDAR.period("2026-10")
    calendar = Calendar(elsewhere=(("AT", frozenset({date(2026, 10, 26)})),))
    vienna = a_person(assignments=(Assignment(date(1, 1, 1), {"country": "AT"}),))
    for person, expected in ((a_person(), (18, 22)), (vienna, (17, 21))):
        found = scored(1, 100, period=october, today=date(2026, 10, 27), calendar=calendar, person=person)
        assert (found.elapsed, found.working_days) == expected


def on_the_board(**attained: tuple[int, int]) -> list[Score]:
    """People by name, with actual and target."""
    return [
        replace(scored(actual, target), subject=Subject("person", name)) for name, (actual, target) in attained.items()
    ]


def test_dense_ranks_leave_no_gap_after_a_tie() -> None:
    field = on_the_board(ana=(90, 100), ben=(45, 50), cem=(40, 100), dan=(10, 100))
    assert [each.rank for each in rank(field)] == [1, 1, 3, 4]
    assert [each.rank for each in rank(field, (), {"bookings": Leaderboard("dense")})] == [1, 1, 2, 3]


def test_who_reached_the_target_first_is_ahead_of_who_reached_more() -> None:
    field = on_the_board(ana=(200, 100), ben=(100, 100), cem=(99, 100))
    days = {("bookings", "ana", "2026-Q4"): date(2026, 11, 2), ("bookings", "ben", "2026-Q4"): date(2026, 10, 30)}
    assert [each.rank for each in rank(field, (), {"bookings": Leaderboard("first_to_reach")}, days)] == [2, 1, 3]


def test_a_tiny_target_cannot_win() -> None:
    field = on_the_board(ana=(90, 100), ben=(50, 10))
    guarded = rank(field, (), {"bookings": Leaderboard(least_target=Decimal(20))})
    assert [(each.rank, each.field_size) for each in guarded] == [(1, 1), (None, 0)]


def test_the_quarter_of_the_field_is_told_from_the_rank() -> None:
    field = rank(on_the_board(**{name: (100 - at, 100) for at, name in enumerate("abcdefgh")}))
    assert [each.quartile for each in field] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert scored(None, None).quartile is None


def test_what_is_needed_a_day_and_what_came_in_a_day() -> None:
    found = scored(6_000_000, 25_000_000)  # 23 of 66 working days are over: 43 are left
    assert found.run_rate == Decimal(6_000_000) / 23
    assert found.required_rate == Decimal(19_000_000) / 43
    assert (found.projection, found.projection_by) == (Decimal(6_000_000) * 66 / 23, "working days")


def test_a_surplus_needs_nothing_more() -> None:
    found = scored(30_000_000, 25_000_000)
    assert [found.gap, found.surplus, found.required_rate] == [-5_000_000, 5_000_000, 0]


@pytest.mark.parametrize(("actual", "gap"), [(15, -5), (4, 6)])
def test_of_what_should_stay_low_nothing_is_needed_and_nothing_is_done_before_the_end(actual: int, gap: int) -> None:
    found = scored(actual, 10, complaints)
    assert found.gap == gap
    assert (found.surplus, found.required_rate, found.reason) == (None, None, "")
    assert found.run_rate == Decimal(actual) / 23


def test_of_a_length_that_should_be_short_the_days_below_are_the_surplus() -> None:
    assert [scored(each, 45, cycle).surplus for each in (30, 45, 60)] == [15, 0, 0]


def test_after_the_period_nothing_can_be_required() -> None:
    found = scored(6_000_000, 25_000_000, today=date(2027, 1, 4))
    assert (found.required_rate, found.reason) == (None, "the period is over")
    assert found.projection == 6_000_000


def test_five_points_ahead_of_time() -> None:
    found = scored(40, 100, today=date(2026, 11, 3))  # 23 of 66 working days: 34.85 %
    assert found.ahead is not None
    assert round(found.ahead, 4) == Decimal("0.0515")


def test_a_ratio_is_neither_projected_nor_spread_over_days() -> None:
    found = scored(Decimal("0.4"), Decimal("0.5"), win_rate)
    assert (found.run_rate, found.required_rate, found.projection, found.ahead) == (None, None, None, None)
    assert found.surplus == 0


def test_what_is_expected_may_follow_a_season() -> None:
    past = [course(name, [Decimal(0), Decimal(0), Decimal(10)]) for name in "abcd"]
    outlook = Outlook(chosen([each for each in past if each], 4))
    found = scored(0, 100, today=date(2026, 11, 3), outlook=outlook)  # 35 % of the days: nothing usually came by then
    assert found.pace_by == "season"
    assert found.expected == 0
    assert (found.pace, found.reason) == (None, "nothing is expected yet")


def test_mean_median_and_the_share_at_target_tell_the_picture_together(evidence: Path) -> None:
    case = _worked(evidence, "W41")
    field = [replace(scored(each, 100), subject=Subject("person", str(each))) for each in case["inputs"]["attainment"]]
    team = replace(scored(500, 100), subject=Subject("team", "East"))  # no person: it does not count
    found = distribution([*field, team])
    assert found is not None
    assert found.people == 6
    assert float(round(found.mean * 100, 1)) == case["expected"]["mean"]
    assert float(found.median * 100) == case["expected"]["median"]
    assert float(found.at_target * 100) == case["expected"]["pct_reps_at_quota"]


def test_of_nobody_there_is_no_picture() -> None:
    assert distribution([scored(None, None)]) is None


def test_75_000_of_100_000_is_shown_as_75_per_cent_and_kept_raw(evidence: Path) -> None:
    case = _worked(evidence, "W02")
    found = scored(case["inputs"]["actual"], case["inputs"]["target"]).attainment
    assert percent(found) == f"{case['expected']['percent']}.0 %"
    assert percent(scored(150_001, 100_000).attainment, 0) == "150 %"  # a display rounds, and never caps
    assert scored(150_001, 100_000).attainment == Decimal("1.50001")

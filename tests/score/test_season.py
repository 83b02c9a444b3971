"""Which way to expect missed less, worked out by hand over small past periods."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from connector.score.outlook import Outlook, projection, projections
from connector.score.progress import Progress
from connector.score.season import SEASON, WORKING_DAYS, Course, chosen, course, usual

HALF = Fraction(1, 2)


def a_course(period: str, *totals: int) -> Course:
    found = course(period, [Decimal(each) for each in totals])
    assert found is not None
    return found


def late(period: str) -> Course:
    """Four working days: 10, 20, 40 and 100 in the end."""
    return a_course(period, 10, 20, 40, 100)


def test_between_two_days_the_share_runs_straight() -> None:
    it = late("2025-Q1")
    assert it.share(Fraction(1, 4)) == Fraction(1, 10)
    assert it.share(Fraction(3, 8)) == Fraction(15, 100)
    assert [it.share(Fraction(0)), it.share(Fraction(1))] == [0, 1]


def test_what_was_reached_once_counts_as_reached() -> None:
    it = a_course("2025-Q1", 60, 40, 80, 100)  # on the second day a deal of 20 was taken back
    assert [it.share(Fraction(day, 4)) for day in (1, 2, 3)] == [
        Fraction(60, 100),
        Fraction(60, 100),
        Fraction(80, 100),
    ]


def test_a_period_of_which_nothing_came_has_no_course() -> None:
    assert course("2025-Q1", [Decimal(0), Decimal(0)]) is None
    assert course("2025-Q1", []) is None


def test_with_too_few_like_periods_working_days_are_taken() -> None:
    found = chosen([late("a"), late("b"), late("c")], 4)
    assert found.by == WORKING_DAYS
    assert found.says == "3 of 4 like periods that a season needs"
    assert found.done(1, 4) == Fraction(1, 4)


def test_periods_that_fill_up_late_are_expected_by_season() -> None:
    found = chosen([late(name) for name in "abcd"], 4)
    # All are alike, so that each is told exactly by the others; working days miss by 15, 30 and 35 points.
    assert (found.by, found.season_error) == (SEASON, Decimal(0))
    assert found.working_days_error == Decimal(80) / 300
    assert found.done(2, 4) == Fraction(20, 100)


def test_where_every_period_went_its_own_way_working_days_are_taken() -> None:
    early, tardy = a_course("a", 90, 92, 95, 100), a_course("b", 1, 2, 5, 100)
    found = chosen([early, tardy], 2)
    # One is told by the other, which misses by 89 or 90 points a day; working days miss by less.
    assert found.by == WORKING_DAYS
    assert found.season_error == Decimal(89 + 90 + 90) / 300


def test_the_usual_share_is_the_mean_of_the_past() -> None:
    assert usual([late("a"), a_course("b", 40, 60, 80, 100)], HALF) == Fraction(40, 100)


@given(st.lists(st.lists(st.integers(0, 10**9), min_size=2, max_size=70), min_size=2, max_size=5))
def test_a_season_begins_at_nothing_ends_with_all_and_never_falls(past: list[list[int]]) -> None:
    courses = [found for name, days in enumerate(past) if (found := course(str(name), running(days)))]
    if courses:
        shares = [usual(courses, Fraction(step, 20)) for step in range(21)]
        assert [shares[0], shares[-1]] == [0, 1]
        assert shares == sorted(shares)


def running(days: list[int]) -> list[Decimal]:
    return [Decimal(sum(days[: at + 1])) for at in range(len(days))]


def test_a_projection_is_the_one_that_missed_least_at_this_moment() -> None:
    outlook = Outlook(chosen([late(name) for name in "abcd"], 4))
    days = Progress(2, 4)
    found = {each.by: (each.value, each.error) for each in projections(Decimal(30), days, outlook, None)}
    # 30 at half-time: 60 by working days, which said 40 of 100 in the past; 150 by season, which is always right here.
    assert found == {
        WORKING_DAYS: (Decimal(60), Decimal("0.6")),
        SEASON: (Decimal(150), Decimal(0)),
    }
    best = projection(Decimal(30), days, outlook, None)
    assert best is not None
    assert (best.by, best.value) == (SEASON, Decimal(150))


def test_run_rate_and_pipeline_are_never_added() -> None:
    found = {each.by: each.value for each in projections(Decimal(30), Progress(1, 4), Outlook(), Decimal(50))}
    assert found == {WORKING_DAYS: Decimal(120), "pipeline": Decimal(80)}


def test_before_the_first_day_is_over_only_the_pipeline_says_anything() -> None:
    assert projection(Decimal(0), Progress(0, 4), Outlook(), None) is None
    found = projection(Decimal(0), Progress(0, 4), Outlook(), Decimal(50))
    assert found is not None
    assert (found.by, found.value, found.error) == ("pipeline", Decimal(50), None)


def test_a_period_that_is_over_ends_with_what_there_is() -> None:
    found = projection(Decimal(30), Progress(4, 4), Outlook(), Decimal(50))
    assert found is not None
    assert (found.value, found.by) == (Decimal(30), "the period is over")

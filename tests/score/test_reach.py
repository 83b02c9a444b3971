"""How likely a target is to be reached: by hand where it can be said by hand, and against what then came."""

from __future__ import annotations

from random import Random

import pytest
from numpy.random import default_rng

from connector.score.reach import History, prior, reach, resampled, season


def chance(own: list[float], target: float, to_come: list[float], **given: object) -> float:
    peers = given.get("peers", ())
    found = reach(
        History(own, peers),  # type: ignore[arg-type]
        target, to_come, default_rng(7), so_far=float(str(given.get("so_far", 0))),
    )  # fmt: skip
    assert found.probability is not None
    assert found.low <= found.high
    return found.probability


def test_a_month_is_reached_as_often_as_it_was_before() -> None:
    assert chance([0, 0, 0, 10, 10, 10, 10, 10], 10, [1]) == pytest.approx(5 / 8, abs=0.05)


def test_three_months_are_reached_by_what_three_draws_make() -> None:
    # Of 0 and 10 with even odds, three draws make 20 or more in (3 + 1) of 8 cases.
    assert chance([0, 10] * 6, 20, [1, 1, 1]) == pytest.approx(1 / 2, abs=0.05)


def test_what_is_there_counts_and_half_a_month_brings_half() -> None:
    assert chance([10] * 12, 25, [1, 0.5], so_far=10) == 1
    assert chance([10] * 12, 25.1, [1, 0.5], so_far=10) == 0
    assert chance([10] * 12, 5, [], so_far=5) == 1


def test_peers_count_for_a_few_months_beside_one_s_own() -> None:
    # Peers, at 0, count for twelve months; the own ones are at 10.
    assert chance([10] * 6, 10, [1], peers=[0.0] * 60) == pytest.approx(6 / 18, abs=0.05)
    assert chance([10] * 24, 10, [1], peers=[0.0] * 60) == pytest.approx(24 / 36, abs=0.05)


def test_too_little_history_is_an_answer() -> None:
    found = reach(History([1.0] * 5, [1.0] * 17), 1, [1], default_rng(7))
    assert (found.probability, found.own, found.peers) == (None, 5, 17)
    assert reach(History([], [1.0] * 18), 1, [1], default_rng(7)).probability == 1


def test_the_same_question_gets_the_same_answer() -> None:
    history = History([0, 3, 9, 4, 7, 1, 5])
    assert reach(history, 14, [1, 1, 1], default_rng(5)) == reach(history, 14, [1, 1, 1], default_rng(5))


def test_a_season_is_what_a_month_of_the_year_usually_is() -> None:
    year = [6.0] * 11 + [18.0]  # December brings 18 of 84, an average month 7
    found = season(year + year, [*range(1, 13)] * 2)
    assert found[12] == pytest.approx(18 / 7)
    assert found[1] == pytest.approx(6 / 7)
    assert season(year, [*range(1, 13)]) == {}
    assert season([0.0] * 24, [*range(1, 13)] * 2) == {}


def test_what_is_said_to_be_likely_comes_that_often() -> None:
    """Teams of people with lumpy months: in each of ten bins, what was said and what came lie within ten points."""
    rng, draws = Random(11), default_rng(11)
    bins: dict[int, list[tuple[float, bool]]] = {}

    def month(size: float, often: float) -> float:
        return rng.expovariate(1 / size) if rng.random() < often else 0.0

    for _ in range(2_500):
        team = [(rng.uniform(15, 30), rng.uniform(0.5, 0.9)) for _ in range(10)]
        own = [month(*team[0]) for _ in range(24)]
        known = [own, *([month(*each) for _ in range(24)] for each in team[1:])]
        peers = [value for each in known[1:] for value in each]
        target = sum(size * often for size, often in team) / 10 * 3 * rng.uniform(0.1, 2.2)
        drawn = resampled(History(own, peers, prior(known)), target, [1, 1, 1], draws, 15, 20)
        came = sum(month(*team[0]) for _ in range(3)) >= target
        said = sum(drawn) / len(drawn)
        bins.setdefault(min(int(said * 10), 9), []).append((said, came))
    assert len(bins) == 10
    for found in bins.values():
        assert len(found) > 50
        expected, realised = (sum(column) / len(found) for column in zip(*found, strict=True))
        assert expected == pytest.approx(realised, abs=0.1)


def test_peers_count_for_more_the_more_alike_people_are() -> None:
    # Within each, the variance is 2 (0 and 2, unbiased: six of each would be 12/11); the means' is what differs.
    def people(*means: float) -> list[list[float]]:
        return [[mean - 1, mean + 1] * 6 for mean in means]

    # Variance within: 12/11. Means 10 to 50, variance 250; less 12/11/12 of chance: hardly any month.
    assert prior(people(10, 20, 30, 40, 50)) == 1.0
    # Means 9, 9.5, 10, 10.5, 11: variance 0.625, less 1/11 = 0.5341; 1.0909 / 0.5341 = 2.04.
    assert prior(people(9, 9.5, 10, 10.5, 11)) == pytest.approx(2.0426, abs=1e-3)
    assert prior(people(10, 10, 10, 10, 10)) == 60.0, "chance alone makes more than there is"
    assert prior(people(10, 50)) == 12, "of two people nobody can tell"

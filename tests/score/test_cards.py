"""Scorecards: weights, scales, floors, caps, gates, and what a missing number is; worked out by hand."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Place
from connector.language.read import condition
from connector.model.calendar import Calendar, Grain
from connector.model.people import Person, Roster
from connector.model.results import COMPANY, Card, Score, Subject
from connector.rulebook.scorecards_file import numbers
from connector.score.cards import cards
from connector.score.scorecard import Gate, Scale, Scorecard, Weighed
from tests.targets.policies import a_person

Q4 = Calendar().period("2026-Q4")
TODAY = date(2026, 11, 3)
PLACE = Place("rules/scorecards.yaml", 1, 1)
ANA = Subject("person", "ana")
BANDS = (("ahead", Decimal(1)), ("on_track", Decimal("0.8")), ("behind", Decimal(0)))


def a_score(metric: str, attainment: Any, subject: Subject = ANA, **given: Any) -> Score:
    ratio = None if attainment is None else Decimal(str(attainment))
    row: dict[str, Any] = {
        "unit": "deals", "actual": ratio and ratio * 100, "target": Decimal(100), "gap": None, "expected": None, "pace": ratio,
        "elapsed": 23, "working_days": 66,
    }  # fmt: skip
    return Score(metric, subject, Q4, TODAY, attainment=ratio, **row | given)


def a_card(*lines: Weighed, **given: Any) -> Scorecard:
    row: dict[str, Any] = {"cap": Decimal("1.5"), "bands": BANDS}
    return Scorecard("ae", "AE", PLACE, Grain.QUARTER, lines, **row | given)


def line(metric: str, weight: int = 1, of: str = "", **scale: Any) -> Weighed:
    return Weighed(metric, Decimal(weight), of, Scale(**scale))


def filled(card: Scorecard, *scores: Score, people: tuple[Person, ...] = ()) -> dict[Subject, Card]:
    roster = Roster.of(people or (a_person(),))
    known = {(each.metric, each.subject, each.period.id): each for each in scores}
    found = cards([card], [Q4], known, roster, today=TODAY, meant=lambda *_: True)
    return {each.subject: each for each in found}


def points(card: Scorecard, *scores: Score) -> Decimal | None:
    return filled(card, *scores)[ANA].score


def test_the_cap_holds_each_metric_before_it_is_weighed(evidence: Path) -> None:
    cases = json.loads((evidence / "data" / "worked_examples.json").read_text())
    case = next(each for each in cases if each["id"] == "W05b")
    given_, cap = case["inputs"]["metrics"], case["inputs"]["cap_pct"]
    card = a_card(*(line(each["m"], each["weight"]) for each in given_), cap=Decimal(cap) / 100)
    scores = [a_score(each["m"], Decimal(each["actual"]) / each["target"]) for each in given_]
    found = points(card, *scores)
    assert found is not None
    assert float(found * 100) == case["expected"]["score"]


def test_a_metric_without_a_number_is_left_out_or_zero_or_neutral() -> None:
    scores = a_score("bookings", "0.9"), a_score("win_rate", None, reason="nothing to measure")
    lines = line("bookings", 3), line("win_rate", 1)
    assert points(a_card(*lines), *scores) == Decimal("0.9")
    assert points(a_card(*lines, missing="zero"), *scores) == Decimal("0.675")
    assert points(a_card(*lines, missing="neutral"), *scores) == Decimal("0.925")
    mine = filled(a_card(*lines), *scores)[ANA]
    assert [each.says for each in mine.lines] == ["", "nothing to measure: left out, the others weigh more"]


def test_without_any_number_there_is_no_score() -> None:
    mine = filled(a_card(line("bookings")), a_score("bookings", None))[ANA]
    assert (mine.score, mine.band, mine.reason) == (None, "", "nothing to weigh")


def test_a_scale_runs_straight_between_its_ends() -> None:
    card = a_card(line("bookings", points=((Decimal("0.5"), Decimal(0)), (Decimal("1.2"), Decimal(1)))))
    assert points(card, a_score("bookings", "0.85")) == Decimal("0.5")
    assert points(card, a_score("bookings", "0.4")) == 0
    assert points(card, a_score("bookings", "2")) == 1


def test_below_the_threshold_there_is_nothing() -> None:
    card = a_card(line("bookings", threshold=Decimal("0.5")))
    assert points(card, a_score("bookings", "0.499")) == 0
    assert points(card, a_score("bookings", "0.5")) == Decimal("0.5")


def gate(effect: str, by: str = "0") -> Gate:
    over = numbers({"hygiene": "ratio"})
    return Gate(PLACE, condition("hygiene < 60%", over, "EUR", lambda _: PLACE), effect, Decimal(by))


@pytest.mark.parametrize(
    ("effect", "by", "left"), [("at_most", "0.79", "0.79"), ("multiply", "0.5", "0.6"), ("zero", "0", "0")]
)
def test_a_gate_holds_the_score_down_and_says_so(effect: str, by: str, left: str) -> None:
    card = a_card(line("bookings"), gates=(gate(effect, by),))
    won = a_score("bookings", "1.2")
    shut = filled(card, won, a_score("hygiene", None, actual=Decimal("0.5")))[ANA]
    assert shut.score == Decimal(left)
    assert shut.held == ("hygiene < 60% (rules/scorecards.yaml:1:1)",)
    assert points(card, won, a_score("hygiene", None, actual=Decimal("0.6"))) == Decimal("1.2")
    assert points(card, won) == Decimal("1.2")  # nobody knows: the gate stays open


def test_a_band_is_chosen_on_the_unrounded_score() -> None:
    card = a_card(line("bookings"))
    assert filled(card, a_score("bookings", "0.7999999"))[ANA].band == "behind"
    assert filled(card, a_score("bookings", "0.8"))[ANA].band == "on_track"
    assert filled(card, a_score("bookings", "9"))[ANA].band == "ahead"


@pytest.mark.parametrize("weights", [(1, 1, 1), (30, 30, 30), (40, 30, 20), (60, 40, 10), (3, 2, 1), (1, 1, 5)])
def test_whoever_is_exactly_on_a_boundary_everywhere_is_on_it_together(weights: tuple[int, ...]) -> None:
    lines = [line(f"metric_{at}", weight) for at, weight in enumerate(weights)]
    found = filled(a_card(*lines), *(a_score(each.metric, "0.8") for each in lines))[ANA]
    assert (found.score, found.band) == (Decimal("0.8"), "on_track")
    # With one of them left out the others are still exactly there.
    found = filled(a_card(*lines, line("unknown", 7)), *(a_score(each.metric, "0.8") for each in lines))[ANA]
    assert (found.score, found.band) == (Decimal("0.8"), "on_track")


def test_a_line_may_be_the_number_of_ones_team_or_of_the_company() -> None:
    card = a_card(line("bookings", of="team"), line("bookings", of="company"))
    scores = a_score("bookings", "0.6", Subject("team", "East")), a_score("bookings", "1", COMPANY)
    assert points(card, *scores) == Decimal("0.8")


def test_by_pace_what_is_expected_by_now_counts_as_all() -> None:
    card = a_card(line("bookings"), by="pace")
    assert points(card, a_score("bookings", "0.2", pace=Decimal("0.95"))) == Decimal("0.95")


def team(*ids: str) -> tuple[Person, ...]:
    return tuple(a_person(each) for each in ids)


def test_a_team_is_the_mean_of_its_full_roster_and_says_how_many_have_a_score() -> None:
    people = team("ana", "ben", "cem")
    scores = [a_score("bookings", value, Subject("person", who)) for who, value in (("ana", "1.2"), ("ben", "0.6"))]
    east = filled(a_card(line("bookings")), *scores, people=people)[Subject("team", "East")]
    assert (east.score, east.reason) == (Decimal("0.6"), "2 of 3 people have a score")
    flattered = filled(a_card(line("bookings"), whole_roster=False), *scores, people=people)[Subject("team", "East")]
    assert flattered.score == Decimal("0.9")


def test_a_team_may_be_weighed_by_target() -> None:
    big = a_score("bookings", "1", Subject("person", "ana"), target=Decimal(300))
    small = a_score("bookings", "0.2", Subject("person", "ben"), target=Decimal(100))
    found = filled(a_card(line("bookings"), group="target"), big, small, people=team("ana", "ben"))
    assert found[COMPANY].score == Decimal("0.8")


def test_equal_scores_share_a_rank() -> None:
    scores = [
        a_score("bookings", value, Subject("person", who))
        for who, value in (("ana", "1"), ("ben", "1"), ("cem", "0.5"))
    ]
    found = filled(a_card(line("bookings")), *scores, people=team("ana", "ben", "cem"))
    assert [found[Subject("person", who)].rank for who in ("ana", "ben", "cem")] == [1, 1, 3]


RATIOS = st.decimals(-3, 5, places=3)


@given(st.lists(st.tuples(RATIOS | st.none(), st.integers(1, 100)), min_size=1, max_size=6), RATIOS, RATIOS)
def test_without_a_gate_a_score_lies_between_floor_and_cap(
    lines: list[tuple[Decimal | None, int]], one: Decimal, other: Decimal
) -> None:
    floor, cap = sorted((one, other))
    card = a_card(
        *(line(f"m{at}", weight) for at, (_, weight) in enumerate(lines)), floor=floor, cap=cap, missing="zero"
    )
    found = points(card, *(a_score(f"m{at}", ratio) for at, (ratio, _) in enumerate(lines)))
    assert found is not None
    assert floor - Decimal("1e-20") <= found <= cap + Decimal("1e-20")

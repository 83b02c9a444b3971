"""Health: points for and against, the heaviest reason first."""

from __future__ import annotations

from typing import Any

from connector.errors import Place
from connector.language.read import condition
from connector.measure.facts import Fact
from connector.model.catalogue import RELATIONS
from connector.model.results import Health
from connector.score.health import HealthRules, Point, judge

PLACE = Place("rules/health.yaml", 1)


def a_point(add: int, say: str, do: str = "") -> Point:
    when = condition("outcome = 'open'", RELATIONS["deals"], "EUR", lambda _: PLACE)
    return Point(PLACE, add, when, say, do)


POINTS = (a_point(15, "active"), a_point(-25, "{days} days in {stage}", "move {stage} on"), a_point(-20, "past due"))
RULES = HealthRules("deals", PLACE, 60, POINTS, (("healthy", 70), ("watch", 40), ("at_risk", 0)))


def judged(*holds: bool, rules: HealthRules = RULES, **words: Any) -> Health:
    values = tuple(words.get(each) for each in rules.words)
    [found] = judge(rules, [Fact("emea:1", "Fridges", "ana", holds, values)], lambda _, value: str(value))
    return found


def test_points_are_added_to_the_start_and_put_it_in_a_band() -> None:
    assert (judged(True, False, False).points, judged(True, False, False).band) == (75, "healthy")
    assert (judged(False, False, True).points, judged(False, False, True).band) == (40, "watch")
    assert (judged(False, True, True).points, judged(False, True, True).band) == (15, "at_risk")


def test_the_heaviest_reason_comes_first_with_its_words_filled_in() -> None:
    found = judged(True, True, True, days=41, stage="Proposal")
    assert [each.says for each in found.reasons] == ["41 days in Proposal", "past due", "active"]
    assert found.next_step == "move Proposal on"


def test_health_stays_between_0_and_100() -> None:
    steep = HealthRules("deals", PLACE, 50, (a_point(-90, "a"), a_point(90, "b")), (("any", 0),))
    assert judged(True, False, rules=steep).points == 0
    assert judged(False, True, rules=steep).points == 100


def test_only_the_fields_that_are_spoken_of_are_asked_for() -> None:
    assert RULES.words == ("days", "stage")

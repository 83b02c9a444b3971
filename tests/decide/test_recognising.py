"""Who earned a badge, a place or a level, and whom a plan is meant for: from scores of periods that are over."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connector.decide.recognising import Recognising, over, recognition_alerts
from connector.decide.recognition import Ask, Badge, Contest, Level, Recognised, Recognition, Support
from connector.decide.rule import Message, Speech
from connector.errors import Place
from connector.model.calendar import Calendar, Grain
from connector.model.catalogue import PEOPLE
from connector.model.people import Assignment, Person, Roster
from connector.model.records import Reading, Ref
from connector.model.results import Score, Subject
from connector.rulebook.speaking_file import scores
from tests.measure.mirror import condition
from tests.targets.policies import a_person

PLACE = Place("rules/incentives.yaml", 1)
CALENDAR = Calendar()
TODAY = date(2026, 11, 25)


def seated(name: str, manager: str | None = "max") -> Person:
    return a_person(name, assignments=(Assignment(date(1, 1, 1), {"role": "AE"}, manager),))


ROSTER = Roster.of([seated("ana"), seated("bea"), seated("cem"), a_person("max", role="Manager")])


def ask(when: str, grain: Grain = Grain.QUARTER, in_a_row: int = 1, metric: str = "bookings") -> Ask:
    return Ask(metric, grain, condition(when, scores("money")), in_a_row)


def reached(person: str, *shares: int, of: str = "quarter", metric: str = "bookings") -> list[Score]:
    """Attainment in per cent in the periods that are over, the newest first; targets are 100.00."""
    periods = over(CALENDAR, Grain(of), TODAY, len(shares))
    return [
        Score(metric, Subject("person", person), period, TODAY, "money", Decimal(share * 100), Decimal(100_00),
              Decimal(share) / 100, None, None, None, 0, 0)
        for period, share in zip(periods, shares, strict=True)
    ]  # fmt: skip


def found(*known: list[Score], confirmed: list[dict[str, Any]] | None = None, **rules: Any) -> list[Recognised]:
    rows = [
        Reading(Ref("files", "confirmations", str(at)), datetime(2026, 1, 1, tzinfo=UTC), each)
        for at, each in enumerate(confirmed or [])
    ]
    everything = {(each.metric, each.subject, each.period.id): each for part in known for each in part}
    standings = rules.pop("standings", {})
    return Recognising(Recognition(**rules), ROSTER, CALENDAR, TODAY, everything, standings, rows).all()


class TestBadges:
    def test_whoever_did_it_in_the_last_period_that_is_over(self) -> None:
        badge = Badge("rain", PLACE, "Rainmaker", "bookings", Grain.QUARTER, ask("attainment >= 120%"))
        earned = found(reached("ana", 120), reached("bea", 119), badges=(badge,))
        assert [(each.person, each.period.id, each.value) for each in earned] == [("ana", "2026-Q3", Decimal(120_00))]

    def test_a_streak_is_broken_by_one_period_and_by_one_that_nobody_knows(self) -> None:
        badge = Badge("roll", PLACE, "On a roll", "bookings", Grain.MONTH, ask("attainment >= 100%", Grain.MONTH, 3))
        earned = found(
            reached("ana", 100, 110, 100, of="month"),
            reached("bea", 100, 99, 100, of="month"),
            reached("cem", 100, 100, of="month"),
            badges=(badge,),
        )
        assert [each.person for each in earned] == ["ana"]

    def test_the_most_improved_rose_most_and_equals_share_it(self) -> None:
        badge = Badge("most", PLACE, "Most improved", "bookings", Grain.QUARTER, None)
        earned = found(reached("ana", 90, 60), reached("bea", 150, 100), reached("cem", 140, 120), badges=(badge,))
        assert [(each.person, each.rise) for each in earned] == [("ana", Decimal("0.5")), ("bea", Decimal("0.5"))]
        assert found(reached("ana", 60, 90), badges=(badge,)) == [], "who fell least has not improved"


def test_a_contest_ranks_by_the_number_and_names_its_places() -> None:
    contest = Contest("hunt", PLACE, "Hunt", "bookings", date(2026, 11, 1), date(2026, 11, 30), places=2)
    standings = {
        "hunt": {"ana": Decimal(3), "bea": Decimal(5), "cem": Decimal(3), "max": Decimal(0), "eve": Decimal(9)}
    }
    earned = found(contests=(contest,), standings=standings)
    assert [(each.person, each.place) for each in earned] == [("bea", 1), ("ana", 2), ("cem", 2)]


LEVEL = Level(
    "senior", PLACE, "Senior", (ask("attainment >= 100%", Grain.QUARTER, 2), ask("attainment >= 50%", Grain.MONTH)),
    condition("role = 'AE'", PEOPLE),
    Speech(Message("{person}: {title}", "confirm `{what}`")),
)  # fmt: skip


class TestLevels:
    def test_everybody_sees_how_far_they_are(self) -> None:
        ana, bea, cem = found(
            reached("ana", 100, 100), reached("ana", 60, of="month"), reached("bea", 130, 90), levels=(LEVEL,)
        )
        assert ([each.held for each in ana.progress], ana.complete, ana.confirmed) == ([2, 1], True, "")
        assert ([each.held for each in bea.progress], bea.complete) == ([1, 0], False)
        assert [each.held for each in cem.progress] == [0, 0]

    def test_the_manager_is_asked_once_until_it_is_confirmed(self) -> None:
        known = reached("ana", 100, 100), reached("ana", 60, of="month")
        rules = Recognition(levels=(LEVEL,))
        [asked] = recognition_alerts(found(*known, levels=(LEVEL,)), rules, ROSTER, connections=["emea"], today=TODAY)
        assert (asked.person, asked.title, asked.text) == ("max", "Ana: Senior", "confirm `senior`")
        row = {"person": "ana@example.com", "what": "senior", "by": "Max", "on": date(2026, 11, 20)}
        done = found(*known, levels=(LEVEL,), confirmed=[row])
        assert done[0].confirmed == "by Max on 2026-11-20"
        assert list(recognition_alerts(done, rules, ROSTER, connections=["emea"], today=TODAY)) == []
        future = found(*known, levels=(LEVEL,), confirmed=[{**row, "on": date(2026, 12, 1)}])
        assert future[0].confirmed == ""


class TestSupport:
    PLAN = Support(
        "plan", PLACE, "Plan", ask("attainment < 60%", Grain.QUARTER, 2), None, Speech(Message("{person}", "{period}"))
    )

    def test_it_waits_for_a_manager_and_is_confirmed_anew_each_period(self) -> None:
        known = reached("ana", 50, 59), reached("bea", 50, 60)
        [plan] = found(*known, supports=(self.PLAN,))
        assert (plan.person, plan.period.id, plan.confirmed) == ("ana", "2026-Q3", "")
        row = {"person": "ana@example.com", "what": "plan", "by": "Max"}
        [old] = found(*known, supports=(self.PLAN,), confirmed=[{**row, "on": date(2026, 9, 1)}])
        [new] = found(*known, supports=(self.PLAN,), confirmed=[{**row, "on": date(2026, 10, 2)}])
        assert (old.confirmed, new.confirmed) == ("", "by Max on 2026-10-02")

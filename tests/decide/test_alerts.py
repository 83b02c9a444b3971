"""When a rule speaks up, to whom, and in which words."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.decide.alerts import Days, alerts
from connector.decide.rule import AlertRule, Message, Speech
from connector.decide.snooze import awake
from connector.decide.wording import number, percent
from connector.errors import Place
from connector.language.read import condition
from connector.model.calendar import Calendar, Grain
from connector.model.catalogue import PEOPLE, Relation
from connector.model.people import Assignment, Person, Roster
from connector.model.records import Reading, Ref
from connector.model.results import Alert, Score, Subject, Target, TargetStep
from connector.rulebook.speaking_file import scores
from tests.measure.mirror import a_metric
from tests.targets.policies import a_person

PLACE = Place("rules/alerts.yaml", 1)
SCORES = scores("money")
Q4 = Calendar().period("2026-Q4")
DAYS = [date(2026, 11, each) for each in (2, 3, 4, 5, 6, 9, 10)]  # Monday to the next Tuesday
bookings = a_metric(title="Closed-won revenue")
MESSAGE = Message(
    "Behind pace: {metric}, {period}",
    "{actual} of {target} so far, {expected} would be steady. {days_left} days left. {unheard_of}",
)


def a_rule(when: str = "pace < 70%", until: str | None = "pace >= 80%", **more: Any) -> AlertRule:
    def written(text: str, over: Relation = SCORES) -> Any:
        return condition(text, over, "EUR", lambda _: PLACE)

    chosen = more.pop("for_", None)
    row: dict[str, Any] = {
        "after": 3,
        "tell": ("rep",),
        "say": Speech(MESSAGE),
        "for_": written(chosen, PEOPLE) if chosen else None,
    }
    return AlertRule(
        "behind_pace",
        PLACE,
        "bookings",
        Grain.QUARTER,
        written(when),
        until=written(until) if until else None,
        **row | more,
    )


def told(
    rule: AlertRule, *paces: int | None, person: Person | None = None, people: tuple[Person, ...] = ()
) -> list[Alert]:
    """The alerts after days with these paces, in per cent."""
    who = person or a_person()
    days = [_score(day, pace) for day, pace in zip(DAYS, paces, strict=False)]
    roster = Roster.of([who, *people])
    connections = ["emea", "smb"]
    return alerts(
        rule, [Days(who, days)], roster, bookings, connections=connections, currency="EUR", today=days[-1].as_of
    )


def _score(day: date, pace: int | None) -> Score:
    return Score(
        metric="bookings",
        subject=Subject("person", "ana"),
        period=Q4,
        as_of=day,
        unit="money",
        actual=Decimal(6_000_000),
        target=Decimal(25_000_000),
        attainment=Decimal("0.24"),
        gap=Decimal(19_000_000),
        expected=Decimal("8712121.21"),
        pace=None if pace is None else Decimal(pace) / 100,
        elapsed=23,
        working_days=66,
    )


def test_waits_for_the_third_working_day_in_a_row() -> None:
    assert told(a_rule(), 75, 69, 69) == []
    assert [each.raised_on for each in told(a_rule(), 75, 69, 69, 69)] == [date(2026, 11, 5)]


def test_one_good_day_starts_the_wait_again() -> None:
    assert told(a_rule(), 69, 69, 70, 69, 69) == []


def test_a_pace_nobody_knows_is_no_bad_pace() -> None:
    assert told(a_rule(), 69, 69, None) == []


def test_stands_until_the_higher_bar_is_cleared() -> None:
    assert [each.raised_on for each in told(a_rule(), 60, 60, 60, 75, 79)] == [date(2026, 11, 4)]
    assert told(a_rule(), 60, 60, 60, 75, 80) == []


def test_without_a_bar_of_its_own_it_ends_with_the_condition() -> None:
    assert told(a_rule(until=None), 60, 60, 60, 75) == []


def test_after_clearing_it_is_raised_again_under_the_same_key() -> None:
    first, again = told(a_rule(), 60, 60, 60)[0], told(a_rule(), 60, 60, 60, 90, 60, 60, 60)[0]
    assert again.raised_on == date(2026, 11, 10)
    assert again.key == first.key


@given(
    st.lists(st.sampled_from([60, 69, 70, 79, 80, 90, None]), min_size=1, max_size=len(DAYS)),
    st.integers(1, 4),
    st.booleans(),
)
def test_read_backwards_it_says_what_a_walk_through_the_days_would(
    paces: list[int | None], after: int, has_bar: bool
) -> None:
    raised, in_a_row = None, 0
    for day, pace in zip(DAYS, paces, strict=False):
        behind = pace is not None and pace < 70
        over = pace is not None and pace >= 80 if has_bar else not behind
        raised = None if over else raised
        in_a_row = in_a_row + 1 if behind else 0
        if raised is None and in_a_row >= after:
            raised = day
    found = told(a_rule(after=after, until="pace >= 80%" if has_bar else None), *paces)
    assert [each.raised_on for each in found] == ([raised] if raised else [])


def test_the_key_is_fixed_by_meaning() -> None:
    meaning = "emea|behind_pace|person:ana|2026-Q4|behind"
    assert told(a_rule(after=1), 60)[0].key == hashlib.sha256(meaning.encode()).hexdigest()[:32]


def test_the_key_names_the_home_that_people_chose() -> None:
    users = (Ref("emea", "User", "1"), Ref("smb", "owners", "2"))
    key = hashlib.sha256(b"smb|behind_pace|person:ana|2026-Q4|behind").hexdigest()[:32]
    assert told(a_rule(after=1), 60, person=a_person(identities=users, home="smb"))[0].key == key


def test_a_manager_is_told_under_a_key_of_their_own() -> None:
    managed = a_person(assignments=(Assignment(date(1, 1, 1), {"role": "AE"}, manager="max"),))
    found = told(a_rule(after=1, tell=("rep", "manager")), 60, person=managed, people=(a_person("max"),))
    assert [each.person for each in found] == ["ana", "max"]
    assert len({each.key for each in found}) == 2


def test_whoever_has_left_or_is_not_meant_is_not_spoken_about() -> None:
    assert told(a_rule(after=1), 60, person=a_person(ends_on=date(2026, 11, 1))) == []
    assert told(a_rule(after=1), 60, person=replace(a_person(), active=False)) == []
    assert told(a_rule(after=1, for_="role = 'SDR'"), 60) == []


def test_says_it_in_numbers_that_people_read() -> None:
    found = told(a_rule(after=1), 60)[0]
    assert found.title == "Behind pace: Closed-won revenue, 2026-Q4"
    assert found.text == ("60 000 EUR of 250 000 EUR so far, 87 121 EUR would be steady. 43 days left. {unheard_of}")


def test_numbers_carry_their_unit_and_no_false_precision() -> None:
    assert number(Decimal("15.4545"), "meetings", "EUR") == "15.5 meetings"
    assert number(Decimal(1_234_567), "money", "JPY") == "1 234 567 JPY"
    assert number(Decimal(-150), "money", "EUR") == "-2 EUR"
    assert number(None, "money", "EUR") == "unknown"
    assert [percent(Decimal(each)) for each in ("0.24", "0.6887", "1.5")] == ["24%", "68.9%", "150%"]


def milestones(*reached: float, target: int = 100, rearm: bool = True, **more: Any) -> list[Alert]:
    """What a rule with marks at 50 % and 100 % tells after days with these attainments."""
    rule = replace(a_rule(after=1, **more), when=None, until=None, milestones=(Decimal("0.5"), Decimal(1)), rearm=rearm)
    days = [
        replace(_score(day, None), attainment=Decimal(str(each)), target=Decimal(target))
        for day, each in zip(DAYS, reached, strict=False)
    ]
    roster = Roster.of([a_person()])
    return alerts(
        rule, [Days(a_person(), days)], roster, bookings, connections=["emea"], currency="EUR", today=days[-1].as_of
    )


class TestMilestones:
    def test_the_highest_mark_that_is_reached_since_the_day_it_was(self) -> None:
        assert milestones(0.1, 0.49) == []
        assert [(each.band, each.raised_on.day) for each in milestones(0.1, 0.5, 0.7, rearm=False)] == [("50%", 3)]
        assert [each.band for each in milestones(0.1, 1.2, rearm=False)] == ["100%"]

    def test_the_same_mark_is_the_same_alert_on_every_later_day(self) -> None:
        [first], [later] = milestones(0.5), milestones(0.5, 0.6, 0.9)
        assert (first.key, first.raised_on) == (later.key, later.raised_on)

    def test_b16_a_raised_target_arms_it_again_and_only_where_the_rule_says_so(self) -> None:
        # Django-CRM: a milestone once reported is never reported again, even if the target was raised.
        [before], [after] = milestones(1.0, target=100), milestones(0.8, 1.0, target=125)
        assert milestones(0.4, target=250) == []
        assert before.key != after.key
        [before], [after] = milestones(1.0, target=100, rearm=False), milestones(0.8, 1.0, target=125, rearm=False)
        assert before.key == after.key

    def test_nobody_without_a_target_has_a_milestone(self) -> None:
        rule = replace(a_rule(), when=None, until=None, milestones=(Decimal(1),))
        days = [replace(_score(DAYS[0], None), attainment=None, target=None)]
        who = Days(a_person(), days)
        assert (
            alerts(rule, [who], Roster.of([a_person()]), bookings, connections=["emea"], currency="EUR", today=DAYS[0])
            == []
        )


def managed_by(name: str, manager: str | None, **given_: Any) -> Person:
    return a_person(name, assignments=(Assignment(date(1, 1, 1), {"role": "AE"}, manager=manager),), **given_)


def test_a_manager_who_left_is_replaced_by_theirs() -> None:
    people = (managed_by("max", "eve", active=False), managed_by("eve", None))
    found = told(a_rule(after=1, tell=("manager",)), 60, person=managed_by("ana", "max"), people=people)
    assert [each.person for each in found] == ["eve"]
    gone = (managed_by("max", "eve", ends_on=date(2026, 10, 1)), managed_by("eve", "max", active=False))
    assert told(a_rule(after=1, tell=("manager",)), 60, person=managed_by("ana", "max"), people=gone) == []


def test_somebody_named_is_told_too_under_a_key_of_their_own() -> None:
    found = told(a_rule(after=1, tell=("rep", "max@example.com")), 60, people=(a_person("max"),))
    assert [each.person for each in found] == ["ana", "max"]
    assert len({each.key for each in found}) == 2


class TestLanguages:
    CHINESE = Message("进度落后：{metric}，{period}", "目前完成 {actual}，目标 {target}，进度 {pace}。{expected}")

    def told_in(self, language: str | None, company: str = "en") -> Alert:
        levels = {"role": "AE"} | ({"language": language} if language else {})
        reader = a_person(assignments=(Assignment(date(1, 1, 1), levels),))
        rule = a_rule(after=1, say=Speech(MESSAGE, {"zh-CN": self.CHINESE}))
        [found] = alerts(
            rule, [Days(reader, [_score(DAYS[0], 68)])], Roster.of([reader]), bookings,
            connections=["emea"], currency="CNY", today=DAYS[0], language=company,
        )  # fmt: skip
        return found

    def test_whoever_reads_chinese_is_told_in_chinese_with_numbers_written_as_there(self) -> None:
        found = self.told_in("zh-CN")
        assert found.title == "进度落后：Closed-won revenue，2026-Q4"
        assert found.text == "目前完成 60,000 CNY，目标 250,000 CNY，进度 68%。87,121 CNY"

    def test_the_company_s_language_is_for_all_who_have_none_of_their_own(self) -> None:
        assert self.told_in(None, company="zh-CN").title.startswith("进度落后")
        assert self.told_in("en", company="zh-CN").title.startswith("Behind pace")

    def test_a_language_that_the_rule_does_not_speak_is_told_in_english(self) -> None:
        assert self.told_in("fr").text.startswith("60 000 CNY of 250 000 CNY")

    def test_the_language_is_no_part_of_the_meaning_so_nobody_is_told_twice(self) -> None:
        assert self.told_in("zh-CN").key == self.told_in(None).key

    def test_other_languages_group_and_point_their_own_way(self) -> None:
        assert number(Decimal(1234567_89), "money", "EUR", "de") == "1.234.568 EUR"
        assert (percent(Decimal("0.6886"), "de"), percent(Decimal("0.6886"), "zh-CN")) == ("68,9%", "68.9%")
        assert (number(None, "money", "EUR", "zh-CN"), number(Decimal("15.5"), "days", "EUR", "fr")) == (
            "未知",
            "15,5 days",
        )


class TestRest:
    def test_after_it_cleared_a_rule_rests(self) -> None:
        # Raised on the first day, over on the second; two working days of rest are the third and the fourth.
        rests = a_rule(after=1, cool_down=2)
        assert told(rests, 60, 90, 60, 60) == []
        assert [each.raised_on for each in told(rests, 60, 90, 60, 60, 60)] == [DAYS[4]]

    def test_what_was_never_raised_needs_no_rest(self) -> None:
        assert [each.raised_on for each in told(a_rule(after=1, cool_down=5), 90, 60)] == [DAYS[1]]

    def test_it_stands_through_its_rest_under_the_same_key(self) -> None:
        assert told(a_rule(after=1, cool_down=1), 60, 90, 60, 60)[0].key == told(a_rule(after=1), 60)[0].key


class TestSnooze:
    def heard(self, today: date, **row: Any) -> list[str]:
        values: dict[str, Any] = {
            "person": "ana@example.com",
            "rule": "behind_pace",
            "from": date(2026, 11, 4),
            "until": None,
        } | row
        readings = {"snoozes": [Reading(Ref("files", "snoozes", "1"), datetime(2026, 11, 1, tzinfo=UTC), values)]}
        found = told(a_rule(after=1), 60)
        return [each.rule for each in awake(found, readings, Roster.of([a_person()]), today)]

    def test_put_off_until_a_day(self) -> None:
        until = date(2026, 11, 9)
        assert self.heard(date(2026, 11, 3), until=until) == ["behind_pace"]
        assert self.heard(date(2026, 11, 9), until=until) == []
        assert self.heard(date(2026, 11, 10), until=until) == ["behind_pace"]

    def test_acknowledged_for_the_rest_of_the_period(self) -> None:
        assert self.heard(date(2026, 12, 31)) == []

    def test_of_somebody_else_or_another_rule(self) -> None:
        assert self.heard(date(2026, 11, 5), person="ben@example.com") == ["behind_pace"]
        assert self.heard(date(2026, 11, 5), rule="milestone") == ["behind_pace"]
        assert self.heard(date(2026, 11, 5), rule=None) == []


class TestChangedTargets:
    def told(self, *changes: tuple[str, int]) -> list[Alert]:
        """What is told of a target of 100 that was changed so."""
        steps = [TargetStep("each", "for 2026-Q4", Decimal(100), Decimal(100))]
        for what, change in changes:
            steps.append(
                TargetStep(what, "territory_change, approved by eve", Decimal(change), steps[-1].value + change)
            )
        target = Target("bookings", Subject("person", "ana"), Q4, steps[-1].value, "money", tuple(steps), "x")
        rule = replace(
            a_rule(after=1), when=None, until=None, changed_target=True,
            say=Speech(Message("{metric}", "{target} instead of {target_before}. {because}")),
        )  # fmt: skip
        days = [Days(a_person(), [replace(_score(DAYS[0], None), target=target.value)], target)]
        return alerts(
            rule, days, Roster.of([a_person()]), bookings, connections=["emea"], currency="EUR", today=DAYS[0]
        )

    def test_an_adjusted_target_is_told_with_what_it_was_and_why(self) -> None:
        [found] = self.told(("raise", 50_00), ("relief", -10_00))
        assert found.text == (
            "41 EUR instead of 1 EUR. raise: territory_change, approved by eve; relief: territory_change, approved by eve"
        )

    def test_another_change_is_told_again_and_none_is_not(self) -> None:
        assert self.told() == []
        assert self.told(("ramp", -50)) == []
        assert self.told(("raise", 50))[0].key != self.told(("raise", 60))[0].key


def test_a_metric_without_targets_can_be_spoken_of_by_what_it_is() -> None:
    rule = a_rule("actual > 50_000 EUR", until=None, after=1)
    found = told(replace(rule, name="much"), 50)
    assert [each.rule for each in found] == ["much"]

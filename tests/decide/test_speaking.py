"""Single records, one digest a week, and hours in which nobody is told anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from connector.decide.digest import digest_day, digested
from connector.decide.quiet import by_hour
from connector.decide.records import fields_asked, record_alerts
from connector.decide.rule import Digest, Message, Quiet, RecordRule, Speech
from connector.errors import Place
from connector.measure.facts import Fact
from connector.model.calendar import Calendar, Grain
from connector.model.catalogue import DEALS
from connector.model.people import Assignment, Person, Roster
from connector.model.results import Alert, Subject
from tests.measure.mirror import condition
from tests.targets.policies import a_person

PLACE = Place("rules/alerts.yaml", 1)
Q4 = Calendar().period("2026-Q4")
MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)
CHINESE = Message("长期未跟进：{record}", "阶段 {stage}")
STALE = RecordRule(
    "stale_deal",
    PLACE,
    "deals",
    Grain.QUARTER,
    condition("outcome = 'open'", DEALS),
    ("rep", "manager"),
    Speech(Message("Nothing was done: {record}", "{person}: {stage}, {amount}"), {"zh-CN": CHINESE}),
)


def seated(name: str, **levels: str) -> Person:
    manager = levels.pop("manager", None)
    return a_person(name, assignments=(Assignment(date(1, 1, 1), {"role": "AE", **levels}, manager),))


ANA, MAX = seated("ana", manager="max"), seated("max", language="zh-CN")
ROSTER = Roster.of([ANA, MAX])
FACT = Fact("emea:Opportunity/006A", "Rollout", "ana", (), ("Proposal", 300_000))


def told(rule: RecordRule = STALE, *facts: Fact, roster: Roster = ROSTER) -> list[Alert]:
    def shown(name: str, value: object) -> str:
        return f"{name}={value}"

    return record_alerts(rule, facts or (FACT,), roster, Q4, shown=shown, connections=["emea"], today=TUESDAY)


class TestRecords:
    def test_the_owner_and_their_manager_are_told_each_in_their_language(self) -> None:
        rep, manager = told()
        assert (rep.person, rep.title, rep.text) == (
            "ana", "Nothing was done: Rollout", "Ana: stage=Proposal, amount=300000",
        )  # fmt: skip
        assert (manager.person, manager.title) == ("max", "长期未跟进：Rollout")
        assert rep.record == "emea:Opportunity/006A"
        assert rep.subject == Subject("deal", "emea:Opportunity/006A")
        assert rep.key != manager.key

    def test_the_fields_of_every_language_are_asked_for_once(self) -> None:
        assert fields_asked(STALE) == ("stage", "amount")

    def test_a_record_of_nobody_or_of_somebody_who_left_is_told_to_nobody(self) -> None:
        assert told(STALE, replace(FACT, owner=None)) == []
        assert told(STALE, replace(FACT, owner="eve")) == []
        gone = Roster.of([replace(ANA, active=False), MAX])
        assert told(roster=gone) == []

    def test_of_many_the_weightiest_few_are_told_whatever_their_order(self) -> None:
        many = [replace(FACT, ref=f"emea:Opportunity/{at}", values=("Proposal", at)) for at in (3, 9, 1, 7, 5)]
        few = replace(STALE, at_most=2, tell=("rep",))
        assert [each.record for each in told(few, *many)] == ["emea:Opportunity/9", "emea:Opportunity/7"]
        nothing = replace(FACT, values=("Proposal", None))
        assert [each.record for each in told(few, nothing, *many[:1])] == ["emea:Opportunity/3", FACT.ref]

    def test_it_is_the_same_alert_tomorrow_and_another_one_next_quarter(self) -> None:
        first = told()[0]
        later = record_alerts(
            STALE, [FACT], ROSTER, Calendar().period("2027-Q1"),
            shown=lambda *_: "", connections=["emea"], today=date(2027, 1, 4),
        )[0]  # fmt: skip
        assert told()[0].key == first.key != later.key


DIGEST = Digest(PLACE, 0, Speech(Message("Your team, {period}: {count}", "{lines}")), at_most=2)


def an_alert(name: str = "ana", raised: date = MONDAY, told_as: str = "manager", rule: str = "behind") -> Alert:
    return Alert(
        f"{rule}{name}{told_as}", rule, Subject("person", name), Q4, "behind", "bookings", raised,
        "max" if told_as == "manager" else name, f"Behind: {name}", "60 of 250", told_as=told_as,
    )  # fmt: skip


def in_one(*found: Alert, today: date = TUESDAY, digest: Digest | None = DIGEST) -> list[Alert]:
    return digested(
        found, digest, ROSTER, Calendar(), at_once={"urgent"}, connections=["emea"], today=today, language="en"
    )


class TestDigest:
    def test_what_a_manager_is_told_becomes_one_and_reps_hear_as_ever(self) -> None:
        rep, digest = in_one(an_alert(told_as="rep"), an_alert(), an_alert("bea"))
        assert rep.person == "ana"
        assert (digest.person, digest.period.id, digest.title) == ("max", "2026-W45", "Your team, 2026-W45: 2")
        assert digest.text == "- Behind: ana: 60 of 250\n- Behind: bea: 60 of 250"

    def test_it_is_one_task_a_week_whatever_comes_up_later(self) -> None:
        [monday] = in_one(an_alert(), today=MONDAY)
        [friday] = in_one(an_alert(), an_alert("bea", raised=TUESDAY), today=date(2026, 11, 6))
        assert monday.key == friday.key
        assert "bea" not in friday.text
        [next_week] = in_one(an_alert(), an_alert("bea", raised=TUESDAY), today=date(2026, 11, 9))
        assert next_week.key != monday.key
        assert "bea" in next_week.text

    def test_before_its_day_nothing_is_said_and_a_holiday_moves_it(self) -> None:
        thursday = replace(DIGEST, weekday=3)
        assert in_one(an_alert(), digest=thursday) == []
        closed = Calendar(holidays=frozenset({MONDAY}))
        assert digest_day(DIGEST, closed, MONDAY) is None
        assert digest_day(DIGEST, closed, TUESDAY) == TUESDAY

    def test_long_ones_end_with_how_many_more_there_are(self) -> None:
        [found] = in_one(an_alert(), an_alert("bea"), an_alert("cem"))
        assert found.text.splitlines()[2:] == ["- and 1 more"]

    def test_rules_at_once_and_no_digest_leave_everything_as_it_is(self) -> None:
        urgent = an_alert(rule="urgent")
        assert in_one(urgent) == [urgent]
        assert in_one(an_alert(), digest=None) == [an_alert()]


EVENING = Quiet(time(19), time(8))
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("moment", "zone", "told_now"),
    [
        ("2026-11-03T10:00", "", True),  # 11:00 in Berlin
        ("2026-11-03T18:30", "", False),  # 19:30
        ("2026-11-03T06:30", "", False),  # 7:30
        ("2026-11-03T07:00", "", True),  # 8:00 sharp
        ("2026-11-03T06:30", "Asia/Shanghai", True),  # 14:30 there
        ("2026-11-03T18:30", "America/New_York", True),  # 13:30 there
        ("2026-11-07T11:00", "", False),  # a Saturday
        ("2026-11-03T10:00", "Atlantis/Nowhere", True),  # no such zone: the company's
    ],
)
def test_an_hour_is_quiet_by_the_clock_of_whoever_is_told(moment: str, zone: str, told_now: bool) -> None:
    reader = seated("ana", **({"time_zone": zone} if zone else {}))
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    found = by_hour([an_alert(told_as="rep")], EVENING, Roster.of([reader]), at, BERLIN)
    assert (len(found.now), len(found.later)) == ((1, 0) if told_now else (0, 1))


def test_without_quiet_hours_everything_is_told_now() -> None:
    at = datetime(2026, 11, 7, 2, tzinfo=UTC)
    assert by_hour([an_alert()], None, ROSTER, at, BERLIN).later == ()
    lunch = Quiet(time(12), time(13), weekends=False)
    assert [lunch.holds(time(hour), 5) for hour in (11, 12, 13)] == [False, True, False]

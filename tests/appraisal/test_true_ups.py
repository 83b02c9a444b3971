"""What a change in a locked period brings to whom: a person, their team and the company, each change once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connector.appraisal.true_ups import changed_since, credits_of, kinds, lockable, trued_up
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar
from connector.model.closings import LOCKED, Closed, Closing, Locked, LockedCredit, TrueUp
from connector.model.people import Assignment, Roster
from connector.model.results import COMPANY, Subject
from tests.appraisal.test_appraise import rules
from tests.measure.mirror import Record, a_deal, a_metric, a_mirror, a_seat, an_activity
from tests.targets.policies import a_person, a_policy

CALENDAR = Calendar()
LOCKED_ON, TODAY = date(2026, 4, 2), date(2026, 4, 10)
ANA, BEN, EAST, WEST = (
    Subject("person", "ana"),
    Subject("person", "ben"),
    Subject("team", "East"),
    Subject("team", "West"),
)
SEATS = a_seat("ana", "East"), a_seat("ben", "East")
ROSTER = Roster.of([a_person("ana"), a_person("ben")], levels=("team",))
JANUARY: dict[str, Any] = {"ref": "emea:Opportunity/1", "closed_on": date(2026, 1, 15)}
KEPT = a_deal(ref="emea:Opportunity/2", closed_on=date(2026, 4, 3), amount=500_00)

Rows = Sequence[Sequence[Record]]
Numbers = Mapping[tuple[Subject, str], Decimal | None]


@dataclass
class Ledger:
    """Periods that are locked, and what was noted of them."""

    metric: Metric
    roster: Roster = ROSTER
    kept: dict[str, list[LockedCredit]] = field(default_factory=dict)
    locked: dict[str, Locked] = field(default_factory=dict)
    noted: list[TrueUp] = field(default_factory=list)

    def __post_init__(self) -> None:
        policy = a_policy(self.metric.name, quotas=("files.quotas",))
        self.rules = rules(metrics={self.metric.name: self.metric}, targets=(policy,), alerts={})

    def lock(self, rows: Rows, *periods: str, early: bool = False) -> None:
        mirror = a_mirror(*rows, *SEATS)
        for name in periods:
            period = CALENDAR.period(name)
            of = () if early else kinds(self.roster)
            self.locked[name] = Locked(Closing(period, LOCKED, datetime(2026, 4, 2, tzinfo=UTC), "max", kinds=of))
            found = list(credits_of(mirror, lockable(self.rules), period, self.roster, LOCKED_ON))
            self.kept[name] = [each for each in found if not early or each.subject.kind == "person"]

    def see(self, rows: Rows, today: date = TODAY) -> dict[tuple[Subject, str], Decimal]:
        """What is new of it, by whom and period."""
        mirror, new = a_mirror(*rows, *SEATS), list[TrueUp]()
        for name, each in self.locked.items():
            new += changed_since(mirror, self.rules, each, self.kept[name], self.noted, roster=self.roster, today=today)
        self.noted += new
        return {(each.subject, each.period): each.amount for each in new}

    def numbers(self, rows: Rows, *periods: str, today: date = TODAY) -> Numbers:
        asked = [CALENDAR.period(each) for each in periods]
        measured = measure(a_mirror(*rows, *SEATS), [self.metric], asked, self.roster.levels, today)
        closed = Closed(frozenset(self.locked), self.locked, tuple(self.noted))
        found = trued_up(measured, closed, asked, self.rules, self.roster)
        return {(subject, period): each.value for (_, subject, period), each in found.values.items()}


def bookings(**given: Any) -> Metric:
    return a_metric(where="outcome = 'won'", **{"credit": "owner_at_close"} | given)


def test_a_change_in_a_month_and_its_quarter_counts_once() -> None:
    """1,000 became 400, and 500 was won in April: -100 for the month of April and for the second quarter."""
    for locked in (("2026-01", "2026-Q1"), ("2026-Q1",)):
        ledger, now = Ledger(bookings()), [a_deal(**JANUARY, amount=400_00), KEPT]
        ledger.lock([a_deal(**JANUARY, amount=1_000_00), KEPT], *locked)
        ledger.see(now)
        found = ledger.numbers(now, "2026-04", "2026-Q2", "2026")
        for subject in (ANA, EAST, COMPANY):
            told = [found[subject, each] for each in ("2026-04", "2026-Q2", "2026")]
            assert told == [-100_00, -100_00, 900_00], (locked, subject)


def test_what_was_seen_before_the_quarter_was_locked_still_counts_in_its_month() -> None:
    ledger, cut = Ledger(bookings()), [a_deal(**JANUARY, amount=400_00), KEPT]
    ledger.lock([a_deal(**JANUARY, amount=1_000_00), KEPT], "2026-01")
    ledger.see(cut, date(2026, 4, 1))
    # The quarter is open, and has the deal as it is: nothing of January's counts in the next one.
    found = ledger.numbers(cut, "2026-Q1", "2026-Q2", "2026-04")
    assert [found[COMPANY, each] for each in ("2026-Q1", "2026-Q2", "2026-04")] == [400_00, 500_00, -100_00]
    ledger.lock(cut, "2026-Q1")
    assert ledger.see(cut) == {}
    found = ledger.numbers(cut, "2026-Q2", "2026-04")
    assert [found[COMPANY, each] for each in ("2026-Q2", "2026-04")] == [500_00, -100_00]


def test_a_month_that_is_locked_alone_goes_on_in_a_shorter_one() -> None:
    ledger, cut = Ledger(bookings()), [a_deal(**JANUARY, amount=400_00)]
    ledger.lock([a_deal(**JANUARY, amount=1_000_00)], "2026-01")
    ledger.see(cut, date(2026, 2, 10))
    assert ledger.numbers(cut, "2026-02")[ANA, "2026-02"] == -600_00


def test_a_deal_of_several_counts_once_for_whom_it_counted_once() -> None:
    """1,000 of Ana's, with all of it for Ben as an overlay; then with both on its team."""
    overlaid = a_deal(**JANUARY, amount=1_000_00, splits=[("ana", 1_000_000, False), ("ben", 1_000_000, True)])
    both = [
        ("credits", {"deal": "emea:Opportunity/1", "person": who, "basis": "team", "share": 1_000_000, "overlay": False, "pos": at})
        for at, who in enumerate(("ana", "ben"))
    ]  # fmt: skip
    for credit, rows in (("splits", [overlaid]), ("team", [a_deal(**JANUARY, amount=1_000_00), both])):
        ledger = Ledger(bookings(credit=credit))
        ledger.lock([*rows, KEPT], "2026-Q1")
        assert ledger.see([KEPT]) == {(each, "2026-Q1"): -1_000_00 for each in (ANA, BEN, EAST, COMPANY)}, credit
        assert ledger.numbers([KEPT], "2026-Q2")[COMPANY, "2026-Q2"] == -500_00, credit


def test_what_is_counted_is_taken_back_as_it_was_counted() -> None:
    half = a_deal(**JANUARY, splits=[("ana", 500_000, False), ("ben", 500_000, False)])
    for weighted, part in ((False, Decimal(1)), (True, Decimal("0.5"))):
        ledger = Ledger(bookings(measure="count()", unit="deals", credit="splits", weighted=weighted))
        ledger.lock([half], "2026-Q1")
        expected = {ANA: -part, BEN: -part, EAST: Decimal(-1), COMPANY: Decimal(-1)}
        assert ledger.see([]) == {(each, "2026-Q1"): amount for each, amount in expected.items()}


def test_what_is_no_money_is_taken_back_by_its_value() -> None:
    """Of 90 and 60 minutes the first goes, and the second become 20: -130."""

    def spent(*minutes: int) -> Rows:
        return [
            an_activity(ref=f"emea:Task/{each}", type="call", happened_on=date(2026, 2, 3), minutes=each)
            for each in minutes
        ]

    talked = a_metric(
        "talked", of="activities", measure="sum(minutes)", unit="minutes", date="happened_on", credit="performer"
    )
    ledger = Ledger(talked)
    ledger.lock([*spent(90, 60)], "2026-Q1")
    [(_, row)] = an_activity(ref="emea:Task/60", type="call", happened_on=date(2026, 2, 3), minutes=20)
    ledger.see([[("activities", row)]])
    assert sum(each.amount for each in ledger.noted if each.subject == ANA) == -130
    assert ledger.numbers([], "2026-Q2")[ANA, "2026-Q2"] == -130


def test_what_was_not_counted_is_not_taken_back() -> None:
    met = a_metric(
        "met",
        of="activities",
        measure="count_if(type = 'meeting')",
        unit="meetings",
        date="happened_on",
        credit="performer",
    )
    held, call = (
        an_activity(ref=f"emea:{each}/1", type=each, happened_on=date(2026, 2, 3)) for each in ("meeting", "call")
    )
    ledger = Ledger(met)
    ledger.lock([held, call], "2026-Q1")
    assert ledger.see([held]) == {}
    assert ledger.see([]) == {(each, "2026-Q1"): Decimal(-1) for each in (ANA, EAST, COMPANY)}


def test_a_deal_of_nobodys_is_the_companys_difference() -> None:
    ledger = Ledger(bookings())
    ledger.lock([a_deal(**JANUARY, owner=None, amount=1_000_00), KEPT], "2026-Q1")
    assert ledger.see([KEPT]) == {(COMPANY, "2026-Q1"): -1_000_00}
    assert ledger.see([KEPT], date(2026, 4, 11)) == {}, "it is noted once"
    found = ledger.numbers([KEPT], "2026-Q2")
    assert (found[COMPANY, "2026-Q2"], found[ANA, "2026-Q2"]) == (Decimal(-500_00), Decimal(500_00))


def test_the_team_that_had_the_deal_has_its_difference() -> None:
    """Ana went to West in March: what she sold in January was East's."""
    sat = Assignment(date(2026, 1, 1), {"team": "East"}), Assignment(date(2026, 3, 1), {"team": "West"})
    roster = Roster.of([a_person("ana", assignments=sat), a_person("ben")], levels=("team",))
    ledger = Ledger(bookings(), roster)
    ledger.lock([a_deal(**JANUARY, amount=1_000_00)], "2026-Q1")
    assert ledger.see([a_deal(**JANUARY, amount=400_00)])[EAST, "2026-Q1"] == -600_00
    assert WEST not in {subject for subject, _ in ledger.numbers([], "2026-Q2")}


def test_a_level_that_came_after_the_lock_has_no_differences() -> None:
    ledger, deal = Ledger(bookings(), Roster.of(ROSTER.people, levels=())), a_deal(**JANUARY, amount=1_000_00)
    ledger.lock([deal], "2026-Q1")
    ledger.roster = ROSTER
    assert ledger.see([deal]) == {}


def test_a_lock_of_before_goes_on_with_what_people_are_credited_with() -> None:
    ledger = Ledger(bookings())
    ledger.lock([a_deal(**JANUARY, amount=1_000_00), KEPT], "2026-Q1", early=True)
    now = [a_deal(**JANUARY, amount=400_00), KEPT]
    assert ledger.see(now) == {(ANA, "2026-Q1"): -600_00}
    found = ledger.numbers(now, "2026-Q2")
    assert [found[each, "2026-Q2"] for each in (ANA, EAST, COMPANY)] == [-100_00] * 3
    # It kept 1 of whatever is no money, which says nothing of minutes.
    talked = a_metric(
        "talked", of="activities", measure="sum(minutes)", unit="minutes", date="happened_on", credit="performer"
    )
    call = an_activity(ref="emea:Task/1", type="call", happened_on=date(2026, 2, 3), minutes=90)
    ledger = Ledger(talked)
    ledger.lock([call], "2026-Q1", early=True)
    assert ledger.see([]) == {}

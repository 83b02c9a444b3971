"""Detectors, over small teams in which one person does it otherwise than the rest; all numbers by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from connector.appraisal.agreed import EVERYTHING, Agreed
from connector.improve.looking.look import Counted, at_least, odd
from connector.improve.looking.looks import looks
from connector.improve.looking.patterns import last_days
from connector.model.calendar import Calendar
from connector.model.settings import DETECTORS, Privacy
from tests.measure.mirror import Record, a_deal, a_mirror

CALENDAR = Calendar()
QUARTERS = [CALENDAR.period(f"2026-Q{at}") for at in range(1, 5)]
NAMES = ("ana", "bea", "cem", "dan")
ALLOWED = Privacy(frozenset(DETECTORS), amount_tiers=(50_000_00,))
FOREVER = datetime(9999, 12, 31)


def version(
    deal: str, since: str, until: str | None, outcome: str, closes: date, amount: int, owner: str
) -> list[Record]:
    until_at = datetime.fromisoformat(until) if until else FOREVER
    return [
        (
            "deal_versions",
            {"deal": deal, "from_at": datetime.fromisoformat(since), "until_at": until_at, "outcome": outcome,
             "closed_on": closes, "amount": amount, "owner": owner, "stage": "Proposal", "connection": "emea"},
        )
    ]  # fmt: skip


def found(
    *records: list[Record], privacy: Privacy = ALLOWED, agreed: Agreed = EVERYTHING
) -> list[tuple[str, str, int, int]]:
    mirror = a_mirror(*records)
    mirror.execute("create table deal_stays (connection varchar, pipeline varchar, stage varchar, deal varchar)")
    mirror.execute("insert into deal_stays select connection, pipeline, stage, deal from deal_versions group by all")
    seen = looks(mirror, privacy, QUARTERS, CALENDAR, agreed)
    return [(each.detector, each.person, each.hits, each.of) for each in seen]


def sold(name: str, days: list[date]) -> Iterator[list[Record]]:
    for at, day in enumerate(days):
        yield a_deal(ref=f"{name}{at}", owner=name, closed_on=day, created_on=date(2026, 1, 1))


def spread(name: str) -> Iterator[list[Record]]:
    """Twenty wins, five in each quarter: every eighteenth day, none of them in its last week."""
    yield from sold(name, [each.starts_on + timedelta(days=16 * at) for each in QUARTERS for at in range(5)])


def test_the_probability_of_so_many_is_the_binomial_s() -> None:
    assert at_least(2, 2, 0.5) == pytest.approx(0.25)
    assert at_least(1, 3, 0.5) == pytest.approx(7 / 8)
    assert at_least(0, 3, 0.5) == pytest.approx(1)


def test_somebody_is_held_against_all_others_and_not_against_themselves() -> None:
    quiet = [Counted(name, 1, 20, ("x",)) for name in NAMES[1:]]
    [look] = odd("bunching", "{hits} of {of} ({own}, others {base})", [Counted("ana", 18, 20, ("a", "b")), *quiet])
    assert (look.person, look.own, look.base) == ("ana", 0.9, 0.05)  # 3 of 60
    assert look.says == "18 of 20 (90%, others 5%)"
    assert list(odd("bunching", "", [Counted(name, 18, 20, ()) for name in NAMES])) == [], "all do it"
    assert list(odd("bunching", "", [Counted("ana", 4, 4, ()), *quiet])) == [], "four are too few"


def test_the_last_days_of_a_quarter_are_working_days() -> None:
    assert last_days(CALENDAR.period("2026-Q1"), CALENDAR) == date(2026, 3, 25)  # a Wednesday; the 31st is a Tuesday


def test_whoever_closes_only_in_the_last_days_is_seen() -> None:
    late = [each.last_day - timedelta(days=at % 3) for each in QUARTERS for at in range(5)]
    records = [*sold("ana", late), *(each for name in NAMES[1:] for each in spread(name))]
    assert found(*records) == [("bunching", "ana", 20, 20)]
    assert found(*records, privacy=Privacy()) == [], "nobody allowed it"
    assert found(*(each for name in NAMES for each in spread(name))) == []


def test_deals_won_before_they_were_due() -> None:
    records = [*(each for name in NAMES for each in spread(name))]
    for quarter in QUARTERS:
        for at in range(5):
            place = QUARTERS.index(quarter) * 5 + at
            won_on = quarter.starts_on + timedelta(days=16 * at)
            due = quarter.ends_before + timedelta(days=10)
            records.append(version(f"ana{place}", "2025-06-01", f"{won_on}", "open", due, 100_00, "ana"))
            records.append(version(f"bea{place}", "2025-06-01", f"{won_on}", "open", won_on, 100_00, "bea"))
    only = Privacy(frozenset({"pulled in"}))
    assert found(*records, privacy=only) == [("pulled in", "ana", 20, 20)]


def test_deals_pushed_over_the_boundary_in_the_last_days() -> None:
    records = []
    for name in NAMES:
        for quarter in QUARTERS:
            cut, due = last_days(quarter, CALENDAR), quarter.last_day
            for at in range(3):
                deal = f"{name}{quarter.id}{at}"
                moved = due + timedelta(days=30) if name == "ana" else due
                records.append(version(deal, "2025-06-01", f"{cut + timedelta(days=1)}", "open", due, 100_00, name))
                records.append(version(deal, f"{cut + timedelta(days=1)}", None, "open", moved, 100_00, name))
    assert found(*records, privacy=Privacy(frozenset({"pushed out"}))) == [("pushed out", "ana", 12, 12)]


def test_amounts_cut_to_just_below_a_tier() -> None:
    records = []
    for name in NAMES:
        for at in range(10):
            amount = 49_900_00 if name == "ana" else 60_000_00
            records.append(a_deal(ref=f"{name}{at}", owner=name, amount=amount, created_on=date(2026, 2, 1)))
            records.append(version(f"{name}{at}", "2026-02-01", None, "won", date(2026, 3, 1), 60_000_00, name))
    privacy = Privacy(frozenset({"just under a tier"}), (50_000_00,))
    assert found(*records, privacy=privacy) == [("just under a tier", "ana", 10, 10)]
    assert found(*records, privacy=Privacy(privacy.detectors)) == [], "no tier, nothing to be under"


def test_many_activities_of_a_kind_in_a_few_minutes() -> None:
    def logged(name: str, at: datetime, kind: str) -> list[Record]:
        row = {"ref": f"{name}{at}", "type": kind, "status": "completed", "performer": name, "happened_at": at,
               "happened_on": at.date()}  # fmt: skip
        return [("activities", row)]

    nine = datetime(2026, 5, 4, 9)
    burst = [logged("ana", nine + timedelta(seconds=20 * at), "call") for at in range(20)]
    steady = [logged(name, nine + timedelta(hours=at), "call") for name in NAMES[1:] for at in range(20)]
    only = Privacy(frozenset({"burst of activities"}))
    assert found(*burst, *steady, privacy=only) == [("burst of activities", "ana", 20, 20)]
    assert found(*burst, *steady, privacy=only, agreed=Agreed(frozenset({"ana"}))) == [], "her country has not agreed"
    assert found(*burst, *steady, privacy=replace(only, activities="team")) == [], "nobody's own are looked at"


def test_whoever_wins_far_more_than_stood_there() -> None:
    """Half of all deals of the stage are won. Two of 100.00 stand in each second half: 100.00 is what may come.

    Three win one of them; Ana wins both, and each at twice its amount: four times what stood.
    """
    records = []
    for name in NAMES:
        for quarter in QUARTERS:
            middle, late = quarter.starts_on + timedelta(days=45), quarter.ends_before - timedelta(days=20)
            for at in range(2):
                deal, won = f"{name}{quarter.id}{at}", at == 0 or name == "ana"
                records.append(version(deal, "2025-06-01", f"{late}", "open", quarter.last_day, 100_00, name))
                assert middle < late
                amount = 200_00 if name == "ana" else 100_00
                outcome = "won" if won else "lost"
                records.append(a_deal(ref=deal, owner=name, closed_on=late, outcome=outcome, amount=amount))
            lost = f"{name}{quarter.id}lost"  # so that half are won: 20 of 40
            records.append(a_deal(ref=lost, owner=name, closed_on=quarter.starts_on, outcome="lost"))
            if name == "ana":
                records.append(version(lost, "2025-06-01", f"{quarter.starts_on}", "open", quarter.starts_on, 1, name))
                records.append(a_deal(ref=f"{lost}2", owner=name, closed_on=quarter.starts_on, outcome="lost"))
                records.append(
                    version(f"{lost}2", "2025-06-01", f"{quarter.starts_on}", "open", quarter.starts_on, 1, name)
                )
    [look] = found(*records, privacy=Privacy(frozenset({"commit bias"})))
    assert look == ("commit bias", "ana", 8, 4)

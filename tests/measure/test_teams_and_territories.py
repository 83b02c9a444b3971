"""Whole deals for everybody on the team or in the territory, and once above them; people who sit in two units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from connector.measure.evidence import evidence
from connector.measure.measure import Measurements, measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar
from connector.model.results import COMPANY, Subject
from tests.measure.mirror import Record, a_deal, a_metric, a_mirror, a_seat, an_activity

Q4 = Calendar().period("2026-Q4")
TODAY = date(2026, 12, 31)
LEVELS = ("region", "team")
PEOPLE = ("ana", "ben", "cem", "dan")


def a_shared_deal(basis: str, people: Iterable[str], **given: Any) -> list[Record]:
    """A deal of which each of them has all, by the team or by the territory."""
    records = a_deal(**given)
    ref = records[0][1]["ref"]
    for at, person in enumerate(people):
        row = {"deal": ref, "person": person, "basis": basis, "share": 1_000_000, "overlay": False, "pos": at}
        records.append(("credits", row))
    return records


def in_roles(ref: str, **roles: str) -> list[Record]:
    """Who is on the team of a deal, by person and role."""
    return [("team_roles", {"deal": ref, "person": person, "role": role}) for person, role in roles.items()]


def also(person: str, unit: str, level: str = "team", **given: Any) -> list[Record]:
    """A second unit, for ever unless said otherwise."""
    row = {
        "person": person,
        "level": level,
        "unit": unit,
        "starts_on": date(1, 1, 1),
        "ends_before": date(9999, 12, 31),
    }
    return [("memberships", row | given)]


def booked(credit: str = "team", **given: Any) -> Metric:
    return a_metric(credit=credit, **given)


def won(*records: Sequence[Record], metric: Metric | None = None, levels: Sequence[str] = LEVELS) -> Measurements:
    return measure(a_mirror(*records), [metric or booked()], [Q4], levels, TODAY)


def value(found: Measurements, kind: str, name: str = "", metric: str = "bookings") -> Decimal | None:
    each = found.get(metric, Subject(kind, name) if name else COMPANY, Q4.id)
    return each.value if each else None


SEATS = a_seat("ana", "East"), a_seat("ben", "East"), a_seat("cem", "West")


def test_everybody_on_the_team_has_the_whole_deal_and_each_unit_has_it_once() -> None:
    found = won(*SEATS, a_shared_deal("team", ["ana", "ben", "cem"], amount=90_00))
    assert [value(found, "person", each) for each in ("ana", "ben", "cem")] == [90_00, 90_00, 90_00]
    assert [value(found, "team", each) for each in ("East", "West")] == [90_00, 90_00]
    assert value(found, "region", "North") == 90_00
    assert value(found, "company") == 90_00


def test_counts_are_counted_once_above_them_too() -> None:
    metric = booked(measure="count()", unit="deals")
    found = won(*SEATS, a_shared_deal("team", ["ana", "ben"]), a_shared_deal("team", ["ben"]), metric=metric)
    assert [value(found, "person", each) for each in ("ana", "ben")] == [1, 2]
    assert [value(found, "team", "East"), value(found, "company")] == [2, 2]


def test_a_deal_that_nobody_on_a_team_or_in_a_territory_has_counts_for_the_company() -> None:
    found = won(
        *SEATS, a_deal(amount=5_00), a_shared_deal("territory", ["ana"], amount=7_00), metric=booked("territory")
    )
    assert value(found, "person", "ana") == 7_00
    assert value(found, "company") == 12_00


def test_a_territory_has_the_deals_that_lie_in_it_whoever_sits_there() -> None:
    found = won(
        a_seat("ana", "East"),
        a_seat("ben", "East"),
        a_shared_deal("territory", ["ana", "ben"], amount=7_00, territory="Rhine"),
        a_shared_deal("territory", ["ana"], amount=5_00, territory="Rhine; Alps"),
        a_shared_deal("territory", [], amount=3_00, territory="Alps"),
        metric=booked("territory"),
        levels=("team", "territory"),
    )
    assert [value(found, "territory", each) for each in ("Rhine", "Alps")] == [12_00, 8_00]
    assert [value(found, "person", each) for each in ("ana", "ben")] == [12_00, 7_00]
    assert [value(found, "team", "East"), value(found, "company")] == [12_00, 15_00]


def test_of_a_team_only_those_in_the_named_roles_are_credited_and_other_deals_are_none_of_the_metrics() -> None:
    """Of 90 and 40 only the first has an engineer: the company's number is 90 too, and Ana, who owns both, has none."""
    found = won(
        *SEATS,
        a_shared_deal("team", ["ana", "ben", "cem"], ref="x:d/1", amount=90_00),
        a_shared_deal("team", ["ana", "ben"], ref="x:d/2", amount=40_00),
        in_roles("x:d/1", ben="sales engineer", cem="executive sponsor"),
        in_roles("x:d/2", ben="account manager"),
        metric=booked(roles=("Sales Engineer ", "Executive Sponsor")),
    )
    assert [value(found, "person", each) for each in ("ana", "ben", "cem")] == [None, 90_00, 90_00]
    assert [value(found, "team", each) for each in ("East", "West")] == [90_00, 90_00]
    assert value(found, "company") == 90_00


def test_somebody_in_two_of_the_roles_has_the_deal_once() -> None:
    twice = [*in_roles("x:d/1", ben="sales engineer"), *in_roles("x:d/1", ben="executive sponsor")]
    metric = booked(roles=("Sales Engineer", "Executive Sponsor"))
    mirror = a_mirror(*SEATS, a_shared_deal("team", ["ana", "ben"], ref="x:d/1", amount=90_00), twice)
    for subject in (Subject("person", "ben"), COMPANY):
        behind = evidence(mirror, metric, subject, Q4, TODAY)
        assert [each.credited for each in behind.lines] == [90_00]


def test_metrics_of_one_team_by_different_roles_are_measured_apart() -> None:
    records = [*SEATS, a_shared_deal("team", ["ana", "ben"], ref="x:d/1", amount=90_00), in_roles("x:d/1", ben="se")]
    metrics = [booked(), replace(booked(roles=("SE",)), name="engineered")]
    found = measure(a_mirror(*records), metrics, [Q4], LEVELS, TODAY)
    assert [value(found, "person", "ana", each) for each in ("bookings", "engineered")] == [90_00, None]
    assert [value(found, "person", "ben", each) for each in ("bookings", "engineered")] == [90_00, 90_00]


def test_the_territory_of_an_account_has_its_deals_whoever_sits_there() -> None:
    found = won(
        a_seat("ana", "East"),
        a_shared_deal("account_territory", ["ana"], amount=5_00, account_territory="Rhine;Alps", territory="Moon"),
        a_shared_deal("account_territory", [], amount=3_00, account_territory="Alps"),
        metric=booked("account_territory"),
        levels=("team", "territory"),
    )
    assert [value(found, "territory", each) for each in ("Rhine", "Alps", "Moon")] == [5_00, 8_00, None]
    assert [value(found, "person", "ana"), value(found, "company")] == [5_00, 8_00]


def test_what_lies_behind_a_number_re_adds_and_is_whole_for_each() -> None:
    mirror = a_mirror(
        *SEATS, a_shared_deal("team", ["ana", "ben", "cem"], amount=90_00), a_shared_deal("team", ["ana"])
    )
    for subject, expected in (
        (Subject("person", "ben"), 90_00),
        (Subject("team", "East"), 1_090_00),
        (COMPANY, 1_090_00),
    ):
        behind = evidence(mirror, booked(), subject, Q4, TODAY)
        assert sum(each.credited or 0 for each in behind.lines) == behind.total == expected
        assert {each.share for each in behind.lines} == {1_000_000}


def test_a_person_in_two_teams_counts_in_both_and_once_above_them() -> None:
    owned = booked("owner")
    found = won(
        *SEATS, also("ana", "West"), a_deal("", "ana", amount=8_00), a_deal("", "cem", amount=1_00), metric=owned
    )
    assert [value(found, "team", each) for each in ("East", "West")] == [8_00, 9_00]
    assert [value(found, "region", "North"), value(found, "company"), value(found, "person", "ana")] == [
        9_00,
        9_00,
        8_00,
    ]


def test_two_people_of_one_team_sharing_a_deal_count_it_once_there_though_one_of_them_only_visits() -> None:
    splits = [("ana", 600_000, False), ("cem", 400_000, False)]
    found = won(*SEATS, also("ana", "West"), a_deal(splits=splits, amount=100_00), metric=booked("splits"))
    assert [value(found, "team", each) for each in ("East", "West")] == [60_00, 100_00]
    assert value(found, "company") == 100_00


def test_a_membership_counts_on_its_days_only() -> None:
    visit = also("ana", "West", starts_on=date(2026, 10, 1), ends_before=date(2026, 11, 1))
    deals = [a_deal("", "ana", amount=1_00, closed_on=day) for day in (date(2026, 10, 31), date(2026, 11, 1))]
    found = won(*SEATS, visit, *deals, metric=booked("owner"))
    assert [value(found, "team", each) for each in ("East", "West")] == [2_00, 1_00]


def test_activities_of_a_person_in_two_teams_count_in_both() -> None:
    calls = a_metric("calls", of="activities", measure="count()", unit="calls")
    touched = a_metric("touched", of="activities", measure="count_distinct(account)", unit="accounts")
    records = [*SEATS, also("ana", "West"), an_activity("ana", account="a1"), an_activity("cem", account="a1")]
    found = measure(a_mirror(*records), [calls, touched], [Q4], LEVELS, TODAY)
    assert [value(found, "team", each, "calls") for each in ("East", "West")] == [1, 2]
    assert [value(found, "team", each, "touched") for each in ("East", "West")] == [1, 1]
    assert value(found, "company", "", "calls") == 2


def test_a_median_looks_at_each_record_of_a_unit_once() -> None:
    metric = booked("team", measure="median(amount)")
    deals = [
        a_shared_deal("team", people, amount=amount)
        for people, amount in ((("ana", "ben"), 1_00), (("ana",), 3_00), (("ben",), 8_00))
    ]
    found = won(*SEATS, *deals, metric=metric)
    assert value(found, "team", "East") == 3_00


@pytest.mark.parametrize("seed", range(6))
def test_every_roll_up_is_that_of_its_different_deal_lines(seed: int) -> None:
    """Against a plain walk over the deals: whose they are, where those sat that day, each deal once."""
    dice = Random(seed)
    moved = Q4.starts_on + timedelta(days=dice.randint(5, 80))
    seats = {"ana": [("East", date(1, 1, 1), moved), ("West", moved, date(9999, 12, 31))]}
    seats |= {each: [(dice.choice(("East", "West")), date(1, 1, 1), date(9999, 12, 31))] for each in PEOPLE[1:]}
    visits = [(dice.choice(PEOPLE[1:]), dice.choice(("North Pole", "South Pole")), moved) for _ in range(2)]
    deals = []
    for _ in range(40):
        day = Q4.starts_on + timedelta(days=dice.randint(0, 91))
        deals.append((day, dice.sample(PEOPLE, dice.randint(0, 4)), dice.randint(-(10**6), 10**7)))
    records = [
        a_seat(who, team, starts_on=start, ends_before=end) for who, each in seats.items() for team, start, end in each
    ]
    records += [also(who, unit, starts_on=start) for who, unit, start in set(visits)]
    records += [a_shared_deal("team", people, amount=amount, closed_on=day) for day, people, amount in deals]
    found = won(*records)

    def units(who: str, day: date) -> set[str]:
        home = {team for team, start, end in seats[who] if start <= day < end}
        return home | {unit for name, unit, start in visits if name == who and day >= start}

    for team in ("East", "West", "North Pole", "South Pole"):
        lines = [amount for day, people, amount in deals if any(team in units(who, day) for who in people)]
        assert value(found, "team", team) == (sum(lines) if lines else None)
    for who in PEOPLE:
        lines = [amount for _, people, amount in deals if who in people]
        assert value(found, "person", who) == (sum(lines) if lines else None)
    assert value(found, "company") == sum(amount for _, _, amount in deals)

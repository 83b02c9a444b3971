"""Invented companies in which every number re-adds: lines to a person's number, people and nobody to the company's."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from connector.measure.credited import credited, one_by_one
from connector.measure.evidence import evidence
from connector.measure.measure import measure
from connector.model.calendar import Calendar
from connector.model.results import COMPANY, Subject
from tests.measure.mirror import Record, a_deal, a_metric, a_mirror, a_seat
from tests.measure.shipped import shipped

Q4 = Calendar().period("2026-Q4")
TODAY = date(2026, 11, 25)
PEOPLE = ("ana", "bo", "cy", "dee", "eve")
MONEY = ("bookings", "forecast_commit", "open_pipeline", "weighted_pipeline", "forecast_pipeline")


def a_company(seed: int) -> list[list[Record]]:
    """Some fifty deals with shares, overlays, refused splits, missing amounts and unknown owners; one person moves."""
    dice = Random(seed)
    moved = date(2026, 11, dice.randint(1, 20))
    seats = [a_seat("ana", "East", ends_before=moved), a_seat("ana", "West", starts_on=moved)]
    seats += [a_seat(each, dice.choice(("East", "West"))) for each in PEOPLE[1:]]
    return [*seats, *(_a_deal(dice) for _ in range(50))]


def _a_deal(dice: Random) -> list[Record]:
    given: dict[str, Any] = {
        "owner": dice.choice((*PEOPLE, *PEOPLE, None)),
        "owner_at_close": dice.choice((*PEOPLE, *PEOPLE, None)),
        "amount": dice.choice((None, 0, dice.randint(-500, 500), *(dice.randint(1, 10**7) for _ in range(5)))),
        "outcome": dice.choice(("won", "won", "open", "lost")),
        "closed_on": Q4.starts_on + timedelta(days=dice.randint(-10, 100)),
        "probability": dice.choice((0.1, 0.33, 0.5)),
        "forecast_category": dice.choice(("Commit", "Pipeline", "Omitted", None)),
    }
    if dice.random() < 0.1:
        given["faulty"] = "splits add up to 90 %"
    elif dice.random() < 0.5:
        given["splits"] = _splits(dice)
    return a_deal(**given)


def _splits(dice: Random) -> list[tuple[str, int, bool]]:
    people = dice.sample(PEOPLE, dice.randint(1, 4))
    cuts = sorted(dice.sample(range(1, 1_000_000), len(people) - 1))
    shares = [above - below for below, above in zip([0, *cuts], [*cuts, 1_000_000], strict=True)]
    overlay = [(dice.choice(PEOPLE), dice.randint(1, 1_000_000), True)] if dice.random() < 0.3 else []
    return [*((person, share, False) for person, share in zip(people, shares, strict=True)), *overlay]


@pytest.mark.parametrize("seed", range(2))
def test_the_lines_behind_a_number_add_up_to_it_for_everybody(seed: int) -> None:
    mirror = a_mirror(*a_company(seed))
    for metric in shipped(*MONEY):
        found = measure(mirror, [metric], [Q4], ["team", "region"], TODAY)
        for name, subject, _ in found:
            behind = evidence(mirror, metric, subject, Q4, TODAY)
            added = sum((each.credited or Decimal(0) for each in behind.lines), Decimal(0))
            said = found[name, subject, Q4.id]
            assert added == (said.value or 0), (name, subject)
            assert len(behind.lines) == said.records, (name, subject)


@pytest.mark.parametrize("seed", range(8))
def test_teams_add_up_to_their_region_and_with_what_is_nobodys_to_the_company(seed: int) -> None:
    mirror = a_mirror(*a_company(seed))
    found = measure(mirror, shipped(*MONEY), [Q4], ["team", "region"], TODAY)
    for metric in shipped(*MONEY):

        def number(kind: str, name: str, metric: str = metric.name) -> Decimal:
            measured = found.get(metric, Subject(kind, name), Q4.id)
            return (measured.value or Decimal(0)) if measured else Decimal(0)

        teams = number("team", "East") + number("team", "West")
        assert teams == number("region", "North")
        lines = evidence(mirror, metric, COMPANY, Q4, TODAY).lines
        nobodys = [each for each in lines if "counts for the company only" in each.note]
        assert teams + sum(each.credited or 0 for each in nobodys) == number("company", "company")


@pytest.mark.parametrize("seed", range(2))
def test_what_records_bring_adds_up_to_the_number_of_everybody_whatever_its_unit(seed: int) -> None:
    mirror = a_mirror(*a_company(seed))
    won = {"where": "outcome = 'won'", "credit": "splits"}
    metrics = [
        *(each for each in shipped(*MONEY) if one_by_one(each)),
        a_metric("won", measure="count()", unit="deals", **won),
        a_metric("parts", measure="count()", unit="deals", weighted=True, **won),
        a_metric("large", measure="count_if(amount > 10_000) + 2 * count_if(amount > 50_000)", unit="points", **won),
        a_metric("terms", measure="2 * sum(term_months)", unit="fortnights", weighted=True, **won),
    ]
    for metric in metrics:
        sums: dict[Subject, Decimal] = {}
        for each in credited(mirror, metric, Q4, ["team"], TODAY):
            sums[each.subject] = sums.get(each.subject, Decimal(0)) + each.amount
        measured = measure(mirror, [metric], [Q4], ["team"], TODAY)
        known = {subject: each.value for (_, subject, _), each in measured.values.items() if each.value}
        assert known.keys() >= {COMPANY, Subject("team", "East")}
        assert {who: round(each, 20) for who, each in sums.items() if each} == {
            who: round(each, 20) for who, each in known.items()
        }, metric.name

"""`hold_back` holds whoever is meant, however their country is written; and says where it may hold nobody."""

from __future__ import annotations

from datetime import date

import pytest

from connector.appraisal.holding_back import doubts, held_back
from connector.model.people import Assignment, Person, Roster
from connector.model.settings import Privacy
from tests.targets.policies import a_person

TODAY = date(2026, 11, 25)


def sits(name: str, country: str = "", *, active: bool = True) -> Person:
    levels = {"country": country} if country else {}
    return a_person(name, assignments=(Assignment(date(1, 1, 1), levels),), active=active)


@pytest.mark.parametrize(
    ("written", "theirs"),
    [
        ("Germany", "DE"),
        ("DE", "Germany"),
        ("germany", "GERMANY"),
        ("de", "DEU"),
        ("Czech Republic", "CZ"),
        ("Turkiye", "Turkey"),
        ("UK", "United Kingdom"),
        ("U.S.A.", "United States of America"),
        ("Korea, Republic of", "South Korea"),
        ("Trinidad and Tobago", "Trinidad & Tobago"),
        ("Atlantis", "atlantis "),
    ],
)
def test_a_country_is_held_back_by_any_of_its_names(written: str, theirs: str) -> None:
    privacy, roster = Privacy(hold_back=frozenset({written})), Roster.of([sits("ana", theirs), sits("bo", "France")])
    assert held_back(roster, privacy, TODAY) == {"ana"}
    assert not [each for each in doubts(roster, privacy, TODAY) if "nobody" in each]


def test_a_word_that_holds_nobody_is_told_and_whoever_has_no_country() -> None:
    roster = Roster.of([sits("ana", "Germany"), sits("bo"), sits("cem"), sits("gone", active=False)])
    privacy = Privacy(hold_back=frozenset({"Germny", "DE"}))
    assert held_back(roster, privacy, TODAY) == {"ana"}
    word, missing = doubts(roster, privacy, TODAY)
    assert "`Germny` is the country of nobody" in word
    assert "countries of people are Germany" in word
    assert "2 of 3 active people have no country" in missing


def test_a_country_of_people_that_is_none_is_told_too() -> None:
    roster = Roster.of([sits("ana", "Germny"), sits("bo", "Germany")])
    [strange] = doubts(roster, Privacy(hold_back=frozenset({"DE"})), TODAY)
    assert "`Germny` (1)" in strange


def test_without_hold_back_nothing_is_said() -> None:
    roster = Roster.of([sits("ana")])
    assert (held_back(roster, Privacy(), TODAY), list(doubts(roster, Privacy(), TODAY))) == (frozenset(), [])
    assert list(doubts(Roster.of([]), Privacy(hold_back=frozenset({"DE"})), TODAY)) == [], "before the first pull"

"""Totals that would tell of a few: counted by a period's own days, and not to be had by subtraction either."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from connector.appraisal.agreed import Agreed
from connector.appraisal.small_units import SmallUnits
from connector.model.calendar import Calendar
from connector.model.people import Assignment, Membership, Person, Roster
from connector.model.results import COMPANY, Alert, Subject
from tests.targets.policies import a_person

YEAR, Q3, Q4 = (Calendar().period(each) for each in ("2026", "2026-Q3", "2026-Q4"))
NOVEMBER = Calendar().period("2026-11")


def seated(team: str, region: str, many: int, ends_on: date | None = None, **more: str) -> list[Person]:
    """So many people who have always sat in a team of a region."""
    seat = (Assignment(date(1, 1, 1), {"team": team, "region": region} | more),)
    return [a_person(f"{team}{at}", assignments=seat, ends_on=ends_on) for at in range(many)]


def team(name: str) -> Subject:
    return Subject("team", name)


def small(people: list[Person], least: int = 3, levels: tuple[str, ...] = ("region", "team")) -> set[str]:
    return {each.id for each in SmallUnits(Roster.of(people, levels), least).of(Q4)}


def test_whoever_was_there_in_the_period_counts_and_nobody_else() -> None:
    """DACH loses two of three on 15 October: they are in the quarter's number, and not in November's."""
    left = seated("Gone", "EMEA", 2, date(2026, 10, 15))
    both = [*seated("DACH", "EMEA", 1), *(_in("DACH", each) for each in left)]
    units = SmallUnits(Roster.of([*both, *seated("UK", "EMEA", 4), *seated("FR", "EMEA", 9)]), 3)
    assert not units.is_small(team("DACH"), YEAR)
    assert not units.is_small(team("DACH"), Q4)
    assert units.is_small(team("DACH"), NOVEMBER)


def test_a_unit_that_lost_its_last_member_is_smaller_than_one_with_two() -> None:
    people = [*seated("DACH", "EMEA", 2, date(2026, 9, 30)), *seated("UK", "EMEA", 4), *seated("FR", "EMEA", 9)]
    units = SmallUnits(Roster.of(people), 3)
    assert units.is_small(team("DACH"), Q4)  # nobody
    assert units.is_small(team("DACH"), Q3)  # two
    assert units.is_small(team("Atlantis"), Q4), "nobody is known to sit there"


def test_a_single_deal_is_no_unit_and_told_of_all_the_same() -> None:
    units = SmallUnits(Roster.of([*seated("DACH", "EMEA", 2), *seated("UK", "EMEA", 9)]), 5)
    for subject in (Subject("deal", "emea:Opportunity/006A"), Subject("account", "emea:Account/001A")):
        assert not units.is_small(subject, Q4)
        alert = Alert("k", "stale_deal", subject, Q4, "", "", date(2026, 11, 25), "UK0", "title", "text")
        assert Agreed(small=units).may_tell(alert)


def test_somebody_who_moved_counts_in_both_units_of_the_period() -> None:
    moves = (Assignment(date(1, 1, 1), {"team": "A"}), Assignment(date(2026, 11, 1), {"team": "B"}))
    people = [*seated("A", "X", 2), *seated("B", "X", 2), a_person("mia", assignments=moves)]
    units = SmallUnits(Roster.of(people), 3)
    assert {each for each in "AB" if units.is_small(team(each), Q4)} == set()
    assert {each for each in "AB" if units.is_small(team(each), NOVEMBER)} >= {"A"}


def test_where_one_child_is_hidden_its_smallest_sibling_is_too() -> None:
    """EMEA less UK and FR is DACH to the cent; without UK, it is DACH and UK together."""
    apac = seated("JP", "APAC", 5)
    hidden = small([*seated("DACH", "EMEA", 2), *seated("UK", "EMEA", 4), *seated("FR", "EMEA", 9), *apac])
    assert hidden == {"DACH", "UK"}
    both = small([*seated("DACH", "EMEA", 2), *seated("AT", "EMEA", 2), *seated("FR", "EMEA", 9), *apac])
    assert both == {"DACH", "AT"}, "two of two people are four, and tell of none"


def test_two_hidden_ones_of_one_person_each_are_still_too_few() -> None:
    assert small([*seated("A", "X", 1), *seated("B", "X", 1), *seated("C", "X", 5), *seated("D", "X", 9)], 4) == {
        "A",
        "B",
        "C",
    }


def test_a_hidden_region_takes_another_region_and_one_of_its_teams_along() -> None:
    """The company less AMER and APAC would be EMEA, and so would be the company less all shown teams and regions."""
    people = [*seated("DACH", "EMEA", 2), *seated("JP", "APAC", 4), *seated("IN", "APAC", 5), *seated("US", "AMER", 20)]
    assert small(people) == {"DACH", "EMEA", "APAC", "JP"}


def test_a_part_that_is_the_whole_is_hidden_or_shown_with_it() -> None:
    """The only team of a region is the region: of EMEA nothing may be learned by JP, whose region is hidden for its sake."""
    people = [*seated("DACH", "EMEA", 2), *seated("JP", "APAC", 4), *seated("US", "AMER", 20)]
    assert small(people) == {"DACH", "EMEA", "APAC", "JP"}
    assert small(seated("DACH", "EMEA", 2)) == {"DACH", "EMEA"}
    assert not SmallUnits(Roster.of(seated("DACH", "EMEA", 2)), 3).is_small(COMPANY, Q4)
    alone = [*seated("DACH", "EMEA", 2), *seated("", "EMEA", 2), *seated("JP", "APAC", 9)]
    # EMEA is four, of whom two sit in no team, and nothing is shown inside it; the company less JP would be them as well.
    assert small(alone) == {"DACH", "JP"}


def test_a_level_that_crosses_the_others_gives_nothing_away_either() -> None:
    north = seated("A", "X", 4, territory="North")
    south = [*seated("B", "X", 4, territory="South"), *seated("C", "Y", 2, territory="North")]
    more = seated("D", "Y", 9, territory="South")
    hidden = small([*north, *south, *more], levels=("region", "team", "territory"))
    # North is A and C: C would be North less A.
    assert {"C", "A"} <= hidden
    assert "North" not in hidden


def test_members_besides_their_seats_are_people_of_a_unit() -> None:
    besides = (Membership("team", "Task force", date(2026, 10, 1)),)
    people = [*seated("A", "X", 5), *(_besides(each, besides) for each in seated("B", "X", 3))]
    assert "Task force" not in small(people)
    assert "Task force" in small(people, least=4)


def test_whoever_left_lately_is_told_by_nothing_that_is_shown() -> None:
    """A deal of somebody's who left in August may still close in November, and counts where they sat."""
    gone = seated("DACH", "EMEA", 1, date(2026, 8, 31))
    rest = [*seated("UK", "EMEA", 4), *seated("FR", "EMEA", 9), *seated("JP", "APAC", 5)]
    assert small([*gone, *rest]) == {"DACH", "UK"}
    long_gone = seated("DACH", "EMEA", 1, date(2019, 8, 31))
    assert small([*long_gone, *rest]) == {"DACH"}


def test_without_a_least_size_nothing_is_hidden() -> None:
    units = SmallUnits(Roster.of(seated("DACH", "EMEA", 1)), 1)
    assert (units.of(Q4), units.is_small(team("Atlantis"), None)) == (frozenset(), False)
    assert SmallUnits(Roster.of([]), 2).is_small(team("DACH"), None), "of no period it is not known: hidden"


def _in(name: str, person: Person) -> Person:
    return _with(person, assignments=(Assignment(date(1, 1, 1), {"team": name, "region": "EMEA"}),))


def _besides(person: Person, memberships: tuple[Membership, ...]) -> Person:
    return _with(person, memberships=memberships)


def _with(person: Person, **changes: object) -> Person:
    given: Mapping[str, object] = {name: getattr(person, name) for name in Person.__dataclass_fields__}
    return Person(**{**given, **changes})  # type: ignore[arg-type]

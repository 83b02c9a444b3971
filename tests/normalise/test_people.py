"""Who is who, and where they sat on which day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from connector.decide.home import manager, user
from connector.model.people import Membership, Person, Roster, Sighting
from connector.model.records import Reading, Ref, Scalar, User
from connector.normalise.doubles import Double, doubles
from connector.normalise.people import Sources, resolve

THEN = datetime(2026, 3, 10, 12, tzinfo=UTC)


def a_user(
    connection: str = "emea",
    user_id: str = "005A",
    email: str | None = "ana@example.com",
    name: str = "Ana Silva",
    *,
    active: bool = True,
    human: bool = True,
    **levels: str,
) -> User:
    return User(Ref(connection, "User", user_id), THEN, email, name, active, human, None, levels)


def a_row(table: str = "people", from_: date | None = None, **values: Scalar) -> Reading:
    return Reading(Ref("files", table, str(values.get("person"))), THEN, {"from": from_, **values})


def roster(*users: User, **more: object) -> Roster:
    return resolve(Sources(users=users, sightings=more.pop("sightings", ()), **more))  # type: ignore[arg-type]


def only(found: Roster) -> Person:
    assert len(found.people) == 1
    return found.people[0]


def levels_on(person: Person, day: date) -> Mapping[str, str]:
    return person.on(day).levels


def test_two_crms_and_one_email_are_one_person() -> None:
    person = only(roster(a_user("emea", "005A"), a_user("smb", "77")))
    assert [str(each) for each in person.identities] == ["emea:User/005A", "smb:User/77"]


def test_of_two_logins_of_one_crm_the_one_in_use_comes_first_whatever_their_ids() -> None:
    off, on = a_user("smb", "100", name="Ana S.", active=False), a_user("smb", "9000")
    person = only(roster(off, on, a_user("emea", "005A", active=False), connections=("smb", "emea")))
    assert [str(each) for each in person.identities] == ["smb:User/9000", "smb:User/100", "emea:User/005A"]
    assert (user(person, "smb"), person.name) == ("9000", "Ana Silva")


def test_a_manager_with_two_logins_is_told_at_the_one_in_use() -> None:
    off, on = (a_user("smb", each, "bo@example.com", "Bo", active=each == "9000") for each in ("100", "9000"))
    rep = replace(a_user("smb", "500"), manager=off.ref)
    found = roster(off, on, rep)
    [ana] = found.find("ana@example.com")
    assert manager(found, ana, "smb") == "9000"


def test_somebody_with_two_logins_sits_where_the_one_in_use_says_on_each_day() -> None:
    old, new = Ref("smb", "User", "100"), Ref("smb", "User", "9000")
    sightings = [
        Sighting(old, date(2026, 3, 1), {"team": "East"}, None, True),
        Sighting(old, date(2026, 6, 15), {"team": "East"}, None, False),
        Sighting(new, date(2026, 6, 15), {"team": "West"}, None, True),
    ]
    users = (a_user("smb", "100", active=False, team="East"), a_user("smb", "9000", team="West"))
    person = only(roster(*users, sightings=sightings))
    assert levels_on(person, date(2026, 6, 14)) == {"team": "East"}
    assert levels_on(person, date(2026, 6, 15)) == {"team": "West"}


def test_two_logins_of_one_crm_with_one_address_are_told_while_both_are_in_use() -> None:
    here, again, there = a_user(), a_user(user_id="005B"), a_user("smb", "77")
    assert doubles([here, again, there]) == [Double((here.ref, again.ref, there.ref), 1)]
    assert doubles([here, replace(again, active=False), there]) == []  # an archived one is ordinary
    assert doubles([here, replace(again, human=False), there]) == []
    assert doubles([here, a_user(user_id="005B", email=None), a_user(user_id="005C", email=None)]) == []


def test_one_address_of_two_people_is_told_whatever_the_crm() -> None:
    here, there = replace(a_user(), person="p_1"), replace(a_user("smb", "77"), person="p_2")
    assert doubles([there, here]) == [Double((here.ref, there.ref), 2)]


def test_a_person_id_is_a_pseudonym_that_never_changes() -> None:
    person = only(roster(a_user()))
    # the first twelve digits of `printf ana@example.com | sha256sum`
    assert person.id == "p_8e43ca377012"


def test_users_without_email_stay_apart() -> None:
    assert len(roster(a_user(email=None), a_user(user_id="005B", email=None)).people) == 2


def test_queues_are_nobody() -> None:
    assert roster(a_user(human=False)).people == ()


def test_what_a_crm_shows_first_extends_back_to_the_start() -> None:
    seen = Sighting(Ref("emea", "User", "005A"), date(2026, 3, 1), {"team": "East"}, None, True)
    person = only(roster(a_user(team="East"), sightings=[seen]))
    assert levels_on(person, date(2020, 1, 1)) == {"team": "East"}


def test_a_later_sighting_holds_from_the_day_it_was_seen() -> None:
    ref = Ref("emea", "User", "005A")
    sightings = [
        Sighting(ref, date(2026, 3, 1), {"team": "East"}, None, True),
        Sighting(ref, date(2026, 6, 15), {"team": "West"}, None, True),
    ]
    person = only(roster(a_user(team="West"), sightings=sightings))
    assert levels_on(person, date(2026, 6, 14)) == {"team": "East"}
    assert levels_on(person, date(2026, 6, 15)) == {"team": "West"}


def test_a_row_of_the_people_file_wins_from_its_day_on() -> None:
    row = a_row(person="ANA@example.com", from_=date(2026, 7, 1), team="North", role="AE")
    person = only(roster(a_user(team="East"), people=[row]))
    assert levels_on(person, date(2026, 6, 30)) == {"team": "East"}
    assert levels_on(person, date(2026, 7, 1)) == {"team": "North", "role": "AE"}


def test_a_row_says_whose_holidays_are_theirs() -> None:
    person = only(roster(a_user(team="East"), people=[a_row(person="ANA@example.com", country="AT")]))
    assert levels_on(person, date(2026, 7, 1)) == {"team": "East", "country": "AT"}


def test_a_row_with_an_email_no_crm_knows_is_a_person_of_its_own() -> None:
    person = only(roster(people=[a_row(person="boss@example.com", name="Bo Boss", role="VP")]))
    assert (person.name, person.identities) == ("Bo Boss", ())


def test_a_name_that_nobody_has_is_listed_and_not_dropped() -> None:
    found = roster(a_user(), people=[a_row(person="Someone Else", team="East")])
    assert found.unmatched == ("files:people/Someone Else: `Someone Else` is nobody we know",)


def test_a_name_that_two_people_share_matches_neither() -> None:
    twins = (a_user(), a_user(user_id="005B", email="ana2@example.com"))
    assert len(roster(*twins, absences=[a_row("absences", person="Ana Silva")]).unmatched) == 1


def test_absences_and_employment_are_inclusive_of_both_ends() -> None:
    away = a_row("absences", date(2026, 5, 4), person="ana@example.com", to=date(2026, 5, 8))
    row = a_row(person="ana@example.com", start=date(2026, 2, 2), end=date(2026, 11, 30))
    person = only(roster(a_user(), people=[row], absences=[away]))
    assert [person.present(date(2026, 5, day)) for day in (3, 4, 8, 9)] == [True, False, False, True]
    assert [person.employed(day) for day in (date(2026, 2, 1), date(2026, 2, 2))] == [False, True]
    assert [person.employed(day) for day in (date(2026, 11, 30), date(2026, 12, 1))] == [True, False]


def test_a_login_seen_switched_off_ends_the_person_the_day_before() -> None:
    ref = Ref("emea", "User", "005A")
    sightings = [
        Sighting(ref, date(2026, 3, 1), {}, None, True),
        Sighting(ref, date(2026, 9, 10), {}, None, False),
    ]
    assert only(roster(a_user(active=False), sightings=sightings)).ends_on == date(2026, 9, 9)


def test_a_login_off_from_the_first_counts_as_off_since_its_last_change() -> None:
    assert only(roster(a_user(active=False))).ends_on == date(2026, 3, 9)


def test_managers_are_found_across_users() -> None:
    boss = a_user(user_id="005B", email="boss@example.com", name="Bo Boss")
    rep = User(Ref("emea", "User", "005A"), THEN, "ana@example.com", "Ana", True, True, boss.ref, {})
    found = roster(boss, rep)
    [ana] = found.find("ana@example.com")
    assert ana.on(date(2026, 1, 1)).manager == found.find("boss@example.com")[0].id


def test_a_second_unit_is_a_membership_with_its_days() -> None:
    rows = [
        a_row(
            "memberships", date(2026, 5, 4), person="ana@example.com", level="team", unit="West", to=date(2026, 5, 8)
        ),
        a_row("memberships", person="ana@example.com", level="territory", unit="Rhine"),
    ]
    found = roster(a_user(team="East"), memberships=rows)
    assert only(found).memberships == (
        Membership("team", "West", date(2026, 5, 4), date(2026, 5, 8)),
        Membership("territory", "Rhine", date(1, 1, 1), None),
    )
    assert found.levels == ("region", "team", "territory")
    assert found.unmatched == ()


def test_a_company_without_territories_is_not_cut_by_them() -> None:
    assert roster(a_user(team="East")).levels == ("region", "team")
    assert roster(a_user(team="East", territory="Rhine")).levels == ("region", "team", "territory")


def test_a_membership_of_nobody_or_of_no_level_is_listed() -> None:
    rows = [
        a_row("memberships", person="Nobody", level="team", unit="West"),
        a_row("memberships", person="ana@example.com", level="squad", unit="A"),
    ]
    first, second = roster(a_user(), memberships=rows).unmatched
    assert first == "files:memberships/Nobody: `Nobody` is nobody we know"
    assert second.startswith(
        "files:memberships/ana@example.com: there is no level `squad`; levels are region, team, role"
    )

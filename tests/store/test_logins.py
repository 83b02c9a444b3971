"""Whose a login is, from the day on which it was first seen: whatever becomes of its address and its name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connector.model.changes import Change, Row
from connector.model.closings import LockedCredit
from connector.model.people import Roster
from connector.model.records import Ref, User
from connector.model.results import Subject
from connector.normalise.people import Sources, resolve
from connector.store import closings, forgetting, nameless, records, wishes
from connector.store.about import everything
from connector.store.database import Store
from tests.store.made import MONDAY, TODAY, TUESDAY, WEDNESDAY, reading, user

# the first twelve digits of `printf ana@example.com | sha256sum`, and of `printf emea:User/new | sha256sum`
ANA, NEW = "p_8e43ca377012", "p_4a9c1b13c958"
OLD, MARRIED = "ana@example.com", "ana.silva@example.com"
THERE = Ref("smb", "owners", "77")


def save(store: Store, *logins: User) -> None:
    with store.writing() as tx:
        records.save(tx, logins, TODAY)


def people(store: Store) -> Roster:
    with store.reading() as tx:
        found = records.readings(tx, "people")
        return resolve(Sources(records.users(tx), records.sightings(tx), people=found, connections=("emea", "smb")))


def who(store: Store) -> dict[str, str]:
    """Person by login."""
    return {str(ref): each.id for each in people(store).people for ref in each.identities}


def test_somebody_stays_who_they_are_when_their_address_changes(store: Store) -> None:
    save(store, user("ana"))
    save(store, user("ana", email=MARRIED, modified_at=TUESDAY))
    [ana] = people(store).people
    assert (ana.id, ana.email, ana.formerly) == (ANA, MARRIED, (OLD,))
    save(store, user("ana", email=OLD, modified_at=WEDNESDAY))
    [ana] = people(store).people
    assert (ana.id, ana.email, ana.formerly) == (ANA, OLD, (MARRIED,))


def test_a_look_that_comes_late_changes_no_address(store: Store) -> None:
    save(store, user("ana", email=MARRIED, modified_at=TUESDAY))
    save(store, user("ana", email="older@example.com"), user("new", email="older@example.com"))
    assert [each.formerly for each in people(store).people if each.email == MARRIED] == [()]
    assert len(set(who(store).values())) == 2


def test_two_crms_that_change_an_address_one_after_the_other_have_one_person(store: Store) -> None:
    save(store, user("ana"), user("ana", ref=THERE))
    save(store, user("ana", email=MARRIED, modified_at=TUESDAY))
    [between] = people(store).people
    assert set(between.addresses_today) == {OLD, MARRIED}
    save(store, user("ana", ref=THERE, email=MARRIED, modified_at=WEDNESDAY))
    assert who(store) == {"emea:User/ana": ANA, "smb:owners/77": ANA}


def test_a_login_in_another_crm_is_whoever_has_its_address_when_it_comes(store: Store) -> None:
    save(store, user("ana"))
    save(store, user("ana", email=MARRIED, modified_at=TUESDAY))
    save(store, user("ana", ref=THERE, email=MARRIED))
    assert who(store) == {"emea:User/ana": ANA, "smb:owners/77": ANA}


def test_an_address_that_becomes_somebody_elses_merges_nobody(store: Store) -> None:
    save(store, user("ana"), user("bo"))
    before = who(store)
    save(store, user("bo", email=OLD, modified_at=TUESDAY))
    assert who(store) == before
    # Both have it: a row that says it names neither of them, and is told.
    with store.writing() as tx:
        records.save(tx, [reading("people", "1", person=OLD, team="North")], TODAY)
    found = people(store)
    assert [each.on(TODAY).levels["team"] for each in found.people] == ["East", "East"]
    assert found.unmatched == (f"files:people/1: `{OLD}` is nobody we know",)


def test_an_address_that_was_given_on_makes_the_new_one_nobody_else(store: Store) -> None:
    save(store, user("ana", name="Ana Silva"))
    married = user("ana", name="Ana Silva", email=MARRIED, modified_at=TUESDAY)
    save(store, married, user("new", email=OLD, modified_at=TUESDAY))
    assert who(store) == {"emea:User/ana": ANA, "emea:User/new": NEW}
    # It is the new one's: whoever looks for it finds them, and nothing of theirs is Ana's to see or to forget.
    found = people(store)
    assert [each.id for each in found.find(OLD)] == [NEW]
    assert [each.id for each in found.find(MARRIED)] == [ANA]
    [ana] = [each for each in found.people if each.id == ANA]
    with store.writing() as tx:
        [users] = [each for each in everything(tx, ana) if each.table == "users"]
        assert [each["ref"] for each in users.rows] == ["emea:User/ana"]
        forgetting.forget(tx, ana, WEDNESDAY, "0123456789ab", {})
    assert [(each.id, each.email) for each in people(store).people] == [(NEW, OLD), ("p_0123456789ab", None)]


def test_rows_of_files_find_somebody_by_the_old_address_and_the_new_one(store: Store) -> None:
    save(store, user("ana"))
    save(store, user("ana", email=MARRIED, modified_at=TUESDAY))
    rows = [
        reading("people", "1", person=OLD.upper(), **{"from": date(2026, 1, 1)}, team="North"),
        reading("people", "2", person=MARRIED, **{"from": date(2026, 7, 1)}, team="South"),
    ]
    with store.writing() as tx:
        records.save(tx, rows, TODAY)
    [ana] = people(store).people
    assert [ana.on(date(2026, month, 1)).levels["team"] for month in (6, 7)] == ["North", "South"]


def test_somebody_who_is_forgotten_is_forgotten_by_their_former_address_as_well(store: Store) -> None:
    save(store, user("ana", name="Ana Silva"))
    save(store, user("ana", name="Ana Silva", email=MARRIED, modified_at=TUESDAY))
    note = Change(Row("emea", "Task", "Attain_Key__c", "k1"), {"Note__c": f"ask {OLD} or {MARRIED}"})
    credit = LockedCredit(
        "Q", "bookings", Subject("person", ANA), "emea:Opportunity/d1", "D", date(2026, 11, 2), Decimal(5)
    )
    with store.writing() as tx:
        wishes.enqueue(tx, [note], "r1", MONDAY)
        closings.keep_credits(tx, [credit])
    [ana] = people(store).people
    with store.writing() as tx:
        forgetting.forget(tx, ana, WEDNESDAY, "0123456789ab", {})
    again = user("ana", name="Ana Silva", email=MARRIED, modified_at=WEDNESDAY)
    row = reading("people", "1", person=OLD, team="North")
    with store.writing() as tx:
        records.save(tx, nameless.unnamed(tx, [again, row], {}), TODAY)
        kept = repr([everything(tx, ana), records.users(tx), records.readings(tx, "people")])
        assert [each.subject.id for each in closings.locked_credits(tx, "Q")] == ["p_0123456789ab"]
    assert (OLD in kept, MARRIED in kept, ANA in kept) == (False, False, False)
    assert who(store) == {"emea:User/ana": "p_0123456789ab"}


def test_a_login_that_vanished_leaves_its_former_address_nowhere(store: Store) -> None:
    save(store, user("ana"))
    save(store, user("ana", email=MARRIED, modified_at=TUESDAY))
    with store.writing() as tx:
        assert forgetting.forget_vanished(tx, [user("ana").ref], WEDNESDAY, lambda: "0123456789ab", {}) == 1
        assert OLD not in repr(records.users(tx))
    assert who(store) == {"emea:User/ana": "p_0123456789ab"}


def test_a_name_that_the_crm_empties_stays_as_it_was(store: Store) -> None:
    def named(store: Store) -> str:
        return people(store).people[0].name

    # An owner who left comes back from HubSpot as archived, with both names empty: what is left is the address.
    save(store, user("ana", ref=THERE, name="Ana Silva"))
    save(store, user("ana", ref=THERE, name="Ana@example.com", active=False, modified_at=TUESDAY))
    assert named(store) == "Ana Silva"
    save(store, user("ana", ref=THERE, name="77", email=None, active=False, modified_at=WEDNESDAY))
    assert named(store) == "Ana Silva"


def test_a_name_that_comes_later_takes_the_place_of_the_address(store: Store) -> None:
    save(store, user("ana", name=OLD))
    assert people(store).people[0].name == OLD
    save(store, user("ana", name="Ana Silva", modified_at=TUESDAY))
    assert people(store).people[0].name == "Ana Silva"

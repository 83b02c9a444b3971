"""Rows of tables once somebody was forgotten, as they lie in the store and as a file or a CRM brings them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import Connection, insert, select

from connector.model.catalogue import Type
from connector.model.changes import Change, Receipt, Row, Settled
from connector.model.people import Person
from connector.model.records import MEMBERSHIPS, NOTES, Reading, Record, Ref, Scalar
from connector.normalise.mapping import FileColumn, FileTable
from connector.normalise.people import Sources, resolve
from connector.store import (
    forgetting,
    journal,
    nameless,
    outbox,
    pseudonyms,
    records,
    sightings,
    streams,
    tables,
    wishes,
)
from connector.store.database import Store
from connector.store.upsert import counter
from tests.store.made import MONDAY, TODAY, TUESDAY, reading, user

DRAWN = "0123456789ab"
NOBODY, NEW_ID = f"Somebody ({DRAWN})", f"p_{DRAWN}"
ANA = user("005aIAA", name="Ana Ruiz", email="ana@example.com")
BEN = user("005bIAA", name="Ben Oz", email="ben@example.com")
LOGIN = str(ANA.ref)
OCT, DEC = date(2026, 10, 1), date(2026, 12, 31)


def table(name: str, key: str, **columns: Type) -> FileTable:
    """As `mappings/files.yaml` has it; columns that are not named here are texts."""
    own = (
        "person",
        "name",
        "manager",
        "approver",
        "author",
        "text",
        "reason",
        "remark",
        "customer",
        "what",
        "by",
        "team",
    )
    texts = dict.fromkeys((*own, *key.split()), Type.TEXT)
    found = tuple(FileColumn(each, kind) for each, kind in {**texts, **columns}.items())
    return FileTable(name, f"{name}.csv", found, tuple(key.split()), "person")


FILES = {
    each.name: each
    for each in (
        table("people", "person from", territory=Type.TEXT, home=Type.TEXT),
        table("quotas", "person metric period"),
        table("adjustments", "person metric kind from", kind=Type.CHOICE),
        table("notes", "person kind written_on metric", kind=Type.CHOICE),
        table("visits", "person customer", kind=Type.CHOICE),
    )
}


def people(tx: Connection) -> Sequence[Person]:
    said = Sources(
        records.users(tx), sightings.sightings(tx), records.readings(tx, "people"), forgotten=pseudonyms.everybody(tx)
    )
    return resolve(said).people


def forget(tx: Connection, email: str = "ana@example.com") -> None:
    [one] = [each for each in people(tx) if email in each.addresses]
    forgetting.forget(tx, one, TUESDAY, DRAWN, FILES)


def crm(of: str, id: str, **values: Scalar) -> Reading:
    return Reading(Ref("emea", of, id), MONDAY, values, of)


def of(tx: Connection, table: str) -> dict[str, Mapping[str, Scalar]]:
    """Id → values."""
    return {each.ref.id: each.values for each in records.readings(tx, table)}


def again(tx: Connection, rows: Sequence[Record]) -> None:
    """As the next cycle brings them."""
    found = nameless.unnamed(tx, rows, FILES)
    records.save(tx, found, TODAY)


PEOPLE = [
    reading("people", "ana@example.com|", person="ana@example.com", **{"from": None}, name="Ana Ruiz", team="DACH",
            territory="DACH 4", manager="Ben Oz", start=OCT, home="emea"),
    reading("people", "ben@example.com|", person="ben@example.com", **{"from": None}, name="Ben Oz", team="DACH",
            territory="DACH 1", manager="ANA@example.com", start=OCT, home="emea"),
]  # fmt: skip
QUOTAS = [
    reading("quotas", "Ana Ruiz|bookings|2026", person="Ana Ruiz", metric="bookings", period="2026", value=Decimal(5))
]
ADJUSTMENTS = [
    reading("adjustments", "ben@example.com|bookings|relief|2026-10-01", person="ben@example.com", metric="bookings",
            kind="relief", **{"from": OCT}, to=DEC, share=Decimal("0.5"), amount=None, approver="Ana Ruiz",
            reason="territory_change"),
]  # fmt: skip
TYPED = [
    reading("notes", "ana@example.com|feedback|2026-10-01|", person="ana@example.com", kind="feedback", author=None,
            text="my divorce", written_on=OCT, metric=None),
    reading("notes", "ben@example.com|rating|2026-10-01|", person="ben@example.com", kind="rating", author="Ana Ruiz",
            text="he is slow", rating=Decimal(2), written_on=OCT, metric=None),
    reading("notes", "ben@example.com|feedback|2026-10-01|", person="ben@example.com", kind="feedback",
            author="ben@example.com", text="Ana Ruiz's deals were mine", written_on=OCT, metric=None),
]  # fmt: skip
ALL = [*PEOPLE, *QUOTAS, *ADJUSTMENTS, *TYPED]


def expected(tx: Connection) -> None:
    assert of(tx, "people") == {
        f"{NEW_ID}|": {**PEOPLE[0].values, "person": NEW_ID, "name": None},
        "ben@example.com|": {**PEOPLE[1].values, "manager": NOBODY},
    }
    assert of(tx, "quotas") == {f"{NEW_ID}|bookings|2026": {**QUOTAS[0].values, "person": NEW_ID}}
    assert of(tx, "adjustments") == {ADJUSTMENTS[0].ref.id: {**ADJUSTMENTS[0].values, "approver": NOBODY}}
    assert of(tx, "notes") == {
        TYPED[1].ref.id: {**TYPED[1].values, "author": NOBODY, "text": None, "answer": None},
        TYPED[2].ref.id: {**TYPED[2].values, "text": f"{NOBODY}'s deals were mine"},
    }


def test_numbers_of_theirs_stay_and_of_others_rows_only_the_cell_that_names_them_changes(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, [ANA, BEN, *ALL], TODAY)
        forget(tx)
        expected(tx)
        one, other = sorted(people(tx), key=lambda each: each.name != NOBODY)
        assert (one.id, one.name, one.active, one.starts_on, one.ends_on) == (NEW_ID, NOBODY, False, OCT, None)
        assert one.on(TODAY).levels == {"team": "DACH", "territory": "DACH 4"}
        assert (other.name, other.manager) == ("Ben Oz", NEW_ID)


def test_a_file_that_still_names_them_comes_to_the_same(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, [ANA, BEN], TODAY)
        forget(tx)
        again(tx, ALL)
        expected(tx)
        told = " ".join(tx.execute(select(tables.readings.c.ref + tables.readings.c["values"])).scalars())
    assert ("Ana" in told, "ana@" in told.lower()) == (False, False)


def test_who_is_in_a_file_only_stays_as_somebody(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, [BEN, *PEOPLE], TODAY)
        forget(tx)
        assert [(each.id, each.name) for each in people(tx) if each.name != "Ben Oz"] == [(NEW_ID, NOBODY)]
        again(tx, PEOPLE)
        assert len(people(tx)) == 2


def test_an_old_tombstone_whose_key_is_their_address_goes(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, [ANA, *QUOTAS], TODAY)
        records.remove(tx, {QUOTAS[0].ref: TUESDAY})
        forget(tx)
        assert tx.execute(select(tables.readings.c.ref)).scalars().all() == []


def test_free_text_of_a_table_of_their_own_goes_and_words_that_numbers_are_told_apart_by_stay(store: Store) -> None:
    row = reading(
        "visits", "ana@example.com|Acme", person="ana@example.com", customer="Acme", kind="call", remark="x", n=3
    )
    with store.writing() as tx:
        records.save(tx, [ANA, row], TODAY)
        forget(tx)
        kept = {"person": NEW_ID, "customer": "Acme", "kind": "call", "remark": None, "n": 3}
        assert of(tx, "visits") == {f"{NEW_ID}|Acme": kept}


def test_a_first_name_is_a_word_of_the_company_where_the_column_holds_such_words(store: Store) -> None:
    max_, row = user("max", name="Max"), reading("quotas", "b", person="ben@example.com", metric="max", period="2026")
    with store.writing() as tx:
        records.save(tx, [max_, BEN, row], TODAY)
        forget(tx, "max@example.com")
        again(tx, [row])
        assert of(tx, "quotas") == {"b": row.values}


OF_A_CRM = [
    crm(NOTES, "n1", person=LOGIN, author=LOGIN, kind="feedback", text="my divorce"),
    crm(NOTES, "n2", person=str(BEN.ref), author=LOGIN, kind="feedback", text="he is slow"),
    crm("quotas", "q1", person=LOGIN, metric="bookings", value=Decimal(5)),
    crm(MEMBERSHIPS, "m1", person=LOGIN, level="team", unit="DACH"),
]


def test_notes_in_a_crm_go_and_stay_out_and_quotas_stay_with_the_login(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, [ANA, BEN, *OF_A_CRM], TODAY)
        forget(tx)
        for _ in range(2):
            assert of(tx, "emea.notes") == {}
            assert of(tx, "emea.quotas") == {"q1": OF_A_CRM[2].values}
            assert of(tx, "emea.memberships") == {"m1": OF_A_CRM[3].values}
            again(tx, OF_A_CRM)


def test_digests_that_an_older_version_kept_still_tell(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, [replace(ANA, name=NOBODY, email=None), BEN], TODAY)
        salt = counter(tx, "store")
        for handle in (LOGIN, "ana ruiz", "ana@example.com"):
            digest = sha256(f"{salt}:{handle}".encode()).hexdigest()
            tx.execute(insert(tables.forgotten).values(digest=digest, pseudonym=NOBODY, at=MONDAY))
        again(tx, [*ALL, *OF_A_CRM])
        assert of(tx, "emea.notes") == {}
        expected(tx)


def test_who_shares_a_name_or_has_another_login_keeps_it(store: Store) -> None:
    other = user("ana2", name="Ana Ruiz", email="ana2@example.com")
    row = reading("quotas", "q", person="ana2@example.com", metric="m", period="2026", approver="Ana Ruiz")
    with store.writing() as tx:
        records.save(tx, [ANA, other, row], TODAY)
        forget(tx)
        again(tx, [row])
        assert of(tx, "quotas") == {"q": row.values}
        here, there = user("c", name="Cy Ito"), user("c2", name="Cy Ito", email="c@example.com")
        mine = reading("quotas", "c", person="c@example.com", metric="m", period="2026")
        records.save(tx, [here, there, mine], TODAY)
        forgetting.forget_vanished(tx, [there.ref], TUESDAY, lambda: "ba9876543210", FILES)
        again(tx, [mine])
        assert of(tx, "quotas")["c"] == mine.values


def test_a_name_is_of_whoever_has_it_today(store: Store) -> None:
    hired = user("new", name="Ana Ruiz", email="ana.ruiz@example.com")
    with store.writing() as tx:
        records.save(tx, [ANA, BEN], TODAY)
        forget(tx)
        again(tx, [hired])
        again(tx, QUOTAS)
        assert of(tx, "quotas") == {QUOTAS[0].ref.id: QUOTAS[0].values}
        assert {each.name for each in people(tx)} == {NOBODY, "Ben Oz", "Ana Ruiz"}


def test_a_new_login_with_their_address_stays_without_name_until_it_is_taken_back(store: Store) -> None:
    new = replace(ANA, ref=Ref("emea2", "User", "x1"), modified_at=TUESDAY)
    stranger = replace(BEN, ref=Ref("emea2", "User", "x2"), name="Ana Ruiz")  # a name is no proof
    bare = replace(new, ref=Ref("smb", "owners", "7"), email=None)
    with store.writing() as tx:
        records.save(tx, [ANA], TODAY)
        forget(tx)
        for each in (ANA, new, bare, stranger):
            again(tx, [each])
        again(tx, [replace(new, email="ana.r@example.com", modified_at=TUESDAY.replace(hour=9))])
        kept = {each.ref.id: (each.name, each.email, each.person) for each in records.users(tx)}
        nobody = (NOBODY, None, NEW_ID)
        assert kept == {
            "005aIAA": nobody, "x1": nobody, "7": nobody, "x2": ("Ana Ruiz", "ben@example.com", kept["x2"][2]),
        }  # fmt: skip
        assert {str(ref) for ref, _ in forgetting.in_use(tx)} == {LOGIN, "emea2:User/x1", "smb:owners/7"}
        for handle in ("ana@example.com", "ANA.R@example.com", NEW_ID, NOBODY, "emea2:User/x1"):
            assert forgetting.recall(tx, handle) == NOBODY
        assert forgetting.recall(tx, "ben@example.com") is None
        assert forgetting.take_back(tx, NOBODY) == 3
        again(tx, [ANA, replace(new, modified_at=TUESDAY.replace(hour=10))])
        kept = {each.ref.id: (each.name, each.email, each.person) for each in records.users(tx)}
        assert (kept["005aIAA"], kept["x1"]) == (("Ana Ruiz", "ana@example.com", NEW_ID),) * 2
        assert [each.former_names for each in records.users(tx) if each.ref == ANA.ref] == [()]


def test_users_are_read_anew_once_somebody_is_known_again(store: Store) -> None:
    place = {"connection": "emea", "covered": MONDAY, "until": None, "after": "", "memo": "", "epoch": 1, "judged": 0}
    with store.writing() as tx:
        records.save(tx, [ANA], TODAY)
        for source in ("user/User", "deal/Opportunity"):
            tx.execute(insert(tables.streams).values(source=source, **place))
        forget(tx)
        forgetting.take_back(tx, NOBODY)
        assert streams.cursor(tx, "emea", "user/User") is None
        assert streams.cursor(tx, "emea", "deal/Opportunity") is not None


def test_a_former_name_goes_too(store: Store) -> None:
    married = replace(ANA, name="Ana Stone", modified_at=TUESDAY)
    own = Row("emea", "User", "Id", "005aIAA")
    other = Row("emea", "Task", "Key", "k")
    with store.writing() as tx:
        records.save(tx, [ANA], TODAY)
        epoch = streams.take(tx, "emea")
        said = [
            Change(
                own, {"N": 1}, subject="Anne Ruiz-Old · bookings · 2026"
            ),  # of a name that no row of ours has any more
            Change(other, {"Note": "ask Ana Ruiz"}, subject="Ben Oz · x"),
        ]
        wishes.enqueue(tx, said, "r1", MONDAY)
        taken = outbox.claim(tx, "emea", outbox.due(tx, "emea", 10, MONDAY), MONDAY, epoch)
        outbox.settle(tx, taken, [Receipt(each.row, Settled.WRITTEN, "a") for each in said], MONDAY, "r1")
        records.save(tx, [married], TODAY)
        [now] = records.users(tx)
        assert (now.name, now.former_names) == ("Ana Stone", ("Ana Ruiz",))
        forget(tx)
        subjects = {each.field: (each.subject, each.value) for each in journal_of(tx)}
        assert subjects == {"N": (NOBODY, 1), "Note": ("Ben Oz · x", f"ask {NOBODY}")}
        again(tx, QUOTAS)
        assert list(of(tx, "quotas")) == [f"{NEW_ID}|bookings|2026"]


def journal_of(tx: Connection) -> list[journal.Written]:
    return [each for key in ("005aIAA", "k") for each in journal.of_record(tx, key)]

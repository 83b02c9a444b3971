"""What we know about a person, and how it is forgotten: names and addresses go, a pseudonym stays in what was locked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, false, func, insert, or_, select, update

from connector.model.notes import ANSWERED, BY_PAGE
from connector.model.people import Person
from connector.model.records import Reading, Record, Ref, User
from connector.store import outbox as queue
from connector.store import pseudonyms, streams, tables, written
from connector.store.entries import State
from connector.store.pseudonyms import SOMEBODY
from connector.store.renaming import Word, is_whole, rename, words
from connector.store.rows import addresses
from connector.store.upsert import counter, next_changes

# Texts of records that are somebody else's: only a full name or an address in them means the person. They stand in the
# CRM as well, and come in again with the record's next change there.
_RECORDS: Mapping[str, tuple[str, ...]] = {"deals": ("name", "custom"), "accounts": ("name", "custom")}

# Texts in which a name may stand, by table: emptied, or replaced by the pseudonym.
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "outbox": ("subject", "fields", "because", "riding", "reason", "expects", "shown"),
    "journal": ("subject", "value", "prior", "because"),
    "ledger": ("value", "prior", "edited"),
    "alerts": ("title", "text"),
    "closings": ("by", "note"),
    "rejections": ("reason",),
    "targets": ("steps", "source"),
    "decisions": ("reason",),
    "runs": ("summary", "error"),
    **_RECORDS,
}

# Columns that hold the id of a person.
_IDS: Mapping[str, tuple[str, ...]] = {
    "targets": ("subject_id",),
    "scores": ("subject_id",),
    "cards": ("subject_id",),
    "alerts": ("subject_id", "person"),
    "locked_credits": ("subject_id",),
    "true_ups": ("subject_id",),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a table holds about a person."""

    table: str
    rows: tuple[Mapping[str, Any], ...]


def about(tx: Connection, person: Person) -> list[Found]:
    """Every row that is about a person or names them, by table."""
    refs = [str(each) for each in person.identities]
    found = [
        Found(
            name, tuple(dict(each) for each in tx.execute(select(table).where(_theirs(table, person, refs))).mappings())
        )
        for name, table in _tables().items()
    ]
    return [each for each in found if each.rows]


def forget(tx: Connection, person: Person, at: datetime, drawn: str) -> dict[str, int]:
    """Take a person's name, address and texts out of everything; returns how many rows of each table were touched.

    Numbers stay under a pseudonym, so that locked results do not change. It is made of `drawn`, 12 hex digits by lot,
    and follows from no name or address: what still leads to it is the login in the CRM, by which we know them when it
    comes again. In a ledger, the CRM's key of a row that it shows stays as the CRM has it.
    """
    pseudonym, new_id = pseudonyms.pseudonym(drawn), f"p_{drawn}"
    refs = [str(each) for each in person.identities]
    touched: dict[str, int] = {}
    for name, table in _tables().items():
        count = int(
            tx.execute(select(func.count()).select_from(table).where(_theirs(table, person, refs))).scalar() or 0
        )
        if count:
            touched[name] = count
    alone = not _has_another_login(tx, person, refs)
    written.let_go(tx, person)
    users = tables.users.c
    first = next_changes(tx, 1)
    nobody = {"name": pseudonym, "email": None, "former": "", "active": False, "person": new_id, "change_seq": first}
    own = _own(tx, person, refs)
    tx.execute(update(tables.users).where(users.ref.in_(refs)).values(**nobody))
    tx.execute(delete(tables.readings).where(_theirs(tables.readings, person, refs)))
    _take_back_notes(tx, refs)
    gone = words(person, pseudonym, new_id if alone else None)
    for name, columns in _TEXTS.items():
        rename(tx, _tables()[name], columns, gone, own.get(name, false()))
    if alone:
        _renumber(tx, person.id, new_id)
    handles = [*refs, *(each.lower() for each in (person.name, *person.addresses) if each)]
    known = pseudonyms.digests(tx, handles)
    tx.execute(delete(tables.forgotten).where(tables.forgotten.c.digest.in_(known)))
    if known:
        rows = [{"digest": each, "pseudonym": pseudonym, "at": at} for each in dict.fromkeys(known)]
        tx.execute(insert(tables.forgotten), rows)
    pseudonyms.count(tx)
    return touched


def fence(tx: Connection) -> None:
    """Whoever runs at this moment still has the name in mind: what they are about to keep is kept no more."""
    c = tables.counters.c
    for name in tx.execute(select(c.name).where(c.name.startswith("epoch:"))).scalars().all():
        connection = str(name).removeprefix("epoch:")
        queue.recover(tx, connection, streams.take(tx, connection))


def _has_another_login(tx: Connection, person: Person, refs: Sequence[str]) -> bool:
    """Whether they still work in another CRM: their results are not to be parted from them."""
    u = tables.users.c
    others = select(func.count()).where(u.person == person.id, u.ref.not_in(refs))
    return bool(tx.execute(others).scalar())


def _own(tx: Connection, person: Person, refs: Sequence[str]) -> Mapping[str, ColumnElement[bool]]:
    """Rows about a person, by table; of the others none is."""
    records = written.carriers(tx, refs)
    found: dict[str, ColumnElement[bool]] = {
        name: or_(*(tables_[column] == person.id for column in columns))
        for name, columns in _IDS.items()
        if (tables_ := _tables()[name].c) is not None
    }
    for name in ("outbox", "journal", "ledger"):
        table = _tables()[name]
        here = written.standing_in(table, records)
        found[name] = or_(table.c.key.contains(person.id, autoescape=True), *here)
    by = func.lower(tables.closings.c.by)
    found["closings"] = by.in_([each.lower() for each in (person.name, *person.addresses) if each])
    found["rejections"] = tables.rejections.c.ref.in_(refs)
    return found


def _renumber(tx: Connection, old: str, new: str) -> None:
    """One id for another, wherever results, closed periods and what was written know the person by it."""
    for name, columns in _IDS.items():
        for column in columns:
            table = _tables()[name]
            tx.execute(update(table).where(table.c[column] == old).values({column: new}))
    in_keys = [Word(old, new, everywhere=True)]
    rename(tx, tables.alerts, ("key",), in_keys, false())
    rename(tx, tables.journal, ("key",), in_keys, false())
    settled = tables.outbox.c.state == State.ACKED
    rename(tx, tables.outbox, ("key",), [Word(old, new, everywhere=False)], settled)


def _take_back_notes(tx: Connection, refs: Sequence[str]) -> None:
    """What they sent from a page stands in their own record as if we had said it, and what was answered there as well.

    Of logins that are no longer active, too: the record of these is in no roster.
    """
    u, journal, outbox, ledger = (each.c for each in (tables.users, tables.journal, tables.outbox, tables.ledger))
    for (own,) in tx.execute(select(u.scores_on).where(u.ref.in_(refs), u.scores_on.is_not(None))).all():
        ref = Ref.parse(own)
        here = [
            (c.connection == ref.connection, c.object == ref.object, c.key == ref.id) for c in (journal, outbox, ledger)
        ]
        words = journal.because.in_((BY_PAGE, ANSWERED))
        said = {str(field) for (field,) in tx.execute(select(journal.field).where(*here[0], words))}
        tx.execute(delete(tables.journal).where(*here[0], words))
        tx.execute(delete(tables.outbox).where(*here[1], outbox.because.in_((BY_PAGE, ANSWERED))))
        tx.execute(delete(tables.ledger).where(*here[2], ledger.field.in_(said)))


def forget_vanished(tx: Connection, refs: Sequence[Ref], at: datetime, draw: Callable[[], str]) -> int:
    """Logins that a CRM deleted for good are forgotten without being asked; returns how many there were."""
    u = tables.users.c
    forgotten = 0
    for ref in refs:
        row = tx.execute(select(u.name, u.email, u.person, u.former).where(u.ref == str(ref))).first()
        if row is not None and not row.name.startswith(SOMEBODY):
            one = Person(
                row.person,
                row.name,
                row.email,
                (ref,),
                active=False,
                starts_on=None,
                ends_on=None,
                assignments=(),
                formerly=_nobodys(tx, addresses(row.former)),
            )
            forget(tx, one, at, draw())
            forgotten += 1
    return forgotten


def _nobodys(tx: Connection, former: Sequence[str]) -> tuple[str, ...]:
    """Former addresses, without those that somebody has today."""
    email = tables.users.c.email
    taken = set(tx.execute(select(email).where(email.in_(former))).scalars())
    return tuple(each for each in former if each not in taken)


def unnamed(tx: Connection, records: Sequence[Record]) -> list[Record]:
    """Records on their way into the store; whoever was forgotten comes back without name and address, or not at all."""
    if not any(isinstance(each, User | Reading) for each in records):
        return list(records)
    known = pseudonyms.known(tx)
    if not known:
        return list(records)
    salt = counter(tx, "store")
    found: list[Record] = []
    for each in records:
        if isinstance(each, User):
            found.append(_unnamed(each, known.get(pseudonyms.salted(salt, str(each.ref)))))
        elif not (isinstance(each, Reading) and _names_one_of(each, known, salt)):
            found.append(each)
    return found


def _unnamed(user: User, pseudonym: str | None) -> User:
    return user if pseudonym is None else replace(user, name=pseudonym, email=None, active=False)


def _names_one_of(row: Reading, known: Mapping[str, str], salt: int) -> bool:
    """Whether a row of a table names somebody who was forgotten: it stays out, whatever the file says."""
    return any(
        isinstance(each, str) and pseudonyms.salted(salt, each.strip().lower()) in known for each in row.values.values()
    )


def _theirs(table: Table, person: Person, refs: Sequence[str]) -> Any:  # noqa: ANN401  (a condition)
    """Rows that carry a person's id or login, or in which their name or address stands."""
    c = table.c
    chosen = [c[name] == person.id for name in ("person", "subject_id") if name in c]
    login = {"users": "ref", "sightings": "user"}.get(table.name)
    chosen += [c[login].in_(refs)] if login else []
    if table is tables.readings:
        chosen += [c["values"].contains(f'"{ref}"', autoescape=True) for ref in refs]
    texts = {"readings": ("values",), "users": ("name", "email", "former"), **_TEXTS}.get(table.name, ())
    for word in filter(None, (person.name, *person.addresses)):
        if table.name not in _RECORDS or is_whole(word):
            chosen += [c[name].contains(word, autoescape=True) for name in texts]
    return or_(false(), *chosen)


def _tables() -> dict[str, Table]:
    names = ("users", "sightings", "readings", "targets", "scores", "cards", "alerts", "locked_credits", "true_ups")
    return {name: getattr(tables, name) for name in (*names, *(each for each in _TEXTS if each not in names))}

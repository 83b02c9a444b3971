"""What we know about a person, and how it is forgotten: names and addresses go, a pseudonym stays in what was locked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, false, func, or_, select, update

from connector.model.notes import ANSWERED, BY_PAGE
from connector.model.people import Person
from connector.model.records import RecordKind, Ref
from connector.store import nameless, pseudonyms, streams, tables, written
from connector.store import outbox as queue
from connector.store.entries import State
from connector.store.nameless import Files
from connector.store.pseudonyms import SOMEBODY
from connector.store.renaming import Word, is_whole, rename, words
from connector.store.rows import addresses, lines
from connector.store.upsert import next_changes

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
    named = _handles(tx, person, refs)
    found = [
        Found(name, tuple(map(dict, tx.execute(select(table).where(_theirs(table, person, refs, named))).mappings())))
        for name, table in _tables().items()
    ]
    return [each for each in found if each.rows]


def forget(tx: Connection, person: Person, at: datetime, drawn: str, files: Files) -> dict[str, int]:
    """Take a person's name, address and texts out of everything; returns how many rows of each table were touched.

    Numbers stay under a pseudonym, so that neither locked results nor open periods change: until the CRM switches their
    login off they are there as before. It is made of `drawn`, 12 hex digits by lot, and follows from no name or address:
    what still leads to it is the login in the CRM, by which we know them when it comes again. In a ledger, the CRM's key
    of a row that it shows stays as the CRM has it. What somebody living is called stays everywhere: a name that two have,
    and that of whoever has another login.
    """
    pseudonym, new_id = pseudonyms.pseudonym(drawn), f"p_{drawn}"
    refs = [str(each) for each in person.identities]
    named = _handles(tx, person, refs)
    touched: dict[str, int] = {}
    for name, table in _tables().items():
        count = int(
            tx.execute(select(func.count()).select_from(table).where(_theirs(table, person, refs, named))).scalar() or 0
        )
        if count:
            touched[name] = count
    alone = not _has_another_login(tx, person, refs)
    written.let_go(tx, person)
    users = tables.users.c
    nobody = {"name": pseudonym, "email": None, "former": "", "former_names": "", "person": new_id}
    records = written.own_records(tx, person)
    own = _own(person, refs, named, records)
    tx.execute(update(tables.users).where(users.ref.in_(refs)).values(**nobody, change_seq=next_changes(tx, 1)))
    _take_back_notes(tx, refs)
    left = _living_names(tx)
    named = [each for each in named if each.lower() not in left]
    gone = words(named, pseudonym, (person.id, new_id) if alone else None)
    if alone:
        for table in (tables.outbox, tables.journal):
            has_one = table.c.subject != ""
            tx.execute(
                update(table).where(has_one, written.called_by(table, person, records)).values(subject=pseudonym)
            )
    for name, columns in _TEXTS.items():
        rename(tx, _tables()[name], columns, gone, own.get(name, false()))
    if alone:
        _renumber(tx, person.id, new_id)
    pseudonyms.keep(tx, [*refs, *named, *([person.id] if alone else [])], pseudonym, at)
    nameless.rewrite(tx, pseudonyms.known(tx), files, gone)
    pseudonyms.count(tx)
    return touched


def recall(tx: Connection, handle: str) -> str | None:
    """The pseudonym of whoever was forgotten and had this address, name or login, or has this id; None: nobody."""
    everybody = pseudonyms.everybody(tx)
    pseudonym = everybody.get(handle, handle)
    return pseudonym if pseudonym in everybody.values() else pseudonyms.known(tx).called(handle)


def take_back(tx: Connection, pseudonym: str) -> int:
    """Somebody who was forgotten is known again, under the id that their numbers have; returns how many logins they have.

    Their names come with the next pull, which reads users anew; what was taken out of texts does not come back.
    """
    u = tables.users.c
    refs = [Ref.parse(each) for each in tx.execute(select(u.ref).where(u.name == pseudonym)).scalars()]
    pseudonyms.let_go(tx, pseudonym)
    s = tables.streams.c
    for connection in dict.fromkeys(each.connection for each in refs):
        sources = select(s.source).where(s.connection == connection, s.source.startswith(f"{RecordKind.USER.value}/"))
        for source in tx.execute(sources).scalars().all():
            streams.forget(tx, connection, source)
    return len(refs)


def in_use(tx: Connection) -> list[tuple[Ref, str]]:
    """Logins that a CRM has switched on, of people who were forgotten; each with the pseudonym."""
    u = tables.users.c
    chosen = select(u.ref, u.name).where(
        u.active, u.deleted_at.is_(None), u.name.in_(pseudonyms.everybody(tx).values())
    )
    return [(Ref.parse(ref), name) for ref, name in tx.execute(chosen.order_by(u.ref))]


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


def _handles(tx: Connection, person: Person, refs: Sequence[str]) -> list[str]:
    """Every name and address that they have or had, in any login."""
    u = tables.users.c
    found = [person.name, *person.addresses]
    for ref, name, email, names in tx.execute(select(u.ref, u.name, u.email, u.former_names).where(u.ref.in_(refs))):
        found += [each for each in (name, email, *lines(names)) if each and each != Ref.parse(ref).id]
    return list(dict.fromkeys(each for each in found if each))


def _living_names(tx: Connection) -> frozenset[str]:
    """What somebody else is called today: it is not taken from them."""
    return pseudonyms.living(tx, pseudonyms.everybody(tx).values())


def _own(
    person: Person, refs: Sequence[str], named: Sequence[str], records: Sequence[Ref]
) -> Mapping[str, ColumnElement[bool]]:
    """Rows about a person, by table; of the others none is. `records`: that carry their numbers."""
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
    found["closings"] = by.in_([each.lower() for each in named])
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


def forget_vanished(tx: Connection, refs: Sequence[Ref], at: datetime, draw: Callable[[], str], files: Files) -> int:
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
            forget(tx, one, at, draw(), files)
            tx.execute(update(tables.users).where(u.ref == str(ref)).values(active=False))
            forgotten += 1
    return forgotten


def _nobodys(tx: Connection, former: Sequence[str]) -> tuple[str, ...]:
    """Former addresses, without those that somebody has today."""
    email = tables.users.c.email
    taken = set(tx.execute(select(email).where(email.in_(former))).scalars())
    return tuple(each for each in former if each not in taken)


def _theirs(table: Table, person: Person, refs: Sequence[str], named: Sequence[str]) -> Any:  # noqa: ANN401  (a condition)
    """Rows that carry a person's id or login, or in which a name or address of theirs stands."""
    c = table.c
    chosen = [c[name] == person.id for name in ("person", "subject_id") if name in c]
    login = {"users": "ref", "sightings": "user"}.get(table.name)
    chosen += [c[login].in_(refs)] if login else []
    if table is tables.readings:
        chosen += [c["values"].contains(f'"{ref}"', autoescape=True) for ref in (*refs, person.id)]
    texts = {"readings": ("values",), "users": ("name", "email", "former", "former_names"), **_TEXTS}.get(
        table.name, ()
    )
    for word in named:
        if table.name not in _RECORDS or is_whole(word):
            chosen += [c[name].icontains(word, autoescape=True) for name in texts]
    return or_(false(), *chosen)


def _tables() -> dict[str, Table]:
    names = ("users", "sightings", "readings", "targets", "scores", "cards", "alerts", "locked_credits", "true_ups")
    return {name: getattr(tables, name) for name in (*names, *(each for each in _TEXTS if each not in names))}

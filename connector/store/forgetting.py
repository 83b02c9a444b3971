"""What we know about a person, and how it is forgotten: names and addresses go, a pseudonym stays in what was locked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, or_, select, update

from connector.model.notes import ANSWERED, BY_PAGE
from connector.model.people import Person
from connector.model.records import Reading, Record, Ref, User
from connector.normalise.people import person_id
from connector.store import tables
from connector.store.upsert import counter, next_changes

# Texts in which a name may stand, by table: emptied, or replaced by the pseudonym.
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "outbox": ("subject", "fields", "because"),
    "journal": ("subject", "value", "prior"),
    "ledger": ("value", "prior", "edited"),
    "alerts": ("title", "text"),
    "rejections": ("reason",),
    "targets": ("steps", "source"),
    "decisions": ("reason",),
    "runs": ("summary", "error"),
}


SOMEBODY = "Somebody"


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


def forget(tx: Connection, person: Person, at: datetime) -> dict[str, int]:
    """Take a person's name, address and texts out of everything; returns how many rows of each table were touched.

    Numbers stay under the pseudonym, which nobody can lead back: locked results must not change.
    """
    pseudonym = f"{SOMEBODY} ({person.id.removeprefix('p_')[:6]})"
    refs = [str(each) for each in person.identities]
    touched: dict[str, int] = {}
    for name, table in _tables().items():
        count = int(
            tx.execute(select(func.count()).select_from(table).where(_theirs(table, person, refs))).scalar() or 0
        )
        if count:
            touched[name] = count
    users = tables.users.c
    first = next_changes(tx, 1)
    nobody = {"name": pseudonym, "email": None, "active": False, "change_seq": first}
    tx.execute(update(tables.users).where(users.ref.in_(refs)).values(**nobody))
    tx.execute(delete(tables.readings).where(_theirs(tables.readings, person, refs)))
    _take_back_notes(tx, refs)
    for name, columns in _TEXTS.items():
        _renamed(tx, _tables()[name], columns, person, pseudonym)
    handles = [str(each) for each in person.identities] + [each.lower() for each in (person.name, person.email) if each]
    known = [_digest(tx, each) for each in handles]
    tx.execute(delete(tables.forgotten).where(tables.forgotten.c.digest.in_(known)))
    if known:
        rows = [{"digest": each, "pseudonym": pseudonym, "at": at} for each in known]
        tx.execute(insert(tables.forgotten), rows)
    return touched


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


def forget_vanished(tx: Connection, refs: Sequence[Ref], at: datetime) -> int:
    """Logins that a CRM deleted for good are forgotten without being asked; returns how many there were."""
    u = tables.users.c
    forgotten = 0
    for ref in refs:
        row = tx.execute(select(u.name, u.email).where(u.ref == str(ref))).first()
        if row is not None and not row.name.startswith(SOMEBODY):
            one = Person(
                person_id(row.email, ref),
                row.name,
                row.email,
                (ref,),
                active=False,
                starts_on=None,
                ends_on=None,
                assignments=(),
            )
            forget(tx, one, at)
            forgotten += 1
    return forgotten


def unnamed(tx: Connection, records: Sequence[Record]) -> list[Record]:
    """Records on their way into the store; whoever was forgotten comes back without name and address, or not at all."""
    if not any(isinstance(each, User | Reading) for each in records):
        return list(records)
    f = tables.forgotten.c
    known = {str(digest): str(name) for digest, name in tx.execute(select(f.digest, f.pseudonym))}
    if not known:
        return list(records)
    salt = counter(tx, "store")
    found: list[Record] = []
    for each in records:
        if isinstance(each, User):
            found.append(_unnamed(each, known.get(_salted(salt, str(each.ref)))))
        elif not (isinstance(each, Reading) and _names_one_of(each, known, salt)):
            found.append(each)
    return found


def _unnamed(user: User, pseudonym: str | None) -> User:
    return user if pseudonym is None else replace(user, name=pseudonym, email=None, active=False)


def _names_one_of(row: Reading, known: Mapping[str, str], salt: int) -> bool:
    """Whether a row of a table names somebody who was forgotten: it stays out, whatever the file says."""
    return any(isinstance(each, str) and _salted(salt, each.strip().lower()) in known for each in row.values.values())


def _digest(tx: Connection, handle: str) -> str:
    """Salted with this store's own number: the digest of a login says nothing elsewhere."""
    return _salted(counter(tx, "store"), handle)


def _salted(salt: int, handle: str) -> str:
    return hashlib.sha256(f"{salt}:{handle}".encode("utf-8", "surrogatepass")).hexdigest()


def _renamed(tx: Connection, table: Table, columns: Sequence[str], person: Person, pseudonym: str) -> None:
    for column in (table.c[name] for name in columns):
        for word in filter(None, (person.name, person.email)):
            named = update(table).where(column.contains(word, autoescape=True))
            tx.execute(named.values({column.name: func.replace(column, word, pseudonym)}))


def _theirs(table: Table, person: Person, refs: Sequence[str]) -> Any:  # noqa: ANN401  (a condition)
    """Rows that carry a person's id or login, or in which their name or address stands."""
    c = table.c
    chosen = [c[name] == person.id for name in ("person", "subject_id") if name in c]
    login = {"users": "ref", "sightings": "user"}.get(table.name)
    chosen += [c[login].in_(refs)] if login else []
    if table is tables.readings:
        chosen += [c["values"].contains(f'"{ref}"', autoescape=True) for ref in refs]
    texts = {"readings": ("values",), "users": ("name", "email"), **_TEXTS}.get(table.name, ())
    for word in filter(None, (person.name, person.email)):
        chosen += [c[name].contains(word, autoescape=True) for name in texts]
    return or_(*chosen)


def _tables() -> dict[str, Table]:
    names = ("users", "sightings", "readings", "targets", "scores", "cards", "alerts", "locked_credits", "true_ups")
    return {name: getattr(tables, name) for name in (*names, *(each for each in _TEXTS if each not in names))}

"""What we wrote into a CRM about a person, or are about to: which rows these are, and how those that wait are let go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, or_, select, update

from connector.model.people import Person
from connector.model.records import Ref
from connector.store import entries as stored
from connector.store import tables
from connector.store.entries import UNDER_WAY, WAITING, Entry, State

FORGOTTEN = "whom this is about is forgotten: it is not sent again"  # the reason of an entry that may have left


def own_records(tx: Connection, person: Person) -> list[Ref]:
    """The records of a CRM that carry their numbers: their login, or the one that stands for it."""
    return list(dict.fromkeys((*person.identities, *carriers(tx, map(str, person.identities)))))


def carriers(tx: Connection, logins: Iterable[str]) -> list[Ref]:
    """The records that stand for these logins, where that is not the login itself."""
    u = tables.users.c
    found = tx.execute(select(u.scores_on).where(u.ref.in_(list(logins)), u.scores_on.is_not(None))).scalars()
    return list(map(Ref.parse, found))


def standing_in(table: Table, records: Iterable[Ref]) -> list[ColumnElement[bool]]:
    """Rows of ours in each of these records."""
    c = table.c
    return [and_(c.connection == ref.connection, c.object == ref.object, c.key == ref.id) for ref in records]


def about(table: Table, person: Person, own: Sequence[Ref]) -> ColumnElement[bool]:
    """Rows of ours about them: in their own record, under a key that has their id, or that an alert of theirs has."""
    alerts = tables.alerts.c
    return _ours(table, person, own, or_(alerts.person == person.id, alerts.subject_id == person.id))


def called_by(table: Table, person: Person, own: Sequence[Ref]) -> ColumnElement[bool]:
    """Those that are called by their name: of alerts the ones told to them, since others are called by a reader's."""
    return _ours(table, person, own, tables.alerts.c.person == person.id)


def _ours(table: Table, person: Person, own: Sequence[Ref], alerts: ColumnElement[bool]) -> ColumnElement[bool]:
    c, told = table.c, select(tables.alerts.c.key).where(alerts)
    return or_(c.key.contains(f":{person.id}:", autoescape=True), c.key.in_(told), *standing_in(table, own))


def told_about(tx: Connection, people: Iterable[str]) -> list[str]:
    """The keys of alerts about these people, or told to them."""
    a, ids = tables.alerts.c, list(people)
    return list(tx.execute(select(a.key).where(or_(a.person.in_(ids), a.subject_id.in_(ids)))).scalars())


def let_go(tx: Connection, person: Person) -> None:
    """Nothing new is written about them: what waits is let go, and the next cycle wishes anew where it still may.

    What may have left is looked up as ever, and is not sent again where it did not arrive. What takes our words away stays.
    """
    o = tables.outbox.c
    theirs = about(tables.outbox, person, own_records(tx, person))
    for entry in stored.chosen(tx, theirs, o.state.in_((*WAITING, *UNDER_WAY))):
        if _stays(entry):
            continue
        if entry.state in UNDER_WAY:
            tx.execute(update(tables.outbox).where(stored.is_entry(entry)).values(reason=FORGOTTEN))
        else:
            tx.execute(delete(tables.outbox).where(stored.is_entry(entry)))


def let_go_unarrived(tx: Connection, connection: str) -> None:
    """The same of what may have left when they were forgotten, once it was looked up."""
    o = tables.outbox.c
    for entry in stored.chosen(tx, o.connection == connection, o.state == State.PENDING, o.reason == FORGOTTEN):
        if not _stays(entry):
            tx.execute(delete(tables.outbox).where(stored.is_entry(entry)))


def _stays(entry: Entry) -> bool:
    """What takes away what we wrote; and an alert that stands in the CRM, so that it may still be taken back."""
    return entry.change.gone or entry.is_told or (entry.change.empties and not entry.change.once)

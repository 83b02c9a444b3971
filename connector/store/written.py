"""What we wrote into a CRM about a person, or are about to: which rows these are, and how those that wait are let go."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, or_, select, update

from connector.model.people import Person
from connector.model.records import Ref
from connector.store import entries as stored
from connector.store import tables
from connector.store.entries import Entry, State

FORGOTTEN = "whom this is about is forgotten: it is not sent again"  # the reason of an entry that may have left
_WAITING = (State.HELD, State.PENDING, State.RETRY_WAIT, State.FAILED, State.KEPT, State.DEAD, State.DISCARDED)
_LEFT = (State.SENDING, State.UNKNOWN)


def own_records(tx: Connection, person: Person) -> list[Ref]:
    """The records of a CRM that carry their numbers: their login, or the one that stands for it."""
    u = tables.users.c
    refs = [str(each) for each in person.identities]
    carriers = tx.execute(select(u.scores_on).where(u.ref.in_(refs), u.scores_on.is_not(None))).scalars()
    return list(dict.fromkeys((*person.identities, *map(Ref.parse, carriers))))


def about(table: Table, person: Person, own: Sequence[Ref]) -> ColumnElement[bool]:
    """Rows of ours about them: in their own record, under a key that has their id, or that an alert of theirs has."""
    c, alerts = table.c, tables.alerts.c
    told = select(alerts.key).where(or_(alerts.person == person.id, alerts.subject_id == person.id))
    theirs = (and_(c.connection == ref.connection, c.object == ref.object, c.key == ref.id) for ref in own)
    return or_(c.key.contains(f":{person.id}:", autoescape=True), c.key.in_(told), *theirs)


def let_go(tx: Connection, person: Person) -> None:
    """Nothing new is written about them: what waits is let go, and the next cycle wishes anew where it still may.

    What may have left is looked up as ever, and is not sent again where it did not arrive. What takes our words away stays.
    """
    o = tables.outbox.c
    theirs = about(tables.outbox, person, own_records(tx, person))
    for entry in stored.chosen(tx, theirs, o.state.in_((*_WAITING, *_LEFT))):
        if _stays(entry):
            continue
        if entry.state in _LEFT:
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
    nothing = all(value is None for value in entry.change.fields.values())
    return entry.change.gone or entry.is_told or (nothing and not entry.change.once)

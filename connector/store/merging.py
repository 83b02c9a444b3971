"""Records that were merged into others: they leave, their past with them, and what is known of them goes to the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, or_, select, update

from connector.model.records import NOTES, Outcome, RecordKind, Ref
from connector.store import tables
from connector.store.records import WORDS, pointers
from connector.store.rows import TABLES
from connector.store.upsert import AT_CLOSE, chunks, next_changes

# The moment on the tombstone of what lives on in another record: before anything was. The other one has its past, and a
# deal that stood there beside it would count twice in every look at how things stood.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def not_yet(tx: Connection, kind: RecordKind, refs: Iterable[Ref]) -> list[Ref]:
    """Which of these we hold, and do not know to be merged: those that are buried for another reason are among them."""
    c = TABLES[kind].c
    found: list[Ref] = []
    for some in chunks(map(str, refs)):
        chosen = select(c.ref).where(c.ref.in_(some), or_(c.deleted_at.is_(None), c.deleted_at != NEVER))
        found += map(Ref.parse, tx.execute(chosen).scalars())
    return found


def bury(tx: Connection, kind: RecordKind, refs: Sequence[Ref]) -> int:
    """Tombstones, as if they had never been; returns how many were alive."""
    table, alive = TABLES[kind], 0
    for some in chunks(map(str, refs)):
        held = select(table.c.ref).where(table.c.ref.in_(some), table.c.deleted_at.is_(None))
        alive += len(tx.execute(held).all())
        gone = update(table).where(table.c.ref.in_(some))
        tx.execute(gone.values(deleted_at=NEVER, change_seq=next_changes(tx, 1), **WORDS.get(table, {})))
    return alive


def left_pointing(tx: Connection, gone: Iterable[Ref]) -> list[Ref]:
    """Deals and activities that are alive and belong to one of these."""
    found: set[str] = set()
    for some in chunks(map(str, gone)):
        for table in (tables.deals, tables.activities):
            c = table.c
            at_them = or_(*(c[name].in_(some) for name in pointers(table)))
            found.update(tx.execute(select(c.ref).where(at_them, c.deleted_at.is_(None))).scalars())
    return [Ref.parse(each) for each in sorted(found)]


def notes_on(tx: Connection, record: Ref) -> list[Ref]:
    """Notes that were typed into a record and are alive: the record that is left has them among its own versions."""
    r = tables.readings.c
    start = f"{record.connection}:{record.object}.notes/{record.id}-"
    held = select(r.ref).where(
        r.file_table == f"{record.connection}.{NOTES}",
        r.ref.startswith(start, autoescape=True),
        r.deleted_at.is_(None),
    )
    return [Ref.parse(each) for each in tx.execute(held).scalars()]


def keep_who_closed(tx: Connection, into: Ref, merged: Sequence[Ref]) -> None:
    """Who and where a deal was when it closed, where what was merged into it agrees on that, and it is closed itself."""
    d = tables.deals.c
    closed = [d[name] for name in AT_CLOSE]
    told = tx.execute(select(*closed).where(d.ref.in_(map(str, merged)), d.outcome != Outcome.OPEN.value)).all()
    agreed = {
        name: values.pop()
        for name, values in zip(
            AT_CLOSE, ({each for each in one if each} for one in zip(*told, strict=True)), strict=False
        )
        if len(values) == 1
    }
    if agreed:
        its = update(tables.deals).where(d.ref == str(into), d.outcome != Outcome.OPEN.value)
        tx.execute(its.values(change_seq=next_changes(tx, 1), **agreed))


def hand_over(tx: Connection, into: Ref, merged: Sequence[Ref], key_field: str) -> None:
    """What we wrote into merged records is what the one that is left shows, field by field.

    Where two of them had something else in a field, nobody tells which of it is left: it is nobody's then, and written anew.
    """
    c = tables.ledger.c
    theirs = (c.connection == into.connection, c.object == into.object, c.key_field == key_field)
    rows = tx.execute(select(tables.ledger).where(*theirs, c.key.in_([each.id for each in merged]))).mappings().all()
    held = set(tx.execute(select(c.field).where(*theirs, c.key == into.id)).scalars())
    by_field: dict[str, Mapping[str, object]] = {}
    for row in rows:
        by_field.setdefault(row["field"], dict(row))
    told = {name: {(row["value"], row["edited"]) for row in rows if row["field"] == name} for name in by_field}
    moved = [
        {**row, "key": into.id, "remote_id": into.id}
        for name, row in by_field.items()
        if name not in held and len(told[name]) == 1
    ]
    if moved:
        tx.execute(insert(tables.ledger), moved)
    if rows:
        gone = [each.id for each in merged if each.id != into.id]
        tx.execute(delete(tables.ledger).where(*theirs, c.key.in_(gone)))

"""Records that a CRM said have changed, until they were read. Losing one loses nothing but minutes: polling finds it too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from connector.model.hints import Hint
from connector.store import tables
from connector.store.upsert import insert_into

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hint, and when it was last given."""

    hint: Hint
    heard_at: datetime


def note(tx: Connection, connection: str, hints: Iterable[Hint], at: datetime) -> None:
    """Keep them; a record that was hinted at already waits with its newest moment."""
    rows = [{"connection": connection, "object": each.object, "id": each.id, "heard_at": at} for each in sorted(hints)]
    for start in range(0, len(rows), AT_ONCE):
        insert = insert_into(tx, tables.hints).values(rows[start : start + AT_ONCE])
        key = ["connection", "object", "id"]
        tx.execute(insert.on_conflict_do_update(index_elements=key, set_={"heard_at": insert.excluded.heard_at}))


def waiting(tx: Connection, connection: str) -> list[Waiting]:
    """The oldest ones, as many as are well read together."""
    h = tables.hints.c
    rows = tx.execute(
        select(h.object, h.id, h.heard_at)
        .where(h.connection == connection)
        .order_by(h.heard_at, h.object, h.id)
        .limit(AT_ONCE)
    )
    return [Waiting(Hint(row.object, row.id), row.heard_at) for row in rows]


def settle(tx: Connection, connection: str, read: Sequence[Waiting]) -> None:
    """They were read; one that was given again meanwhile stays."""
    h = tables.hints.c
    for each in read:
        tx.execute(
            delete(tables.hints).where(
                h.connection == connection,
                h.object == each.hint.object,
                h.id == each.hint.id,
                h.heard_at == each.heard_at,
            )
        )


def count(tx: Connection, connection: str) -> int:
    """How many wait."""
    h = tables.hints.c
    return int(tx.execute(select(func.count()).where(h.connection == connection)).scalar_one())

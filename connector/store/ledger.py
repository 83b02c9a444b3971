"""What each CRM last confirmed to show, field by field: the other half of every plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from connector.model.changes import Change, Row, Value
from connector.model.records import Scalar
from connector.store import tables
from connector.store.typed import dump, load
from connector.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A change that the CRM confirmed."""

    change: Change
    remote_id: str | None


def shown(tx: Connection, connection: str) -> Mapping[Row, Mapping[str, Value]]:
    """The last confirmed values of each row of ours, with their types; never-written fields are absent."""
    c = tables.ledger.c
    chosen = select(c.object, c.key_field, c.key, c.field, c.value).where(c.connection == connection)
    found: dict[Row, dict[str, Value]] = defaultdict(dict)
    for object_, key_field, key, field, value in tx.execute(chosen):
        found[Row(connection, object_, key_field, key)][field] = as_value(load(value))
    return dict(found)


def remote_id(tx: Connection, row: Row) -> str | None:
    """The CRM's own id of a row that it confirmed; None: it never did, or did not say."""
    c = tables.ledger.c
    chosen = select(c.remote_id).where(*_named(row), c.remote_id.is_not(None)).order_by(c.acked_at.desc())
    return tx.execute(chosen.limit(1)).scalar()


def acknowledge(tx: Connection, done: Sequence[Acknowledged], run_id: str, at: datetime) -> None:
    """Note what a CRM confirmed; the value shown before stays beside it, for undo."""
    rows = [
        {
            **columns(each.change.row),
            "field": name,
            "value": dump(value),
            "prior": None,
            "remote_id": each.remote_id,
            "run_id": run_id,
            "acked_at": at,
        }
        for each in done
        for name, value in each.change.fields.items()
    ]
    if not rows:
        return
    insert = insert_into(tx, tables.ledger)
    new, old = insert.excluded, tables.ledger.c
    again = {
        "value": new.value,
        "prior": old.value,
        "remote_id": func.coalesce(new.remote_id, old.remote_id),  # an update may come back without it
        "run_id": new.run_id,
        "acked_at": new.acked_at,
    }
    tx.execute(insert.on_conflict_do_update(index_elements=list(tables.ledger.primary_key), set_=again), rows)


def columns(row: Row) -> dict[str, str]:
    """A row of a CRM as the columns that name it."""
    return {"connection": row.connection, "object": row.object, "key_field": row.key_field, "key": row.key}


def _named(row: Row) -> list[ColumnElement[bool]]:
    return [tables.ledger.c[name] == value for name, value in columns(row).items()]


def as_value(value: Scalar) -> Value:
    """A stored value as one that CRMs are told; raises TypeError for a float, which never is."""
    if isinstance(value, float):
        raise TypeError("a float was never written to a CRM")
    return value

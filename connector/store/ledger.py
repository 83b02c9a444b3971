"""What each CRM last confirmed to show, field by field: the other half of every plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select

from connector.model.changes import Change, Row, Value
from connector.model.records import Scalar
from connector.store import tables
from connector.store.typed import dump, load
from connector.store.upsert import chunks, insert_into


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A change that the CRM confirmed."""

    change: Change
    remote_id: str | None
    kept: Mapping[str, Value] = field(default_factory=dict)  # fields that a person keeps, with what they put there


@dataclass(frozen=True, slots=True)
class Known:
    """What we last settled on for a field."""

    value: Value  # what we wanted it to show
    edited: Value = None  # what a person keeps there instead; None: it shows ours


def shown(tx: Connection, connection: str) -> Mapping[Row, Mapping[str, Value]]:
    """The last confirmed values of each row of ours, with their types; never-written fields are absent."""
    c = tables.ledger.c
    chosen = select(c.object, c.key_field, c.key, c.field, c.value).where(c.connection == connection)
    found: dict[Row, dict[str, Value]] = defaultdict(dict)
    for object_, key_field, key, name, value in tx.execute(chosen):
        found[Row(connection, object_, key_field, key)][name] = as_value(load(value))
    return dict(found)


def known(tx: Connection, rows: Sequence[Row]) -> Mapping[Row, Mapping[str, Known]]:
    """What was settled on for each field of these rows; rows never written to are absent."""
    c = tables.ledger.c
    found: dict[Row, dict[str, Known]] = defaultdict(dict)
    by_place: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        by_place[row.connection, row.object, row.key_field].append(row.key)
    for (connection, object_, key_field), keys in by_place.items():
        for some in chunks(keys):
            named = (c.connection == connection, c.object == object_, c.key_field == key_field, c.key.in_(some))
            for each in tx.execute(select(c.key, c.field, c.value, c.edited).where(*named)):
                edited = None if each.edited is None else as_value(load(each.edited))
                row = Row(connection, object_, key_field, each.key)
                found[row][each.field] = Known(as_value(load(each.value)), edited)
    return dict(found)


def forget(tx: Connection, rows: Sequence[Row]) -> None:
    """A record of ours is gone: nothing of it is shown any more."""
    for row in rows:
        tx.execute(delete(tables.ledger).where(*_named(row)))


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
            "edited": dump(each.kept[name]) if name in each.kept else None,
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
        "edited": new.edited,
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

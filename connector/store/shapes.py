"""How the fields of each source were when it was read: what a later read holds the CRM's description against."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from connector.store import tables
from connector.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class FieldWas:
    """A field as it was described."""

    type: str  # the CRM's own word
    choices: tuple[str, ...] = ()  # those that were offered; empty: it is no list


@dataclass(frozen=True, slots=True)
class Shape:
    """What a source was read by."""

    mapping: str  # a fingerprint of what the mapping said of it when all of it was read
    fields: Mapping[str, FieldWas]  # by the CRM's names
    drift: str = ""  # why it pauses; empty: it does not
    wanted: str = ""  # the mapping by which all of it is to be read once more; empty: it is not


def of(tx: Connection, connection: str, source: str) -> Shape | None:
    """None: it was never read, or by a version that did not note it."""
    s = tables.shapes.c
    chosen = select(s.mapping, s.fields, s.drift, s.wanted).where(s.connection == connection, s.source == source)
    found = tx.execute(chosen).first()
    if found is None:
        return None
    fields = {name: FieldWas(each[0], tuple(each[1])) for name, each in json.loads(found.fields).items()}
    return Shape(found.mapping, fields, found.drift, found.wanted)


def keep(tx: Connection, connection: str, source: str, shape: Shape, at: datetime) -> None:
    """Note it, in the place of what was noted before."""
    told = json.dumps({name: [each.type, each.choices] for name, each in sorted(shape.fields.items())})
    values = {"mapping": shape.mapping, "fields": told, "drift": shape.drift, "wanted": shape.wanted, "since": at}
    insert = insert_into(tx, tables.shapes).values(connection=connection, source=source, **values)
    tx.execute(insert.on_conflict_do_update(index_elements=["connection", "source"], set_=values))


def forget(tx: Connection, connection: str, source: str) -> None:
    """It is read for the first time again."""
    s = tables.shapes.c
    tx.execute(delete(tables.shapes).where(s.connection == connection, s.source == source))

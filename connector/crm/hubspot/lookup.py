"""Reading back: what records show now, and which of them exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from connector.crm.hubspot.portal import BATCH, Portal
from connector.crm.hubspot.values import inward
from connector.crm.hubspot.wire import Found
from connector.model.changes import Row, Value


def current(portal: Portal, rows: Sequence[Row], fields: Sequence[str]) -> dict[Row, dict[str, Value]]:
    """What HubSpot shows, as text or None, rich text as its lines.

    Rows that do not exist are absent, properties that do not are left out.
    """
    found = _read(portal, rows, fields)
    known = {obj: _known(portal, obj, found, fields) for obj in {row.object for row in found}}
    return {
        row: {name: inward(name, record.properties.get(name)) for name in fields if name in known[row.object]}
        for row, record in found.items()
    }


def _known(portal: Portal, obj: str, found: Mapping[Row, Found], fields: Sequence[str]) -> Collection[str]:
    """The fields that the object has. HubSpot says nothing of names that it does not know, when it is read."""
    shown = {name for row, record in found.items() if row.object == obj for name in record.properties}
    return fields if shown.issuperset(fields) else portal.definitions(obj)


def look_up(portal: Portal, rows: Sequence[Row]) -> dict[Row, str]:
    """Record ids of the rows that exist."""
    return {row: record.id for row, record in _read(portal, rows, ()).items()}


def _read(portal: Portal, rows: Sequence[Row], fields: Sequence[str]) -> Mapping[Row, Found]:
    found: dict[Row, Found] = {}
    for obj, key_field, own in dict.fromkeys((row.object, row.key_field, row.by_own_id) for row in rows):
        if not portal.has(obj):
            continue
        by_key = {row.key.lower(): row for row in rows if (row.object, row.key_field) == (obj, key_field)}
        keys = [row.key for row in by_key.values()]
        id_property = "" if own else key_field
        asked = [*fields, id_property] if id_property else fields
        for start in range(0, len(keys), BATCH):
            batch = portal.read(obj, keys[start : start + BATCH], asked, id_property=id_property)
            for record in batch.records:
                key = record.properties.get(key_field) if id_property else record.id
                row = by_key.get((key or "").lower())
                if row:
                    found[row] = record
    return found

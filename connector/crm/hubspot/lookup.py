"""Reading back: what records show now, and which of them exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.crm.hubspot.portal import BATCH, Portal
from connector.crm.hubspot.values import inward
from connector.crm.hubspot.wire import Found
from connector.model.changes import Row, Value


def current(portal: Portal, rows: Sequence[Row], fields: Sequence[str]) -> dict[Row, dict[str, Value]]:
    """What HubSpot shows, as text or None, rich text as its lines; rows that do not exist are absent."""
    found = _read(portal, rows, fields)
    return {row: {name: inward(name, record.properties.get(name)) for name in fields} for row, record in found.items()}


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

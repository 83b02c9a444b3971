"""The kept versions of a property, newest first and at most twenty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from connector.sandbox.hubspot.computed import expression
from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.moments import stamp_text
from connector.sandbox.hubspot.portal import APP_ID, Portal
from connector.sandbox.hubspot.replies import Json

if TYPE_CHECKING:
    from connector.sandbox.hubspot.records import Record

VERSIONS = 20  # HubSpot keeps about that many; the exact number is not documented


def note(
    portal: Portal, kind: Kind, record_id: int, values: Mapping[str, str], now: int, *, user: int | None = None
) -> None:
    """Write down what a client just set, or the person with this number of a platform user."""
    by = ("INTEGRATION", APP_ID, None) if user is None else ("CRM_UI", f"userId:{user}", user)
    rows = [(kind.number, record_id, name, now, value, *by) for name, value in values.items()]
    portal.store.many("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def write_out(portal: Portal, kind: Kind, record: Record) -> None:
    """The one version of each value that was never changed, as a row of its own."""
    known = {
        row[0]
        for row in portal.store.rows(
            "SELECT DISTINCT property FROM history WHERE kind = ? AND id = ?", (kind.number, record.id)
        )
    }
    rows = [
        (kind.number, record.id, name, record.created, value, "CRM_UI", None, None)
        for name, value in record.properties.items()
        if value and name not in known
    ]
    portal.store.many("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def settle(portal: Portal, kind: Kind, record: Record, now: int) -> None:
    """Of two records' versions the newest may not be what the merged one shows: then the merge has set it.

    Source of the name: the sources that HubSpot's SDK knows of a value.
    """
    newest: dict[str, str] = dict(
        portal.store.rows(
            "SELECT property, value FROM history WHERE kind = ? AND id = ? ORDER BY at, rowid", (kind.number, record.id)
        )
    )
    rows = [
        (kind.number, record.id, name, now, value, "MERGE_OBJECTS", None, None)
        for name, value in record.properties.items()
        if newest.get(name, "") != value
    ]
    portal.store.many("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def of(portal: Portal, kind: Kind, records: Sequence[Record], names: Sequence[str]) -> dict[int, dict[str, list[Json]]]:
    """The versions of the named properties, by record id; unknown names are left out."""
    known = [name for name in names if name in portal.definitions(kind)]
    return {record.id: {name: _versions(portal, kind, record, name) for name in known} for record in records}


def _versions(portal: Portal, kind: Kind, record: Record, name: str) -> list[Json]:
    rows = portal.store.rows(
        "SELECT at, value, source, source_id, user FROM history WHERE kind = ? AND id = ? AND property = ? "
        "ORDER BY at DESC, rowid DESC LIMIT ?",
        (kind.number, record.id, name, VERSIONS),
    )
    if rows:
        return [_version(*row) for row in rows]
    # A value that was never changed has one version: the one it was created with.
    current = record.properties.get(name) if expression(kind, name) is None else None
    return [] if current is None else [_version(record.created, current, "CRM_UI", None, None)]


def _version(at: int, value: str, source: str, source_id: str | None, user: int | None) -> Json:
    version: Json = {"value": value, "timestamp": stamp_text(at), "sourceType": source}
    if source_id is not None:
        version["sourceId"] = source_id
    if user is not None:
        version["updatedByUserId"] = user
    return version

"""Merging: of two records a third is made, which answers to the ids of both.

It has a new id, names both in `hs_merged_object_ids`, shows what the primary one showed and, where that was empty, what the
other one did; the versions of both are its own, and whatever was linked to either is linked to it. Of deals this has been
so since they could be merged at all; of contacts and companies since 2025: what was merged before kept the id of the
primary record, and named the other one only. Sources: HubSpot's changelog, "Deals now support merging" and "Updated merge
functionality for contacts and companies", read November 2026. Not documented, and chosen here: that the older of the two
moments of creation stays, and that the names of earlier merges go along.
"""

from __future__ import annotations

from connector.sandbox.hubspot import history, links
from connector.sandbox.hubspot.kinds import COMPANIES, DEALS, Kind
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Record, change, next_id, put, remember_in_index

MERGED = "hs_merged_object_ids"


def merge(portal: Portal, kind: Kind, primary: Record, other: Record) -> Record:
    """What they are from now on; where neither is that, they are nowhere, not even among the archived."""
    now, keeps = portal.now(), portal.keeps_primary
    new_id = primary.id if keeps else next_id(portal, kind)
    gone = [other] if keeps else [primary, other]
    before = [each.properties.get(MERGED, "") for each in (primary, other)]
    named = ";".join(each for each in (*before, *(str(each.id) for each in gone)) if each)
    values = {**other.properties, **{name: value for name, value in primary.properties.items() if value}}
    for each in (primary, other):
        history.write_out(portal, kind, each)
    for each in gone:
        _take_away(portal, kind, each, new_id)
    remember_in_index(portal, kind, new_id, primary if keeps else None, now)
    merged = Record(new_id, min(primary.created, other.created), now, None, values)
    put(portal, kind, merged)
    history.settle(portal, kind, merged, now)
    if portal.told:
        portal.told.merged(kind, primary.id, other.id, new_id, now)
    return change(portal, kind, merged, {MERGED: named})


def _take_away(portal: Portal, kind: Kind, record: Record, new_id: int) -> None:
    """Its versions, links and shares go to the new record, and its id leads there."""
    store, now = portal.store, portal.now()
    remember_in_index(portal, kind, record.id, record, now)
    if kind is not COMPANIES and links.has_primary(store, kind, new_id):
        links.unmark_primary(store, kind, record.id)
    links.move_all(store, kind, record.id, new_id)
    store.run("UPDATE history SET id = ? WHERE kind = ? AND id = ?", (new_id, kind.number, record.id))
    if kind is DEALS:
        has = store.one("SELECT 1 FROM shares WHERE deal = ?", (new_id,))
        moved = "DELETE FROM shares WHERE deal = ?" if has else f"UPDATE shares SET deal = {new_id} WHERE deal = ?"
        store.run(moved, (record.id,))
    store.run("DELETE FROM uniques WHERE kind = ? AND id = ?", (kind.number, record.id))
    store.run(f"DELETE FROM {kind.table} WHERE id = ?", (record.id,))
    store.run("UPDATE merged SET winner = ? WHERE kind = ? AND winner = ?", (new_id, kind.number, record.id))
    store.run("INSERT INTO merged VALUES (?, ?, ?)", (kind.number, record.id, new_id))
    portal.merges = True

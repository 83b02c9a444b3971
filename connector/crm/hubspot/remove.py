"""Archives records of ours, which are named by a unique property; HubSpot's recycle bin keeps them for 90 days."""

from __future__ import annotations

from collections.abc import Sequence

from connector.crm.hubspot.lookup import look_up
from connector.crm.hubspot.portal import BATCH, Portal
from connector.model.changes import Receipt, Row, Settled


def remove(portal: Portal, rows: Sequence[Row]) -> list[Receipt]:
    """One receipt per row, in order; a row that is not there is as it should be. May be repeated."""
    ids = look_up(portal, rows)
    for obj in dict.fromkeys(row.object for row in ids):
        mine = [ids[row] for row in ids if row.object == obj]
        for start in range(0, len(mine), BATCH):
            portal.archive(obj, mine[start : start + BATCH])
    return [Receipt(row, Settled.WRITTEN, ids.get(row)) for row in rows]

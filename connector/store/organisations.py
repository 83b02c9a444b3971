"""Whose records these are: by connection, the organisation that it was first read from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from connector.store import tables


def of(tx: Connection, connection: str) -> str | None:
    """The CRM's own id of it; None: nobody has noted one yet."""
    o = tables.organisations.c
    found = tx.execute(select(o.id).where(o.connection == connection)).scalar()
    return None if found is None else str(found)


def keep(tx: Connection, connection: str, id: str, at: datetime) -> None:
    """Note it, for good."""
    tx.execute(insert(tables.organisations).values(connection=connection, id=id, since=at))

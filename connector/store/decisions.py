"""What a human let pass, gave up or took back, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from connector.store import tables


@dataclass(frozen=True, slots=True)
class Decision:
    """One act of a human."""

    id: str  # of the plan, or of the act
    connection: str
    what: str  # apply, undo, retry, discard
    reason: str
    records: int
    at: datetime


def note(tx: Connection, decision: Decision) -> None:
    """Keep it, for good."""
    row = {name: getattr(decision, name) for name in ("id", "connection", "what", "reason", "records", "at")}
    tx.execute(insert(tables.decisions).values(**row))


def approved(tx: Connection, connection: str) -> bool:
    """Whether a human has ever let a plan of this connection pass."""
    d = tables.decisions.c
    counted = select(func.count()).where(d.connection == connection, d.what == "apply")
    return bool(tx.execute(counted).scalar())


def let_pass(tx: Connection, id: str) -> frozenset[str]:
    """The connections for which a plan has been let pass already."""
    d = tables.decisions.c
    return frozenset(tx.execute(select(d.connection).where(d.id == id)).scalars())


def made(tx: Connection) -> list[Decision]:
    """All of them, newest first."""
    d = tables.decisions.c
    columns = (d.id, d.connection, d.what, d.reason, d.records, d.at)
    return [Decision(*each) for each in tx.execute(select(*columns).order_by(d.at.desc(), d.id))]

"""What is thrown away when its time is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from sqlalchemy import Connection, delete, func, select, update

from connector.store import tables
from connector.store.upsert import next_changes


def purge(tx: Connection, before: Mapping[str, date]) -> dict[str, int]:
    """Throw away what is older than its day, by kind; returns how many rows of each.

    Old activities get a tombstone first, so that the mirror loses them too, and leave with the next purge.
    An alert that was told keeps its key, which alone says that it is never told again.
    """
    found: dict[str, int] = {}
    for kind, day in before.items():
        moment = datetime.combine(day, time.min, UTC)
        match kind:
            case "activities":
                found[kind] = _activities(tx, day, moment)
            case "alerts":
                a, o = tables.alerts.c, tables.outbox.c
                found[kind] = tx.execute(delete(tables.alerts).where(a.cleared_on < day)).rowcount
                told = update(tables.outbox).where(o.once.is_(True), o.state == "acked", o.changed_at < moment)
                tx.execute(told.values(fields="{}", riding="{}", subject="", because=""))
            case "journal":
                found[kind] = tx.execute(delete(tables.journal).where(tables.journal.c.at < moment)).rowcount
            case "runs":
                r = tables.runs.c
                found[kind] = tx.execute(delete(tables.runs).where(r.started_at < moment)).rowcount
            case _:
                raise ValueError(f"nothing called `{kind}` is ever thrown away")
    return found


def _activities(tx: Connection, day: date, moment: datetime) -> int:
    a = tables.activities.c
    tx.execute(delete(tables.activities).where(a.happened_on < day, a.deleted_at.is_not(None)))
    old = select(func.count()).where(a.happened_on < day)
    count = int(tx.execute(old).scalar() or 0)
    if count:
        seq = next_changes(tx, 1)
        buried = update(tables.activities).where(a.happened_on < day)
        tx.execute(buried.values(deleted_at=moment, change_seq=seq))
    return count

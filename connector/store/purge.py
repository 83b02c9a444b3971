"""What is thrown away when its time is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from connector.store import tables
from connector.store.entries import State
from connector.store.upsert import next_changes


def purge(tx: Connection, before: Mapping[str, date]) -> dict[str, int]:
    """Throw away what is older than its day, by kind; returns how many rows of each.

    Old activities get a tombstone first, so that the mirror loses them too, and leave with the next purge.
    What was acknowledged long ago loses its texts with the journal, and an alert's with the alerts: the key stays,
    which alone says that an alert is never told again, and the digest, which tells one revision from the next.
    """
    found: dict[str, int] = {}
    for kind, day in before.items():
        moment = datetime.combine(day, time.min, UTC)
        match kind:
            case "activities":
                found[kind] = _activities(tx, day, moment)
            case "alerts":
                a = tables.alerts.c
                found[kind] = tx.execute(delete(tables.alerts).where(a.cleared_on < day)).rowcount
                _empty(tx, moment, alerts=True)
            case "journal":
                found[kind] = tx.execute(delete(tables.journal).where(tables.journal.c.at < moment)).rowcount
                _empty(tx, moment, alerts=False)
            case "runs":
                r = tables.runs.c
                found[kind] = tx.execute(delete(tables.runs).where(r.started_at < moment)).rowcount
            case _:
                raise ValueError(f"nothing called `{kind}` is ever thrown away")
    return found


def _empty(tx: Connection, moment: datetime, *, alerts: bool) -> None:
    """Take what was said out of entries that were acknowledged before a moment."""
    o = tables.outbox.c
    old = update(tables.outbox).where(o.once.is_(alerts), o.state == State.ACKED, o.changed_at < moment)
    nothing = {"fields": "{}", "riding": "{}", "subject": "", "because": "", "reason": ""}
    tx.execute(old.values(**nothing, expects=None, shown=None))


def _activities(tx: Connection, day: date, moment: datetime) -> int:
    a = tables.activities.c
    # What has no day, such as an open task that is due at no time, is as old as its last change (`Activity.kept_by`).
    old = or_(a.happened_on < day, and_(a.happened_on.is_(None), a.modified_at < moment))
    tx.execute(delete(tables.activities).where(old, a.deleted_at.is_not(None)))
    count = int(tx.execute(select(func.count()).where(old)).scalar() or 0)
    if count:
        seq = next_changes(tx, 1)
        buried = update(tables.activities).where(old)
        tx.execute(buried.values(deleted_at=moment, change_seq=seq))
    return count

"""Wishes on their way into the outbox: new, in the place of an older one, or held until a human agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete

from connector.model.changes import Change, Row
from connector.store import entries as stored
from connector.store import tables
from connector.store.entries import ON_HOLD, Entry, State, Terms, is_undone

WAITING = (State.HELD, State.PENDING, State.RETRY_WAIT, State.FAILED, State.KEPT, State.DEAD, State.DISCARDED)
FREELY = Terms()

o = tables.outbox.c


@dataclass(frozen=True, slots=True)
class Queued:
    """What became of the changes that were handed in."""

    new: int = 0
    replaced: int = 0  # an entry that had not left yet now says something newer
    unchanged: int = 0  # queued already, refused already, acknowledged for good, or still under way


def enqueue(tx: Connection, changes: Sequence[Change], run_id: str, at: datetime, terms: Terms = FREELY) -> Queued:
    """Queue changes, in the transaction that stores what they follow from."""
    wanted = {change.row: change for change in changes}  # of two wishes for one row the later counts
    latest = stored.latest(tx, wanted)
    seen: Counter[str] = Counter()
    new: list[tuple[Change, int, Terms]] = []
    for row, change in wanted.items():
        before = latest.get(row)
        its = _terms(before, terms)
        verdict = _verdict(change, before, its)
        seen[verdict] += 1
        if verdict == "new":
            new.append((change, before.revision + 1 if before else 1, its))
        elif verdict == "replaced" and before:
            stored.replace_wish(tx, change, before, its, run_id, at)
    stored.insert_new(tx, new, run_id, at)
    return Queued(seen["new"], seen["replaced"], seen["unchanged"])


def withdraw(tx: Connection, connection: str, wanted: Sequence[Row]) -> int:
    """Let go of entries whose wish is no more: the record shows what it should without them.

    Alerts stay, since they were true when they were raised, and so does what a human let pass.
    """
    keep = set(wanted)
    waiting = stored.chosen(
        tx, o.connection == connection, o.state.in_(WAITING), o.once.is_(False), o.approval == "", o.undoes == ""
    )
    gone = [each for each in waiting if each.change.row not in keep]
    for entry in gone:
        tx.execute(delete(tables.outbox).where(stored.is_entry(entry)))
    return len(gone)


def _terms(before: Entry | None, terms: Terms) -> Terms:
    """What was undone stays so until a human lets it pass again."""
    if before is None or terms.approval:
        return terms
    if before.undoes and before.state is State.ACKED:
        return Terms(held=f"{ON_HOLD}run {before.undoes[:12]}")
    return Terms(held=before.reason) if before.state is State.HELD and is_undone(before.reason) else terms


def _verdict(change: Change, before: Entry | None, terms: Terms) -> str:
    if before is None:
        return "new"
    same = stored.digest(change) == before.payload
    match before.state:
        case State.ACKED:
            return "unchanged" if change.once and not before.undoes else "new"
        case State.SENDING | State.UNKNOWN:
            return "unchanged"  # the next appraisal asks again, once this one's end is known
        case _ if terms.approval:
            return "replaced"
        case State.PENDING | State.RETRY_WAIT if before.approval:
            return "unchanged"  # what a human let pass leaves as it is
        case State.HELD | State.PENDING | State.RETRY_WAIT:
            stays = (before.state is State.HELD) == (terms.state is State.HELD)
            return "unchanged" if same and stays else "replaced"
        case _:
            return "unchanged" if same else "replaced"

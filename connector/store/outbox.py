"""Changes on their way to a CRM: kept before any byte leaves, settled when the CRM answered.

pending → sending → acked | failed | retry_wait (→ pending | dead) | unknown (→ pending | acked)

An entry that is not acknowledged is the only one of its row, and newer wishes replace it in place.
Acknowledged entries are final: a later wish is a new revision.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select, update

from connector.errors import Fenced
from connector.model.changes import Change, Receipt, Settled
from connector.store import entries as stored
from connector.store import ledger, tables
from connector.store.entries import Entry, State
from connector.store.streams import held

ATTEMPTS = 10  # then an entry is dead, until somebody looks
PATIENCE = timedelta(hours=72)  # the same, by age
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0  # seconds; doubled each time

o = tables.outbox.c


@dataclass(frozen=True, slots=True)
class Queued:
    """What became of the changes that were handed in."""

    new: int = 0
    replaced: int = 0  # an entry that had not left yet now says something newer
    unchanged: int = 0  # queued already, refused already, acknowledged for good, or still under way


@dataclass(frozen=True, slots=True)
class Tally:
    """How a batch ended."""

    written: int = 0
    refused: int = 0
    busy: int = 0
    unknown: int = 0
    dead: int = 0


def enqueue(tx: Connection, changes: Sequence[Change], run_id: str, at: datetime) -> Queued:
    """Queue changes, in the transaction that stores what they follow from."""
    wanted = {change.row: change for change in changes}  # of two wishes for one row the later counts
    latest = stored.latest(tx, wanted)
    verdicts = {row: _verdict(change, latest.get(row)) for row, change in wanted.items()}
    new = [
        (wanted[row], latest[row].revision + 1 if row in latest else 1)
        for row, verdict in verdicts.items()
        if verdict == "new"
    ]
    stored.insert_new(tx, new, run_id, at)
    for row, verdict in verdicts.items():
        if verdict == "replaced":
            stored.replace_wish(tx, wanted[row], latest[row], run_id, at)
    seen = Counter(verdicts.values())
    return Queued(seen["new"], seen["replaced"], seen["unchanged"])


def _verdict(change: Change, before: Entry | None) -> str:
    if before is None:
        return "new"
    same = stored.digest(change) == before.payload
    match before.state:
        case State.ACKED:
            return "unchanged" if change.once else "new"
        case State.SENDING | State.UNKNOWN:
            return "unchanged"  # the next appraisal asks again, once this one's end is known
        case _:
            return "unchanged" if same else "replaced"


def open_entries(tx: Connection, connection: str) -> list[Entry]:
    """Everything that is not acknowledged, by row."""
    return stored.chosen(tx, o.connection == connection, o.state != State.ACKED)


def unknown(tx: Connection, connection: str) -> list[Entry]:
    """Entries whose effect must be read back."""
    return stored.chosen(tx, o.connection == connection, o.state == State.UNKNOWN)


def claim(tx: Connection, connection: str, limit: int, at: datetime, epoch: int) -> list[Entry]:
    """Take what is due for sending; commit before any byte goes out.

    Raises Fenced when the epoch is not the connection's present one.
    """
    held(tx, connection, epoch)
    due = or_(o.state == State.PENDING, and_(o.state == State.RETRY_WAIT, o.not_before <= at))
    taken = stored.chosen(tx, o.connection == connection, due, limit=limit)
    stored.mark(tx, taken, at, state=State.SENDING, epoch=epoch, attempt=o.attempt + 1)
    return [each.claimed(epoch) for each in taken]


def settle(tx: Connection, entries: Sequence[Entry], receipts: Sequence[Receipt], at: datetime, run_id: str) -> Tally:
    """Note the CRM's answers, one receipt per entry, in order.

    Raises Fenced when an entry is not ours to settle any more: another process recovered it.
    """
    ends: Counter[str] = Counter()
    done: list[ledger.Acknowledged] = []
    for entry, receipt in zip(entries, receipts, strict=True):
        end = _end(entry, receipt, at)
        ends[end.state] += 1
        remote_id = receipt.remote_id or entry.remote_id
        values = {"state": end.state, "not_before": end.not_before, "reason": receipt.reason, "remote_id": remote_id}
        ours = and_(stored.is_entry(entry), o.state == State.SENDING, o.epoch == entry.epoch)
        if tx.execute(update(tables.outbox).where(ours).values(**values, changed_at=at)).rowcount != 1:
            raise Fenced(f"{entry.change.row}: another process recovered this entry")
        if end.state == State.ACKED:
            done.append(ledger.Acknowledged(entry.change, remote_id))
    ledger.acknowledge(tx, done, run_id, at)
    return Tally(
        written=ends[State.ACKED],
        refused=ends[State.FAILED],
        busy=ends[State.RETRY_WAIT],
        unknown=ends[State.UNKNOWN],
        dead=ends[State.DEAD],
    )


@dataclass(frozen=True, slots=True)
class _End:
    state: State
    not_before: datetime | None = None


def _end(entry: Entry, receipt: Receipt, at: datetime) -> _End:
    match receipt.settled:
        case Settled.WRITTEN:
            return _End(State.ACKED)
        case Settled.REFUSED:
            return _End(State.FAILED)
        case Settled.UNKNOWN:
            return _End(State.UNKNOWN)
        case Settled.BUSY:
            if entry.attempt >= ATTEMPTS or at - entry.queued_at > PATIENCE:
                return _End(State.DEAD)
            wait = min(FIRST_WAIT * 2 ** (entry.attempt - 1), LONGEST_WAIT)
            return _End(State.RETRY_WAIT, at + timedelta(seconds=max(wait, receipt.retry_after or 0.0)))


def recover(tx: Connection, connection: str, epoch: int) -> int:
    """What another epoch was sending may or may not have arrived; returns how many such entries there were."""
    abandoned = and_(o.connection == connection, o.state == State.SENDING, o.epoch != epoch)
    return tx.execute(update(tables.outbox).where(abandoned).values(state=State.UNKNOWN)).rowcount


def resolve(tx: Connection, entry: Entry, remote_id: str | None, at: datetime) -> None:
    """An unknown effect was read back: `remote_id` is what the CRM has under its key, None if nothing.

    What is there and final is acknowledged; anything else is sent again, which an upsert makes safe.
    """
    arrived = entry.change.once and remote_id is not None
    state = State.ACKED if arrived else State.PENDING
    stored.mark(tx, [entry], at, state=state, remote_id=remote_id or entry.remote_id)
    if arrived:
        ledger.acknowledge(tx, [ledger.Acknowledged(entry.change, remote_id)], entry.run_id, at)


def summary(tx: Connection) -> Mapping[tuple[str, str], int]:
    """How many entries are in which state, by (connection, state); of acknowledged ones every revision."""
    counted = select(o.connection, o.state, func.count()).group_by(o.connection, o.state)
    return {(connection, state): count for connection, state, count in tx.execute(counted)}

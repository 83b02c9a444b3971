"""Changes on their way to a CRM: kept before any byte leaves, settled when the CRM answered.

held → pending → sending → acked | failed | retry_wait (→ pending | dead) | unknown (→ pending | acked)
pending → kept, where what stands in the CRM is to be left; failed | dead → discarded, by a human
(failed | dead | discarded → pending, by a human)

An entry that is not acknowledged is the only one of its row, and newer wishes replace it in place.
Acknowledged entries are final: a later wish is a new revision.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from connector.errors import Fenced
from connector.model.changes import Receipt, Row, Settled
from connector.store import entries as stored
from connector.store import journal, ledger, tables
from connector.store.entries import Entry, State, is_undone
from connector.store.streams import held
from connector.store.typed import dump_all

ATTEMPTS = 10  # then an entry is dead, until somebody looks
PATIENCE = timedelta(hours=72)  # the same, by age; an outage costs no attempts, and ends an entry only by this
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0  # seconds; doubled each time

o = tables.outbox.c


@dataclass(frozen=True, slots=True)
class Tally:
    """How a batch ended."""

    written: int = 0
    refused: int = 0
    busy: int = 0
    unknown: int = 0
    dead: int = 0


def open_entries(tx: Connection, connection: str) -> list[Entry]:
    """Everything that is not acknowledged, by row."""
    return stored.chosen(tx, o.connection == connection, o.state != State.ACKED)


def unknown(tx: Connection, connection: str) -> list[Entry]:
    """Entries whose effect must be read back."""
    return stored.chosen(tx, o.connection == connection, o.state == State.UNKNOWN)


def due(tx: Connection, connection: str, limit: int, at: datetime) -> list[Entry]:
    """What may leave now: alerts first and by themselves, since they may still leave when other calls may not."""
    ready = or_(o.state == State.PENDING, and_(o.state == State.RETRY_WAIT, o.not_before <= at))
    alerts = stored.chosen(tx, o.connection == connection, ready, o.once.is_(True), limit=limit)
    return alerts or stored.chosen(tx, o.connection == connection, ready, limit=limit)


def claim(tx: Connection, connection: str, entries: Sequence[Entry], at: datetime, epoch: int) -> list[Entry]:
    """Take entries that were due for sending; commit before any byte goes out.

    One that was replaced meanwhile is left for the next time. Raises Fenced when the epoch is not the
    connection's present one.
    """
    held(tx, connection, epoch)
    taken = []
    for entry in entries:
        shown = entry.shown if entry.shown is None else dump_all(entry.shown)
        sending = {"state": State.SENDING, "epoch": epoch, "attempt": o.attempt + 1, "shown": shown}
        still = and_(stored.is_entry(entry), o.state == entry.state, o.payload == entry.payload)
        if tx.execute(update(tables.outbox).where(still).values(**sending, changed_at=at)).rowcount:
            taken.append(entry.claimed(epoch))
    return taken


def drop(tx: Connection, entry: Entry) -> None:
    """What was let pass does not hold any more; the next plan looks anew."""
    tx.execute(delete(tables.outbox).where(stored.is_entry(entry)))


def refuse(tx: Connection, entry: Entry, reason: str, at: datetime) -> None:
    """It cannot be sent, and repeating would not help."""
    stored.mark(tx, [entry], at, state=State.FAILED, reason=reason)


def keep_theirs(tx: Connection, entry: Entry, reason: str, run_id: str, at: datetime) -> None:
    """Nothing is sent, and the ledger knows what people keep: the same wish is not looked at again."""
    stored.mark(tx, [entry], at, state=State.KEPT, reason=reason)
    ledger.acknowledge(tx, [ledger.Acknowledged(entry.confirmed, entry.remote_id, entry.kept)], run_id, at)


def already(tx: Connection, entry: Entry, run_id: str, at: datetime) -> None:
    """Nothing needs to be sent: the CRM shows what it should, but for what people keep."""
    stored.mark(tx, [entry], at, state=State.ACKED, reason="it was there already")
    if entry.change.gone:
        ledger.forget(tx, [entry.change.row])
    else:
        ledger.acknowledge(tx, [ledger.Acknowledged(entry.confirmed, entry.remote_id, entry.kept)], run_id, at)


def settle(tx: Connection, entries: Sequence[Entry], receipts: Sequence[Receipt], at: datetime, run_id: str) -> Tally:
    """Note the CRM's answers, one receipt per entry, in order.

    Raises Fenced when an entry is not ours to settle any more: another process recovered it.
    """
    ends: Counter[str] = Counter()
    done: list[tuple[Entry, Receipt]] = []
    for entry, receipt in zip(entries, receipts, strict=True):
        end = _end(entry, receipt, at)
        ends[end.state] += 1
        remote_id = receipt.remote_id or entry.remote_id
        attempt = entry.attempt - 1 if receipt.untried else entry.attempt
        came_to_nothing = receipt.settled in (Settled.BUSY, Settled.REFUSED)
        values: dict[str, Any] = {
            "state": end.state,
            "not_before": end.not_before,
            "reason": receipt.reason,
            "remote_id": remote_id,
            "attempt": attempt,
            "epoch": entry.earlier if came_to_nothing else entry.epoch,
        }
        ours = and_(stored.is_entry(entry), o.state == State.SENDING, o.epoch == entry.epoch)
        if tx.execute(update(tables.outbox).where(ours).values(**values, changed_at=at)).rowcount != 1:
            raise Fenced(f"{entry.change.row}: another process recovered this entry")
        if end.state == State.ACKED:
            done.append((entry, receipt))
    _confirmed(tx, done, run_id, at)
    return Tally(
        written=ends[State.ACKED],
        refused=ends[State.FAILED],
        busy=ends[State.RETRY_WAIT],
        unknown=ends[State.UNKNOWN],
        dead=ends[State.DEAD],
    )


def _confirmed(tx: Connection, done: Sequence[tuple[Entry, Receipt]], run_id: str, at: datetime) -> None:
    """Into the ledger, which knows what is shown, and the journal, which knows what ever was."""
    ids = {entry.change.row: receipt.remote_id or entry.remote_id for entry, receipt in done}
    made = _made(tx, done)
    shown = [
        ledger.Acknowledged(each.confirmed, ids[each.change.row], each.kept) for each, _ in done if not each.change.gone
    ]
    ledger.acknowledge(tx, shown, run_id, at)
    ledger.forget(tx, [each.change.row for each, _ in done if each.change.gone])
    told = [
        journal.Told(
            each.sent,
            each.revision,
            each.run_id,
            ids[each.change.row],
            each.change.row in made,
            each.shown,
        )
        for each, _ in done
    ]
    journal.keep(tx, told, run_id, at)


def _made(tx: Connection, done: Sequence[tuple[Entry, Receipt]]) -> set[Row]:
    """The records that were made by this. To be asked before the ledger knows of it.

    One that the CRM calls an old one was made by us all the same, by an attempt whose answer was lost, where nothing of
    it was ever confirmed: nobody else makes records under keys of ours.
    """
    old = [each for each, receipt in done if not receipt.created and _may_be_made(each)]
    known = ledger.known(tx, [each.change.row for each in old])
    lost = {each.change.row for each in old} - known.keys()
    return lost | {each.change.row for each, receipt in done if receipt.created}


def _may_be_made(entry: Entry) -> bool:
    stood = any(value is not None for value in (entry.shown or {}).values())  # from another store's days
    return not (stood or entry.change.gone or entry.change.row.by_own_id)


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
            if (entry.attempt >= ATTEMPTS and not receipt.untried) or at - entry.queued_at > PATIENCE:
                return _End(State.DEAD)
            wait = min(FIRST_WAIT * 2 ** (entry.attempt - 1), LONGEST_WAIT)
            return _End(State.RETRY_WAIT, at + timedelta(seconds=max(wait, receipt.retry_after or 0.0)))


def stuck(tx: Connection, connection: str) -> list[Entry]:
    """What was refused or given up: a human may retry or discard it."""
    return stored.chosen(tx, o.connection == connection, o.state.in_((State.FAILED, State.DEAD)))


def discarded(tx: Connection, connection: str) -> list[Entry]:
    """What a human let go: it may be retried, each by its own key."""
    return stored.chosen(tx, o.connection == connection, o.state == State.DISCARDED)


def decide(tx: Connection, entries: Sequence[Entry], state: State, reason: str, at: datetime) -> None:
    """What a human decided of entries that are stuck."""
    stored.mark(tx, entries, at, state=state, reason=reason, attempt=0, not_before=None, queued_at=at)


@dataclass(frozen=True, slots=True)
class Held:
    """Entries that wait for a human."""

    records: int
    reason: str  # of most of them


def waiting_for_a_human(tx: Connection, connection: str) -> Held | None:
    """What is held of a connection; None: nothing. What was undone waits too, and disturbs nobody."""
    counted = select(o.reason, func.count()).where(o.connection == connection, o.state == State.HELD)
    found = {reason: count for reason, count in tx.execute(counted.group_by(o.reason)) if not is_undone(reason)}
    return Held(sum(found.values()), max(found, key=lambda each: found[each])) if found else None


def recover(tx: Connection, connection: str, epoch: int) -> int:
    """What another epoch was sending may or may not have arrived; returns how many such entries there were."""
    abandoned = and_(o.connection == connection, o.state == State.SENDING, o.epoch != epoch)
    return tx.execute(update(tables.outbox).where(abandoned).values(state=State.UNKNOWN)).rowcount


def resolve(
    tx: Connection, entry: Entry, remote_id: str | None, at: datetime, run_id: str = "", *, shown: bool = False
) -> None:
    """An unknown effect was read back: `remote_id` is what the CRM has under its key, None if nothing.

    What is there and final, or `shown` as it should be, is acknowledged, and so is what was to leave and is not there;
    anything else is sent again, which an upsert makes safe. Of an alert that is there nobody knows whether it was
    linked: that alone is done again.
    """
    there = remote_id is not None
    arrived = there and (shown or entry.change.once) and not (entry.change.once and entry.change.links)
    state = State.ACKED if arrived or (entry.change.gone and not there) else State.PENDING
    stored.mark(tx, [entry], at, state=state, remote_id=remote_id or entry.remote_id, epoch=entry.epoch if there else 0)
    if state is State.ACKED:
        _confirmed(tx, [(entry, Receipt(entry.change.row, Settled.WRITTEN, remote_id))], run_id or entry.run_id, at)


def summary(tx: Connection) -> Mapping[tuple[str, str], int]:
    """How many entries are in which state, by (connection, state); of acknowledged ones every revision."""
    counted = select(o.connection, o.state, func.count()).group_by(o.connection, o.state)
    return {(connection, state): count for connection, state, count in tx.execute(counted)}

"""Wishes on their way into the outbox: new, in the place of an older one, or held until a human agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete

from connector.model.changes import Change, Row
from connector.store import entries as stored
from connector.store import ledger, tables
from connector.store.entries import ON_HOLD, UNDER_WAY, WAITING, Entry, State, Terms, is_undone

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
        its, whole = _terms(tx, before, change, terms), _over(before, change)
        verdict = _verdict(whole, before, its)
        seen[verdict] += 1
        if verdict == "new":
            new.append((change, before.revision + 1 if before else 1, its))
        elif verdict == "replaced" and before:
            stored.replace_wish(tx, whole, before, its, run_id, at)
    stored.insert_new(tx, new, run_id, at)
    return Queued(seen["new"], seen["replaced"], seen["unchanged"])


def under_way(tx: Connection, rows: Sequence[Row]) -> list[Row]:
    """Those of these rows that are being sent, or whose answer was lost: no wish takes the place of such an entry."""
    latest = stored.latest(tx, rows)
    return [row for row, entry in latest.items() if entry.state in UNDER_WAY]


def withdraw(tx: Connection, connection: str, wanted: Sequence[Row]) -> int:
    """Let go of entries whose wish is no more: the record shows what it should without them.

    Where an attempt may have arrived it may not: such an entry now says what was confirmed last, so that this is made
    sure of. Alerts stay, since they were true when they were raised, and so does what a human let pass. Returns how
    many entries were let go.
    """
    keep = set(wanted)
    waiting = stored.chosen(
        tx, o.connection == connection, o.state.in_(WAITING), o.once.is_(False), o.approval == "", o.undoes == ""
    )
    idle = [each for each in waiting if each.change.row not in keep]
    known = ledger.known(tx, [each.change.row for each in idle if each.may_stand])
    gone = [each for each in idle if not _is_made_sure_of(tx, each, known.get(each.change.row, {}))]
    for entry in gone:
        tx.execute(delete(tables.outbox).where(stored.is_entry(entry)))
    return len(gone)


def _is_made_sure_of(tx: Connection, entry: Entry, known: Mapping[str, ledger.Known]) -> bool:
    """Whether an entry stays, saying what was confirmed; one that said so already stays until it has an end."""
    sure = _confirmed(entry, known) if entry.may_stand else None
    if sure is None:
        return False
    if stored.digest(sure) == entry.payload:
        return entry.state in (State.PENDING, State.RETRY_WAIT, State.DEAD)
    stored.replace_wish(tx, sure, entry, FREELY, entry.run_id, entry.queued_at)
    return True


def _confirmed(entry: Entry, known: Mapping[str, ledger.Known]) -> Change | None:
    """What a record must show without its entry; None: nothing of ours can stand there.

    A record of our own of which nothing was ever confirmed is to be none; one of people's was looked at.
    """
    said = {name: known[name].value for name in entry.change.fields if name in known}
    if said:
        return replace(entry.change, fields=said, gone=False)
    return None if known or entry.change.row.by_own_id else replace(entry.change, gone=True)


def _over(before: Entry | None, change: Change) -> Change:
    """A wish that also takes back what only the earlier one said, where that may stand in a record of our own."""
    if before is None or not before.may_stand or change.row.by_own_id or change.gone or change.once:
        return change
    return replace(change, fields={**dict.fromkeys(before.change.fields), **change.fields})


def _terms(tx: Connection, before: Entry | None, change: Change, terms: Terms) -> Terms:
    """What was undone stays so until a human lets it pass again; what nobody may be shown goes all the same."""
    if terms.approval or change.erases:
        return terms
    if before is not None and before.undoes and before.state is State.DISCARDED:
        before = _last_confirmed(tx, before)  # it may be on hold for an undo that arrived earlier
    if before is None:
        return terms
    if before.undoes and before.state is State.ACKED:
        return Terms(held=f"{ON_HOLD}run {before.undoes[:12]}")
    return Terms(held=before.reason) if before.state is State.HELD and is_undone(before.reason) else terms


def _last_confirmed(tx: Connection, entry: Entry) -> Entry | None:
    named = [o[name] == value for name, value in ledger.columns(entry.change.row).items()]
    return next(reversed(stored.chosen(tx, *named, o.state == State.ACKED)), None)


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
        case State.FAILED | State.DEAD if before.undoes and not change.erases:
            return "unchanged"  # what a human wanted to be taken back is not written anew behind their back
        case State.DISCARDED if change.once:
            return "unchanged"  # its key says what it is about: other words are no other alert
        case _:
            return "unchanged" if same else "replaced"

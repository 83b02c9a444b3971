"""How an entry of the outbox lies in its table."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from connector.model.changes import Change, Expected, Row, Value
from connector.store import tables
from connector.store.ledger import as_value, columns
from connector.store.typed import dump_all, load_all
from connector.store.upsert import chunks

o = tables.outbox.c
ABSENT = "absent"  # the record was not there


ON_HOLD = "it was undone: "  # before the run's id, in the reason of an entry that is held for it


def is_undone(reason: str) -> bool:
    """Whether an entry is held since somebody took back what it says."""
    return reason.startswith(ON_HOLD)


class State(StrEnum):
    """Where an entry stands."""

    HELD = "held"  # waits for `attain apply`
    PENDING = "pending"
    SENDING = "sending"  # bytes may have left
    UNKNOWN = "unknown"  # an effect may exist
    RETRY_WAIT = "retry_wait"
    FAILED = "failed"  # the CRM said no; the same wish is not repeated by itself
    KEPT = "kept"  # what stands there was left: a person's own value, or one that moved since the plan
    DEAD = "dead"  # given up, until somebody looks
    DISCARDED = "discarded"  # somebody looked, and let it go
    ACKED = "acked"


WAITING = (State.HELD, State.PENDING, State.RETRY_WAIT, State.FAILED, State.KEPT, State.DEAD, State.DISCARDED)
UNDER_WAY = (State.SENDING, State.UNKNOWN)  # it may have arrived, and nobody has said so


@dataclass(frozen=True, slots=True)
class Entry:
    """A change with its place on the way."""

    change: Change
    revision: int
    state: State
    attempt: int  # times that it was sent, but for those when nobody was served
    epoch: int  # who is sending it, or sent it last without a sure answer; 0: nothing of it can have arrived
    payload: str  # digest of fields and links
    queued_at: datetime
    run_id: str  # the run that wished for it
    not_before: datetime | None = None
    remote_id: str | None = None
    reason: str = ""  # the CRM's last words
    approval: str = ""  # the plan that a human let pass
    undoes: str = ""  # the run whose writing this takes back
    expects: Expected | None = None  # what the CRM must still show
    shown: Mapping[str, Value] | None = None  # what it showed before we wrote; None: nobody looked
    sends: frozenset[str] | None = None  # the fields that leave, where not all of them do
    kept: Mapping[str, Value] = field(default_factory=dict)  # fields that a person keeps, with their value
    hidden: frozenset[str] = frozenset()  # fields that the record does not have, or does not show to us
    earlier: int = 0  # the epoch before it was claimed

    def claimed(self, epoch: int) -> Entry:
        """The same, being sent."""
        return replace(self, state=State.SENDING, epoch=epoch, earlier=self.epoch, attempt=self.attempt + 1)

    @property
    def may_stand(self) -> bool:
        """Whether the CRM may show some of it, or of what it said before, and nobody has confirmed it."""
        return self.epoch > 0 and self.state is not State.ACKED

    @property
    def is_told(self) -> bool:
        """An alert that stands in the CRM: all that may be left to do is to point it at what it is about."""
        return self.change.once and not self.change.gone and self.remote_id is not None

    @property
    def sent(self) -> Change:
        """What leaves of it."""
        if self.sends is None:
            return self.change
        return replace(self.change, fields={name: self.change.fields[name] for name in sorted(self.sends)})

    @property
    def confirmed(self) -> Change:
        """What is settled once the CRM confirms it: all that it could be asked to show."""
        if not self.hidden:
            return self.change
        shown = {name: value for name, value in self.change.fields.items() if name not in self.hidden}
        return replace(self.change, fields=shown)


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms wishes are queued."""

    held: str = ""  # why they wait for `attain apply`; empty: they may leave
    approval: str = ""  # the plan that a human let pass
    undoes: str = ""
    expects: Mapping[Row, Expected] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """Where an entry begins."""
        return State.HELD if self.held and not self.approval else State.PENDING


def digest(change: Change) -> str:
    """What a wish comes down to; what merely rides along does not count."""
    said = json.dumps([dump_all(change.fields), sorted(change.links.items()), *(["gone"] if change.gone else [])])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def latest(tx: Connection, rows: Iterable[Row]) -> dict[Row, Entry]:
    """The newest revision of each row; rows that were never queued are absent."""
    keys: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        keys[row.connection, row.object, row.key_field].append(row.key)
    found: dict[Row, Entry] = {}
    for (connection, object_, key_field), wanted in keys.items():
        for some in chunks(wanted):
            named = (o.connection == connection, o.object == object_, o.key_field == key_field, o.key.in_(some))
            found |= {each.change.row: each for each in chosen(tx, *named)}  # later revisions come later
    return found


def chosen(tx: Connection, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Entry]:
    """Entries by object, key and revision."""
    query = select(tables.outbox).where(*conditions).order_by(o.object, o.key, o.revision).limit(limit)
    return [_entry(each) for each in tx.execute(query).mappings()]


def insert_new(tx: Connection, wishes: Sequence[tuple[Change, int, Terms]], run_id: str, at: datetime) -> None:
    """New entries, each with its revision and terms."""
    if wishes:
        rows = [
            {**columns(change.row), **_wish(change, run_id), **_fresh(change.row, terms), "epoch": 0}
            | {"revision": revision, "remote_id": None, "queued_at": at, "changed_at": at}
            for change, revision, terms in wishes
        ]
        tx.execute(insert(tables.outbox), rows)


def replace_wish(tx: Connection, change: Change, before: Entry, terms: Terms, run_id: str, at: datetime) -> None:  # noqa: PLR0917
    """Let an entry that has not left, or was not let in, say something newer."""
    values: dict[str, Any] = {**_wish(change, run_id), "revision": before.revision + 1}
    fresh = _fresh(change.row, terms)
    if before.state is State.RETRY_WAIT and not terms.held:  # it waits as long as the CRM asked, whatever it says
        values |= {name: fresh[name] for name in ("approval", "undoes", "expects")}
        # An earlier attempt may stand there: then what the CRM showed before that one is still what it showed before us.
        values |= {} if before.may_stand else {"shown": None}
    else:
        values |= {**fresh, "queued_at": at}
    tx.execute(update(tables.outbox).where(is_entry(before)).values(**values, changed_at=at))


def _fresh(row: Row, terms: Terms) -> dict[str, Any]:
    """An entry that nobody has tried to send."""
    return {
        "state": terms.state,
        "attempt": 0,
        "not_before": None,
        "reason": terms.held,
        "approval": terms.approval,
        "undoes": terms.undoes,
        "expects": _expected(terms.expects.get(row)),
        "shown": None,
    }


def _expected(expected: Expected | None) -> str | None:
    if expected is None:
        return None
    return dump_all(expected.fields) if expected.exists else ABSENT


def mark(tx: Connection, entries: Sequence[Entry], at: datetime, **values: Any) -> None:  # noqa: ANN401
    """Set columns of entries, by row and revision."""
    for entry in entries:
        tx.execute(update(tables.outbox).where(is_entry(entry)).values(**values, changed_at=at))


def is_entry(entry: Entry) -> ColumnElement[bool]:
    """The condition that names one revision of one row."""
    named = [o[name] == value for name, value in columns(entry.change.row).items()]
    return and_(*named, o.revision == entry.revision)


def _wish(change: Change, run_id: str) -> dict[str, Any]:
    return {
        "fields": dump_all(change.fields),
        "riding": dump_all(change.riding),
        "links": dump_all(change.links),
        "once": change.once,
        "because": change.because,
        "subject": change.subject,
        "gone": change.gone,
        "payload": digest(change),
        "run_id": run_id,
    }


def _entry(row: Any) -> Entry:  # noqa: ANN401  (one row of the table)
    change = Change(
        row=Row(row["connection"], row["object"], row["key_field"], row["key"]),
        fields=_values(row["fields"]),
        because=row["because"],
        riding=_values(row["riding"]),
        links={name: str(value) for name, value in load_all(row["links"]).items()},
        once=row["once"],
        subject=row["subject"],
        gone=row["gone"],
    )
    return Entry(
        change=change,
        revision=row["revision"],
        state=State(row["state"]),
        attempt=row["attempt"],
        epoch=row["epoch"],
        payload=row["payload"],
        queued_at=row["queued_at"],
        run_id=row["run_id"],
        not_before=row["not_before"],
        remote_id=row["remote_id"],
        reason=row["reason"],
        approval=row["approval"],
        undoes=row["undoes"],
        expects=_read_expected(row["expects"]),
        shown=None if row["shown"] is None else _values(row["shown"]),
    )


def _read_expected(text: str | None) -> Expected | None:
    if text is None:
        return None
    return Expected(exists=False) if text == ABSENT else Expected(exists=True, fields=_values(text))


def _values(text: str) -> dict[str, Value]:
    return {name: as_value(value) for name, value in load_all(text).items()}

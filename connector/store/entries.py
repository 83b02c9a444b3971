"""How an entry of the outbox lies in its table."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from connector.model.changes import Change, Row, Value
from connector.store import tables
from connector.store.ledger import as_value, columns
from connector.store.typed import dump_all, load_all
from connector.store.upsert import chunks

o = tables.outbox.c


class State(StrEnum):
    """Where an entry stands."""

    PENDING = "pending"
    SENDING = "sending"  # bytes may have left
    UNKNOWN = "unknown"  # an effect may exist
    RETRY_WAIT = "retry_wait"
    FAILED = "failed"  # the CRM said no; the same wish is not repeated by itself
    DEAD = "dead"  # given up, until somebody looks
    ACKED = "acked"


@dataclass(frozen=True, slots=True)
class Entry:
    """A change with its place on the way."""

    change: Change
    revision: int
    state: State
    attempt: int  # times that it was sent
    epoch: int  # who is sending it
    payload: str  # digest of fields and links
    queued_at: datetime
    run_id: str  # the run that wished for it
    not_before: datetime | None = None
    remote_id: str | None = None
    reason: str = ""  # the CRM's last words

    def claimed(self, epoch: int) -> Entry:
        """The same, being sent."""
        return replace(self, state=State.SENDING, epoch=epoch, attempt=self.attempt + 1)


def digest(change: Change) -> str:
    """What a wish comes down to; what merely rides along does not count."""
    said = json.dumps([dump_all(change.fields), sorted(change.links.items())])
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


def insert_new(tx: Connection, wishes: Sequence[tuple[Change, int]], run_id: str, at: datetime) -> None:
    """New entries, each with its revision."""
    if wishes:
        fresh = {"state": State.PENDING, "attempt": 0, "epoch": 0, "not_before": None, "remote_id": None, "reason": ""}
        rows = [
            {**columns(change.row), **_wish(change, run_id), **fresh, "revision": revision}
            | {"queued_at": at, "changed_at": at}
            for change, revision in wishes
        ]
        tx.execute(insert(tables.outbox), rows)


def replace_wish(tx: Connection, change: Change, before: Entry, run_id: str, at: datetime) -> None:
    """Let an entry that has not left, or was not let in, say something newer."""
    values: dict[str, Any] = {**_wish(change, run_id), "revision": before.revision + 1}
    if before.state in (State.FAILED, State.DEAD):
        values |= {"state": State.PENDING, "attempt": 0, "not_before": None, "queued_at": at, "reason": ""}
    tx.execute(update(tables.outbox).where(is_entry(before)).values(**values, changed_at=at))


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
    )


def _values(text: str) -> dict[str, Value]:
    return {name: as_value(value) for name, value in load_all(text).items()}

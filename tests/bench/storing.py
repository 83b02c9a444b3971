"""Storing pages against a hand-written sqlite3 upsert of the same pages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from connector.flow.house import House
from connector.model.records import Activity, Deal, Record, RecordKind
from connector.normalise.records import normalise
from connector.ports import Source
from connector.store import records
from connector.store.database import PRAGMAS, open_store
from tests.bench.report import Line, best_of, note

TODAY = date(2026, 11, 20)
FIELDS = {
    "deals": 18,
    "activities": 8,
}


def pages(house: House, kind: RecordKind, obj: str, at_most: int) -> list[list[Record]]:
    """Pages as the flow would store them, normalised beforehand."""
    context, found, count = house.context("emea"), [], 0
    for page in house.crms["emea"].changed(Source(kind, obj), None):
        good: list[Record] = []
        for raw in page.records:
            outcome = normalise(raw, context)
            if isinstance(outcome, tuple):
                good.extend(outcome)
        found.append(good)
        count += len(good)
        if count >= at_most:
            break
    return found


def lines(house: House, home: Path, at_most: int) -> Iterator[Line]:
    """Deals and activities, each into a new store, and over what is there already."""
    for name, kind, obj in (("deals", RecordKind.DEAL, "Opportunity"), ("activities", RecordKind.ACTIVITY, "Task")):
        given = pages(house, kind, obj, at_most)
        count = sum(map(len, given))
        note(f"storing {count:,} {name}, ours and by hand in turn")
        ours, theirs = best_of(3, partial(_ours, home, given), partial(_by_hand, home, name, given))
        yield Line(f"storing {count:,} {name}", ours, theirs, 1.5, peer="sqlite3 upsert by hand")


def _fresh(home: Path) -> Path:
    for old in home.glob("stored.db*"):
        old.unlink()
    return home / "stored.db"


def _ours(home: Path, given: Sequence[Sequence[Record]]) -> None:
    store = open_store(_fresh(home))
    for page in given:
        with store.writing() as tx:
            records.save(tx, page, TODAY)
    store.close()


def _by_hand(home: Path, name: str, given: Sequence[Sequence[Record]]) -> None:
    """What somebody would write who needed nothing but the rows: a tuple per record, one statement, one commit a page."""
    raw = sqlite3.connect(_fresh(home), isolation_level=None)
    for pragma in PRAGMAS:
        raw.execute(f"pragma {pragma}")
    columns = ["ref", "connection", "modified_at", "change_seq", *(f"c{at}" for at in range(FIELDS[name]))]
    raw.execute(f"create table t ({', '.join(columns)}, primary key (ref))")
    raw.execute("create index seq on t (change_seq)")
    raw.execute("create index connection on t (connection)")
    changed = ", ".join(f"{each} = excluded.{each}" for each in columns[1:])
    sql = (
        f"insert into t values ({', '.join('?' * len(columns))}) on conflict (ref) do update set {changed} "
        "where excluded.modified_at >= modified_at"
    )
    seq, tuple_of = 0, _deal if name == "deals" else _activity
    for page in given:
        rows = []
        for record in page:
            seq += 1
            rows.append(tuple_of(record, seq))
        raw.execute("begin immediate")
        raw.executemany(sql, rows)
        raw.execute("commit")
    raw.close()


def _deal(record: Record, seq: int) -> tuple[Any, ...]:
    assert isinstance(record, Deal)
    return (
        str(record.ref),
        record.ref.connection,
        record.modified_at.isoformat(),
        seq,
        record.name,
        record.outcome,
        record.stage,
        record.pipeline,
        str(record.account) if record.account else None,
        str(record.owner) if record.owner else None,
        str(record.owner) if record.owner else None,
        record.amount.minor if record.amount else None,
        record.amount.currency if record.amount else None,
        str(record.probability) if record.probability is not None else None,
        record.created_at.isoformat() if record.created_at else None,
        record.created_on.isoformat() if record.created_on else None,
        record.closed_on.isoformat() if record.closed_on else None,
        record.forecast_category,
        record.deal_type,
        record.source,
        record.next_step,
        json.dumps(dict(record.custom)) if record.custom else "{}",
    )


def _activity(record: Record, seq: int) -> tuple[Any, ...]:
    assert isinstance(record, Activity)
    return (
        str(record.ref),
        record.ref.connection,
        record.modified_at.isoformat(),
        seq,
        record.type,
        record.status,
        str(record.performer) if record.performer else None,
        str(record.deal) if record.deal else None,
        str(record.account) if record.account else None,
        record.happened_at.isoformat() if record.happened_at else None,
        record.happened_on.isoformat() if record.happened_on else None,
        record.minutes,
    )

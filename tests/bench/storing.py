"""Storing pages against a hand-written sqlite3 upsert of the same pages: same tables, same pragmas, a commit a page."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from connector.flow.house import House
from connector.model.records import Activity, Deal, Record, RecordKind
from connector.normalise.records import normalise
from connector.store import records
from connector.store.database import PRAGMAS, open_store
from tests.bench.report import Line, note, stopwatch
from tests.bench.served import TODAY

PAGE, ROUNDS = 2_000, 3
FACT = "ref, connection, modified_at, change_seq, deleted_at"
COLUMNS = {
    "deals": f"{FACT}, name, outcome, stage, pipeline, account, owner, closed_owner, amount, currency, probability, "
    "created_at, created_on, closed_on, forecast_category, deal_type, source, next_step, term_months, territory, "
    "closed_territory, team, amount_converted, "
    "term_starts_on, is_renewal, custom",
    "activities": f"{FACT}, type, status, performer, deal, account, happened_at, happened_on, minutes",
}
Pages = Sequence[Sequence[Record]]


@dataclass(slots=True)
class _Best:
    """The best time of a first load, and of the same pages stored again."""

    new: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)


def lines(house: House, home: Path) -> Iterator[Line]:
    """Deals of both CRMs and Salesforce's activities, each into a new store, then over what is there."""
    for name, kind, crms in (
        ("deals", RecordKind.DEAL, ("emea", "smb")),
        ("activities", RecordKind.ACTIVITY, ("emea",)),
    ):
        given = list(_pages(house, kind, crms))
        count = sum(map(len, given))
        note(f"storing {count:,} {name}, ours and by hand in turn")
        ours, theirs = _Best(), _Best()
        for _ in range(ROUNDS):
            _round(home, ours, partial(_ours, given))
            _round(home, theirs, partial(_by_hand, name, given))
        peer = "sqlite3 upsert by hand"
        yield Line(f"storing {count:,} {name}", min(ours.new), min(theirs.new), 1.5, peer=peer)
        yield Line(f"storing {count:,} known {name} again", min(ours.again), min(theirs.again), 1.5, peer=peer)


def _pages(house: House, kind: RecordKind, connections: Sequence[str]) -> Iterator[list[Record]]:
    """Pages as the flow would store them, normalised beforehand, of one size for all."""
    found = _normalised(house, kind, connections)
    while some := list(islice(found, PAGE)):
        yield some


def _normalised(house: House, kind: RecordKind, connections: Sequence[str]) -> Iterator[Record]:
    for name in connections:
        context, crm = house.context(name), house.crms[name]
        for source in crm.sources():
            for page in crm.changed(source, None) if source.kind is kind else ():
                for raw in page.records:
                    outcome = normalise(raw, context)
                    if isinstance(outcome, tuple):
                        yield from outcome


def _round(home: Path, best: _Best, work: Callable[[Path], None]) -> None:
    """A new store each time, opened beforehand: both sides begin with the same empty tables."""
    path = home / "stored.db"
    for old in home.glob("stored.db*"):
        old.unlink()
    open_store(path).close()
    for times in (best.new, best.again):
        with stopwatch() as took:
            work(path)
        times.append(took())


def _ours(given: Pages, path: Path) -> None:
    store = open_store(path)
    for page in given:
        with store.writing() as tx:
            records.save(tx, page, TODAY)
    store.close()


def _by_hand(name: str, given: Pages, path: Path) -> None:
    """What somebody would write who needed nothing but the rows: a tuple per record, one statement, one commit a page."""
    raw = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        raw.execute(f"pragma {pragma}")
    columns = COLUMNS[name].split(", ")
    changed = ", ".join(f"{each} = excluded.{each}" for each in columns if each != "ref")
    sql = (
        f"insert into {name} ({COLUMNS[name]}) values ({', '.join('?' * len(columns))}) on conflict (ref) do update set {changed} "
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
        record.modified_at.isoformat(" "),
        seq,
        None,
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
        record.created_at.isoformat(" ") if record.created_at else None,
        record.created_on.isoformat() if record.created_on else None,
        record.closed_on.isoformat() if record.closed_on else None,
        record.forecast_category,
        record.deal_type,
        record.source,
        "planned" if record.next_step else None,
        record.term_months,
        record.territory,
        record.territory,
        ";".join(map(str, record.team)) or None,
        record.amount_converted.minor if record.amount_converted else None,
        record.term_starts_on.isoformat() if record.term_starts_on else None,
        record.is_renewal,
        json.dumps(dict(record.custom)) if record.custom else "{}",
    )


def _activity(record: Record, seq: int) -> tuple[Any, ...]:
    assert isinstance(record, Activity)
    return (
        str(record.ref),
        record.ref.connection,
        record.modified_at.isoformat(" "),
        seq,
        None,
        record.type,
        record.status,
        str(record.performer) if record.performer else None,
        str(record.deal) if record.deal else None,
        str(record.account) if record.account else None,
        record.happened_at.isoformat(" ") if record.happened_at else None,
        record.happened_on.isoformat() if record.happened_on else None,
        record.minutes,
    )

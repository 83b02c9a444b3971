"""Every value that we ever wrote, what stood there before, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, or_, select, true
from sqlalchemy.engine import Row as SqlRow

from connector.model.changes import Change, Row, Value
from connector.store import tables
from connector.store.entries import State
from connector.store.ledger import as_value, columns
from connector.store.typed import dump, load, load_all

j = tables.journal.c
NAMED = ("connection", "object", "key_field", "key")  # the columns that name a record


@dataclass(frozen=True, slots=True)
class Told:
    """A change that a CRM confirmed, on its way into the journal."""

    change: Change
    revision: int
    wished_by: str
    remote_id: str | None
    created: bool
    shown: Mapping[str, Value] | None  # what the CRM showed before; None, or a field left out: nobody looked


@dataclass(frozen=True, slots=True)
class Written:
    """One value that we wrote."""

    row: Row
    revision: int
    field: str
    run_id: str
    because: str
    subject: str
    value: Value
    prior: Value
    looked: bool  # whether `prior` is what the CRM showed; otherwise nobody looked
    remote_id: str | None
    created: bool
    gone: bool
    at: datetime
    rules_version: str


@dataclass(frozen=True, slots=True)
class Act:
    """One time that a record was written to."""

    revision: int
    run_id: str  # that delivered it; empty: the CRM showed it already
    fields: frozenset[str]
    undoes: str = ""  # the run whose writing it took back


def keep(tx: Connection, told: Iterable[Told], run_id: str, at: datetime) -> None:
    """Note what was confirmed, in the transaction that settles it."""
    rows = [
        {
            **columns(each.change.row),
            "revision": each.revision,
            "field": name,
            "run_id": run_id,
            "wished_by": each.wished_by,
            "because": each.change.because,
            "subject": each.change.subject,
            "value": dump(value),
            "prior": dump(each.shown[name]) if each.shown is not None and name in each.shown else None,
            "remote_id": each.remote_id or (each.change.row.key if each.change.row.by_own_id else None),
            "created": each.created,
            "gone": each.change.gone,
            "at": at,
        }
        for each in told
        for name, value in each.change.fields.items()
    ]
    if rows:
        tx.execute(insert(tables.journal), rows)


def of_record(tx: Connection, named: str) -> list[Written]:
    """Everything written to a record, newest first; it is named by the CRM's id or by our key.

    `object/id` and `connection:object/id` tell it from others that share its id; without, all of them are found.
    """
    where, slash, id_ = named.partition("/")
    connection, colon, object_ = where.rpartition(":")
    meant = or_(j.remote_id == named, j.key == named)
    if slash:
        there = and_(j.object == object_, j.connection == connection if colon else true())
        meant = or_(meant, and_(there, or_(j.remote_id == id_, j.key == id_)))
    return [_written(each) for each in tx.execute(_chosen().where(meant))]


def of_run(tx: Connection, run_id: str) -> list[Written]:
    """Everything that a run wrote, newest first."""
    return [_written(each) for each in tx.execute(_chosen().where(j.run_id == run_id))]


def runs_like(tx: Connection, start: str) -> list[str]:
    """The runs that wrote something and whose id starts so."""
    chosen = select(j.run_id).where(j.run_id.startswith(start, autoescape=True)).distinct()
    return sorted(tx.execute(chosen).scalars())


def acts(tx: Connection, run_id: str) -> Mapping[Row, Sequence[Act]]:
    """Everything that was ever confirmed of the records that a run wrote, by this run and all others."""
    o = tables.outbox.c
    rows = select(*(j[name] for name in NAMED)).where(j.run_id == run_id).distinct().subquery()
    told = select(j.revision, j.run_id, j.field, *(j[name] for name in NAMED))
    undone = select(o.revision, o.undoes, o.fields, *(o[name] for name in NAMED))
    undone = undone.where(o.undoes != "", o.state == State.ACKED)
    written: dict[tuple[Row, int], tuple[str, set[str]]] = {}
    for each in tx.execute(told.join(rows, and_(*(rows.c[name] == j[name] for name in NAMED)))):
        written.setdefault((_row(each), each.revision), (each.run_id, set()))[1].add(each.field)
    takes_back: dict[tuple[Row, int], str] = {}
    for each in tx.execute(undone.join(rows, and_(*(rows.c[name] == o[name] for name in NAMED)))):
        named = _row(each), each.revision
        takes_back[named] = each.undoes
        written.setdefault(named, ("", set(load_all(each.fields))))  # it was there already: nothing had to leave
    found: dict[Row, list[Act]] = defaultdict(list)
    for (row, revision), (by, fields) in written.items():
        found[row].append(Act(revision, by, frozenset(fields), takes_back.get((row, revision), "")))
    return found


def by_run(tx: Connection) -> Mapping[str, int]:
    """How many records each run wrote."""
    records = select(j.run_id, j.connection, j.object, j.key_field, j.key).distinct().subquery()
    counted = select(records.c.run_id, func.count()).group_by(records.c.run_id)
    return {str(run): int(count) for run, count in tx.execute(counted)}


def _chosen() -> Select[Any]:
    # What a human let pass was decided by no run, but is noted beside them; where it is not, by whom it was delivered.
    decided, delivered = tables.runs.alias(), tables.runs.alias()
    joined = tables.journal.outerjoin(decided, decided.c.id == j.wished_by)
    joined = joined.outerjoin(delivered, delivered.c.id == j.run_id)
    version = func.coalesce(decided.c.rules_version, delivered.c.rules_version).label("rules_version")
    order = (j.at.desc(), j.connection, j.object, j.key, j.revision.desc(), j.field)
    return select(tables.journal, version).select_from(joined).order_by(*order)


def _row(found: SqlRow[Any]) -> Row:
    return Row(found.connection, found.object, found.key_field, found.key)


def _written(row: SqlRow[Any]) -> Written:
    it = row._mapping  # noqa: SLF001 - SQLAlchemy's public way to columns by name
    return Written(
        row=Row(it["connection"], it["object"], it["key_field"], it["key"]),
        prior=None if it["prior"] is None else as_value(load(it["prior"])),
        looked=it["prior"] is not None,
        value=as_value(load(it["value"])),
        rules_version=it["rules_version"] or "",
        **{
            name: it[name]
            for name in ("revision", "field", "run_id", "because", "subject", "remote_id", "created", "gone", "at")
        },
    )

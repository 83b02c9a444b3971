"""Which command ran when, under which rules, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, insert, select, update

from connector.store import tables
from connector.store.upsert import chunks, insert_into

APPROVED = "approved"  # not a run: a plan that a human let pass


@dataclass(frozen=True, slots=True)
class Run:
    """One run."""

    id: str
    what: str  # "sync", "apply"
    started_at: datetime
    finished_at: datetime | None  # None: it runs, or was killed
    rules_version: str
    summary: str
    error: str  # empty: it went well


def start(tx: Connection, run_id: str, started_at: datetime, rules_version: str, what: str) -> None:
    """Note that a run begins."""
    row = {"id": run_id, "what": what, "started_at": started_at, "rules_version": rules_version}
    tx.execute(insert(tables.runs).values(**row, finished_at=None, summary="", error=""))


def note_approval(tx: Connection, plan_id: str, at: datetime, rules_version: str) -> None:
    """Note by which rules a human's plan was made: its records may leave with a later run, under other rules.

    It stands beside the runs, since what it asks for names it as they are named; nobody who asks for runs is told of it.
    """
    row = {"id": plan_id, "what": APPROVED, "started_at": at, "finished_at": at, "rules_version": rules_version}
    tx.execute(insert_into(tx, tables.runs).on_conflict_do_nothing(), [{**row, "summary": "", "error": ""}])


def finish(tx: Connection, run_id: str, at: datetime, summary: str, error: str = "") -> None:
    """Note how it ended."""
    ended = {"finished_at": at, "summary": summary, "error": error}
    tx.execute(update(tables.runs).where(tables.runs.c.id == run_id).values(**ended))


def newest(tx: Connection, limit: int = 50) -> list[Run]:
    """Runs, the latest first."""
    r = tables.runs.c
    found = tx.execute(
        select(*_columns()).where(r.what != APPROVED).order_by(r.started_at.desc(), r.id.desc()).limit(limit)
    )
    return [Run(*each) for each in found]


def these(tx: Connection, ids: Iterable[str]) -> list[Run]:
    """Some runs, however long ago, the latest first."""
    r = tables.runs.c
    found = [each for some in chunks(ids) for each in tx.execute(select(*_columns()).where(r.id.in_(some)))]
    return sorted((Run(*each) for each in found), key=lambda each: (each.started_at, each.id), reverse=True)


def _columns() -> tuple[Column[Any], ...]:
    r = tables.runs.c
    return r.id, r.what, r.started_at, r.finished_at, r.rules_version, r.summary, r.error


def last(tx: Connection) -> Run | None:
    """The run that began last; None: there was none."""
    return next(iter(newest(tx, 1)), None)

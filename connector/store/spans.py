"""Rows that belong to a period: written whole by a run, so that what an earlier run said and this one does not is gone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, and_, delete
from sqlalchemy import Row as SqlRow

from connector.model.calendar import Grain, Period
from connector.store.upsert import insert_into


def replace(tx: Connection, table: Table, rows: Sequence[dict[str, Any]], run_id: str, by: str = "metric") -> None:
    """Write rows, and forget what other runs said of the same `by` and period. Rows stay the rows they were."""
    upsert(tx, table, rows)
    c = table.c
    for name, period_id in sorted({(row[by], row["period_id"]) for row in rows}):
        stale = and_(c[by] == name, c.period_id == period_id, c.run_id != run_id)
        tx.execute(delete(table).where(stale))


def upsert(tx: Connection, table: Table, rows: Sequence[dict[str, Any]], keep: set[str] | None = None) -> None:
    """Insert rows or bring them up to date by their key; columns in `keep` stay as they were first written."""
    if not rows:
        return
    insert, key = insert_into(tx, table), list(table.primary_key)
    kept = {each.name for each in key} | (keep or set())
    again = {each.name: insert.excluded[each.name] for each in table.columns if each.name not in kept}
    tx.execute(insert.on_conflict_do_update(index_elements=key, set_=again), rows)


def span(period: Period) -> dict[str, Any]:
    """A period's columns."""
    bounds = {"starts_on": period.starts_on, "ends_before": period.ends_before}
    return {"period_id": period.id, "grain": period.grain.value, **bounds}


def period_of(row: SqlRow[Any]) -> Period:
    """The period of a row, as it was when it was written."""
    return Period(row.starts_on, row.ends_before, row.period_id, Grain(row.grain))


def as_text(value: Decimal | None) -> str | None:
    """A number without losing a digit."""
    return None if value is None else str(value)


def as_decimal(value: str | None) -> Decimal | None:
    """And back."""
    return None if value is None else Decimal(value)

"""Raw copies of the store's tables, carried on by change sequence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection
from sqlalchemy import Boolean, Column, Connection, Date, Integer, Table, case, func, select, true

from connector.store import tables
from connector.store.mirror.scope import ACTED, ACTIVITIES, TOUCHED, note, prepare
from connector.store.rows import PLANNED
from connector.store.tables import Moment

PAGE = 50_000  # rows that cross at once
COPIED = (
    tables.deals,
    tables.accounts,
    tables.activities,
    tables.stage_changes,
    tables.splits,
    tables.team_members,
    tables.account_territories,
)
LEFT_BEHIND = frozenset({"modified_at", "change_seq", "deleted_at"})
REMEMBERED = frozenset({tables.deals})  # deleted ones too, with the moment: they have a past


@dataclass(frozen=True, slots=True)
class Copied:
    """How far each table has been copied, after this copy."""

    upto: dict[str, int]
    carried_on: bool = True  # every table went on from where it was; none began anew


def copy(tx: Connection, mirror: DuckDBPyConnection, seen: dict[str, str]) -> Copied:
    """Bring every raw table up to the store; `seen` is what the mirror knows about itself.

    Deleted records are left out, but for deals. Page by page is committed, since a transaction holds on to every page
    that was handed to it: safe to repeat and to kill, as long as the caller notes how far it came at the very end.
    """
    upto: dict[str, int] = {}
    prepare(mirror)
    for table in COPIED:
        known = seen.get(f"seq:{table.name}")
        newest = int(tx.execute(select(func.max(table.c.change_seq))).scalar() or 0)
        upto[table.name] = newest
        if known is None:
            _create(mirror, table)
        if newest > int(known or 0):
            _carry(tx, mirror, table, None if known is None else int(known))
    return Copied(upto, all(f"seq:{table.name}" in seen for table in COPIED))


def _create(mirror: DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(f'"{each.name}" {_type(each)}' for each in _columns(table))
    mirror.execute(f"create or replace table raw.{table.name} ({columns})")


def _carry(tx: Connection, mirror: DuckDBPyConnection, table: Table, after: int | None) -> None:
    """Carry rows over: all that are there, or what changed after a number of the change sequence."""
    names = [each.name for each in _columns(table)]
    columns = ", ".join(f'"{name}"' for name in names)
    alive = true() if table in REMEMBERED else table.c.deleted_at.is_(None)
    query = select(*(_plain(tx, each) for each in _columns(table)), alive)
    query = query.where(alive if after is None else table.c.change_seq > after)
    text = str(query.compile(dialect=tx.dialect, compile_kwargs={"literal_binds": True}))
    for rows in _pages(tx, text):
        page = pa.table(dict(zip([*names, "_alive"], map(pa.array, zip(*rows, strict=True)), strict=True)))
        mirror.register("page", page)
        if after is not None:
            _note(mirror, table.name)
            mirror.execute(f"delete from raw.{table.name} where ref in (select ref from page)")
        mirror.execute(f"insert into raw.{table.name} select {columns} from page where _alive::boolean")
        mirror.unregister("page")
        mirror.execute("commit")
        mirror.execute("begin")


def _pages(tx: Connection, text: str) -> Iterator[list[tuple[Any, ...]]]:
    """The driver's own rows: building SQLAlchemy's would take longer than the rest."""
    driver: Any = tx.connection.driver_connection
    named = {} if tx.dialect.name == "sqlite" else {"name": "copied"}  # one with a name stays on the server
    with closing(driver.cursor(**named)) as cursor:
        cursor.execute(text)
        while rows := cursor.fetchmany(PAGE):
            yield rows


def _note(mirror: DuckDBPyConnection, table: str) -> None:
    """What a page is about, before it takes the place of what was known."""
    match table:
        case "deals":
            note(mirror, TOUCHED, "select ref from page")
        case "stage_changes":
            note(mirror, TOUCHED, "select deal from page")
            note(mirror, TOUCHED, "select deal from raw.stage_changes where ref in (select ref from page)")
        case "activities":
            note(mirror, ACTIVITIES, "select ref from page")
            note(mirror, ACTED, "select deal from page where deal is not null")
            before = "select deal from raw.activities where deal is not null and ref in (select ref from page)"
            note(mirror, ACTED, before)
        case _:
            pass


def _columns(table: Table) -> list[Column[Any]]:
    kept = {"deleted_at"} if table in REMEMBERED else set()
    return [each for each in table.columns if each.name not in LEFT_BEHIND - kept]


def _type(column: Column[Any]) -> str:
    match column.type:
        case Integer():  # BigInteger is one
            return "BIGINT"
        case Boolean():
            return "BOOLEAN"
        case Date():
            return "DATE"
        case Moment():
            return "TIMESTAMP"
        case _:
            return "VARCHAR"


def _plain(tx: Connection, column: Column[Any]) -> Any:  # noqa: ANN401  (a column or an expression)
    """Moments without a zone, in UTC; SQLite keeps them so. Of next steps the mark, also where a text still stands there."""
    if column is tables.deals.c.next_step:
        return case((column.is_not(None), PLANNED)).label(column.name)
    if isinstance(column.type, Moment) and tx.dialect.name != "sqlite":
        return func.timezone("UTC", column).label(column.name)
    return column

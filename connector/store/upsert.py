"""Many rows at once, each stored only when it tells us something new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import ColumnCollection, Connection, Table, and_, case, func, literal_column, null, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.sql import ColumnElement

from connector.store import tables
from connector.store.rows import FACT_COLUMNS, POSTGRESQL, SQLITE, Cell, Dialect

Insert = sqlite.Insert | postgresql.Insert
Columns = ColumnCollection[str, Any]
AT_CLOSE = {"closed_owner": "owner", "closed_territory": "territory"}  # what is kept of the day a deal closed
AT_ONCE = 500  # values in one `in (…)`


def dialect_of(tx: Connection) -> Dialect:
    """How this database takes moments and days."""
    return SQLITE if tx.dialect.name == "sqlite" else POSTGRESQL


def insert_into(tx: Connection, table: Table) -> Insert:
    """An insert that knows ON CONFLICT; SQLite and PostgreSQL spell it alike."""
    return insert_sqlite(table) if tx.dialect.name == "sqlite" else insert_postgresql(table)


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """As many values at once as fit into one `in (…)`."""
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def raised(tx: Connection, counter: str, by: int = 1) -> int:
    """Raise a counter and return its new value. Whoever raises it holds it until they commit."""
    c = tables.counters.c
    bound = insert_into(tx, tables.counters).values(name=counter, value=by)
    bound = bound.on_conflict_do_update(index_elements=[c.name], set_={"value": c.value + by})
    return int(tx.execute(bound.returning(c.value)).scalar_one())


def counter(tx: Connection, name: str) -> int:
    """The value of a counter; 0 before it was first raised."""
    return int(tx.execute(select(tables.counters.c.value).where(tables.counters.c.name == name)).scalar() or 0)


def next_changes(tx: Connection, count: int) -> int:
    """Take `count` numbers of the change sequence; the first of them comes back."""
    return raised(tx, "change_seq", count) - count + 1


def upsert(tx: Connection, table: Table, rows: Sequence[tuple[Cell, ...]], first_seq: int) -> int:
    """Store rows of a fact table; returns how many said something new.

    An older stamp than the stored one changes nothing: a late webhook does not overwrite. An equal
    stamp counts when its content differs. A record that comes back loses its tombstone; one that comes
    with a tombstone keeps that of the first time.
    """
    try:
        _store(tx, table, rows)
    except UnicodeEncodeError:  # half a surrogate pair, somewhere; what is stored already is only stored again
        _store(tx, table, [tuple(map(_encodable, row)) for row in rows])
    found = select(func.count()).select_from(table).where(table.c.change_seq >= first_seq)
    return int(tx.execute(found).scalar_one())


def _store(tx: Connection, table: Table, rows: Sequence[tuple[Cell, ...]]) -> None:
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql(_sqlite_text(table), list(rows))
        return
    names = table.columns.keys()
    tx.execute(_statement(insert_postgresql(table), table), [dict(zip(names, row, strict=True)) for row in rows])


@cache
def _sqlite_text(table: Table) -> str:
    # Compiled once and run by the driver: per-row bind processing would cost more than the insert.
    compiled = _statement(insert_sqlite(table), table).compile(dialect=sqlite.dialect(paramstyle="qmark"))
    if list(compiled.positiontup or ()) != table.columns.keys():
        raise AssertionError(f"{table.name}: parameters are not in the order of the columns")
    return str(compiled)


def _statement(insert: Insert, table: Table) -> Insert:
    new, old = insert.excluded, table.c
    names = [each.name for each in table.columns if each.name not in FACT_COLUMNS]
    told = [name for name in names if name not in AT_CLOSE]  # those are ours, not the CRM's
    before, after = tuple_(*(old[name] for name in told)), tuple_(*(new[name] for name in told))
    buried = old.deleted_at.is_not(None)
    differs = or_(after.is_distinct_from(before), buried != new.deleted_at.is_not(None))
    values: dict[str, ColumnElement[Any]] = {name: new[name] for name in (*FACT_COLUMNS[1:], *names)}
    # A newer stamp over the same content moves the stamp only: nothing downstream has to look.
    values["deleted_at"] = case((new.deleted_at.is_(None), null()), else_=func.coalesce(old.deleted_at, new.deleted_at))
    values["change_seq"] = case((differs, new.change_seq), else_=old.change_seq)
    for kept, present in AT_CLOSE.items():
        if kept in names:
            values[kept] = _at_close(old, new, kept, present)
    fresh = or_(new.modified_at > old.modified_at, and_(new.modified_at == old.modified_at, differs))
    # A file that is put back carries its old stamp, and is right all the same.
    where = differs if table is tables.readings else fresh
    return insert.on_conflict_do_update(index_elements=[old.ref], set_=values, where=where)


def _at_close(old: Columns, new: Columns, kept: str, present: str) -> ColumnElement[Any]:
    """What a deal had when it closed it keeps, whatever it gets later; reopened, nothing is kept."""
    opened: ColumnElement[str] = literal_column("'open'")  # no parameter: the driver binds the columns only
    return case(
        (new.outcome == opened, null()),
        (old.outcome == opened, new[present]),
        else_=func.coalesce(old[kept], new[present]),
    )


def _encodable(cell: Cell) -> Cell:
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell

"""How far each stream has been read, and whose hand may move it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, select

from connector.errors import Fenced
from connector.model.records import Ref
from connector.ports import Cursor
from connector.store import tables
from connector.store.upsert import counter, insert_into, raised


@dataclass(frozen=True, slots=True)
class Tally:
    """Records that a window has brought so far, and how many of them cannot be read."""

    read: int = 0
    bad: int = 0

    def plus(self, read: int, bad: int) -> Tally:
        """With those of another page."""
        return Tally(self.read + read, self.bad + bad)


def take(tx: Connection, connection: str) -> int:
    """Take over a connection: whoever held it before is fenced out from now on."""
    return raised(tx, _name(connection))


def held(tx: Connection, connection: str, epoch: int) -> None:
    """Raise Fenced when somebody else has taken over since."""
    if counter(tx, _name(connection)) != epoch:
        raise Fenced(f"{connection}: another process took over")


def all_held(tx: Connection, epochs: Mapping[str, int]) -> None:
    """Raise Fenced when somebody else has taken over one of several connections since."""
    for connection, epoch in epochs.items():
        held(tx, connection, epoch)


def cursor(tx: Connection, connection: str, source: str) -> Cursor | None:
    """How far a source has been read; None: never."""
    found = _row(tx, connection, source)
    return None if found is None else Cursor(found.covered, found.until, found.after, found.memo)


def tally(tx: Connection, connection: str, source: str) -> Tally:
    """What the open window of a stream brought in earlier cycles; nothing where none is open, or where it begins anew.

    A record that was read well since, or is gone, is not bad any more.
    """
    found = _row(tx, connection, source)
    if found is None or not found.judged:
        return Tally()
    u = tables.unreadable.c
    still = tables.unreadable.join(tables.rejections, tables.rejections.c.ref == u.ref)
    bad = select(func.count()).select_from(still).where(u.connection == connection, u.source == source)
    return Tally(found.judged, tx.execute(bad).scalar_one())


def move(  # noqa: PLR0917
    tx: Connection,
    connection: str,
    source: str,
    old: Cursor | None,
    new: Cursor,
    epoch: int,
    *,
    judged: int = 0,
    bad: Iterable[Ref] = (),
) -> None:
    """Advance a cursor, in the transaction that stores its page.

    `judged`: records that its window has brought so far; 0: the window is closed, or whatever comes begins it anew.
    `bad`: those of the page that cannot be read.
    Raises Fenced when somebody else took the connection over, or has moved this cursor.
    """
    held(tx, connection, epoch)
    if cursor(tx, connection, source) != old:
        raise Fenced(f"{connection}: another process moved {source}")
    if judged:
        _count(tx, connection, source, bad)
    elif old is not None and old.until is not None:
        _let_go(tx, connection, source)
    place = {"covered": new.covered, "until": new.until, "after": new.after, "memo": new.memo, "epoch": epoch}
    place["judged"] = judged
    insert = insert_into(tx, tables.streams).values(connection=connection, source=source, **place)
    tx.execute(insert.on_conflict_do_update(index_elements=["connection", "source"], set_=place))


def forget(tx: Connection, connection: str, source: str) -> None:
    """Begin it again."""
    _let_go(tx, connection, source)
    s = tables.streams.c
    tx.execute(delete(tables.streams).where(s.connection == connection, s.source == source))


def forget_unread(tx: Connection, connection: str, source: str) -> bool:
    """Begin again what was never read to its end; returns whether it never was."""
    found = cursor(tx, connection, source)
    if found and found.covered is not None:
        return False
    forget(tx, connection, source)
    return True


def note_whole(tx: Connection, connection: str, *, whole: bool = True) -> None:
    """Every source of a connection has been read to its end once; or there is a new one by now that has not."""
    name = f"whole:{connection}"
    if whole:
        raised(tx, name)
    else:
        tx.execute(delete(tables.counters).where(tables.counters.c.name == name))


def is_whole(tx: Connection, connection: str) -> bool:
    """Whether every source of a connection has been read to the end once, so that what it lacks is lacking indeed."""
    return counter(tx, f"whole:{connection}") > 0


def _count(tx: Connection, connection: str, source: str, bad: Iterable[Ref]) -> None:
    rows = [{"connection": connection, "source": source, "ref": str(each)} for each in bad]
    if rows:
        tx.execute(insert_into(tx, tables.unreadable).on_conflict_do_nothing(), rows)


def _let_go(tx: Connection, connection: str, source: str) -> None:
    """What one window brought counts for no later one."""
    u = tables.unreadable.c
    tx.execute(delete(tables.unreadable).where(u.connection == connection, u.source == source))


def _row(tx: Connection, connection: str, source: str) -> Row[tuple[object, ...]] | None:
    s = tables.streams.c
    chosen = select(tables.streams).where(s.connection == connection, s.source == source)
    return tx.execute(chosen).first()


def _name(connection: str) -> str:
    return f"epoch:{connection}"

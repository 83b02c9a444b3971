"""The portal's own SQLite: one connection, and whoever uses it holds the lock."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from connector.sandbox.hubspot.kinds import KINDS, Kind
from connector.sandbox.hubspot.moments import stamp_text, value_text

Row = tuple[Any, ...]

_SHARED = """
CREATE TABLE IF NOT EXISTS history (
    kind INTEGER, id INTEGER, property TEXT, at INTEGER, value TEXT, source TEXT, source_id TEXT, user INTEGER);
CREATE INDEX IF NOT EXISTS history_of ON history (kind, id, property, at);
CREATE TABLE IF NOT EXISTS links (
    from_kind INTEGER, from_id INTEGER, to_kind INTEGER, to_id INTEGER, type INTEGER,
    PRIMARY KEY (from_kind, from_id, to_kind, to_id, type)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uniques (
    kind INTEGER, property TEXT, value TEXT COLLATE NOCASE, id INTEGER,
    PRIMARY KEY (kind, property, value)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS definitions (kind INTEGER, name TEXT, body TEXT, PRIMARY KEY (kind, name));
CREATE TABLE IF NOT EXISTS groups (kind INTEGER, name TEXT, body TEXT, PRIMARY KEY (kind, name));
CREATE TABLE IF NOT EXISTS merged (
    kind INTEGER, loser INTEGER, winner INTEGER, PRIMARY KEY (kind, loser)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shares (
    id INTEGER PRIMARY KEY, deal INTEGER, owner INTEGER, share TEXT, at INTEGER);
CREATE INDEX IF NOT EXISTS shares_of ON shares (deal);
CREATE TABLE IF NOT EXISTS owners (
    id INTEGER PRIMARY KEY, user_id INTEGER, email TEXT COLLATE NOCASE, first TEXT, last TEXT,
    created INTEGER, updated INTEGER, active INTEGER, teams TEXT);
CREATE TABLE IF NOT EXISTS stages (
    id TEXT PRIMARY KEY, label TEXT, position INTEGER, probability TEXT, precise TEXT, closed TEXT, won TEXT);
CREATE TABLE IF NOT EXISTS rates (
    id INTEGER PRIMARY KEY, currency TEXT, starts_on TEXT, conversion REAL);
CREATE TABLE IF NOT EXISTS schemas (number INTEGER PRIMARY KEY, body TEXT, archived INTEGER);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS origins (kind TEXT, origin TEXT, id INTEGER, PRIMARY KEY (kind, origin)) WITHOUT ROWID;
"""

# The two partial indexes cover the questions that a sync asks: changed when, and which id comes next.
_PER_KIND = """
CREATE TABLE IF NOT EXISTS {table} (
    id INTEGER PRIMARY KEY, created INTEGER NOT NULL, modified INTEGER NOT NULL, archived INTEGER, properties TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS {table}_by_modified ON {table} (modified, id) WHERE archived IS NULL;
CREATE INDEX IF NOT EXISTS {table}_by_id ON {table} (id, modified) WHERE archived IS NULL;
CREATE TABLE IF NOT EXISTS {shadow} (
    id INTEGER, replaced INTEGER, created INTEGER, modified INTEGER, archived INTEGER, properties TEXT,
    PRIMARY KEY (id, replaced)) WITHOUT ROWID;
"""


class Store:
    """SQLite with the functions that our expressions need; not itself safe for two threads at once."""

    def __init__(self, database: str) -> None:
        self._connection = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        self.versions: Counter[int] = Counter()  # kind → how often it was written to, for whoever caches
        self._register()
        self._connection.executescript(
            "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;"
        )
        self._connection.executescript(_SHARED)
        for kind in KINDS:
            self.house(kind)

    def _register(self) -> None:
        self._connection.create_function("stamp", 1, _nothing(stamp_text), deterministic=True)
        self._connection.create_function("value_moment", 1, _nothing(value_text), deterministic=True)
        self._connection.create_function("precise", 1, _nothing(precise), deterministic=True)
        self._connection.create_function("has_token", 2, has_token, deterministic=True)

    def house(self, kind: Kind) -> None:
        """Tables for a kind's records; a script would end the transaction that we may be in."""
        for statement in _PER_KIND.format(table=kind.table, shadow=kind.shadow).split(";"):
            self._connection.execute(statement)

    def teach(self, name: str, function: Callable[[], str]) -> None:
        """Give SQL a function without arguments."""
        self._connection.create_function(name, 0, function)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        return iter(self._connection.execute(sql, values))

    def one(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        self._connection.execute(sql, values)

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        self._connection.executemany(sql, rows)

    def touched(self, kind: Kind) -> None:
        self.versions[kind.number] += 1

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Many writes as one; SQLite is slow when it must settle each of them."""
        self._connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def setting(self, name: str, default: str) -> str:
        row = self.one("SELECT value FROM settings WHERE name = ?", (name,))
        return default if row is None else str(row[0])

    def close(self) -> None:
        self._connection.close()


def precise(number: float) -> str:
    """A binary float written out in full, as computed numbers arrive."""
    return format(Decimal(number), "f")


def has_token(value: str | None, wanted: str) -> bool:
    """Whether a word of the value is the wanted one; `*` stands for anything, and case does not matter."""
    if value is None:
        return False
    pattern = wanted.lower().replace("[", "[[]").replace("?", "[?]")
    words = "".join(sign if sign.isalnum() or sign in "@._-" else " " for sign in value.lower()).split()
    return any(fnmatchcase(word, pattern) for word in [*words, value.lower()])


def _nothing(function: Any) -> Any:  # noqa: ANN401 - SQLite hands over whatever is in the column
    """The function, where NULL stays NULL."""
    return lambda value: None if value is None else function(value)

"""The mirror as a file: opened, published, thrown away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from connector.errors import ConfigError, Place, Problem, StoreBusy, StoreUnavailable

SHAPE = 6  # raised whenever the tables of the mirror change
VERSION = f"{SHAPE}, duckdb {duckdb.__version__}"
MEMORY = "800MB"  # what DuckDB may hold; beyond it, it goes to a folder beside the mirror
PLAIN = {
    "python_enable_replacements": "false",  # else an unknown table is looked for among our variables
    "memory_limit": MEMORY,
    "preserve_insertion_order": "false",  # every answer of ours is sorted where order matters
}
NO_ROOM = (duckdb.IOException, duckdb.FatalException, duckdb.OutOfMemoryException, OSError)  # of the disk, not of ours
LOCKED_DOWN = {**PLAIN, "enable_external_access": "false", "lock_configuration": "true"}


def open_mirror(path: Path) -> DuckDBPyConnection:
    """A mirror to measure on: it reads no other file, writes nothing, and takes no settings.

    Raises ConfigError when there is none that this version can read; the next refresh makes one.
    """
    if not path.is_file():
        raise _unreadable(path, "there is no mirror yet")
    try:
        mirror = duckdb.connect(str(path), read_only=True, config=LOCKED_DOWN)
    except duckdb.Error as error:
        raise _refusal(path, error) from error
    if meta(mirror).get("version") != VERSION:
        mirror.close()
        raise _unreadable(path, "the mirror was made by another version")
    return mirror


def open_working(path: Path, store: str) -> DuckDBPyConnection:
    """The mirror to bring up to date; one that is unreadable, or not of this store and version, begins anew.

    Raises StoreBusy when another process has it open.
    """
    try:
        mirror = duckdb.connect(str(path), config=PLAIN)
    except duckdb.Error as error:
        if is_busy(error):
            raise _refusal(path, error) from error
        discard(path)
        mirror = duckdb.connect(str(path), config=PLAIN)
    try:
        known = meta(mirror)
    except duckdb.Error:
        mirror.close()
        raise
    if known and (known.get("version"), known.get("store")) != (VERSION, store):
        mirror.close()
        discard(path)
        return open_working(path, store)
    if not known:
        mirror.execute("create table if not exists meta (key varchar primary key, value varchar not null)")
        mirror.execute("create schema if not exists raw")
        remember(mirror, {"version": VERSION, "store": store})
    path.chmod(0o600)
    return mirror


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Around what writes a mirror.

    Raises StoreUnavailable when the disk does not take it, for it is full, gone, or not ours; StoreBusy when another
    process has the mirror open.
    """
    try:
        yield
    except (*NO_ROOM, duckdb.TransactionException) as error:
        if isinstance(error, duckdb.TransactionException) and "Could not write" not in str(error):
            raise  # of transactions that we led wrongly
        if isinstance(error, duckdb.Error) and is_busy(error):
            raise _refusal(path, error) from error
        said = str(error).strip().partition("\n")[0]
        cure = "nothing was lost: make room on that disk, and for us alone, then run again"
        raise StoreUnavailable(f"{path}: the mirror cannot be written: {said}\n  {cure}") from error


def publish(working: Path, published: Path) -> None:
    """Let readers have a copy: whole, at once, while those who still read the old one keep it.

    Raises StoreUnavailable when the disk does not take it; readers keep the old one then.
    """
    fresh = published.with_name(published.name + ".new")
    with writing(published):
        try:
            shutil.copyfile(working, fresh)
            fresh.chmod(0o600)
            fresh.replace(published)
        except OSError:
            fresh.unlink(missing_ok=True)  # half of it helps nobody, and takes up the room
            raise


def discard(path: Path) -> None:
    """Throw a mirror away; nothing is lost by it.

    With it goes what DuckDB put beside it: its log, and the folder of what did not fit into memory. That folder may be
    meant by itself.
    """
    for each in (path, path.with_name(path.name + ".wal"), path.with_name(path.name + ".tmp")):
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink(missing_ok=True)


def meta(mirror: DuckDBPyConnection) -> dict[str, str]:
    """What the mirror knows about itself; empty for a new one."""
    try:
        return dict(mirror.execute("select key, value from meta").fetchall())
    except duckdb.CatalogException:
        return {}


def remember(mirror: DuckDBPyConnection, facts: dict[str, str]) -> None:
    """Note facts about the mirror in itself."""
    if facts:
        rows = ", ".join("(?, ?)" for _ in facts)
        mirror.execute(f"insert or replace into meta values {rows}", [each for fact in facts.items() for each in fact])


def is_busy(error: duckdb.Error) -> bool:
    """Whether somebody else has the file open: it has one owner."""
    return isinstance(error, duckdb.IOException) and "lock on file" in str(error)


def _refusal(path: Path, error: duckdb.Error) -> ConfigError | StoreBusy:
    if is_busy(error):
        return StoreBusy(f"another process has the mirror open: {path}")
    return _unreadable(path, "the mirror cannot be read")


def _unreadable(path: Path, text: str) -> ConfigError:
    return ConfigError([Problem(Place(str(path)), "no-mirror", text, "`attain sync` makes a new one")])

"""The database: opened, migrated, and used in short transactions."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from connector.errors import ConfigError, Place, Problem, StoreBusy

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

HEAD = "0007"  # the newest migration; tests hold it against `migrations/`
ADVISORY_LOCK = 0x417474_61696E  # "Attain": our key among the advisory locks of a server
PRAGMAS = (
    "busy_timeout=30000",  # first: the change to WAL waits for a lock too
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=20000",  # pages; a first load writes many
    "cache_size=-65536",  # 64 MiB
)


@dataclass(frozen=True, slots=True)
class Store:
    """What we remember. Every use is one transaction, committed when its block ends well."""

    url: str  # without the password
    engine: Engine

    @property
    def path(self) -> Path | None:
        """The file of an SQLite store; None on a server."""
        file = self.engine.url.database
        return Path(file) if self.engine.dialect.name == "sqlite" and file else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One steady view of the store; what is written meanwhile is not seen."""
        with self.engine.connect() as connection:
            snapshot = connection.execution_options(readonly=True)
            with snapshot.begin():
                yield snapshot

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing. On SQLite the one writer waits up to 30 s for the other."""
        with self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_store(where: str | Path) -> Store:
    """Open a store by path or database URL; a new one is created, an old one brought up to date.

    Raises ConfigError when that place cannot hold our store.
    """
    url = _url(where)
    if url.get_backend_name() == "sqlite":
        _prepare_file(url)
    name = url.render_as_string(hide_password=True)
    try:
        store = Store(name, _engine(url))
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise _refused(name, "no-driver", f"no driver is installed for it ({error})") from error
    try:
        _bring_up_to_date(store)
    except DatabaseError as error:
        store.close()
        if "locked" in str(error.orig):
            raise StoreBusy(f"another process has been writing to {store.path or name} for 30 seconds") from error
        raise _refused(str(store.path or name), "not-a-store", _sentence(error)) from error
    except ConfigError:
        store.close()
        raise
    return store


@contextmanager
def run_lock(store: Store) -> Iterator[None]:
    """Be the one process that runs on this store. Raises StoreBusy when another one is.

    The kernel, or the server, frees the lock when its holder dies.
    """
    if store.path is None:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as held:
            if not held.execute(text("select pg_try_advisory_lock(:key)"), {"key": ADVISORY_LOCK}).scalar():
                raise StoreBusy(f"another process runs on {store.url}")
            yield
        return
    path = store.path.with_name(store.path.name + ".lock")
    with os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = file.read().strip()
            raise StoreBusy(f"process {holder or 'unknown'} runs on {store.path}") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _url(where: str | Path) -> URL:
    if isinstance(where, str) and "://" in where:
        try:
            return make_url(where)
        except ArgumentError as error:
            raise _refused("store", "no-url", "this is neither a path nor a database URL") from error
    return URL.create("sqlite", database=str(Path(where).expanduser().absolute()))


def _prepare_file(url: URL) -> None:
    """Create the file for our eyes only, or say what stands in the way."""
    if not url.database or url.database == ":memory:":
        raise _refused(str(url), "no-file", "a store needs a file; memory forgets")
    path = Path(url.database)
    if path.is_dir():
        raise _refused(str(path), "is-a-folder", "this is a folder; a store is a file", "name a file in it: attain.db")
    if not path.parent.is_dir():
        raise _refused(str(path), "no-folder", f"there is no folder {path.parent}", "create it first")
    try:
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with path.open("r+b") as file:
            start = file.read(16)
    except OSError as error:
        hint = "the store needs a file that we may read and write, in a folder that we may write to"
        raise _refused(str(path), "no-access", f"it cannot be opened: {error.strerror}", hint) from error
    if start and start != b"SQLite format 3\0":
        raise _refused(str(path), "not-a-store", "this file is no SQLite database")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None  # we say BEGIN, not the driver
    for pragma in PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    # A transaction that starts by reading and then writes fails at once when another one wrote
    # meanwhile, whatever the timeout: whoever means to write says so first.
    reading = connection.get_execution_options().get("readonly", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _bring_up_to_date(store: Store) -> None:
    """Run the migrations that are missing, in one transaction."""
    with store.reading() as tx:
        if _revision(tx) == HEAD:
            return
    with store.writing() as tx:
        revision = _revision(tx)  # again: another process may just have done it
        if revision != HEAD:
            _migrate(store, tx, revision)


def _revision(tx: Connection) -> str | None:
    """The migration that the database is at; None: it is empty, and may become ours."""
    tables = inspect(tx).get_table_names()
    if "alembic_version" in tables:
        return tx.execute(text("select version_num from alembic_version")).scalar()
    if tables:
        place = str(tx.engine.url.database)
        raise _refused(place, "not-a-store", "this database belongs to something else", "name a file of its own")
    return None


def _migrate(store: Store, tx: Connection, revision: str | None) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config()
    known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        text_ = f"it was written by a newer version of attain (schema {revision}, this one knows {HEAD})"
        raise _refused(str(store.path or store.url), "newer-store", text_, "upgrade attain, or name another store")
    config.attributes["connection"] = tx
    command.upgrade(config, "head")


def alembic_config() -> AlembicConfig:
    """Where the migrations are; `attributes["connection"]` says which database they run on."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _refused(place: str, code: str, words: str, hint: str = "") -> ConfigError:
    return ConfigError([Problem(Place(place), code, words, hint)])


def _sentence(error: DatabaseError) -> str:
    words = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
    return f"the database refused: {words}"

"""The database: opened, migrated, and used in short transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, NoSuchModuleError

from connector.errors import ConfigError, ConnectorError, Place, Problem, StoreBusy
from connector.store.broken import meant
from connector.store.disks import network_kind

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

HEAD = "0019"  # the newest migration; tests hold it against `migrations/`
WRITER = 0x417474_61696F  # our key for "I am the one who writes" among the advisory locks of a server
PATIENCE = 30_000  # milliseconds that the one writer waits for the other
PRAGMAS = (
    f"busy_timeout={PATIENCE}",  # first: the change to WAL waits for a lock too
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=FAST",  # what is deleted is overwritten where that costs nothing; `compact` sees to the rest
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
        """One steady view of the store; what is written meanwhile is not seen. Raises as `writing` does."""
        steady = {} if self.path else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._answering(), self.engine.connect() as connection:
            snapshot = connection.execution_options(readonly=True, **steady)
            with snapshot.begin():
                yield snapshot

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing, one writer at a time: the other waits up to 30 s, on a file as on a server.

        Raises StoreBusy after that, StoreDenied when we may not write, StoreUnavailable when the server or the
        disk is gone; nothing was kept then.
        """
        with self._answering(), self.engine.begin() as connection:
            if self.path is None:
                connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": WRITER})
            yield connection

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            told = meant(error, str(self.path or self.url))
            if told is None:
                raise
            raise told from error

    def compact(self) -> None:
        """Leave nothing of what was deleted in the file; a server does so by itself, in time.

        Raises StoreBusy when somebody reads or writes it for longer than the 30 s that we wait.
        """
        if self.path is not None:
            with self.engine.connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None
                try:
                    raw.execute("vacuum")
                    blocked, *_ = raw.execute("pragma wal_checkpoint(truncate)").fetchone()
                except sqlite3.OperationalError as error:
                    raise StoreBusy(f"{self.path} cannot be cleaned up now: {error}") from error
                if blocked:
                    raise StoreBusy(f"{self.path} cannot be cleaned up now: somebody reads it")

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
    name = _shown(url)
    try:
        store = Store(name, _engine(url))
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise _refused(name, "no-driver", f"no driver is installed for it ({error})") from error
    try:
        _bring_up_to_date(store)
    except DatabaseError as error:
        store.close()
        raise _refused(str(store.path or name), "not-a-store", _sentence(error)) from error
    except ConnectorError:
        store.close()
        raise
    return store


def _url(where: str | Path) -> URL:
    if isinstance(where, str) and "://" in where:
        try:
            url = make_url(where)
            plain = url.drivername in ("postgresql", "postgres")
            return url.set(drivername="postgresql+psycopg") if plain else url
        except ArgumentError as error:
            raise _refused("store", "no-url", "this is neither a path nor a database URL") from error
    return URL.create("sqlite", database=str(Path(where).expanduser().absolute()))


def _shown(url: URL) -> str:
    """Without passwords, wherever one may stand: before the host or among the parameters."""
    hidden = {name: "***" for name in url.query if "password" in name.lower() or "secret" in name.lower()}
    return url.update_query_dict(hidden).render_as_string(hide_password=True)


def _prepare_file(url: URL) -> None:
    """Create the file for our eyes only, or say what stands in the way."""
    if not url.database or url.database == ":memory:":
        raise _refused(_shown(url), "no-file", "a store needs a file; memory forgets")
    path = Path(url.database)
    if path.is_dir():
        raise _refused(str(path), "is-a-folder", "this is a folder; a store is a file", "name a file in it: attain.db")
    if not path.parent.is_dir():
        raise _refused(str(path), "no-folder", f"there is no folder {path.parent}", "create it first")
    if kind := network_kind(path):
        hint = "keep the store on a disk of this machine, or in PostgreSQL: store: ${env:ATTAIN_STORE}"
        raise _refused(
            str(path), "network-disk", f"it would lie on a network disk ({kind}); locks do not hold there", hint
        )
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
        given = {} if "options" in url.query else {"options": f"-c lock_timeout={PATIENCE}"}
        return create_engine(url, pool_pre_ping=True, connect_args=given)
    engine = create_engine(url)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None  # we say BEGIN, not the driver
    for pragma in PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")
    # Its own knows A to Z alone: a name is found in any case here, as on a server.
    raw.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: str | bytes | float | None) -> str | bytes | float | None:
    return value.lower() if isinstance(value, str) else value


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

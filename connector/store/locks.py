"""One process runs on a store: the scheduler, or a `sync` by hand."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from connector.errors import StoreBusy
from connector.store.broken import meant
from connector.store.database import Store

RUNNER = 0x417474_61696E  # "Attain": our key among the advisory locks of a server


class Held:
    """The lock, as long as we have it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Connection | None = None

    def make_sure(self) -> None:
        """A server frees the lock when it restarts: take it again then.

        Raises StoreBusy when another process was quicker, StoreUnavailable when the server is still away.
        A file's lock goes only with the process.
        """
        if self._store.path is not None:
            return
        try:
            if self._connection is not None:
                self._connection.execute(text("select 1"))
                return
        except DBAPIError:
            self.let_go()
        self._take()

    def let_go(self) -> None:
        """Free the lock.

        The server does so too when the connection breaks, but only when it comes to notice: whoever begins at once
        after us would find it taken.
        """
        if self._connection is None:
            return
        held, self._connection = self._connection, None
        try:
            held.execute(text("select pg_advisory_unlock(:key)"), {"key": RUNNER})
        except SQLAlchemyError:
            pass  # it is broken already: the server frees what it held
        finally:
            held.invalidate()
            held.close()

    def _take(self) -> None:
        try:
            held = self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            got = held.execute(text("select pg_try_advisory_lock(:key)"), {"key": RUNNER}).scalar()
        except DBAPIError as error:
            raise meant(error, self._store.url) or error from error
        self._connection = held
        if not got:
            self.let_go()
            raise StoreBusy(f"another process runs on {self._store.url}")


@contextmanager
def run_lock(store: Store) -> Iterator[Held]:
    """Be the one process that runs on this store. Raises StoreBusy when another one is.

    The kernel, or the server, frees the lock when its holder dies.
    """
    held = Held(store)
    if store.path is not None:
        with _file_lock(store.path):
            yield held
        return
    held.make_sure()
    try:
        yield held
    finally:
        held.let_go()


@contextmanager
def _file_lock(store: Path) -> Iterator[None]:
    path = store.with_name(store.name + ".lock")
    with os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = file.read().strip()
            raise StoreBusy(f"process {holder or 'unknown'} runs on {store}") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield

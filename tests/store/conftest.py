"""A store of its own for every test, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.store.database import Store, open_store
from tests.postgres import Server
from tests.store.mirrored import Mirrored


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a store may be made: a file that is not there yet, or the URL of a database."""
    if request.param == "sqlite":
        yield str(tmp_path / "attain.db")
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without anything in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'attain.db'}"
        return
    server: Server = request.getfixturevalue("postgres")
    with server.empty() as url:
        yield url


@pytest.fixture
def store(where: str) -> Iterator[Store]:
    opened = open_store(where)
    yield opened
    opened.close()


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """One in a file, for what only files can do."""
    opened = open_store(tmp_path / "attain.db")
    yield opened
    opened.close()


@pytest.fixture
def mirrored(store: Store, tmp_path: Path) -> Mirrored:
    return Mirrored(store, tmp_path / "mirror.duckdb")

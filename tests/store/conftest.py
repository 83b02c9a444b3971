"""A store of its own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.store.database import Store, open_store
from tests.store.mirrored import Mirrored


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "attain.db")
    yield opened
    opened.close()


@pytest.fixture
def mirrored(store: Store, tmp_path: Path) -> Mirrored:
    return Mirrored(store, tmp_path / "mirror.duckdb")

"""The lock of the one process that runs on a store."""

from __future__ import annotations

import pytest

from connector.errors import StoreBusy
from connector.store.database import Store, open_store
from connector.store.locks import run_lock


def test_whoever_begins_at_once_after_us_finds_it_free(store: Store) -> None:
    """A server that only sees a connection break frees the lock when it comes to notice: often too late for the next one."""
    for _ in range(100):
        with run_lock(store):
            pass


def test_while_we_hold_it_nobody_else_does(store: Store) -> None:
    other = open_store(store.path or store.engine.url.render_as_string(hide_password=False))
    with run_lock(store), pytest.raises(StoreBusy), run_lock(other):
        pytest.fail("two at once")
    with run_lock(other):
        pass
    other.close()

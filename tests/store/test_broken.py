"""A database that refuses: what is said, which code it ends with, and that nothing half is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text

from connector.errors import ConnectorError, StoreBusy, StoreDenied, StoreUnavailable
from connector.ports import Cursor
from connector.store import streams
from connector.store.database import Store, open_store
from connector.store.locks import run_lock
from tests.postgres import Server, server
from tests.store.made import MONDAY

TASKS = "activity/Task"


def move(store: Store, count: int) -> None:
    """A commit, with something that takes room."""
    with store.writing() as tx:
        epoch = streams.take(tx, "emea")
        for number in range(count):
            streams.move(tx, "emea", f"{TASKS}/{'x' * 2000}/{number}", None, Cursor(MONDAY), epoch)


def moved(store: Store) -> int:
    with store.reading() as tx:
        return int(tx.execute(text("select count(*) from streams")).scalar() or 0)


def test_a_full_disk_is_no_bug_and_keeps_nothing_half(file_store: Store) -> None:
    with file_store.engine.connect() as connection:  # the pool hands the same connection out again
        pages = connection.execute(text("pragma page_count")).scalar()
        connection.execute(text(f"pragma max_page_count = {pages}"))
    with pytest.raises(StoreUnavailable, match="disk is full\n  nothing was lost") as caught:
        move(file_store, 300)
    assert caught.value.exit_code == 4
    assert moved(file_store) == 0
    with file_store.engine.connect() as connection:
        connection.execute(text("pragma max_page_count = 100000"))
    move(file_store, 300)
    assert moved(file_store) == 300


def test_a_store_that_we_may_only_read_says_so(file_store: Store) -> None:
    with file_store.engine.connect() as connection:
        connection.execute(text("pragma query_only = on"))
    with pytest.raises(StoreDenied, match="readonly database") as caught:
        move(file_store, 1)
    assert caught.value.exit_code == 3


def test_a_writer_that_never_ends_is_waited_for_and_then_named_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.store.database.PRAGMAS", ("busy_timeout=50", "journal_mode=WAL"))
    store = open_store(tmp_path / "a.db")
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(StoreBusy) as caught:
        move(store, 1)
    assert caught.value.exit_code == 5
    other.execute("commit")
    move(store, 1)
    assert moved(store) == 1
    store.close()


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """One that may be stopped without harm to other tests."""
    with TemporaryDirectory(prefix="attain-restarted-") as folder:
        started = server(Path(folder), own=True)
        yield started
        started.close()


def test_two_writers_on_a_server_take_turns(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.store.database.PATIENCE", 100)
    with postgres.database() as url:
        first, second = open_store(url), open_store(url)
        with first.writing(), pytest.raises(StoreBusy):
            move(second, 1)
        move(second, 1)
        assert moved(first) == 1
        first.close()
        second.close()


def test_a_server_that_went_away_and_came_back(own_server: Server) -> None:
    with own_server.database() as url:
        store = open_store(url)
        with run_lock(store) as lock:
            move(store, 1)
            own_server.stop()
            for work in (lambda: move(store, 2), lambda: moved(store), lock.make_sure, lambda: open_store(url)):
                with pytest.raises(StoreUnavailable) as caught:
                    work()
                assert caught.value.exit_code == 4
                assert "nothing was lost" in str(caught.value)
            own_server.start()
            assert moved(store) == 1
            lock.make_sure()
            with pytest.raises(StoreBusy), run_lock(open_store(url)):
                pass
        store.close()


def test_a_runner_that_lost_its_lock_to_another_stands_back(own_server: Server) -> None:
    with own_server.database() as url:
        store, other = open_store(url), open_store(url)
        with run_lock(store) as lock:
            own_server.restart()
            with run_lock(other), pytest.raises(StoreBusy):
                lock.make_sure()
            lock.make_sure()
        store.close()
        other.close()


def test_a_server_that_dies_in_the_middle_keeps_nothing(own_server: Server) -> None:
    with own_server.database() as url:
        store = open_store(url)

        def half() -> None:
            with store.writing() as tx:
                epoch = streams.take(tx, "emea")
                streams.move(tx, "emea", TASKS, None, Cursor(MONDAY), epoch)
                own_server.restart()
                streams.move(tx, "emea", TASKS, Cursor(MONDAY), Cursor(None), epoch)

        with pytest.raises(ConnectorError) as caught:
            half()
        assert isinstance(caught.value, StoreUnavailable)
        assert moved(store) == 0
        store.close()


def test_a_database_nobody_made_is_told_without_its_password(postgres: Server) -> None:
    url = postgres.url.set(database="nosuch", password="hunter2")
    with pytest.raises(ConnectorError) as caught:
        open_store(url.render_as_string(hide_password=False))
    assert caught.value.exit_code in (2, 4)
    assert 'database "nosuch" does not exist' in str(caught.value)
    assert "hunter2" not in str(caught.value)

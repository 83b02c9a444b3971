from __future__ import annotations

import pytest

from connector.errors import Fenced
from connector.ports import Cursor
from connector.store import runs, streams
from connector.store.database import Store
from tests.store.made import MONDAY, TUESDAY, WEDNESDAY

DEALS = "deal/Opportunity"
UNREAD = Cursor(covered=None, until=MONDAY, after="006A1")
READ = Cursor(covered=MONDAY)


def test_a_stream_that_was_never_read_has_no_cursor(store: Store) -> None:
    with store.reading() as tx:
        assert streams.cursor(tx, "emea", DEALS) is None


def test_a_cursor_comes_back_as_it_was_moved(store: Store) -> None:
    with store.writing() as tx:
        epoch = streams.take(tx, "emea")
        streams.move(tx, "emea", DEALS, None, UNREAD, epoch)
        assert streams.cursor(tx, "emea", DEALS) == UNREAD
        streams.move(tx, "emea", DEALS, UNREAD, READ, epoch)
        assert streams.cursor(tx, "emea", DEALS) == READ
        assert streams.cursor(tx, "smb", DEALS) is None


def test_whoever_took_over_last_is_the_only_one_to_move(store: Store) -> None:
    with store.writing() as tx:
        stopped = streams.take(tx, "emea")
        running = streams.take(tx, "emea")
        assert running == stopped + 1
    with pytest.raises(Fenced), store.writing() as tx:
        streams.move(tx, "emea", DEALS, None, READ, stopped)
    with store.writing() as tx:
        streams.move(tx, "emea", DEALS, None, READ, running)


def test_taking_one_connection_leaves_the_others_alone(store: Store) -> None:
    with store.writing() as tx:
        epoch = streams.take(tx, "emea")
        streams.take(tx, "smb")
        streams.take(tx, "smb")
        streams.move(tx, "emea", DEALS, None, READ, epoch)


@pytest.mark.parametrize("held", [None, Cursor(covered=TUESDAY), Cursor(MONDAY, after="x"), Cursor(MONDAY, WEDNESDAY)])
def test_a_cursor_that_is_not_where_it_was_left_is_not_moved(store: Store, held: Cursor | None) -> None:
    with store.writing() as tx:
        epoch = streams.take(tx, "emea")
        streams.move(tx, "emea", DEALS, None, READ, epoch)
    with pytest.raises(Fenced), store.writing() as tx:
        streams.move(tx, "emea", DEALS, held, Cursor(WEDNESDAY), epoch)
    with store.reading() as tx:
        assert streams.cursor(tx, "emea", DEALS) == READ


def test_a_fenced_page_is_rolled_back_with_its_cursor(store: Store) -> None:
    with store.writing() as tx:
        old = streams.take(tx, "emea")
        streams.take(tx, "emea")

    def page() -> None:
        with store.writing() as tx:
            runs.start(tx, "r1", MONDAY, "abc", "sync")
            streams.move(tx, "emea", DEALS, None, READ, old)

    with pytest.raises(Fenced):
        page()
    with store.reading() as tx:
        assert runs.last(tx) is None


def test_the_last_run_is_the_one_that_began_last(store: Store) -> None:
    with store.writing() as tx:
        runs.start(tx, "r2", TUESDAY, "abc", "sync")
        runs.start(tx, "r1", MONDAY, "abc", "apply")
        runs.finish(tx, "r1", WEDNESDAY, "12 written")
        found = runs.last(tx)
        assert found == runs.Run("r2", "sync", TUESDAY, None, "abc", "", "")
        runs.finish(tx, "r2", WEDNESDAY, "", "emea: the login was refused")
        found = runs.last(tx)
    assert found is not None
    assert (found.finished_at, found.error) == (WEDNESDAY, "emea: the login was refused")

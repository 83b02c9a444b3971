from __future__ import annotations

import pytest
from sqlalchemy import Connection

from connector.errors import Fenced
from connector.ports import Cursor
from connector.store import records, runs, streams
from connector.store.database import Store
from connector.store.streams import Tally
from tests.store.made import MONDAY, TODAY, TUESDAY, WEDNESDAY, deal, rejection

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


class TestAnOpenWindow:
    """Three deals of the first page, and two of the second, cannot be read."""

    def bring(self, store: Store, stream: str = DEALS) -> None:
        further = Cursor(covered=None, until=MONDAY, after="006B1")
        with store.writing() as tx:
            epoch = streams.take(tx, "emea")
            self._page(tx, stream, (None, UNREAD), epoch, 100, "d1", "d2", "d3")
            self._page(tx, stream, (UNREAD, further), epoch, 200, "d3", "d4")

    def _page(
        self, tx: Connection, stream: str, cursors: tuple[Cursor | None, Cursor], epoch: int, judged: int, *bad: str
    ) -> None:
        found = [rejection(each, "Amount is not a number") for each in bad]
        records.set_aside(tx, found, MONDAY)
        refs = [each.raw.ref for each in found]
        streams.move(tx, "emea", stream, *cursors, epoch, judged=judged, bad=refs)

    def tally(self, store: Store, stream: str = DEALS) -> Tally:
        with store.reading() as tx:
            return streams.tally(tx, "emea", stream)

    def test_knows_what_it_brought_each_record_once(self, store: Store) -> None:
        assert self.tally(store) == Tally()
        self.bring(store)
        assert self.tally(store) == Tally(200, 4)

    def test_counts_a_record_no_longer_that_is_read_well_or_gone(self, store: Store) -> None:
        self.bring(store)
        with store.writing() as tx:
            records.save(tx, [deal("d1")], TODAY)
            records.remove(tx, {deal("d4").ref: TUESDAY})
        assert self.tally(store) == Tally(200, 2)

    def test_counts_a_record_still_that_another_stream_has_brought_as_well(self, store: Store) -> None:
        self.bring(store)
        self.bring(store, f"{DEALS} anew")
        with store.writing() as tx:
            streams.forget(tx, "emea", f"{DEALS} anew")
        assert (self.tally(store), self.tally(store, f"{DEALS} anew")) == (Tally(200, 4), Tally())

    def test_leaves_nothing_to_the_next_one(self, store: Store) -> None:
        self.bring(store)
        with store.writing() as tx:
            before, epoch = streams.cursor(tx, "emea", DEALS), streams.take(tx, "emea")
            streams.move(tx, "emea", DEALS, before, READ, epoch)
            assert streams.tally(tx, "emea", DEALS) == Tally()
            following = Cursor(covered=MONDAY, until=TUESDAY, after="006A1")
            streams.move(tx, "emea", DEALS, READ, following, epoch, judged=50)
        assert self.tally(store) == Tally(50, 0)

    def test_that_is_begun_again_begins_with_nothing(self, store: Store) -> None:
        self.bring(store)
        with store.writing() as tx:
            assert streams.forget_unread(tx, "emea", DEALS)
            streams.move(tx, "emea", DEALS, None, UNREAD, streams.take(tx, "emea"), judged=100)
        assert self.tally(store) == Tally(100, 0)


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

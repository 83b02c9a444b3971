"""What was taken back, or was let go by a human, stays so: whatever waits, was refused, or is wished for later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from connector.model.changes import Change, Expected, Receipt, Row, Settled
from connector.store import journal, outbox, streams, wishes
from connector.store.database import Store
from connector.store.entries import Entry, State, Terms
from connector.store.wishes import Queued
from tests.store.made import MONDAY, TUESDAY, WEDNESDAY

ROW = Row("emea", "Account", "Id", "001")
UNDO = Terms(approval="plan1", undoes="bad run", expects={ROW: Expected(exists=True, fields={"x": 2})})
APPLY = Terms(approval="plan2")
HELD = Terms(held="every plan of this connection is approved by a human")


def wish(value: int | None, **others: int) -> Change:
    return Change(ROW, {"x": value, **others})


def alert(text: str) -> Change:
    return Change(Row("emea", "Task", "Attain_Key__c", "k"), {"Subject": text}, once=True)


def only(tx: Connection) -> Entry:
    (entry,) = outbox.open_entries(tx, "emea")
    return entry


def answered(tx: Connection, settled: Settled, *, shown: dict[str, int | None] | None = None) -> None:
    """All that is due is claimed, with what the CRM showed, and answered."""
    epoch = streams.take(tx, "emea")
    looked = [each if shown is None else replace(each, shown=shown) for each in outbox.due(tx, "emea", 9, TUESDAY)]
    entries = outbox.claim(tx, "emea", looked, TUESDAY, epoch)
    outbox.settle(tx, entries, [Receipt(each.change.row, settled) for each in entries], TUESDAY, "r1")


def waiting(tx: Connection, change: Change, terms: Terms = wishes.FREELY) -> Entry:
    """Tried once, and to be tried again: the CRM was busy."""
    wishes.enqueue(tx, [change], "r1", MONDAY, terms)
    answered(tx, Settled.BUSY)
    assert only(tx).state is State.RETRY_WAIT
    return only(tx)


class TestWhatWaitsToBeTriedAgain:
    def test_takes_back_for_good_once_an_undo_has_its_place(self, store: Store) -> None:
        with store.writing() as tx:
            busy = waiting(tx, wish(2))
            assert wishes.enqueue(tx, [wish(1)], "u1", TUESDAY, UNDO) == Queued(replaced=1)
            entry = only(tx)
            assert (entry.state, entry.not_before) == (State.RETRY_WAIT, busy.not_before)  # as long as the CRM asked
            assert (entry.undoes, entry.approval, entry.expects) == ("bad run", "plan1", UNDO.expects[ROW])
            outbox.decide(tx, [entry], State.PENDING, "", TUESDAY)
            answered(tx, Settled.WRITTEN)
            wishes.enqueue(tx, [wish(2)], "r2", WEDNESDAY)
            assert (only(tx).state, only(tx).reason) == (State.HELD, "it was undone: run bad run")

    def test_is_an_ordinary_wish_once_a_human_lets_another_plan_pass(self, store: Store) -> None:
        with store.writing() as tx:
            waiting(tx, wish(1), UNDO)
            wishes.enqueue(tx, [wish(3)], "a1", TUESDAY, APPLY)
            assert (only(tx).undoes, only(tx).approval, only(tx).expects) == ("", "plan2", None)
            outbox.decide(tx, [only(tx)], State.PENDING, "", TUESDAY)
            answered(tx, Settled.WRITTEN)
            wishes.enqueue(tx, [wish(4)], "r2", WEDNESDAY)
            assert only(tx).state is State.PENDING

    def test_is_an_undo_until_then_whatever_a_cycle_wishes_for(self, store: Store) -> None:
        with store.writing() as tx:
            waiting(tx, wish(1), UNDO)
            assert wishes.enqueue(tx, [wish(9)], "r2", TUESDAY) == Queued(unchanged=1)

    def test_forgets_what_stood_there_when_the_earlier_wish_was_looked_at(self, store: Store) -> None:
        """Nothing of it arrived: whatever stands there when the undo leaves is what stood there before us."""
        with store.writing() as tx:
            wishes.enqueue(tx, [wish(2)], "r1", MONDAY)
            answered(tx, Settled.BUSY, shown={"x": 7})
            wishes.enqueue(tx, [wish(1, y=1)], "u1", TUESDAY, UNDO)
            assert only(tx).shown is None

    def test_remembers_it_where_that_wish_may_have_arrived(self, store: Store) -> None:
        with store.writing() as tx:
            wishes.enqueue(tx, [wish(2)], "r1", MONDAY)
            answered(tx, Settled.UNKNOWN, shown={"x": 7})
            outbox.resolve(tx, only(tx), "001", TUESDAY)
            answered(tx, Settled.BUSY)
            wishes.enqueue(tx, [wish(1, y=1)], "u1", TUESDAY, UNDO)
            assert only(tx).shown == {"x": 7}
            outbox.decide(tx, [only(tx)], State.PENDING, "", TUESDAY)
            answered(tx, Settled.WRITTEN)
            told = {each.field: (each.looked, each.prior) for each in journal.of_record(tx, "001")}
            assert told == {"x": (True, 7), "y": (False, None)}  # nobody looked at `y`


@pytest.mark.parametrize("end", [State.FAILED, State.DEAD])
class TestAnUndoThatDidNotArrive:
    def refused(self, tx: Connection, end: State) -> None:
        wishes.enqueue(tx, [wish(2)], "r1", MONDAY)
        answered(tx, Settled.WRITTEN)
        wishes.enqueue(tx, [wish(1)], "u1", MONDAY, UNDO)
        outbox.decide(tx, [only(tx)], end, "no way", MONDAY)

    def test_is_not_written_over_by_later_cycles(self, store: Store, end: State) -> None:
        with store.writing() as tx:
            self.refused(tx, end)
            for number, terms in enumerate((wishes.FREELY, HELD)):
                assert wishes.enqueue(tx, [wish(3 + number)], "r2", TUESDAY, terms) == Queued(unchanged=1)
            assert wishes.withdraw(tx, "emea", []) == 0
            assert (only(tx).state, only(tx).reason, only(tx).undoes) == (end, "no way", "bad run")
            assert outbox.stuck(tx, "emea") == [only(tx)]

    def test_may_be_tried_again(self, store: Store, end: State) -> None:
        with store.writing() as tx:
            self.refused(tx, end)
            outbox.decide(tx, outbox.stuck(tx, "emea"), State.PENDING, "mended", TUESDAY)
            wishes.enqueue(tx, [wish(3)], "r2", TUESDAY)
            assert (only(tx).change.fields, only(tx).expects) == ({"x": 1}, UNDO.expects[ROW])
            answered(tx, Settled.WRITTEN)
            wishes.enqueue(tx, [wish(3)], "r3", WEDNESDAY)
            assert only(tx).state is State.HELD

    def test_gives_way_to_what_a_human_lets_pass(self, store: Store, end: State) -> None:
        with store.writing() as tx:
            self.refused(tx, end)
            assert wishes.enqueue(tx, [wish(3)], "a1", TUESDAY, APPLY) == Queued(replaced=1)
            assert (only(tx).state, only(tx).undoes) == (State.PENDING, "")

    def test_gives_way_to_everything_once_it_was_let_go(self, store: Store, end: State) -> None:
        with store.writing() as tx:
            self.refused(tx, end)
            outbox.decide(tx, outbox.stuck(tx, "emea"), State.DISCARDED, "never mind", TUESDAY)
            assert wishes.enqueue(tx, [wish(3)], "r2", TUESDAY) == Queued(replaced=1)
            assert (only(tx).state, only(tx).undoes) == (State.PENDING, "")

    def test_once_let_go_leaves_a_record_on_hold_that_an_earlier_undo_put_there(self, store: Store, end: State) -> None:
        with store.writing() as tx:
            wishes.enqueue(tx, [wish(1)], "u0", MONDAY, replace(UNDO, undoes="a later run"))
            answered(tx, Settled.WRITTEN)
            wishes.enqueue(tx, [wish(0)], "u1", MONDAY, UNDO)
            outbox.decide(tx, [only(tx)], end, "no way", MONDAY)
            outbox.decide(tx, outbox.stuck(tx, "emea"), State.DISCARDED, "never mind", TUESDAY)
            wishes.enqueue(tx, [wish(3)], "r2", TUESDAY)
            assert (only(tx).state, only(tx).reason) == (State.HELD, "it was undone: run a later run")


class TestWhatAHumanLetGo:
    def let_go(self, tx: Connection, change: Change) -> None:
        wishes.enqueue(tx, [change], "r1", MONDAY)
        answered(tx, Settled.REFUSED)
        outbox.decide(tx, outbox.stuck(tx, "emea"), State.DISCARDED, "the rep has left", TUESDAY)

    def test_stays_away_where_it_is_an_alert_whatever_its_words_are_the_next_day(self, store: Store) -> None:
        with store.writing() as tx:
            self.let_go(tx, alert("Behind: 20 days left"))
            for days in range(1, 4):
                later = alert(f"Behind: {20 - days} days left")
                for terms in (wishes.FREELY, HELD):
                    at = TUESDAY + timedelta(days=days)
                    assert wishes.enqueue(tx, [later], "r2", at, terms) == Queued(unchanged=1)
            assert (only(tx).state, only(tx).reason) == (State.DISCARDED, "the rep has left")

    def test_is_tried_again_once_somebody_says_so(self, store: Store) -> None:
        with store.writing() as tx:
            self.let_go(tx, alert("Behind: 20 days left"))
            assert [each.change.row.key for each in outbox.discarded(tx, "emea")] == ["k"]
            outbox.decide(tx, outbox.discarded(tx, "emea"), State.PENDING, "she is back", WEDNESDAY)
            assert wishes.enqueue(tx, [alert("Behind: 18 days left")], "r2", WEDNESDAY) == Queued(replaced=1)
            answered(tx, Settled.WRITTEN)
            assert outbox.open_entries(tx, "emea") == []

    def test_is_sent_once_a_plan_with_it_was_let_pass(self, store: Store) -> None:
        with store.writing() as tx:
            self.let_go(tx, alert("Behind: 20 days left"))
            assert wishes.enqueue(tx, [alert("Behind: 19 days left")], "a1", TUESDAY, APPLY) == Queued(replaced=1)
            assert only(tx).state is State.PENDING

    def test_of_a_record_stays_until_it_is_to_say_something_else(self, store: Store) -> None:
        with store.writing() as tx:
            self.let_go(tx, wish(2))
            assert wishes.enqueue(tx, [wish(2)], "r2", TUESDAY) == Queued(unchanged=1)
            assert wishes.enqueue(tx, [wish(3)], "r2", TUESDAY) == Queued(replaced=1)

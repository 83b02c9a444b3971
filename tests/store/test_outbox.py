from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection

from connector.errors import Fenced
from connector.model.changes import Change, Receipt, Row, Settled
from connector.store import journal, ledger, outbox, streams, wishes
from connector.store.database import Store
from connector.store.entries import Entry, State
from connector.store.outbox import Tally
from connector.store.wishes import Queued
from tests.store.made import MONDAY, TUESDAY, WEDNESDAY, change


def take(tx: Connection) -> int:
    return streams.take(tx, "emea")


def claimed(tx: Connection, limit: int, at: datetime, epoch: int) -> list[Entry]:
    return outbox.claim(tx, "emea", outbox.due(tx, "emea", limit, at), at, epoch)


def send(tx: Connection, epoch: int, settled: Settled, remote_id: str | None = None, **said: object) -> Tally:
    """Claim everything that is due on Tuesday, and have the CRM answer the same to all of it."""
    entries = claimed(tx, 100, TUESDAY, epoch)
    receipts = [replace(Receipt(each.change.row, settled, remote_id), **said) for each in entries]  # type: ignore[arg-type]
    return outbox.settle(tx, entries, receipts, TUESDAY, "r1")


def only(tx: Connection) -> Entry:
    (entry,) = outbox.open_entries(tx, "emea")
    return entry


def alert(key: str = "k") -> Change:
    return Change(Row("emea", "Task", "Attain_Key__c", key), {"Subject": "Behind pace"}, once=True)


def test_a_change_is_queued_claimed_written_and_shown(store: Store) -> None:
    wish = change("k", Actual__c=Decimal("12.50"))
    with store.writing() as tx:
        epoch = take(tx)
        assert wishes.enqueue(tx, [wish], "r1", MONDAY) == Queued(new=1)
        (entry,) = claimed(tx, 10, MONDAY, epoch)
        assert (entry.change, entry.state, entry.attempt, entry.revision) == (wish, State.SENDING, 1, 1)
        assert claimed(tx, 10, MONDAY, epoch) == []
        receipt = Receipt(wish.row, Settled.WRITTEN, "a01", created=True)
        assert outbox.settle(tx, [entry], [receipt], TUESDAY, "r1") == Tally(written=1)
        assert outbox.open_entries(tx, "emea") == []
        assert ledger.shown(tx, "emea") == {wish.row: {"Actual__c": Decimal("12.5")}}
        assert ledger.remote_id(tx, wish.row) == "a01"
        assert outbox.summary(tx) == {("emea", "acked"): 1}


def test_everything_about_a_change_survives_the_queue(store: Store) -> None:
    wish = Change(
        Row("emea", "tasks", "attain_alert_key", "k"),
        {"hs_task_subject": "Behind pace", "n": 3, "done": False, "due": None},
        because="rules/alerts.yaml:3",
        riding={"computed_at": MONDAY},
        links={"deals": "77"},
        once=True,
        subject="Ana Silva · bookings",
    )
    with store.writing() as tx:
        wishes.enqueue(tx, [wish], "r1", MONDAY)
        assert only(tx).change == wish


def test_alerts_go_out_first_then_by_object_and_key_and_no_more_than_asked_for(store: Store) -> None:
    task = alert("a")
    with store.writing() as tx:
        epoch = take(tx)
        wishes.enqueue(tx, [task, change("c", x=1), change("b", x=1)], "r1", MONDAY)
        assert [each.change.row.key for each in claimed(tx, 2, MONDAY, epoch)] == ["a"]
        assert [each.change.row.key for each in claimed(tx, 1, MONDAY, epoch)] == ["b"]
        assert [each.change.row.key for each in claimed(tx, 2, MONDAY, epoch)] == ["c"]


def test_a_newer_wish_takes_the_place_of_one_that_has_not_left(store: Store) -> None:
    with store.writing() as tx:
        wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
        assert wishes.enqueue(tx, [change("k", x=1)], "r2", MONDAY) == Queued(unchanged=1)
        assert wishes.enqueue(tx, [change("k", x=2)], "r2", MONDAY) == Queued(replaced=1)
        entry = only(tx)
        assert (entry.change.fields, entry.revision, entry.run_id) == ({"x": 2}, 2, "r2")


def test_what_only_rides_along_is_no_newer_wish(store: Store) -> None:
    with store.writing() as tx:
        wishes.enqueue(tx, [replace(change("k", x=1), riding={"computed_at": MONDAY})], "r1", MONDAY)
        later = replace(change("k", x=1), riding={"computed_at": TUESDAY})
        assert wishes.enqueue(tx, [later], "r2", TUESDAY) == Queued(unchanged=1)


def test_of_two_wishes_for_one_row_at_once_the_later_counts(store: Store) -> None:
    """The same external id twice in one batch makes Salesforce refuse both."""
    with store.writing() as tx:
        assert wishes.enqueue(tx, [change("k", x=1), change("k", x=2)], "r1", MONDAY) == Queued(new=1)
        assert only(tx).change.fields == {"x": 2}


def test_a_wish_for_a_row_that_is_being_sent_waits_for_the_next_appraisal(store: Store) -> None:
    with store.writing() as tx:
        epoch = take(tx)
        wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
        (entry,) = claimed(tx, 10, MONDAY, epoch)
        assert wishes.enqueue(tx, [change("k", x=2)], "r2", MONDAY) == Queued(unchanged=1)
        outbox.settle(tx, [entry], [Receipt(entry.change.row, Settled.WRITTEN)], TUESDAY, "r1")
        assert wishes.enqueue(tx, [change("k", x=2)], "r3", MONDAY) == Queued(new=1)
        assert only(tx).revision == 2
        assert outbox.summary(tx) == {("emea", "acked"): 1, ("emea", "pending"): 1}


def test_a_refused_wish_is_not_repeated_and_another_one_is_tried(store: Store) -> None:
    with store.writing() as tx:
        epoch = take(tx)
        wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
        assert send(tx, epoch, Settled.REFUSED, reason="FIELD_INTEGRITY_EXCEPTION") == Tally(refused=1)
        assert (only(tx).state, only(tx).reason) == (State.FAILED, "FIELD_INTEGRITY_EXCEPTION")
        assert wishes.enqueue(tx, [change("k", x=1)], "r2", TUESDAY) == Queued(unchanged=1)
        assert claimed(tx, 10, WEDNESDAY, epoch) == []
        assert wishes.enqueue(tx, [change("k", x=2)], "r2", TUESDAY) == Queued(replaced=1)
        (entry,) = claimed(tx, 10, WEDNESDAY, epoch)
        assert (entry.attempt, entry.revision, entry.reason) == (1, 2, "")
        assert ledger.shown(tx, "emea") == {}


def test_a_busy_row_waits_as_long_as_the_crm_asked(store: Store) -> None:
    with store.writing() as tx:
        epoch = take(tx)
        wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
        assert send(tx, epoch, Settled.BUSY, retry_after=120.0) == Tally(busy=1)
        assert claimed(tx, 10, TUESDAY + timedelta(seconds=119), epoch) == []
        wishes.enqueue(tx, [change("k", x=2)], "r2", TUESDAY)  # a newer wish waits just as long
        assert claimed(tx, 10, TUESDAY + timedelta(seconds=119), epoch) == []
        (entry,) = claimed(tx, 10, TUESDAY + timedelta(seconds=120), epoch)
        assert (entry.attempt, entry.change.fields) == (2, {"x": 2})


def test_a_row_that_stays_busy_waits_longer_each_time_and_is_given_up_after_ten(store: Store) -> None:
    waits = []
    with store.writing() as tx:
        epoch, at = take(tx), MONDAY
        wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
        for _ in range(10):
            entries = claimed(tx, 10, at, epoch)
            outbox.settle(tx, entries, [Receipt(each.change.row, Settled.BUSY) for each in entries], at, "r1")
            due = only(tx).not_before
            waits.append((due - at).total_seconds() if due else None)
            at = due or at
        assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, None]
        assert outbox.summary(tx) == {("emea", "dead"): 1}
        assert claimed(tx, 10, WEDNESDAY, epoch) == []


def test_an_alert_that_stands_and_cannot_be_linked_is_given_up_too_and_may_be_linked_by_a_human(store: Store) -> None:
    with store.writing() as tx:
        epoch, at = take(tx), MONDAY
        wishes.enqueue(tx, [replace(alert(), links={"deals": "77"})], "r1", MONDAY)
        for number in range(10):
            (entry,) = claimed(tx, 10, at, epoch)
            assert entry.is_told is (number > 0)
            busy = Receipt(entry.change.row, Settled.BUSY, "00T1", reason="written, but not linked")
            outbox.settle(tx, [entry], [busy], at, "r1")
            at = only(tx).not_before or at
        (given_up,) = outbox.stuck(tx, "emea")
        assert (given_up.state, given_up.reason) == (State.DEAD, "written, but not linked")
        outbox.decide(tx, [given_up], State.PENDING, "", at)
        assert only(tx).is_told


def test_while_nobody_is_served_no_attempt_is_counted(store: Store) -> None:
    """An outage of twelve cycles, then ten refusals of the row's own: only these count."""
    with store.writing() as tx:
        epoch, at = take(tx), MONDAY
        wishes.enqueue(tx, [alert()], "r1", MONDAY)
        for untried in [True] * 12 + [False] * 10:
            entries = claimed(tx, 10, at, epoch)
            receipts = [Receipt(each.change.row, Settled.BUSY, untried=untried) for each in entries]
            outbox.settle(tx, entries, receipts, at, "r1")
            assert (only(tx).attempt == 0) is untried
            assert only(tx).state is State.RETRY_WAIT or only(tx).attempt == 10
            at += timedelta(minutes=61)
        assert outbox.summary(tx) == {("emea", "dead"): 1}


def test_an_outage_of_three_days_ends_an_entry_all_the_same(store: Store) -> None:
    with store.writing() as tx:
        epoch = take(tx)
        wishes.enqueue(tx, [alert()], "r1", TUESDAY - timedelta(hours=73))
        assert send(tx, epoch, Settled.BUSY, untried=True) == Tally(dead=1)


def test_a_row_that_was_busy_for_three_days_is_given_up(store: Store) -> None:
    with store.writing() as tx:
        epoch = take(tx)
        wishes.enqueue(tx, [change("k", x=1)], "r1", TUESDAY - timedelta(hours=73))
        assert send(tx, epoch, Settled.BUSY) == Tally(dead=1)


class TestAnUnknownOutcome:
    def test_is_not_sent_again_before_it_was_read_back(self, store: Store) -> None:
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
            assert send(tx, epoch, Settled.UNKNOWN) == Tally(unknown=1)
            assert claimed(tx, 10, WEDNESDAY, epoch) == []
            assert [each.change.row.key for each in outbox.unknown(tx, "emea")] == ["k"]

    def test_is_not_overtaken_by_a_newer_wish(self, store: Store) -> None:
        """Else the entry would be sent while its earlier self may still arrive."""
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
            send(tx, epoch, Settled.UNKNOWN)
            assert wishes.enqueue(tx, [change("k", x=2)], "r2", TUESDAY) == Queued(unchanged=1)
            assert (only(tx).state, only(tx).change.fields) == (State.UNKNOWN, {"x": 1})

    def test_is_what_a_killed_process_leaves(self, store: Store) -> None:
        with store.writing() as tx:
            killed = take(tx)
            wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
            (entry,) = claimed(tx, 10, MONDAY, killed)
            epoch = take(tx)
            assert outbox.recover(tx, "emea", epoch) == 1
            assert outbox.recover(tx, "emea", epoch) == 0
            assert only(tx).state is State.UNKNOWN
        with pytest.raises(Fenced), store.writing() as tx:  # it was only stopped, and goes on
            outbox.settle(tx, [entry], [Receipt(entry.change.row, Settled.WRITTEN)], TUESDAY, "r1")
        with pytest.raises(Fenced), store.writing() as tx:
            claimed(tx, 10, MONDAY, killed)

    def test_is_ours_while_our_own_epoch_is_sending(self, store: Store) -> None:
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
            claimed(tx, 10, MONDAY, epoch)
            assert outbox.recover(tx, "emea", epoch) == 0

    @pytest.mark.parametrize("remote_id", ["a01", None])
    def test_of_a_field_is_sent_again_whether_found_or_not(self, store: Store, remote_id: str | None) -> None:
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
            send(tx, epoch, Settled.UNKNOWN)
            outbox.resolve(tx, only(tx), remote_id, TUESDAY)
            assert (only(tx).state, only(tx).remote_id) == (State.PENDING, remote_id)
            assert ledger.shown(tx, "emea") == {}

    def test_of_an_alert_that_arrived_is_final(self, store: Store) -> None:
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [alert()], "r1", MONDAY)
            send(tx, epoch, Settled.UNKNOWN)
            outbox.resolve(tx, only(tx), "00T1", TUESDAY)
            assert outbox.open_entries(tx, "emea") == []
            assert ledger.remote_id(tx, alert().row) == "00T1"
            assert wishes.enqueue(tx, [alert()], "r2", TUESDAY) == Queued(unchanged=1)

    def test_of_an_alert_that_arrived_leaves_its_links_to_be_made(self, store: Store) -> None:
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [replace(alert(), links={"deals": "77"})], "r1", MONDAY)
            send(tx, epoch, Settled.UNKNOWN)
            outbox.resolve(tx, only(tx), "00T1", TUESDAY, shown=True)
            assert (only(tx).state, only(tx).remote_id, only(tx).is_told) == (State.PENDING, "00T1", True)
            assert send(tx, epoch, Settled.WRITTEN, "00T1", created=True) == Tally(written=1)
            assert ledger.remote_id(tx, alert().row) == "00T1"

    def test_of_an_alert_that_did_not_arrive_is_sent_again(self, store: Store) -> None:
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [alert()], "r1", MONDAY)
            send(tx, epoch, Settled.UNKNOWN)
            outbox.resolve(tx, only(tx), None, TUESDAY)
            assert send(tx, epoch, Settled.WRITTEN, "00T1") == Tally(written=1)


def test_an_acknowledged_alert_is_never_sent_again_whatever_it_says(store: Store) -> None:
    with store.writing() as tx:
        epoch = take(tx)
        wishes.enqueue(tx, [alert()], "r1", MONDAY)
        send(tx, epoch, Settled.WRITTEN, "00T1")
        reworded = replace(alert(), fields={"Subject": "Far behind pace"})
        assert wishes.enqueue(tx, [reworded], "r2", TUESDAY) == Queued(unchanged=1)


def test_each_row_of_a_batch_ends_as_its_own_receipt_says(store: Store) -> None:
    with store.writing() as tx:
        epoch = take(tx)
        wishes.enqueue(tx, [change(key, x=1) for key in "abc"], "r1", MONDAY)
        entries = claimed(tx, 10, MONDAY, epoch)
        ends = (Settled.WRITTEN, Settled.REFUSED, Settled.UNKNOWN)
        receipts = [Receipt(each.change.row, end) for each, end in zip(entries, ends, strict=True)]
        assert outbox.settle(tx, entries, receipts, TUESDAY, "r1") == Tally(written=1, refused=1, unknown=1)
        assert [row.key for row in ledger.shown(tx, "emea")] == ["a"]


def test_connections_do_not_see_each_others_entries(store: Store) -> None:
    with store.writing() as tx:
        streams.take(tx, "smb")
        wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
        assert outbox.due(tx, "smb", 10, MONDAY) == []
        assert outbox.open_entries(tx, "smb") == []


def test_more_rows_than_fit_into_one_question_are_told_apart(store: Store) -> None:
    many = [change(f"{number:04}", x=number) for number in range(1_201)]
    with store.writing() as tx:
        assert wishes.enqueue(tx, many, "r1", MONDAY) == Queued(new=1_201)
        assert wishes.enqueue(tx, many, "r2", MONDAY) == Queued(unchanged=1_201)


def one_is_shown_and_two_may_stand(tx: Connection) -> int:
    """One was confirmed; two was sent, its answer lost, and it is to be sent again. Returns the epoch."""
    epoch = take(tx)
    wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
    send(tx, epoch, Settled.WRITTEN, "a01")
    wishes.enqueue(tx, [change("k", x=2)], "r2", MONDAY)
    send(tx, epoch, Settled.UNKNOWN)
    outbox.resolve(tx, only(tx), "a01", TUESDAY)
    return epoch


class TestAWishThatIsNoMore:
    """The record shows what it should without it, as far as was ever confirmed."""

    def test_is_let_go_where_nothing_of_it_can_have_arrived(self, store: Store) -> None:
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [change("fresh", x=1), change("busy", x=1), change("refused", x=1)], "r1", MONDAY)
            entries = claimed(tx, 10, MONDAY, epoch)  # by key
            ends = (Settled.BUSY, Settled.BUSY, Settled.REFUSED)
            said = [Receipt(each.change.row, end) for each, end in zip(entries, ends, strict=True)]
            outbox.settle(tx, entries, said, MONDAY, "r1")
            assert wishes.withdraw(tx, "emea", []) == 3
            assert outbox.open_entries(tx, "emea") == []

    def test_makes_sure_of_what_was_confirmed_where_it_may_have(self, store: Store) -> None:
        """One is shown, two was sent and its answer lost, and by the next appraisal it is one again."""
        with store.writing() as tx:
            epoch = one_is_shown_and_two_may_stand(tx)
            assert wishes.withdraw(tx, "emea", []) == 0
            assert (only(tx).state, only(tx).change.fields) == (State.PENDING, {"x": 1})
            assert send(tx, epoch, Settled.BUSY) == Tally(busy=1)  # which tells nothing of the lost attempt
            assert wishes.withdraw(tx, "emea", []) == 0
            (entry,) = claimed(tx, 10, WEDNESDAY, epoch)
            assert entry.change.fields == {"x": 1}
            outbox.settle(tx, [entry], [Receipt(entry.change.row, Settled.WRITTEN)], WEDNESDAY, "r3")
            assert outbox.open_entries(tx, "emea") == []

    def test_does_so_whatever_was_wished_for_in_between(self, store: Store) -> None:
        """Two may stand there; three never left; it is one again."""
        with store.writing() as tx:
            one_is_shown_and_two_may_stand(tx)
            assert wishes.enqueue(tx, [change("k", x=3)], "r3", TUESDAY) == Queued(replaced=1)
            assert wishes.withdraw(tx, "emea", []) == 0
            assert only(tx).change.fields == {"x": 1}

    def test_is_not_stuck_where_the_crm_refuses_that_too(self, store: Store) -> None:
        with store.writing() as tx:
            epoch = one_is_shown_and_two_may_stand(tx)
            wishes.withdraw(tx, "emea", [])
            assert send(tx, epoch, Settled.REFUSED) == Tally(refused=1)
            assert wishes.withdraw(tx, "emea", []) == 1

    def test_takes_a_record_away_of_which_nothing_was_ever_confirmed(self, store: Store) -> None:
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
            send(tx, epoch, Settled.UNKNOWN)
            outbox.resolve(tx, only(tx), "a01", TUESDAY)
            assert wishes.withdraw(tx, "emea", []) == 0
            assert only(tx).change.gone
            send(tx, epoch, Settled.UNKNOWN)
            outbox.resolve(tx, only(tx), None, TUESDAY)  # that answer was lost as well, and it has gone
            assert outbox.open_entries(tx, "emea") == []
            assert ledger.shown(tx, "emea") == {}

    def test_leaves_a_record_of_peoples_that_was_found_without_it(self, store: Store) -> None:
        owned = Change(Row("emea", "User", "Id", "0051"), {"Score__c": Decimal(1)})
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [owned], "r1", MONDAY)
            send(tx, epoch, Settled.UNKNOWN)
            outbox.resolve(tx, only(tx), "0051", TUESDAY)
            assert wishes.withdraw(tx, "emea", []) == 1

    def test_is_let_go_where_its_record_was_found_to_be_absent(self, store: Store) -> None:
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
            send(tx, epoch, Settled.UNKNOWN)
            outbox.resolve(tx, only(tx), None, TUESDAY)
            assert wishes.withdraw(tx, "emea", []) == 1


def test_a_wish_with_fewer_fields_takes_back_what_the_one_before_it_may_have_left(store: Store) -> None:
    """Nothing was confirmed yet, so a wish leaves out what is empty; an attempt with two fields may have arrived."""
    with store.writing() as tx:
        epoch = take(tx)
        wishes.enqueue(tx, [change("k", x=1, y=2)], "r1", MONDAY)
        send(tx, epoch, Settled.UNKNOWN)
        outbox.resolve(tx, only(tx), "a01", TUESDAY)
        assert wishes.enqueue(tx, [change("k", x=3)], "r2", TUESDAY) == Queued(replaced=1)
        assert only(tx).change.fields == {"x": 3, "y": None}
        assert wishes.enqueue(tx, [change("k", x=3)], "r3", TUESDAY) == Queued(unchanged=1)


class TestARecordIsOurs:
    """Whoever takes a run back takes away what it made, and sets what it changed back to what stood there."""

    def made(self, tx: Connection) -> list[bool]:
        return [each.created for each in reversed(journal.of_record(tx, "k"))]

    def test_whatever_the_crm_says_of_the_second_attempt_where_the_first_answer_was_lost(self, store: Store) -> None:
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
            send(tx, epoch, Settled.WRITTEN, "a01", created=False)
            wishes.enqueue(tx, [change("k", x=2)], "r2", MONDAY)
            send(tx, epoch, Settled.WRITTEN, "a01", created=False)
            assert self.made(tx) == [True, False]

    def test_again_after_it_was_taken_away(self, store: Store) -> None:
        with store.writing() as tx:
            epoch = take(tx)
            for wish in (change("k", x=1), replace(change("k", x=1), gone=True), change("k", x=1)):
                wishes.enqueue(tx, [wish], "r1", MONDAY)
                send(tx, epoch, Settled.WRITTEN, "a01", created=False)
            assert self.made(tx) == [True, False, True]

    def test_unless_it_showed_something_when_it_was_looked_at(self, store: Store) -> None:
        """It comes from the days of a store that was lost."""
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [change("k", x=1)], "r1", MONDAY)
            [due] = outbox.due(tx, "emea", 10, MONDAY)
            [entry] = outbox.claim(tx, "emea", [replace(due, shown={"x": 7})], MONDAY, epoch)
            outbox.settle(tx, [entry], [Receipt(entry.change.row, Settled.WRITTEN, "a01")], MONDAY, "r1")
            assert self.made(tx) == [False]

    def test_never_where_people_keep_it(self, store: Store) -> None:
        owned = Change(Row("emea", "User", "Id", "k"), {"Score__c": Decimal(1)})
        with store.writing() as tx:
            epoch = take(tx)
            wishes.enqueue(tx, [owned], "r1", MONDAY)
            send(tx, epoch, Settled.WRITTEN, "k")
            assert self.made(tx) == [False]

"""What CRMs hinted at, kept until it was read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.model.hints import Hint
from connector.store import hints
from connector.store.database import Store

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
ONE, OTHER = Hint("deals", "1"), Hint("deals", "2")


def test_a_hint_waits_until_it_was_read_and_one_given_again_meanwhile_waits_on(store: Store) -> None:
    with store.writing() as tx:
        hints.note(tx, "smb", [ONE, OTHER], NOON)
        hints.note(tx, "emea", [ONE], NOON)
        hints.note(tx, "smb", [], NOON)
        read = hints.waiting(tx, "smb")
    assert [each.hint for each in read] == [ONE, OTHER]
    with store.writing() as tx:
        hints.note(tx, "smb", [OTHER], NOON + timedelta(seconds=1))
        hints.settle(tx, "smb", read)
    with store.reading() as tx:
        assert [each.hint for each in hints.waiting(tx, "smb")] == [OTHER]
        assert (hints.count(tx, "smb"), hints.count(tx, "emea")) == (1, 1)


def test_the_oldest_are_read_first_and_not_all_at_once(store: Store) -> None:
    many = [Hint("deals", str(at)) for at in range(hints.AT_ONCE + 5)]
    with store.writing() as tx:
        hints.note(tx, "smb", many, NOON)
        hints.note(tx, "smb", [Hint("companies", "9")], NOON - timedelta(minutes=1))
        found = hints.waiting(tx, "smb")
    assert len(found) == hints.AT_ONCE
    assert found[0].hint == Hint("companies", "9")

"""What is kept of records that were merged into others, worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from connector.model.changes import Change, Row, Value
from connector.model.records import Outcome, RecordKind, Ref, StageChange
from connector.store import ledger, merging, records
from connector.store.database import Store
from connector.store.ledger import Acknowledged
from tests.store.made import MONDAY, TODAY, TUESDAY, account_ref, activity, deal, deal_ref, user_ref, won
from tests.store.mirrored import Mirrored

A, B, C = deal_ref("a"), deal_ref("b"), deal_ref("c")


def _written(store: Store, ref: Ref, **fields: Value) -> None:
    change = Change(Row(ref.connection, ref.object, "Id", ref.id), fields)
    with store.writing() as tx:
        ledger.acknowledge(tx, [Acknowledged(change, ref.id)], "r1", MONDAY)


def test_what_we_wrote_goes_to_the_one_that_is_left_where_nobody_wrote_otherwise(store: Store) -> None:
    """Health 55 in one and 70 in the other: who knows which is left. The band was the same; the step in one of them only."""
    _written(store, A, health=55, band="amber")
    _written(store, B, health=70, band="amber", step="call")
    for _ in range(2):
        with store.writing() as tx:
            merging.hand_over(tx, C, [A, B], "Id")
    with store.reading() as tx:
        shown = ledger.shown(tx, "emea")
    assert shown == {Row("emea", "Opportunity", "Id", "c"): {"band": "amber", "step": "call"}}


def test_what_the_one_that_is_left_was_told_itself_stays(store: Store) -> None:
    """Ids were kept until 2025: the primary record had been written to."""
    _written(store, A, health=55)
    _written(store, B, health=70, step="call")
    with store.writing() as tx:
        merging.hand_over(tx, A, [B], "Id")
        shown = ledger.shown(tx, "emea")
    assert shown == {Row("emea", "Opportunity", "Id", "a"): {"health": 55, "step": "call"}}


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (won("a", TODAY, owner=user_ref("ana")), deal("b", owner=user_ref("bo")), "ana"),
        (won("a", TODAY, owner=user_ref("ana")), won("b", TODAY, owner=user_ref("ana")), "ana"),
        (won("a", TODAY, owner=user_ref("ana")), won("b", TODAY, owner=user_ref("bo")), "cleo"),  # they disagree
        (deal("a"), deal("b"), "cleo"),
    ],
)
def test_who_closed_a_deal_is_known_of_the_one_that_is_left(
    store: Store, first: object, second: object, kept: str
) -> None:
    with store.writing() as tx:
        records.save(tx, [first, second], TODAY)  # type: ignore[list-item]
        records.save(tx, [won("c", TODAY, owner=user_ref("cleo"))], TODAY)
        merging.keep_who_closed(tx, C, [A, B])
        held = tx.execute(text("select owner, closed_owner from deals where ref = :ref"), {"ref": str(C)}).one()
    assert held == (str(user_ref("cleo")), str(user_ref(kept)))


def test_a_deal_that_is_open_was_closed_by_nobody(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, [won("a", TODAY), deal("c")], TODAY)
        merging.keep_who_closed(tx, C, [A])
        assert tx.execute(text("select closed_owner from deals where ref = :ref"), {"ref": str(C)}).scalar() is None


def test_whoever_belongs_to_it_is_found_and_whoever_is_gone_is_not(store: Store) -> None:
    mine, gone, others = (activity(name, deal=A) for name in ("t1", "t2", "t3"))
    by_account = deal("d", account=account_ref("x"))
    with store.writing() as tx:
        records.save(tx, [mine, gone, by_account, deal("e", account=account_ref("y"))], TODAY)
        records.remove(tx, {gone.ref: TUESDAY})
        assert merging.left_pointing(tx, [A, account_ref("x")]) == sorted([mine.ref, by_account.ref])
        assert merging.left_pointing(tx, [others.ref]) == []


def test_burying_is_done_once_and_again_over_another_tombstone(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, [deal("a"), deal("b")], TODAY)
        records.remove(tx, {B: TUESDAY})  # a list of what was archived had told of it
        gone = merging.not_yet(tx, RecordKind.DEAL, [A, B, C])
        assert sorted(gone) == [A, B]
        assert merging.bury(tx, RecordKind.DEAL, gone) == 1
        assert merging.not_yet(tx, RecordKind.DEAL, [A, B, C]) == []


def _stood(name: str, at: str, stage: str) -> StageChange:
    moment = datetime.fromisoformat(f"2026-{at}").replace(tzinfo=UTC)
    ref = Ref("emea", "OpportunityHistory", f"{name}-{at}")
    return StageChange(ref, moment, deal_ref(name), stage, moment, moment.date(), None, date(2026, 12, 1), None)


def test_the_past_of_merged_deals_is_told_by_the_one_that_is_left_alone(mirrored: Mirrored) -> None:
    """Both stood there in March; whoever looks at March after the merge sees one deal, and not three."""
    mirrored.save(deal("a"), deal("b"), _stood("a", "02-01", "New"), _stood("b", "03-01", "New"))
    march = "select deal, stage from deal_versions where from_at <= '2026-03-15' and until_at > '2026-03-15'"
    assert sorted(mirrored.look(march)) == [(str(A), "New"), (str(B), "New")]
    mirrored.save(deal("c"), _stood("c", "02-01", "New"), _stood("c", "03-01", "New"))
    with mirrored.store.writing() as tx:
        merging.bury(tx, RecordKind.DEAL, [A, B])
    assert mirrored.look(march) == [(str(C), "New")]
    assert mirrored.look("select deal from deal_versions where deal <> 'x' group by deal") == [(str(C),)]
    assert Outcome.OPEN.value == mirrored.look("select outcome from deals")[0][0]

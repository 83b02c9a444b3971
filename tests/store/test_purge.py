from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text

from connector.model.changes import Change, Receipt, Row, Settled
from connector.model.records import Record
from connector.store import ledger, outbox, records, streams, tables, wishes
from connector.store.database import Store
from connector.store.purge import purge
from tests.store.made import MONDAY, TODAY, TUESDAY, account, activity, reading

NOTE = Row("emea", "Attain_Attainment__c", "Attain_Key__c", "k")
TASK = Row("emea", "Task", "Attain_Key__c", "t")


def settled(store: Store) -> None:
    """A note and an alert, both acknowledged on Monday."""
    with store.writing() as tx:
        epoch = streams.take(tx, "emea")
        note = Change(NOTE, {"Note__c": "behind"}, subject="Ana", because="b", riding={"Run__c": "r1"})
        wishes.enqueue(tx, [note, Change(TASK, {"Subject": "behind"}, once=True, subject="Ana")], "r1", MONDAY)
        for _ in range(2):  # alerts leave by themselves
            taken = outbox.claim(tx, "emea", outbox.due(tx, "emea", 10, MONDAY), MONDAY, epoch)
            outbox.settle(tx, taken, [Receipt(each.change.row, Settled.WRITTEN, "a01") for each in taken], MONDAY, "r1")


@pytest.mark.parametrize(
    ("kind", "day", "left"),
    [
        ("journal", date(2026, 11, 24), ["t"]),
        ("alerts", date(2026, 11, 24), ["k"]),
        ("journal", date(2026, 11, 23), ["k", "t"]),  # that of Monday is not older than Monday
    ],
)
def test_what_was_acknowledged_before_its_day_says_nothing_any_more(
    store: Store, kind: str, day: date, left: list[str]
) -> None:
    settled(store)
    o = tables.outbox.c
    with store.writing() as tx:
        purge(tx, {kind: day})
        said = (o.key, o.fields, o.riding, o.subject, o.because, o.reason, o.expects, o.shown)
        kept = {key: said for key, *said in tx.execute(select(*said).order_by(o.key))}
        assert [key for key, each in kept.items() if each != ["{}", "{}", "", "", "", None, None]] == left
        assert ledger.shown(tx, "emea")[NOTE] == {"Note__c": "behind"}, "what stands in the CRM is known"


def test_after_that_an_alert_is_not_told_again_and_a_note_is_the_next_revision(store: Store) -> None:
    settled(store)
    with store.writing() as tx:
        purge(tx, {"journal": date(2026, 11, 25), "alerts": date(2026, 11, 25)})
        again = [Change(NOTE, {"Note__c": "ahead"}), Change(TASK, {"Subject": "behind"}, once=True)]
        wishes.enqueue(tx, again, "r2", TUESDAY)
        assert [(each.change.row, each.revision) for each in outbox.open_entries(tx, "emea")] == [(NOTE, 2)]


@pytest.mark.parametrize(
    ("record", "table"),
    [
        (account("a1", name="Klaus Maier", industry="Klaus", custom={"contact": "Klaus"}), "accounts"),
        (reading("people", "1", person="klaus@example.com", name="Klaus"), "readings"),
    ],
)
def test_a_record_that_is_gone_leaves_no_words_and_one_that_comes_back_brings_them(
    store: Store, record: Record, table: str
) -> None:
    def words() -> str:
        with store.reading() as tx:
            return str([tuple(row) for row in tx.execute(text(f"select * from {table}"))]).lower()

    with store.writing() as tx:
        records.save(tx, [record], TODAY)
    before = words()
    with store.writing() as tx:
        assert records.remove(tx, {record.ref: TUESDAY}) == 1
    assert ("klaus" in before, "klaus" in words()) == (True, False)
    with store.writing() as tx:
        assert records.save(tx, [record], TODAY).stored == 1
    assert words().count("klaus") == before.count("klaus")


@pytest.mark.parametrize(("day", "left"), [(date(2026, 11, 24), ["t2"]), (date(2026, 11, 23), ["t1", "t2"])])
def test_an_activity_without_a_day_is_as_old_as_its_last_change(store: Store, day: date, left: list[str]) -> None:
    undated = {"happened_at": None, "happened_on": None, "status": "planned"}
    changed_on_monday = activity("t1", **undated)  # 2026-11-23
    changed_on_tuesday = activity("t2", **undated, modified_at=TUESDAY)
    assert [each.kept_by for each in (changed_on_monday, changed_on_tuesday)] == [MONDAY.date(), TUESDAY.date()]
    a = tables.activities.c
    with store.writing() as tx:
        records.save(tx, [changed_on_monday, changed_on_tuesday], TODAY)
        assert purge(tx, {"activities": day}) == {"activities": 2 - len(left)}
        alive = select(a.ref).where(a.deleted_at.is_(None)).order_by(a.ref)
        assert [ref.rpartition("/")[2] for ref in tx.execute(alive).scalars()] == left
        purge(tx, {"activities": day})  # what has its tombstone leaves
        assert [ref.rpartition("/")[2] for ref in tx.execute(select(a.ref).order_by(a.ref)).scalars()] == left

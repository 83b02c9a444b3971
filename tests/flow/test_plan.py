"""The plan: what differs from what the CRM last acknowledged."""

from __future__ import annotations

from decimal import Decimal

from connector.flow.plan import Shown, plan
from connector.model.changes import Change, Row, Value

OWN = Row("emea", "Attain_Attainment__c", "Attain_Key__c", "attainment:bookings:p_1:2026-Q4")
USER = Row("smb", "users", "hs_object_id", "901")


def a_change(row: Row, once: bool = False, **fields: Value) -> Change:
    return Change(row, fields, once=once)


def test_what_was_never_written_is_new() -> None:
    [row] = plan("emea", [a_change(OWN, Actual__c=Decimal(5))], {}).rows
    assert (row.new, row.differences) == (True, {"Actual__c": (None, Decimal(5))})


def test_b17_what_a_crm_writes_otherwise_is_no_change() -> None:
    # ingestr synced values for ever that the CRM had put into its own form: 1234.5 came back as "1234.50".
    found = plan("emea", [a_change(OWN, Actual__c=Decimal("1234.5"))], {OWN: {"Actual__c": Decimal("1234.50")}})
    assert found.rows == ()


def test_what_is_right_already_is_not_written_again() -> None:
    found = plan("emea", [a_change(OWN, Actual__c=Decimal("5.0"))], {OWN: {"Actual__c": Decimal("5.00")}})
    assert (found.rows, found.right_already) == ((), 1)


def test_an_update_by_the_crms_own_id_carries_only_what_differs() -> None:
    shown = {USER: {"attain_a": Decimal(1), "attain_b": Decimal(2)}}
    [row] = plan("smb", [a_change(USER, attain_a=Decimal(1), attain_b=Decimal(3))], shown).rows
    assert row.change.fields == {"attain_b": Decimal(3)}


def test_a_row_of_our_own_is_sent_whole_lest_an_upsert_leave_half_of_it() -> None:
    shown: Shown = {OWN: {"Actual__c": Decimal(1), "Metric__c": "bookings"}}
    [row] = plan("emea", [a_change(OWN, Actual__c=Decimal(2), Metric__c="bookings")], shown).rows
    assert row.change.fields == {"Actual__c": Decimal(2), "Metric__c": "bookings"}
    assert row.differences == {"Actual__c": (Decimal(1), Decimal(2))}


def test_b18_nothing_known_does_not_clear_what_a_person_typed() -> None:
    # Segment's reverse ETL let a null overwrite what somebody had typed.
    assert plan("smb", [a_change(USER, attain_a=None)], {}).rows == ()


def test_a_number_of_ours_that_is_no_longer_known_is_cleared() -> None:
    [row] = plan("smb", [a_change(USER, attain_a=None)], {USER: {"attain_a": Decimal(1)}}).rows
    assert row.change.fields == {"attain_a": None}


def test_an_acknowledged_alert_is_never_sent_again_whatever_it_would_say() -> None:
    task = Row("emea", "Task", "Attain_Key__c", "0f" * 16)
    found = plan("emea", [a_change(task, once=True, Subject="new words")], {task: {"Subject": "old words"}})
    assert (found.rows, found.right_already) == ((), 1)

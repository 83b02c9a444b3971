"""Rows that nothing is said in any more lose their numbers, and keep what they are about."""

from __future__ import annotations

from dataclasses import replace

from connector.decide.emptied import GONE, emptied_rows
from connector.model.changes import Row, Value
from connector.normalise.mapping import ScoreRows

WHERE = ScoreRows(
    "Attain__c",
    "Attainment",
    "Key__c",
    {"User__c": "person", "Metric__c": "metric", "Target__c": "target", "Why__c": "reason", "Run__c": "run"},
)
ROW = Row("emea", "Attain__c", "Key__c", "attainment:bookings:ana:2026-Q4")
SHOWN: dict[Row, dict[str, Value]] = {ROW: {"User__c": "005A", "Metric__c": "bookings", "Target__c": 5, "Why__c": None}}
NOW, HERE = {"2026-Q4"}, {"ana"}


def test_the_numbers_go_and_the_reason_takes_their_place() -> None:
    [change] = emptied_rows(WHERE, SHOWN, [], NOW, HERE)
    assert change.row == ROW
    assert change.fields == {"User__c": "005A", "Metric__c": "bookings", "Target__c": None, "Why__c": GONE}


def test_whom_it_belongs_to_and_is_shown_to_stays() -> None:
    """In Salesforce there is no record without an owner."""
    where = replace(WHERE, fields={"OwnerId": "owner", "Manager__c": "manager", "Target__c": "target"})
    shown: dict[Row, dict[str, Value]] = {ROW: {"OwnerId": "005A", "Manager__c": "005M", "Target__c": 5}}
    [change] = emptied_rows(where, shown, [], NOW, HERE)
    assert change.fields == {"OwnerId": "005A", "Manager__c": "005M", "Target__c": None}
    assert list(emptied_rows(where, {ROW: change.fields}, [], NOW, HERE)) == [], "nothing is left to take out"


def test_what_is_still_said_or_empty_or_past_or_of_somebody_who_left_stays_as_it_is() -> None:
    assert list(emptied_rows(WHERE, SHOWN, [ROW], NOW, HERE)) == []
    assert list(emptied_rows(WHERE, SHOWN, [], {"2027-Q1"}, HERE)) == []
    assert list(emptied_rows(WHERE, SHOWN, [], NOW, {"ben"})) == []
    assert list(emptied_rows(WHERE, {ROW: {**SHOWN[ROW], "Target__c": None}}, [], NOW, HERE)) == []


def test_other_objects_are_nobodys_business() -> None:
    task = Row("emea", "Task", "Key__c", "0123456789abcdef")
    assert list(emptied_rows(WHERE, {task: {"Target__c": 5}}, [], NOW, HERE)) == []

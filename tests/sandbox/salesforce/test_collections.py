"""Collections: two hundred rows at most, a result for each, in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from connector.sandbox.wire import Switches
from tests.sandbox.salesforce.org import Org, an_org

OBJECT = "Attain_Attainment__c"
UPSERT = f"composite/sobjects/{OBJECT}/Attain_Key__c"


@pytest.fixture
def org() -> Org:
    org = an_org()
    org.install()
    return org


def a_row(key: str | None, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": OBJECT}, "Attain_Key__c": key, **fields}


def upserted(org: Org, *rows: dict[str, Any], all_or_none: bool = False) -> list[dict[str, Any]]:
    answer = org.api("PATCH", UPSERT, {"allOrNone": all_or_none, "records": list(rows)})
    assert answer.status == 200, answer.body
    results: list[dict[str, Any]] = answer.json()
    return results


def codes(results: Sequence[dict[str, Any]]) -> list[str]:
    return [each["errors"][0]["statusCode"] if each["errors"] else "" for each in results]


def test_an_upsert_says_of_each_row_whether_it_is_new(org: Org) -> None:
    """S11."""
    assert [each["created"] for each in upserted(org, a_row("a"), a_row("b"))] == [True, True]
    again = upserted(org, a_row("b", Actual__c=2), a_row("c"), a_row("a", Actual__c="much"))
    assert [each["created"] for each in again] == [False, True, False]
    assert codes(again) == ["", "", "JSON_PARSER_ERROR"]
    assert "id" not in again[2]
    assert [row["Attain_Key__c"] for row in org.rows(f"SELECT Attain_Key__c FROM {OBJECT}")] == ["a", "b", "c"]


def test_the_same_key_twice_fails_both_rows(org: Org) -> None:
    results = upserted(org, a_row("a"), a_row("b"), a_row("a"))
    assert codes(results) == ["DUPLICATE_VALUE", "", "DUPLICATE_VALUE"]
    assert results[0]["errors"][0]["message"] == "Duplicate external id specified: a"


def test_each_row_fails_for_itself(org: Org) -> None:
    """S5, S6, S9."""
    results = upserted(
        org,
        {"Attain_Key__c": "a"},
        a_row("b", Gap__c=1),
        a_row("c", User__c="005Qy0000000099"),
        a_row("d", Metric__c="x" * 81),
        a_row(None),
        a_row("e"),
    )
    assert codes(results) == [
        "JSON_PARSER_ERROR",
        "INVALID_FIELD",
        "INVALID_CROSS_REFERENCE_KEY",
        "STRING_TOO_LONG",
        "MISSING_ARGUMENT",
        "",
    ]
    assert set(results[1]["errors"][0]) == {"statusCode", "message", "fields"}


def test_all_or_none_keeps_nothing_when_one_fails(org: Org) -> None:
    """S7."""
    results = upserted(org, a_row("a"), a_row("b", Nonsense=1), all_or_none=True)
    assert codes(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"]
    assert org.query(f"SELECT COUNT() FROM {OBJECT}")["totalSize"] == 0
    assert codes(upserted(org, a_row("a"), all_or_none=True)) == [""]


def test_two_hundred_rows_are_the_most(org: Org) -> None:
    rows = [a_row(str(number)) for number in range(201)]
    answer = org.api("PATCH", UPSERT, {"records": rows})
    assert (answer.status, answer.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")
    assert len(upserted(org, *rows[:200])) == 200


def test_more_than_ten_changes_of_type_are_refused(org: Org) -> None:
    two = [{"attributes": {"type": "Account"}, "Name": "A"}, {"attributes": {"type": "Task"}, "Subject": "T"}]
    assert org.api("POST", "composite/sobjects", {"records": two * 5}).status == 200
    answer = org.api("POST", "composite/sobjects", {"records": two * 5 + two[:1]})
    assert answer.status == 400
    assert "more than 10 chunks" in answer.json()[0]["message"]


def test_an_update_by_id_reaches_what_it_names(org: Org) -> None:
    deal = org.a_deal()
    rows = [
        {"attributes": {"type": "Opportunity"}, "id": deal, "Attain_Score__c": 87.555},
        {"attributes": {"type": "Opportunity"}, "Id": "006Qy0000000099", "Attain_Score__c": 1},
        {"attributes": {"type": "Opportunity"}, "Attain_Score__c": 1},
    ]
    results = org.api("PATCH", "composite/sobjects", {"records": rows}).json()
    assert codes(results) == ["", "INVALID_CROSS_REFERENCE_KEY", "MISSING_ARGUMENT"]
    assert org.rows("SELECT Attain_Score__c FROM Opportunity") == [{"Attain_Score__c": 87.56}]  # two decimals


def test_records_are_read_back_in_order_with_null_for_strangers(org: Org) -> None:
    ids = [each["id"] for each in upserted(org, a_row("a"), a_row("b"))]
    body = {"ids": [ids[1], "a00Qy0000000099", ids[0]], "fields": ["Attain_Key__c"]}
    answer = org.api("POST", f"composite/sobjects/{OBJECT}", body).json()
    assert [each and each["Attain_Key__c"] for each in answer] == ["b", None, "a"]


def test_a_deletion_names_the_rows_it_could_not_find(org: Org) -> None:
    deal = org.a_deal()
    results = org.api("DELETE", f"composite/sobjects?ids={deal},006Qy0000000099,nonsense&allOrNone=false").json()
    assert codes(results) == ["", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"]
    assert org.rows("SELECT Id FROM Opportunity") == []


def test_a_task_is_told_apart_by_its_key(org: Org) -> None:
    """Activity's fields are Task's and Event's."""
    rows = [{"attributes": {"type": "Task"}, "Attain_Key__c": "k1", "Subject": "Behind pace", "Priority": "High"}]
    first, second = (org.api("PATCH", "composite/sobjects/Task/Attain_Key__c", {"records": rows}).json() for _ in "12")
    assert (first[0]["created"], second[0]["created"]) == (True, False)
    assert first[0]["id"] == second[0]["id"]
    assert org.rows("SELECT IsHighPriority FROM Task WHERE Attain_Key__c = 'k1'") == [{"IsHighPriority": True}]


def test_locks_strike_single_rows(org: Org) -> None:
    org = an_org(switches=Switches(seed=3, fail={"lock": 0.25}))
    rows = [{"attributes": {"type": "Account"}, "Name": f"A{number}"} for number in range(200)]
    results = org.api("POST", "composite/sobjects", {"records": rows}).json()
    locked = codes(results).count("UNABLE_TO_LOCK_ROW")
    assert 30 < locked < 70
    assert org.query("SELECT COUNT() FROM Account")["totalSize"] == 200 - locked


def test_a_later_part_of_a_composite_names_an_earlier_one(org: Org) -> None:
    parts = [
        {
            "referenceId": "acme",
            "method": "POST",
            "url": "/services/data/v66.0/sobjects/Account",
            "body": {"Name": "A"},
        },
        {
            "referenceId": "deal",
            "method": "POST",
            "url": "/services/data/v66.0/sobjects/Opportunity",
            "body": {"Name": "D", "StageName": "New", "CloseDate": "2026-12-01", "AccountId": "@{acme.id}"},
        },
    ]
    replies = org.api("POST", "composite", {"compositeRequest": parts}).json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in replies] == [201, 201]
    assert replies[0]["httpHeaders"]["Location"].endswith(replies[0]["body"]["id"])
    assert org.rows("SELECT Account.Name FROM Opportunity")[0]["Account"]["Name"] == "A"


def test_a_composite_that_wants_all_or_none_keeps_none(org: Org) -> None:
    url = "/services/data/v66.0/sobjects/Account"
    parts = [
        {"referenceId": "a", "method": "POST", "url": url, "body": {"Name": "A"}},
        {"referenceId": "b", "method": "POST", "url": url, "body": {}},
    ]
    body = {"allOrNone": True, "compositeRequest": parts}
    replies = org.api("POST", "composite", body).json()["compositeResponse"]
    assert [each["body"][0]["errorCode"] for each in replies] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert org.rows("SELECT Id FROM Account") == []

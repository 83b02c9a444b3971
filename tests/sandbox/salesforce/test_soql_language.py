"""SOQL: what is understood, what is refused, and with which words."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from connector.sandbox.salesforce.moments import span
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.salesforce.soql_parse import parse, unescaped
from tests.sandbox.salesforce.org import Org, an_org


@pytest.fixture(scope="module")
def org() -> Org:
    org = an_org()
    account = org.create("Account", Name="O'Brien & Söhne", Industry="Tech")
    org.a_deal(Name="Alpha", Amount=100, AccountId=account, CloseDate="2026-11-02", NextStep="call")
    org.a_deal(Name="beta", Amount=250.5, CloseDate="2026-10-31", StageName="Closed Won")
    org.a_deal(Name="Gamma", Amount=None, CloseDate="2027-01-15", StageName="Closed Lost")
    return org


def names(org: Org, tail: str) -> list[str]:
    return [row["Name"] for row in org.rows(f"SELECT Name FROM Opportunity {tail}")]


def test_what_is_soql_is_understood(evidence: Path) -> None:
    for text in json.loads((evidence / "contracts/soql/soql.json").read_text())["good"]:
        parse(text)


def test_what_is_not_soql_is_refused(evidence: Path, org: Org) -> None:
    for text in json.loads((evidence / "contracts/soql/soql.json").read_text())["bad"]:
        answer = org.query(text)
        assert answer[0]["errorCode"] == "MALFORMED_QUERY", text


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Amount = 100", ["Alpha"]),
        ("Amount != 100", ["beta", "Gamma"]),  # null is not 100
        ("Amount > 100", ["beta"]),
        ("Amount <= 250.5", ["Alpha", "beta"]),
        ("Amount = null", ["Gamma"]),
        ("NOT Amount > 100", ["Alpha", "Gamma"]),
        ("NextStep = NULL", ["beta", "Gamma"]),
        ("Name = 'ALPHA'", ["Alpha"]),  # text is compared without case
        ("Name LIKE '%a%'", ["Alpha", "beta", "Gamma"]),
        ("Name LIKE '_eta'", ["beta"]),
        ("Name IN ('Alpha', 'gamma')", ["Alpha", "Gamma"]),
        ("NextStep NOT IN ('call')", ["beta", "Gamma"]),
        ("IsWon = true", ["beta"]),
        ("IsClosed = false", ["Alpha"]),
        ("CloseDate >= 2026-11-01 AND CloseDate < 2026-12-01", ["Alpha"]),
        ("CloseDate = THIS_MONTH", ["Alpha"]),
        ("CloseDate = LAST_N_DAYS:30", ["Alpha", "beta"]),
        ("CloseDate > THIS_YEAR", ["Gamma"]),
        ("(Amount = 100 OR Amount = 250.5) AND IsWon = false", ["Alpha"]),
        ("CreatedDate = TODAY", ["Alpha", "beta", "Gamma"]),
        ("SystemModstamp >= 2026-11-25T09:00:00+01:00", ["Alpha", "beta", "Gamma"]),  # 08:00 UTC
        ("SystemModstamp > 2026-11-25T08:00:00.000Z", []),
        ("SystemModstamp < 2026-11-25T08:00:00.500Z", ["Alpha", "beta", "Gamma"]),
        ("Account.Name = 'O\\'Brien & Söhne'", ["Alpha"]),
        ("Account.Industry = null", ["beta", "Gamma"]),
        ("AccountId IN (SELECT Id FROM Account WHERE Industry = 'Tech')", ["Alpha"]),
    ],
)
def test_a_condition_finds(org: Org, where: str, found: list[str]) -> None:
    assert sorted(names(org, f"WHERE {where}"), key=str.lower) == sorted(found, key=str.lower)


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("Name", ["Alpha", "beta", "Gamma"]),
        ("Name DESC", ["Gamma", "beta", "Alpha"]),
        ("Amount", ["Gamma", "Alpha", "beta"]),  # nulls come first
        ("Amount DESC", ["Gamma", "beta", "Alpha"]),  # both ways
        ("Amount DESC NULLS LAST", ["beta", "Alpha", "Gamma"]),
        ("IsClosed DESC, CloseDate", ["beta", "Gamma", "Alpha"]),
        ("Name LIMIT 1 OFFSET 1", ["beta"]),
    ],
)
def test_an_order_is_kept(org: Org, order: str, found: list[str]) -> None:
    assert names(org, f"ORDER BY {order}") == found


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("SELECT Amuont FROM Opportunity", "INVALID_FIELD", "No such column 'Amuont' on entity 'Opportunity'."),
        ("SELECT Ownr.Name FROM Opportunity", "INVALID_FIELD", "Didn't understand relationship 'Ownr' in field path."),
        ("SELECT Id FROM Oppty", "INVALID_TYPE", "sObject type 'Oppty' is not supported."),
        (
            "SELECT Id FROM Opportunity WHERE CloseDate > '2026-01-01'",
            "INVALID_FIELD",
            "value of filter criterion for field 'CloseDate' must be of type date and should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Opportunity WHERE Name = 5",
            "INVALID_FIELD",
            "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Opportunity WHERE SystemModstamp > 2026-01-01",
            "INVALID_FIELD",
            "value of filter criterion for field 'SystemModstamp' must be of type dateTime",
        ),
        ("SELECT Id FROM Opportunity WHERE Id = '006'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: 006"),
        (
            "SELECT Id FROM Opportunity WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered",
        ),
        ("SELECT Id, Id FROM Opportunity", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Id i FROM Opportunity", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        (
            "SELECT Id FROM Opportunity WHERE Id = null AND Id = null OR Id = null",
            "MALFORMED_QUERY",
            "unexpected token",
        ),
        ("SELECT Amount FROM Opportunity GROUP BY Amount", "MALFORMED_QUERY", "field 'Amount' can not be grouped"),
        ("SELECT Id FROM Opportunity LIMIT 5 OFFSET 2001", "MALFORMED_QUERY", "Maximum SOQL offset allowed is 2000"),
        (
            "SELECT Id FROM Opportunity WHERE CloseDate = 2026-02-30",
            "MALFORMED_QUERY",
            "unexpected token: '2026-02-30'",
        ),
        ("SELECT Id, convertCurrency(Amount) FROM Opportunity", "MALFORMED_QUERY", "does not answer convertcurrency()"),
    ],
)
def test_a_mistake_is_named(org: Org, text: str, code: str, reason: str) -> None:
    (error,) = org.query(text)
    assert error["errorCode"] == code
    assert reason in error["message"]


def test_the_caret_stands_below_the_mistake(org: Org) -> None:
    (error,) = org.query("SELECT Id,\nFoo FROM Opportunity")
    assert error["message"].startswith("\nFoo FROM Opportunity\n^\nERROR at Row:2:Column:1\nNo such column 'Foo'")


def test_parents_come_nested_or_null(org: Org) -> None:
    rows = org.rows("SELECT Name, Account.Name, Owner.Name, Owner.UserRole.Name FROM Opportunity ORDER BY Name")
    assert rows[0]["Account"]["Name"] == "O'Brien & Söhne"
    assert rows[0]["Account"]["attributes"]["type"] == "Account"
    assert rows[1]["Account"] is None
    assert rows[1]["Owner"]["Name"] == "Attain Integration"
    assert rows[1]["Owner"]["UserRole"] is None


def test_a_task_tells_what_it_is_about(org: Org) -> None:
    (deal,) = org.rows("SELECT Id FROM Opportunity WHERE Name = 'Alpha'")
    org.create("Task", Subject="Call", WhatId=deal["Id"])
    (row,) = org.rows("SELECT What.Type, What.Name, What.Id FROM Task WHERE What.Type = 'Opportunity'")
    assert {each: row["What"][each] for each in ("Type", "Name", "Id")} == {
        "Type": "Opportunity",
        "Name": "Alpha",
        "Id": deal["Id"],
    }


def test_aggregates_name_their_columns(org: Org) -> None:
    answer = org.query(
        "SELECT StageName, SUM(Amount) total, COUNT(Amount), MAX(CloseDate) FROM Opportunity "
        "GROUP BY StageName HAVING COUNT(Id) > 0 ORDER BY StageName"
    )
    assert answer["records"][0] == {
        "attributes": {"type": "AggregateResult"},
        "StageName": "Closed Lost",
        "total": None,
        "expr0": 0,
        "expr1": "2027-01-15",
    }
    assert [row["total"] for row in answer["records"]] == [None, 250.5, 100.0]


def test_dates_are_taken_apart(org: Org) -> None:
    rows = org.rows(
        "SELECT CALENDAR_YEAR(CloseDate) y, CALENDAR_QUARTER(CloseDate) q, COUNT(Id) n FROM Opportunity "
        "GROUP BY CALENDAR_YEAR(CloseDate), CALENDAR_QUARTER(CloseDate) ORDER BY COUNT(Id) DESC"
    )
    assert rows == [{"y": 2026, "q": 4, "n": 2}, {"y": 2027, "q": 1, "n": 1}]


def test_all_fields_need_a_limit(org: Org) -> None:
    assert org.query("SELECT FIELDS(ALL) FROM Account")[0]["errorCode"] == "MALFORMED_QUERY"
    (row,) = org.rows("SELECT FIELDS(ALL) FROM Account LIMIT 200")
    assert row["Name"] == "O'Brien & Söhne"


@pytest.mark.parametrize(
    ("name", "count", "first", "after"),
    [
        ("THIS_QUARTER", 0, "2026-10-01", "2027-01-01"),
        ("LAST_MONTH", 0, "2026-10-01", "2026-11-01"),
        ("NEXT_YEAR", 0, "2027-01-01", "2028-01-01"),
        ("THIS_FISCAL_QUARTER", 0, "2026-11-01", "2027-02-01"),  # the year starts in February
        ("LAST_FISCAL_YEAR", 0, "2025-02-01", "2026-02-01"),
        ("LAST_N_DAYS", 30, "2026-10-26", "2026-11-26"),
        ("NEXT_N_DAYS", 2, "2026-11-26", "2026-11-28"),
        ("YESTERDAY", 0, "2026-11-24", "2026-11-25"),
    ],
)
def test_relative_dates_mean_these_days(name: str, count: int, first: str, after: str) -> None:
    days = (date.fromisoformat(first), date.fromisoformat(after))
    assert span(name, count, date(2026, 11, 25), 2) == days


def test_escapes_are_resolved() -> None:
    assert unescaped(r"O\'Brien\n\\ \"x\" 5\%") == 'O\'Brien\n\\ "x" 5\\%'


def test_a_query_that_stops_half_way_is_refused() -> None:
    with pytest.raises(Refused, match="<EOF>"):
        parse("SELECT Id FROM Opportunity WHERE Amount >")

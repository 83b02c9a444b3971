"""Records written one by one, and what the organisation does by itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from connector.sandbox.salesforce.moments import fiscal
from tests.sandbox.salesforce.org import BASE, Org, a_company, an_org


@pytest.fixture
def org() -> Org:
    return an_org()


def refusal(org: Org, name: str, **fields: Any) -> dict[str, Any]:
    answer = org.api("POST", f"sobjects/{name}", fields)
    assert answer.status == 400, answer.body
    (error,) = answer.json()
    return {"code": error["errorCode"], "fields": error.get("fields")}


def test_a_deal_follows_its_stage(org: Org) -> None:
    deal = org.a_deal(StageName="Negotiation/Review", Amount=1000)
    shown = org.rows("SELECT IsClosed, IsWon, Probability, ForecastCategoryName, ExpectedRevenue FROM Opportunity")
    assert shown == [
        {
            "IsClosed": False,
            "IsWon": False,
            "Probability": 90.0,
            "ForecastCategoryName": "Pipeline",
            "ExpectedRevenue": 900.0,
        }
    ]
    org.wait(hours=1)
    org.api("PATCH", f"sobjects/Opportunity/{deal}", {"StageName": "Closed Won"})
    (row,) = org.rows("SELECT IsClosed, IsWon, Probability, ForecastCategory, LastStageChangeDate FROM Opportunity")
    assert row == {
        "IsClosed": True,
        "IsWon": True,
        "Probability": 100.0,
        "ForecastCategory": "Closed",
        "LastStageChangeDate": "2026-11-25T09:00:00.000+0000",
    }


def test_a_probability_given_with_the_stage_stays(org: Org) -> None:
    org.a_deal(StageName="Prospecting", Probability=35)
    assert org.rows("SELECT Probability FROM Opportunity") == [{"Probability": 35.0}]


def test_history_grows_when_stage_amount_date_or_probability_change(org: Org) -> None:
    deal = org.a_deal(Amount=100)
    for change in ({"NextStep": "call"}, {"Amount": 200}, {"CloseDate": "2027-01-31"}, {"StageName": "Closed Lost"}):
        org.wait(minutes=1)
        assert org.api("PATCH", f"sobjects/Opportunity/{deal}", change).status == 204
    rows = org.rows(
        "SELECT StageName, Amount, CloseDate, PrevAmount, CreatedDate FROM OpportunityHistory ORDER BY CreatedDate"
    )
    assert [(row["StageName"], row["Amount"], row["CloseDate"], row["PrevAmount"]) for row in rows] == [
        ("Prospecting", 100.0, "2026-12-31", None),
        ("Prospecting", 200.0, "2026-12-31", 100.0),
        ("Prospecting", 200.0, "2027-01-31", 200.0),
        ("Closed Lost", 200.0, "2027-01-31", 200.0),
    ]
    assert rows[1]["CreatedDate"] == "2026-11-25T08:02:00.000+0000"


def test_every_write_moves_the_stamp_even_one_that_changes_nothing(org: Org) -> None:
    deal = org.a_deal()
    org.wait(seconds=5)
    org.api("PATCH", f"sobjects/Opportunity/{deal}", {"Name": "Renewal"})
    (row,) = org.rows("SELECT CreatedDate, LastModifiedDate, SystemModstamp FROM Opportunity")
    assert row == {
        "CreatedDate": "2026-11-25T08:00:00.000+0000",
        "LastModifiedDate": "2026-11-25T08:00:05.000+0000",
        "SystemModstamp": "2026-11-25T08:00:05.000+0000",
    }


def test_automation_moves_the_stamp_but_edits_nothing(org: Org) -> None:
    deal = org.a_deal()
    org.wait(seconds=5)
    org.sandbox.touch("Opportunity", [deal])
    (row,) = org.rows("SELECT LastModifiedDate, SystemModstamp FROM Opportunity")
    assert row == {
        "LastModifiedDate": "2026-11-25T08:00:00.000+0000",
        "SystemModstamp": "2026-11-25T08:00:05.000+0000",
    }


def test_a_finished_task_moves_its_deal_s_last_activity(org: Org) -> None:
    account = org.create("Account", Name="Acme")
    deal = org.a_deal(AccountId=account)
    task = org.create("Task", Subject="Call", WhatId=deal, ActivityDate="2026-11-20")
    assert org.rows("SELECT LastActivityDate FROM Opportunity") == [{"LastActivityDate": None}]
    org.api("PATCH", f"sobjects/Task/{task}", {"Status": "Completed"})
    assert org.rows("SELECT LastActivityDate FROM Opportunity") == [{"LastActivityDate": "2026-11-20"}]
    assert org.rows("SELECT LastActivityDate FROM Account") == [{"LastActivityDate": "2026-11-20"}]
    (row,) = org.rows("SELECT IsClosed, CompletedDateTime, AccountId, Priority FROM Task")
    assert row == {
        "IsClosed": True,
        "CompletedDateTime": "2026-11-25T08:00:00.000+0000",
        "AccountId": account,
        "Priority": "Normal",
    }


def test_an_event_ends_when_its_minutes_are_over(org: Org) -> None:
    org.create("Event", Subject="Meeting", StartDateTime="2026-11-25T22:30:00Z", DurationInMinutes=120)
    (row,) = org.rows("SELECT EndDateTime, ActivityDate, EndDate FROM Event")
    assert row == {
        "EndDateTime": "2026-11-26T00:30:00.000+0000",
        "ActivityDate": "2026-11-25",
        "EndDate": "2026-11-26",
    }


@pytest.mark.parametrize(
    ("fields", "code", "named"),
    [
        ({"StageName": None}, "REQUIRED_FIELD_MISSING", ["StageName"]),
        ({"Name": "x" * 121}, "STRING_TOO_LONG", ["Name"]),
        ({"Amount": "much"}, "JSON_PARSER_ERROR", ["Amount"]),
        ({"Amount": 10**16}, "NUMBER_OUTSIDE_VALID_RANGE", ["Amount"]),
        ({"CloseDate": "31.12.2026"}, "JSON_PARSER_ERROR", []),
        ({"OwnerId": "nobody"}, "MALFORMED_ID", ["OwnerId"]),
        ({"AccountId": "001Qy0000000099IAB"}, "MALFORMED_ID", ["AccountId"]),  # the checksum is wrong
        ({"AccountId": "001Qy0000000099"}, "INVALID_CROSS_REFERENCE_KEY", ["AccountId"]),
        ({"AccountId": "005Qy0000000001"}, "FIELD_INTEGRITY_EXCEPTION", ["AccountId"]),
        ({"IsWon": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsWon"]),
        ({"ForecastCategoryName": "Maybe"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["ForecastCategoryName"]),
        ({"Nonsense__c": 1}, "INVALID_FIELD", []),
    ],
)
def test_a_wrong_value_is_refused(org: Org, fields: dict[str, Any], code: str, named: list[str]) -> None:
    right = {"Name": "Renewal", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
    assert refusal(org, "Opportunity", **(right | fields)) == {"code": code, "fields": named}
    assert org.query("SELECT COUNT() FROM Opportunity")["totalSize"] == 0


def test_all_missing_fields_are_named_at_once(org: Org) -> None:
    answer = org.api("POST", "sobjects/Opportunity", {"Amount": 1})
    assert answer.json() == [
        {
            "message": "Required fields are missing: [Name, StageName, CloseDate]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["Name", "StageName", "CloseDate"],
        }
    ]


def test_a_deleted_record_is_seen_by_query_all_only(org: Org) -> None:
    deal = org.a_deal()
    task = org.create("Task", Subject="Call", WhatId=deal)
    assert org.api("DELETE", f"sobjects/Opportunity/{deal}").status == 204
    assert org.rows("SELECT Id FROM Opportunity") == []
    assert org.rows("SELECT Id, IsDeleted FROM Opportunity", deleted=True) == [{"Id": deal, "IsDeleted": True}]
    assert org.rows("SELECT Id FROM Task") == []
    assert org.rows("SELECT Id FROM Task WHERE IsDeleted = true", deleted=True) == [{"Id": task}]
    assert org.api("PATCH", f"sobjects/Opportunity/{deal}", {"Name": "x"}).status == 404


def test_fifteen_characters_name_a_record_too(org: Org) -> None:
    deal = org.a_deal()
    assert org.api("GET", f"sobjects/Opportunity/{deal[:15]}?fields=Id,Name").json()["Id"] == deal
    assert org.rows(f"SELECT Id FROM Opportunity WHERE Id = '{deal[:15]}'") == [{"Id": deal}]


def test_a_single_upsert_creates_updates_or_hesitates(org: Org) -> None:
    """S10, S12."""
    org.install()
    path = "sobjects/Attain_Attainment__c/Attain_Key__c/bookings:ana"
    first, second = org.api("PATCH", path, {"Actual__c": 1}), org.api("PATCH", path, {"Actual__c": 2})
    assert (first.status, first.json()["created"]) == (201, True)
    assert (second.status, second.json()["created"]) == (200, False)
    assert org.rows("SELECT Name, Actual__c FROM Attain_Attainment__c") == [{"Name": "A-0001", "Actual__c": 2.0}]
    unknown = org.api("PATCH", "sobjects/Account/Namez/foo", {})
    assert unknown.json() == [
        {"message": "Provided external ID field does not exist or is not accessible: Namez", "errorCode": "NOT_FOUND"}
    ]


def test_several_records_with_one_key_are_listed(org: Org) -> None:
    ids = [org.a_deal(Name="Twin"), org.a_deal(Name="Twin")]
    answer = org.api("PATCH", "sobjects/Opportunity/Name/Twin", {"Amount": 1})
    assert answer.status == 300
    assert answer.json() == [f"/services/data/v66.0/sobjects/Opportunity/{id}" for id in ids]


def test_a_wrong_method_is_told_the_right_ones(org: Org) -> None:
    answer = org.api("PUT", "query?q=x")
    assert (answer.status, answer.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")


def test_a_unique_key_is_taken_once(org: Org) -> None:
    org.install()
    first = org.create("Attain_Attainment__c", Attain_Key__c="a")
    answer = org.api("POST", "sobjects/Attain_Attainment__c", {"Attain_Key__c": "a"})
    assert answer.json()[0]["errorCode"] == "DUPLICATE_VALUE"
    assert first[:15] in answer.json()[0]["message"]
    assert org.api("DELETE", f"sobjects/Attain_Attainment__c/{first}").status == 204
    org.create("Attain_Attainment__c", Attain_Key__c="a")  # the bin holds no keys


@pytest.mark.parametrize(
    ("day", "starts", "period"),
    [
        (date(2026, 1, 31), 2, (2026, 4)),
        (date(2026, 2, 1), 2, (2027, 1)),
        (date(2026, 12, 31), 1, (2026, 4)),
        (date(2026, 10, 1), 10, (2027, 1)),
    ],
)
def test_a_fiscal_year_is_called_after_the_year_it_ends_in(day: date, starts: int, period: tuple[int, int]) -> None:
    assert fiscal(day, starts) == period


TEAM = """
    deal,person,role
    d1,mia,Executive Sponsor"""


def test_a_member_taken_off_a_team_goes_to_no_bin_and_one_whose_deal_is_deleted_does(tmp_path: Path) -> None:
    org = Org(folder=a_company(tmp_path / "company", teams=TEAM))
    org.log_in()
    deal, mia = org.sandbox.id_of("deal", "d1"), org.sandbox.id_of("person", "mia")
    row = {"OpportunityId": deal, "UserId": mia, "TeamMemberRole": "Sales Rep"}
    added = org.ask("POST", f"{BASE}/sobjects/OpportunityTeamMember", row).json()["id"]
    assert added.startswith("00q")
    before = org.ask("GET", f"{BASE}/sobjects/Opportunity/{deal}").json()["SystemModstamp"]
    org.wait(minutes=5)
    assert org.ask("DELETE", f"{BASE}/sobjects/OpportunityTeamMember/{added}").status == 204
    everything = f"{BASE}/queryAll?q={quote('SELECT Id, TeamMemberRole, IsDeleted FROM OpportunityTeamMember')}"
    [left] = org.ask("GET", everything).json()["records"]
    assert (left["TeamMemberRole"], left["IsDeleted"]) == ("Executive Sponsor", False)
    assert org.ask("GET", f"{BASE}/sobjects/Opportunity/{deal}").json()["SystemModstamp"] == before
    org.wait(minutes=5)
    span = "start=2026-11-25T08:01:00%2B00:00&end=2026-11-25T08:10:00%2B00:00"
    gone = org.ask("GET", f"{BASE}/sobjects/OpportunityTeamMember/deleted/?{span}").json()["deletedRecords"]
    assert gone == [{"id": added, "deletedDate": "2026-11-25T08:05:00.000+0000"}]
    org.ask("DELETE", f"{BASE}/sobjects/Opportunity/{deal}")
    [left] = org.ask("GET", everything).json()["records"]
    assert left["IsDeleted"] is True


def test_teams_and_territories_are_not_there_until_they_are_switched_on() -> None:
    org = Org()
    org.log_in()
    names = {each["name"] for each in org.ask("GET", f"{BASE}/sobjects").json()["sobjects"]}
    assert not names & {"OpportunityTeamMember", "ObjectTerritory2Association", "Territory2Model"}
    org.sandbox.switch_on_teams()
    org.sandbox.lie({})
    names = {each["name"] for each in org.ask("GET", f"{BASE}/sobjects").json()["sobjects"]}
    assert names >= {"OpportunityTeamMember", "ObjectTerritory2Association", "Territory2Model"}
    shown = org.ask("GET", f"{BASE}/sobjects/OpportunityTeamMember/describe").json()
    role = next(each for each in shown["fields"] if each["name"] == "TeamMemberRole")
    assert "Sales Rep" in [each["value"] for each in role["picklistValues"]]
    assert shown["replicateable"] is True

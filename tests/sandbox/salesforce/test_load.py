"""A company brought in from its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.salesforce.org import Org, a_company, an_org


@pytest.fixture
def org(tmp_path: Path) -> Org:
    return an_org(
        folder=a_company(
            tmp_path / "company",
            accounts="""
                id,crm,name,parent,owner,industry,country,created_at
                a1,salesforce,Acme Holding,,mia,Tech,DE,2025-01-01T00:00:00Z
                a2,salesforce,Acme GmbH,a1,ana,Tech,DE,2025-02-01T00:00:00Z""",
            deals="""
                id,crm,name,account,owner,stage,amount,currency,created_at,closed_on,modified_at,deleted_at
                d1,salesforce,Renewal,a2,ana,won,60000.00,EUR,2026-09-01T08:00:00Z,2026-10-08,2026-10-08T12:30:00Z,
                d2,salesforce,Pilot,,mia,offer,1200.50,EUR,2026-10-01T08:00:00Z,,2026-11-20T09:00:00Z,
                d3,hubspot,Elsewhere,,hub,new,5,EUR,2026-10-01T08:00:00Z,,2026-11-20T09:00:00Z,
                d4,salesforce,Mistake,,ana,new,,EUR,2026-10-01T08:00:00Z,2026-12-01,2026-10-02T08:00:00Z,2026-11-24T10:00:00Z""",
            deal_history="""
                deal,at,field,value,by
                d1,2026-09-01T08:00:00Z,stage,new,ana
                d1,2026-09-01T08:00:00Z,amount,50000.00,ana
                d1,2026-09-01T08:00:00Z,closed_on,2026-12-01,ana
                d2,2026-10-01T08:00:00Z,stage,offer,mia
                d1,2026-09-15T10:00:00Z,owner,ana,mia
                d1,2026-10-08T12:30:00Z,stage,won,mia
                d1,2026-10-08T12:30:00Z,amount,60000.00,mia
                d1,2026-10-08T12:30:00Z,closed_on,2026-10-08,mia""",
            activities="""
                id,crm,type,person,deal,account,at,status,minutes,modified_at
                t1,salesforce,call,ana,d1,,2026-10-01T09:00:00Z,completed,12,2026-10-01T09:20:00Z
                t2,salesforce,meeting,ana,d1,,2026-10-05T09:00:00Z,completed,45,2026-10-05T10:00:00Z
                t3,salesforce,task,mia,,a1,2026-12-01T09:00:00Z,planned,,2026-11-01T10:00:00Z
                t4,hubspot,call,hub,d3,,2026-10-01T09:00:00Z,completed,12,2026-10-01T09:20:00Z""",
        )
    )


def test_people_become_users_with_a_role_per_team(org: Org) -> None:
    rows = org.rows(
        "SELECT Name, FirstName, LastName, Email, Title, Division, IsActive, UserType, UserRole.Name, ManagerId "
        "FROM User WHERE Email LIKE '%@acme.example' ORDER BY Name"
    )
    assert [row["Name"] for row in rows] == ["Ana da Silva", "Mia Lang", "Ole Olsen"]  # Hu Bee has no user here
    ana = rows[0]
    assert ana["UserRole"].pop("attributes")["type"] == "UserRole"
    assert ana == {
        "Name": "Ana da Silva",
        "FirstName": "Ana da",
        "LastName": "Silva",
        "Email": "ana@acme.example",
        "Title": "AE",
        "Division": "EMEA",
        "IsActive": True,
        "UserType": "Standard",
        "UserRole": {"Name": "North"},
        "ManagerId": org.sandbox.id_of("person", "mia"),
    }
    assert rows[2]["IsActive"] is False


def test_there_is_one_integration_user_who_owns_nothing(org: Org) -> None:
    (row,) = org.rows("SELECT Id, UserType FROM User WHERE Name = 'Attain Integration'")
    assert row == {"Id": org.sandbox.integration_user, "UserType": "Standard"}
    for name in ("Opportunity", "Account", "Task", "Event"):
        assert org.rows(f"SELECT Id FROM {name} WHERE OwnerId = '{row['Id']}'", deleted=True) == []


def test_a_deal_arrives_with_its_stage_and_stamps(org: Org) -> None:
    (row,) = org.rows(
        "SELECT Id, StageName, Amount, CloseDate, IsWon, Probability, ExpectedRevenue, FiscalYear, FiscalQuarter, "
        "CreatedDate, SystemModstamp, LastActivityDate, LastStageChangeDate, Owner.Name FROM Opportunity "
        "WHERE Name = 'Renewal'"
    )
    assert row.pop("Owner")["Name"] == "Ana da Silva"
    assert row == {
        "Id": org.sandbox.id_of("deal", "d1"),
        "StageName": "Won",
        "Amount": 60000.0,
        "CloseDate": "2026-10-08",
        "IsWon": True,
        "Probability": 100.0,
        "ExpectedRevenue": 60000.0,
        "FiscalYear": 2027,  # it starts in February 2026 and is called after the year it ends in
        "FiscalQuarter": 3,  # August to October
        "CreatedDate": "2026-09-01T08:00:00.000+0000",
        "SystemModstamp": "2026-10-08T12:30:00.000+0000",
        "LastActivityDate": "2026-10-05",
        "LastStageChangeDate": "2026-10-08T12:30:00.000+0000",
    }


def test_an_open_deal_without_a_date_closes_in_ninety_days(org: Org) -> None:
    (row,) = org.rows("SELECT CloseDate, ForecastCategoryName FROM Opportunity WHERE Name = 'Pilot'")
    assert row == {"CloseDate": "2027-02-23", "ForecastCategoryName": "Best Case"}


def test_what_lives_elsewhere_stays_elsewhere(org: Org) -> None:
    assert [row["Name"] for row in org.rows("SELECT Name FROM Opportunity")] == ["Renewal", "Pilot"]
    with pytest.raises(KeyError):
        org.sandbox.id_of("deal", "d3")


def test_a_deleted_deal_lies_in_the_bin(org: Org) -> None:
    (row,) = org.rows("SELECT Name, SystemModstamp FROM Opportunity WHERE IsDeleted = true", deleted=True)
    assert row == {"Name": "Mistake", "SystemModstamp": "2026-11-24T10:00:00.000+0000"}


def test_history_has_one_row_per_deal_and_instant(org: Org) -> None:
    deal = org.sandbox.id_of("deal", "d1")
    rows = org.rows(
        "SELECT StageName, Amount, CloseDate, PrevAmount, CreatedDate, CreatedById FROM OpportunityHistory "
        f"WHERE OpportunityId = '{deal}' ORDER BY CreatedDate"
    )
    assert [(row["CreatedDate"][:10], row["StageName"], row["Amount"], row["CloseDate"]) for row in rows] == [
        ("2026-09-01", "New", 50000.0, "2026-12-01"),
        ("2026-10-08", "Won", 60000.0, "2026-10-08"),
    ]
    assert rows[1]["PrevAmount"] == 50000.0
    assert rows[1]["CreatedById"] == org.sandbox.id_of("person", "mia")


def test_a_deal_without_a_history_began_in_its_stage(org: Org) -> None:
    deal = org.rows("SELECT Id FROM Opportunity WHERE Name = 'Mistake'", deleted=True)[0]["Id"]
    rows = org.rows(f"SELECT StageName, CreatedDate FROM OpportunityHistory WHERE OpportunityId = '{deal}'")
    assert rows == [{"StageName": "New", "CreatedDate": "2026-10-01T08:00:00.000+0000"}]


def test_calls_are_tasks_and_meetings_are_events(org: Org) -> None:
    tasks = org.rows("SELECT Id, TaskSubtype, IsClosed, CallDurationInSeconds, ActivityDate, What.Type FROM Task")
    assert [task.pop("What")["Type"] for task in tasks] == ["Opportunity", "Account"]
    assert tasks == [
        {
            "Id": org.sandbox.id_of("activity", "t1"),
            "TaskSubtype": "Call",
            "IsClosed": True,
            "CallDurationInSeconds": 720,
            "ActivityDate": "2026-10-01",
        },
        {
            "Id": org.sandbox.id_of("activity", "t3"),
            "TaskSubtype": "Task",
            "IsClosed": False,
            "CallDurationInSeconds": None,
            "ActivityDate": "2026-12-01",
        },
    ]
    (event,) = org.rows("SELECT Id, DurationInMinutes, EndDateTime, AccountId FROM Event")
    assert event == {
        "Id": org.sandbox.id_of("activity", "t2"),
        "DurationInMinutes": 45,
        "EndDateTime": "2026-10-05T09:45:00.000+0000",
        "AccountId": org.sandbox.id_of("account", "a2"),
    }


def test_one_currency_and_no_splits_leave_their_fields_out(org: Org) -> None:
    for name in ("CurrencyType", "OpportunitySplit"):
        assert org.api("GET", f"sobjects/{name}/describe").status == 404
    assert org.query("SELECT CurrencyIsoCode FROM Opportunity")[0]["errorCode"] == "INVALID_FIELD"


def test_rates_switch_currencies_on(tmp_path: Path) -> None:
    rates = """
        currency,starts_on,rate
        USD,2026-01-01,1.08
        USD,2026-07-01,1.12
        USD,2027-01-01,1.20"""
    org = an_org(folder=a_company(tmp_path / "company", rates=rates))
    assert org.rows("SELECT IsoCode, ConversionRate, IsCorporate FROM CurrencyType ORDER BY IsoCode") == [
        {"IsoCode": "EUR", "ConversionRate": 1.0, "IsCorporate": True},
        {"IsoCode": "USD", "ConversionRate": 1.12, "IsCorporate": False},  # in force on 25 November 2026
    ]
    dated = org.rows("SELECT StartDate, NextStartDate FROM DatedConversionRate ORDER BY StartDate")
    assert [row["NextStartDate"] for row in dated] == ["2026-07-01", "2027-01-01", "9999-12-31"]
    assert org.rows("SELECT CurrencyIsoCode FROM Opportunity LIMIT 1") == [{"CurrencyIsoCode": "EUR"}]


def test_splits_bring_their_types(tmp_path: Path) -> None:
    splits = """
        deal,person,percent,kind
        d1,ana,60,revenue
        d1,mia,40,revenue
        d1,mia,25,overlay
        d1,hub,10,overlay"""
    org = an_org(folder=a_company(tmp_path / "company", splits=splits))
    rows = org.rows("SELECT SplitPercentage, SplitAmount, SplitType.IsTotalValidated FROM OpportunitySplit ORDER BY Id")
    found = [(row["SplitPercentage"], row["SplitAmount"], row["SplitType"]["IsTotalValidated"]) for row in rows]
    assert found == [(60.0, 36000.0, True), (40.0, 24000.0, True), (25.0, 15000.0, False)]  # of 60 000


def test_the_smallest_folder_loads_and_gives_the_same_ids_each_time(tmp_path: Path) -> None:
    folder = a_company(tmp_path / "company")
    first, second = an_org(folder=folder), an_org(folder=folder)
    assert first.sandbox.id_of("deal", "d2") == second.sandbox.id_of("deal", "d2")
    assert first.query("SELECT COUNT() FROM Task")["totalSize"] == 0


def test_a_database_file_is_taken_up_again(tmp_path: Path) -> None:
    from connector.sandbox.salesforce import SalesforceSandbox

    org = an_org(folder=a_company(tmp_path / "company"))
    org.sandbox = SalesforceSandbox(now=lambda: org.now, database=str(tmp_path / "org.db"))
    org.sandbox.load(tmp_path / "company")
    org.sandbox.register_client("client", "secret")
    org.log_in()
    org.install()
    org.create("Attain_Attainment__c", Attain_Key__c="a")
    org.sandbox.close()
    org.sandbox = SalesforceSandbox(now=lambda: org.now, database=str(tmp_path / "org.db"))
    org.sandbox.register_client("client", "secret")
    org.log_in()
    assert org.rows("SELECT Attain_Key__c FROM Attain_Attainment__c") == [{"Attain_Key__c": "a"}]
    deal = org.sandbox.id_of("deal", "d2")
    org.api("PATCH", f"sobjects/Opportunity/{deal}", {"StageName": "Won"})
    assert org.rows(f"SELECT IsWon FROM Opportunity WHERE Id = '{deal}'") == [{"IsWon": True}]

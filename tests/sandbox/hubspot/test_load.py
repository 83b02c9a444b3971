"""What becomes of a sandbox company in HubSpot."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.sandbox.hubspot import HubSpotSandbox
from tests.sandbox.hubspot.caller import TOKEN, Caller, V
from tests.sandbox.hubspot.company import FILES, written


def test_takes_only_the_rows_that_live_in_hubspot(hubspot: Caller) -> None:
    deals = hubspot.get(f"{V}/deals?limit=100")
    assert hubspot.names(deals) == ["Turbines", "Blades", "Bare", "Lost cause"]
    assert hubspot.names(hubspot.get(f"{V}/companies"), "name") == ["Holding AG", "Daughter GmbH"]
    with pytest.raises(KeyError):
        hubspot.id_of("deal", "d2")


def test_gives_the_same_ids_to_the_same_rows(hubspot: Caller, tmp_path: Path) -> None:
    other = HubSpotSandbox(now=lambda: datetime(2030, 1, 1, tzinfo=UTC))
    other.load(written(tmp_path))
    for kind, names in {
        "deal": ("d1", "d5"),
        "account": ("a3",),
        "owner": ("p4",),
        "user": ("p4",),
        "activity": ("t6",),
    }.items():
        for name in names:
            assert other.id_of(kind, name) == hubspot.id_of(kind, name)


def test_shows_an_archived_deal_only_when_asked(hubspot: Caller) -> None:
    gone = hubspot.get(f"{V}/deals?archived=TRUE")["results"]
    assert [(each["properties"]["dealname"], each["archived"], each["archivedAt"]) for each in gone] == [
        ("Gone", True, "2026-05-01T00:00:00.000Z")
    ]
    path = f"{V}/deals/{hubspot.id_of('deal', 'd4')}"
    assert hubspot.call("GET", path).status == 404
    assert hubspot.get(f"{path}?archived=true")["archived"] is True


def test_cannot_list_archived_meetings(hubspot: Caller) -> None:
    refused = hubspot.call("GET", f"{V}/meetings?archived=true")
    assert refused.status == 400
    assert "not yet supported for object type 0-47 (MEETING_EVENT)" in refused.json()["message"]


def test_leaves_a_deal_without_anything_bare(hubspot: Caller) -> None:
    asked = "amount,closedate,hubspot_owner_id,deal_currency_code,dealtype"
    bare = hubspot.get(f"{V}/deals/{hubspot.id_of('deal', 'd5')}?properties={asked}&associations=companies")
    assert all(bare["properties"][name] is None for name in asked.split(","))
    assert "associations" not in bare
    assert bare["createdAt"] == "2026-11-25T00:00:00.000Z"  # the company's today


def test_converts_by_the_rate_of_the_close_date_or_todays(hubspot: Caller) -> None:
    names = "amount_in_home_currency,hs_exchange_rate"
    abroad = hubspot.get(f"{V}/deals/{hubspot.id_of('deal', 'd3')}?properties={names}")["properties"]
    # 1.25 dollars buy one euro until 30 November: one dollar is 0.8 euro, 3000 dollars are 2400 euro.
    assert abroad["hs_exchange_rate"].startswith("0.8000000000000000")
    assert abroad["amount_in_home_currency"] == "2400"
    at_home = hubspot.get(f"{V}/deals/{hubspot.id_of('deal', 'd1')}?properties={names}")["properties"]
    assert (at_home["amount_in_home_currency"], at_home["hs_exchange_rate"]) == ("5000.00", "1")


def test_tells_a_deals_history_newest_first(hubspot: Caller) -> None:
    asked = "dealstage,amount,hubspot_owner_id,closedate"
    deal = hubspot.get(f"{V}/deals/{hubspot.id_of('deal', 'd1')}?propertiesWithHistory={asked}")
    past = deal["propertiesWithHistory"]
    assert [(each["value"], each["timestamp"]) for each in past["dealstage"]] == [
        ("closedwon", "2026-03-31T16:00:00.000Z"),
        ("proposal", "2026-02-01T09:00:00.000Z"),
        ("qualified", "2026-01-10T09:00:00.000Z"),
    ]
    assert [each["value"] for each in past["amount"]] == ["5000.00", "4000"]
    ada, dina = hubspot.id_of("owner", "p1"), hubspot.id_of("owner", "p4")
    assert [each["value"] for each in past["hubspot_owner_id"]] == [ada, dina]
    assert past["hubspot_owner_id"][0]["updatedByUserId"] == int(hubspot.id_of("user_id", "p4"))
    assert [each["value"] for each in past["closedate"]] == ["2026-03-31T00:00:00Z"]


def test_knows_when_a_deal_came_into_a_stage(hubspot: Caller) -> None:
    names = "hs_v2_date_entered_proposal,hs_v2_date_entered_closedlost"
    deal = hubspot.get(f"{V}/deals/{hubspot.id_of('deal', 'd1')}?properties={names}")["properties"]
    assert deal["hs_v2_date_entered_proposal"] == "2026-02-01T09:00:00Z"
    assert deal["hs_v2_date_entered_closedlost"] is None


def test_keeps_twenty_versions_of_a_value(tmp_path: Path) -> None:
    many = "deal,at,field,value,by\n" + "".join(
        f"d1,2026-01-10T09:00:{second:02d}Z,amount,{second},\n" for second in range(30)
    )
    sandbox = HubSpotSandbox(now=lambda: datetime(2026, 11, 25, tzinfo=UTC))
    sandbox.load(written(tmp_path, deal_history=many))
    sandbox.allow(TOKEN)
    hubspot = Caller(sandbox)
    versions = hubspot.get(f"{V}/deals/{hubspot.id_of('deal', 'd1')}?propertiesWithHistory=amount")[
        "propertiesWithHistory"
    ]["amount"]
    assert [each["value"] for each in versions] == [str(second) for second in range(29, 9, -1)]


def test_tells_closed_won_and_lost_deals_apart(hubspot: Caller) -> None:
    flags = "hs_is_closed,hs_is_closed_won,hs_is_closed_lost"
    of = {
        name: hubspot.get(f"{V}/deals/{hubspot.id_of('deal', name)}?properties={flags}")["properties"]
        for name in ("d1", "d3", "d6")
    }
    assert [of["d1"][flag] for flag in flags.split(",")] == ["true", "true", "false"]
    assert [of["d3"][flag] for flag in flags.split(",")] == ["false", "false", "false"]
    assert [of["d6"][flag] for flag in flags.split(",")] == ["true", "false", "true"]


def test_gives_a_person_three_different_numbers(hubspot: Caller) -> None:
    asked = "hs_internal_user_id,hubspot_owner_id,hs_job_title,hs_email"
    user = hubspot.get(f"{V}/users/{hubspot.id_of('user', 'p1')}?properties={asked}")
    owner = next(
        each for each in hubspot.get("/crm/owners/2026-03")["results"] if each["email"] == "ada@nordlicht.example"
    )
    assert len({user["id"], owner["id"], str(owner["userId"])}) == 3
    assert user["properties"]["hubspot_owner_id"] == owner["id"] == hubspot.id_of("owner", "p1")
    assert user["properties"]["hs_internal_user_id"] == str(owner["userId"])
    assert user["properties"]["hs_job_title"] == "AE"
    assert owner["teams"] == [{"id": "40001", "name": "East 1", "primary": True}]


def test_archives_the_owner_of_a_person_who_left(hubspot: Caller) -> None:
    assert hubspot.id_of("owner", "p2") not in [each["id"] for each in hubspot.get("/crm/owners/2026-03")["results"]]
    (ben,) = hubspot.get("/crm/owners/2026-03?archived=true")["results"]
    assert ben["id"] == hubspot.id_of("owner", "p2")
    assert "userId" not in ben
    assert ben["userIdIncludingInactive"] == int(hubspot.id_of("user_id", "p2"))


def test_finds_an_owner_by_address_id_or_user_id(hubspot: Caller) -> None:
    dina = hubspot.id_of("owner", "p4")
    assert [each["id"] for each in hubspot.get("/crm/owners/2026-03?email=DINA@nordlicht.example")["results"]] == [dina]
    assert hubspot.get(f"/crm/owners/2026-03/{dina}")["firstName"] == "Dina"
    assert hubspot.get(f"/crm/owners/2026-03/{hubspot.id_of('user_id', 'p4')}?idProperty=userId")["id"] == dina
    assert hubspot.call("GET", "/crm/owners/2026-03/1").status == 404


def test_pages_through_owners(hubspot: Caller) -> None:
    first = hubspot.get("/crm/owners/2026-03?limit=1")
    second = hubspot.get(f"/crm/owners/2026-03?limit=1&after={first['paging']['next']['after']}")
    assert [each["firstName"] for each in first["results"] + second["results"]] == ["Ada", "Dina"]
    assert "paging" not in second


def test_links_daughters_to_parents(hubspot: Caller) -> None:
    daughter = hubspot.get(f"{V}/companies/{hubspot.id_of('account', 'a3')}?properties=hs_parent_company_id")
    assert daughter["properties"]["hs_parent_company_id"] == hubspot.id_of("account", "a1")


def test_shows_activities_as_hubspot_does(hubspot: Caller) -> None:
    call = hubspot.get(f"{V}/calls?properties=hs_call_duration,hs_call_status,hubspot_owner_id")["results"][0][
        "properties"
    ]
    assert call["hs_call_duration"] == "900000"  # 15 minutes
    assert (call["hs_call_status"], call["hubspot_owner_id"]) == ("COMPLETED", hubspot.id_of("owner", "p1"))
    task = hubspot.get(f"{V}/tasks?properties=hs_timestamp,hs_task_status,hs_task_completion_date")["results"][0][
        "properties"
    ]
    assert task["hs_timestamp"] == "2026-12-01T09:00:00Z"
    assert (task["hs_task_status"], task["hs_task_completion_date"]) == ("NOT_STARTED", None)
    meeting = hubspot.get(f"{V}/meetings?properties=hs_meeting_end_time,hs_meeting_outcome")["results"][0]["properties"]
    assert (meeting["hs_meeting_end_time"], meeting["hs_meeting_outcome"]) == ("2026-02-03T10:45:00Z", "COMPLETED")
    email = hubspot.get(f"{V}/emails?associations=companies,deals")["results"][0]
    assert email["associations"] == {
        "companies": {"results": [{"id": hubspot.id_of("account", "a3"), "type": "email_to_company"}]}
    }


def test_says_what_one_unit_of_a_currency_is_worth_in_the_companys(hubspot: Caller) -> None:
    assert hubspot.get("/settings/currencies/2026-03/company-currency")["id"] == "EUR"
    rates = hubspot.get("/settings/currencies/2026-03/exchange-rates")["results"]
    assert [
        (each["fromCurrencyCode"], each["toCurrencyCode"], each["conversionRate"], each["effectiveAt"])
        for each in rates
    ] == [
        ("USD", "EUR", 0.8, "2025-01-01T00:00:00Z"),
        ("USD", "EUR", 0.625, "2026-12-01T00:00:00Z"),
        ("GBP", "EUR", 1.25, "2025-01-01T00:00:00Z"),
    ]
    current = hubspot.get("/settings/currencies/2026-03/exchange-rates/current")["results"]
    assert {each["fromCurrencyCode"]: each["conversionRate"] for each in current} == {"USD": 0.8, "GBP": 1.25}


def test_needs_no_more_than_the_four_files(tmp_path: Path) -> None:
    for name in ("company.json", "stages.csv", "people.csv", "deals.csv"):
        (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    sandbox = HubSpotSandbox(now=lambda: datetime(2026, 11, 25, tzinfo=UTC))
    sandbox.load(tmp_path)
    sandbox.allow(TOKEN)
    assert len(Caller(sandbox).get(f"{V}/deals")["results"]) == 4
    assert Caller(sandbox).get(f"{V}/companies") == {"results": []}


def test_shows_stages_in_the_companys_order(hubspot: Caller) -> None:
    (pipeline,) = hubspot.get("/crm/pipelines/2026-03/deals")["results"]
    assert [stage["id"] for stage in pipeline["stages"]] == ["qualified", "proposal", "closedwon", "closedlost"]
    assert pipeline["stages"][1]["label"] == "Proposal"

"""A sales engineer joins a deal and leaves it again; an account moves to another territory. The score follows.

Nobody touches the deal: what changes are records that point at it.
"""

from __future__ import annotations

import pytest

from tests.faults.village import Village
from tests.switching import switch_on_sections

pytestmark = pytest.mark.xdist_group("teams")

METRICS = """
  engineered:
    title: Won with an engineer
    of: deals
    where: outcome = 'won'
    date: closed_on
    measure: sum(amount)
    unit: money
    credit: team
    roles: [Pre-Sales Consultant]
  tended:
    title: Won in their territory
    of: deals
    where: outcome = 'won' and account_territory = 'Rhine'
    date: closed_on
    measure: sum(amount)
    unit: money
    credit: account_territory
"""
TARGETS = """
  - {metric: engineered, every: quarter, each: 20_000 EUR}
  - {metric: tended, every: quarter, each: 20_000 EUR}
"""


def _as_ops_would(village: Village) -> None:
    """The two sections of the mapping that wait for it, two metrics, and a target of each."""
    switch_on_sections(village.folder, "team_members", "account_territories")
    metrics, targets = village.folder / "rules/metrics.yaml", village.folder / "rules/targets.yaml"
    metrics.write_text(metrics.read_text(encoding="utf-8") + METRICS, encoding="utf-8")
    targets.write_text(targets.read_text(encoding="utf-8") + TARGETS, encoding="utf-8")


def _reached(village: Village, metric: str) -> dict[str, float]:
    """What each user's row of the quarter shows; who has nothing is not there."""
    asked = f"SELECT User__c, Actual__c FROM Attain_Attainment__c WHERE Metric__c = '{metric}' AND Period_Label__c = '2026-Q4'"
    return {each["User__c"]: each["Actual__c"] for each in village.soql(asked) if each["Actual__c"]}


def _later(village: Village) -> None:
    village.time.sleep(3600)
    assert village.cycle().troubles == []


def test_an_engineer_on_a_deal_is_credited_until_they_are_taken_off(village: Village) -> None:
    village.salesforce.switch_on_teams()
    _as_ops_would(village)
    owner, engineer = (each["Id"] for each in village.soql("SELECT Id FROM User WHERE IsActive = true AND Title = 'AE' ORDER BY Id LIMIT 2"))  # fmt: skip
    deal = village.edit(
        "Opportunity",
        {"Name": "Shared", "StageName": "Closed Won", "Amount": 10_000, "CloseDate": "2026-11-20", "OwnerId": owner},
        method="POST",
    )["id"]
    _later(village)
    assert _reached(village, "engineered") == {}

    [before] = village.soql(f"SELECT SystemModstamp FROM Opportunity WHERE Id = '{deal}'")
    row = {"OpportunityId": deal, "UserId": engineer, "TeamMemberRole": "Pre-Sales Consultant"}
    member = village.edit("OpportunityTeamMember", row, method="POST")["id"]
    _later(village)
    assert _reached(village, "engineered") == {engineer: 10_000}  # and the owner, in no such role, has nothing

    village.edit(f"OpportunityTeamMember/{member}", {"TeamMemberRole": "Sales Rep"})
    _later(village)
    assert _reached(village, "engineered") == {}
    village.edit(f"OpportunityTeamMember/{member}", {"TeamMemberRole": "Pre-Sales Consultant"})
    _later(village)
    assert _reached(village, "engineered") == {engineer: 10_000}

    village.delete(f"OpportunityTeamMember/{member}")
    _later(village)
    assert _reached(village, "engineered") == {}
    [after] = village.soql(f"SELECT SystemModstamp FROM Opportunity WHERE Id = '{deal}'")
    assert after["SystemModstamp"] == before["SystemModstamp"]


def test_an_account_brings_its_deals_to_whoever_sits_in_its_territory(village: Village) -> None:
    _as_ops_would(village)
    owner, tender = (each["Id"] for each in village.soql("SELECT Id FROM User WHERE IsActive = true AND Title = 'AE' ORDER BY Id LIMIT 2"))  # fmt: skip
    account = village.edit("Account", {"Name": "Lorelei", "OwnerId": owner}, method="POST")["id"]
    won = {"StageName": "Closed Won", "CloseDate": "2026-11-20", "OwnerId": owner, "AccountId": account}
    village.edit("Opportunity", {"Name": "By the river", "Amount": 7_000, **won}, method="POST")
    village.salesforce.seat({tender: ["Rhine"], owner: ["Alps"]})
    village.salesforce.lie({account: ["Rhine"]})
    _later(village)
    assert _reached(village, "tended") == {tender: 7_000}

    [lies] = village.soql("SELECT Id FROM ObjectTerritory2Association")
    village.delete(f"ObjectTerritory2Association/{lies['Id']}")
    village.salesforce.lie({account: ["Alps"]})
    _later(village)
    assert _reached(village, "tended") == {}  # the metric asks for the Rhine

"""Quotas that managers keep in the CRM: Salesforce's forecasts and HubSpot's goals become people's targets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests

from connector.sandbox.company import generate
from tests.cli.attain import Attain
from tests.rulebook.test_speaking import SWITCHED_OFF
from tests.stories.installed import Installation, installation
from tests.stories.test_a_quarter import FARID, shown

pytestmark = pytest.mark.xdist_group("crm quotas")
TARGETS = """\
targets:
  - metric: bookings
    every: quarter
    each: 66_000 EUR
    quotas: [emea.quotas, smb.quotas]
"""


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    generate(tmp_path / "company", people=12, deals=150, activities=50, seed=6, today=date(2026, 11, 25))
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        (found.folder / "rules/targets.yaml").write_text(TARGETS, encoding="utf-8")
        for name in ("salesforce", "hubspot"):
            mapping = found.folder / f"mappings/{name}.yaml"
            text = mapping.read_text(encoding="utf-8")
            start = text.index("# quotas:")
            end = text.index("# Which deals are won")
            mapping.write_text(text[:start] + SWITCHED_OFF.sub(r"\1", text[start:end]) + text[end:], encoding="utf-8")
        found.install()
        yield found


def salesforce_quota(
    installed: Installation, email: str, start: str, amount: int, of: str = "OpportunityRevenue"
) -> str:
    [person] = installed.salesforce(f"SELECT Id FROM User WHERE Email = '{email}'")
    [kind] = installed.salesforce(f"SELECT Id FROM ForecastingType WHERE DeveloperName = '{of}'")
    row = {"QuotaOwnerId": person["Id"], "StartDate": start, "QuotaAmount": amount, "ForecastingTypeId": kind["Id"]}
    return installed.salesforce_create("ForecastingQuota", row)


def hubspot_goal(installed: Installation, owner: str, first: str, last: str, amount: int) -> None:
    reply = requests.post(
        f"{installed.town.hubspot_url}/crm/objects/2026-03/goal_targets",
        json={
            "properties": {
                "hs_goal_name": "Revenue",
                "hubspot_owner_id": owner,
                "hs_start_datetime": first,
                "hs_end_datetime": last,
                "hs_target_amount": str(amount),
            }
        },
        headers={"Authorization": f"Bearer {installed.town.token}"},
        timeout=30,
    )
    reply.raise_for_status()


def later(installed: Installation) -> None:
    installed.time.sleep(3600)
    installed.sync()


def test_a_quota_of_the_forecast_is_the_target_until_it_goes(installed: Installation) -> None:
    quota = salesforce_quota(installed, FARID, "2026-10-01", 90_000)
    salesforce_quota(installed, FARID, "2026-10-01", 40, of="OpportunityQuantity")  # of another kind: left alone
    later(installed)
    assert shown(installed, FARID)["Target__c"] == 90_000
    assert shown(installed, FARID, "2026-11")["Target__c"] == 30_000  # a third of the quarter
    installed.salesforce_update(f"ForecastingQuota/{quota}", {"QuotaAmount": 99_000})
    later(installed)
    assert shown(installed, FARID)["Target__c"] == 99_000
    installed.salesforce_delete(f"ForecastingQuota/{quota}")
    later(installed)
    assert shown(installed, FARID)["Target__c"] == 66_000


def test_a_goal_in_hubspot_is_one_whatever_its_zone(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = requests.get(
        f"{installed.town.hubspot_url}/crm/owners/2026-03",
        headers={"Authorization": f"Bearer {installed.town.token}"},
        timeout=30,
    )
    owner = next(each for each in reply.json()["results"] if each.get("type") == "PERSON" and each["email"])
    # Begins at midnight in New York, which is five in the morning in Berlin; and ends the same way.
    hubspot_goal(installed, owner["id"], "2026-10-01T04:00:00Z", "2027-01-01T04:59:59Z", 81_000)
    later(installed)
    attain = Attain(installed.folder, monkeypatch, capsys)
    said = attain("targets", owner["email"], "--period", "2026-Q4", "--today", "2026-11-25").out
    assert "81 000" in said
    assert "own quota" in said


def test_two_quotas_for_one_quarter_count_neither_and_are_named(installed: Installation) -> None:
    salesforce_quota(installed, FARID, "2026-10-01", 90_000)
    salesforce_quota(installed, FARID, "2026-10-01", 80_000)
    installed.time.sleep(3600)
    report = installed.sync()
    assert report.appraised is not None
    [problem] = [each for each in report.appraised.appraisal.problems if "both give Farid Weber bookings" in each]
    assert "ForecastingQuota" in problem
    assert shown(installed, FARID)["Target__c"] == 66_000

"""The past stays: what both CRMs deleted is told by the waterfall, and measured no more."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import requests

from connector.flow.appraise import reading_mirror
from connector.measure.waterfall import Waterfall, waterfall
from connector.sandbox.company import generate
from tests.stories.installed import Installation, installation

EVENING = datetime(2026, 11, 25, 18, tzinfo=UTC)
pytestmark = pytest.mark.xdist_group("daily life")


def since(installed: Installation, start: datetime) -> Waterfall:
    with installed.house() as house, reading_mirror(house) as mirror:
        return waterfall(mirror, start, installed.time.at)


def test_deals_deleted_in_both_crms_are_told_by_the_waterfall(tmp_path: Path) -> None:
    generate(tmp_path / "company", people=12, deals=150, activities=50, seed=6, today=date(2026, 11, 25))
    with installation(tmp_path / "company", EVENING) as installed:
        installed.install()
        installed.sync()
        before = since(installed, EVENING).end
        [deal] = installed.salesforce("SELECT Id FROM Opportunity WHERE IsClosed = false ORDER BY Id LIMIT 1")
        installed.time.sleep(600)
        installed.salesforce_delete(f"Opportunity/{deal['Id']}")
        other = next(
            each
            for each in installed.hubspot("deals", ["hs_is_closed"])
            if each["properties"]["hs_is_closed"] != "true"
        )
        requests.delete(
            f"{installed.town.hubspot_url}/crm/objects/2026-03/deals/{other['id']}",
            headers={"Authorization": f"Bearer {installed.town.token}"},
            timeout=30,
        ).raise_for_status()
        installed.time.sleep(3600)
        installed.sync()
        found = since(installed, EVENING + timedelta(minutes=5))
        assert found.start == before
        assert found.deleted.deals == 2
        assert found.end.deals == before.deals - 2
        assert found.end.amount == before.amount + found.deleted.amount
        # Deleted ten minutes after, as both CRMs say, and not when we came to know of it.
        assert since(installed, EVENING + timedelta(minutes=30)).start == found.end

"""A metric gets a new name, and everything that was said of it follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.sandbox.company import generate
from connector.store import results
from tests.stories.installed import Installation, installation

pytestmark = pytest.mark.xdist_group("renamed")
TODAY = date(2026, 11, 25)
ROWS = "SELECT Attain_Key__c, Metric__c, Actual__c FROM Attain_Attainment__c ORDER BY Attain_Key__c"


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    generate(tmp_path / "company", people=12, deals=150, activities=200, seed=6, today=TODAY)
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        found.install()
        yield found


def test_the_crms_rows_and_properties_follow_and_quotas_are_still_read(installed: Installation) -> None:
    installed.sync()
    before = installed.salesforce(ROWS)
    booked = [each for each in before if each["Metric__c"] == "bookings"]
    assert booked
    _rename(installed, "bookings", "revenue")
    installed.time.sleep(3600)
    second = installed.sync()
    after = installed.salesforce(ROWS)
    assert [each["Attain_Key__c"] for each in after] == [each["Attain_Key__c"] for each in before]
    renamed = [each for each in after if each["Metric__c"] == "revenue"]
    assert [(each["Attain_Key__c"], each["Actual__c"]) for each in renamed] == [
        (each["Attain_Key__c"], each["Actual__c"]) for each in booked
    ]
    # Only the name of the metric changed: one write per row of it, and of each scorecard, which explains itself by
    # naming its metrics; none in HubSpot, where a property keeps its name.
    weighed = [each for each in after if each["Metric__c"] == "account_executive"]
    assert {each.connection: each.sent for each in second.written} == {"emea": len(booked) + len(weighed), "smb": 0}
    assert second.appraised is not None
    assert second.appraised.appraisal.problems == ()
    assert {"revenue"} == _kept(installed) & {"bookings", "revenue"}
    installed.time.sleep(3600)
    assert sum(each.sent for each in installed.sync().written) == 0


def _kept(installed: Installation) -> set[str]:
    """The metrics that the store has scores of."""
    with installed.house() as house, house.store.reading() as tx:
        return {each.metric for each in results.scores(tx)}


def _rename(installed: Installation, old: str, new: str) -> None:
    """As ops would: the metric's key with `was:`, and the places that name it; file tables stay as they are."""
    rules = installed.folder / "rules"
    metrics = rules / "metrics.yaml"
    text = metrics.read_text(encoding="utf-8")
    assert text.count(f"\n  {old}:\n") == 1
    metrics.write_text(text.replace(f"\n  {old}:\n", f"\n  {new}:\n    was: {old}\n"), encoding="utf-8")

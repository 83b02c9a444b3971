"""A team is told what to look at: each rep of their own deals, the manager once a week, and nobody at night.

The story ends with the tasks that Salesforce shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.company import generate
from tests.rulebook.test_speaking import SWITCHED_OFF
from tests.stories.installed import Installation, installation

pytestmark = pytest.mark.xdist_group("spoken")
MONDAY = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)  # half past five in Berlin
TARGETS = "targets:\n  - {metric: bookings, every: quarter, each: 900_000 EUR, for: role = 'AE'}\n"


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    generate(tmp_path / "company", people=12, deals=150, activities=200, seed=6, today=date(2026, 11, 20))
    with installation(tmp_path / "company", MONDAY) as found:
        (found.folder / "rules/targets.yaml").write_text(TARGETS, encoding="utf-8")
        alerts = found.folder / "rules/alerts.yaml"
        text = SWITCHED_OFF.sub(r"\1", alerts.read_text(encoding="utf-8"))
        text = text.replace("tell: [rep]\n    say: behind_pace", "tell: [rep, manager]\n    say: behind_pace")
        alerts.write_text(text, encoding="utf-8")
        found.install()
        yield found


def tasks(installed: Installation) -> list[dict[str, Any]]:
    found = installed.salesforce("SELECT Subject, Description, WhatId, OwnerId, Attain_Key__c FROM Task")
    return [each for each in found if each["Attain_Key__c"]]


def later(installed: Installation, hours: float) -> None:
    installed.time.sleep(hours * 3600)


def test_a_week_in_which_everything_is_switched_on(installed: Installation) -> None:
    night = installed.sync()
    assert night.appraised is not None
    assert night.appraised.waiting == len(night.appraised.appraisal.alerts) > 0
    assert tasks(installed) == []

    later(installed, 4)  # half past nine
    installed.sync()
    told = tasks(installed)
    stale = [each for each in told if each["Subject"].startswith("Nothing was done: ")]
    assert stale
    for each in stale:  # each hangs at its deal, and belongs to whoever owns that
        [deal] = installed.salesforce(f"SELECT Name, OwnerId, Amount FROM Opportunity WHERE Id = '{each['WhatId']}'")
        assert each["Subject"] == f"Nothing was done: {deal['Name']}"
        assert each["OwnerId"] == deal["OwnerId"]
        assert deal["Amount"] >= 20_000

    digests = [each for each in told if each["Subject"].startswith("Your team, 2026-W48: ")]
    assert len({each["OwnerId"] for each in digests}) == len(digests) > 0
    behind = [line for each in digests for line in each["Description"].splitlines() if "Behind pace" in line]
    assert behind, "the managers hear of whoever is behind in their digest"

    later(installed, 24)
    installed.sync()
    tuesday = tasks(installed)
    keys = {each["Attain_Key__c"] for each in told}
    assert [
        each for each in tuesday if each["Subject"].startswith("Your team") and each["Attain_Key__c"] not in keys
    ] == []

    later(installed, 24 * 6)
    installed.sync()
    week_after = [each["Subject"] for each in tasks(installed) if each["Subject"].startswith("Your team, 2026-W49")]
    assert len(week_after) == len(digests)

"""`attain install` and `attain uninstall` over a village: what they say, what the CRM shows then, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.attain import Attain
from tests.faults.village import Village

OURS = "Attain_Attainment__c"


@pytest.fixture(autouse=True)
def _wired(village: Village) -> Iterator[None]:
    with village.wired():
        yield


def test_a_second_install_says_that_everything_is_there(attain: Attain) -> None:
    told = attain("install", "emea")
    assert told.code == 0
    assert "0 created, 0 missing." in told.out


def test_uninstall_shows_first_then_takes_everything_away_and_install_brings_it_back(
    village: Village, attain: Attain
) -> None:
    shown = attain("uninstall", "emea")
    assert shown.code == 0
    assert f"would go  {OURS}" in shown.out
    assert "grant" in shown.out
    assert "Nothing was changed" in shown.out
    assert village.soql(f"SELECT Id FROM {OURS}") == []  # the object answers: it is still there

    done = attain("uninstall", "emea", "--yes")
    assert done.code == 0
    assert f"removed  {OURS}" in done.out
    assert "removed  Activity.Attain_Key__c" in done.out
    checked = attain("install", "emea", "--check")
    assert f"missing  {OURS}" in checked.out
    assert "missing  attainMyNumbers" in checked.out
    assert attain("uninstall", "emea", "--yes").out.endswith("nothing of ours is there.\n")

    again = attain("install", "emea")
    assert again.code == 0
    assert f"created  {OURS}" in again.out
    assert village.soql(f"SELECT Id FROM {OURS}") == []


def test_hubspot_properties_go_and_come_back(attain: Attain) -> None:
    gone = attain("uninstall", "smb", "--yes")
    assert gone.code == 0
    assert "removed  tasks.attain_alert_key" in gone.out
    assert attain("uninstall", "smb", "--yes").out == "smb: nothing of ours is there.\n"
    assert "created  tasks.attain_alert_key" in attain("install", "smb").out


def test_export_writes_a_project_and_never_over_another(attain: Attain, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    told = attain("install", "emea", "--export", str(folder))
    assert told.code == 0
    project = json.loads((folder / "sfdx-project.json").read_text())
    assert [each["path"] for each in project["packageDirectories"]] == ["force-app", "translations", "client-app"]
    assert (folder / "force-app/main/default/lwc/attainMyNumbers/attainMyNumbers.html").is_file()
    again = attain("install", "emea", "--export", str(folder))
    assert again.code == 2
    assert "is already there" in again.err
    assert "sf project deploy start" in told.out


def test_hubspot_gets_a_project_of_its_own(attain: Attain, tmp_path: Path) -> None:
    told = attain("install", "smb", "--export", str(tmp_path / "project"))
    assert told.code == 0
    assert "hs project upload" in told.out
    assert json.loads((tmp_path / "project/hsproject.json").read_text())["srcDir"] == "src"
    schema = (tmp_path / "project/src/app/pages/common/schema.ts").read_text()
    assert '"attain_bookings_quarter_attainment"' in schema


def test_pages_that_an_org_refuses_are_named_and_cost_nothing_else(village: Village, attain: Attain) -> None:
    attain("uninstall", "emea", "--yes")
    village.salesforce.refused_parts["Attain/Attainment"] = "the limit on dynamic dashboards is reached"
    told = attain("install", "emea")
    assert told.code == 3
    assert f"created  {OURS}" in told.out
    assert "refused  Attain/Attainment: the limit on dynamic dashboards is reached" in told.out
    assert "what is written needs none of those" in told.out


def test_after_another_install_everything_is_written_again_and_no_alert_is_told_twice(
    village: Village, attain: Attain
) -> None:
    village.cycle()
    rows = _keys(village)
    told = village.told()
    assert len(rows) > 5
    assert told
    attain("uninstall", "emea", "--yes")
    attain("install", "emea")
    village.time.sleep(3600)
    village.cycle()
    assert _keys(village) == rows
    keyed = village.soql("SELECT Id FROM Task WHERE Attain_Key__c != null")
    assert keyed == [], "the key went with its field, and no new task was made"


def _keys(village: Village) -> list[str]:
    rows = village.soql(f"SELECT Attain_Key__c FROM {OURS} ORDER BY Attain_Key__c")
    return [each["Attain_Key__c"] for each in rows]

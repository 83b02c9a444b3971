"""What we write to is taken away: a property, or the record itself. Nothing else is held up, and nothing stays stuck."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests

from connector.sandbox.company import generate
from tests.cli.attain import Attain
from tests.stories.installed import Installation, installation
from tests.switching import switch_on_health

pytestmark = pytest.mark.xdist_group("withdrawn")
ACTUAL, PROJECTION = "attain_bookings_year_actual", "attain_bookings_year_projection"


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """Installed and approved; health goes into deals and accounts."""
    generate(tmp_path / "company", people=10, deals=80, activities=120, seed=6, today=date(2026, 11, 25))
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        switch_on_health(found.folder)
        found.install()
        yield found


@pytest.fixture
def attain(installed: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    return Attain.at(installed.folder, installed.time.world, monkeypatch, capsys)


def hubspot_asked(installed: Installation, method: str, path: str, body: object = None) -> None:
    headers = {"Authorization": f"Bearer {installed.town.token}"}
    url = f"{installed.town.hubspot_url}{path}"
    requests.request(method, url, json=body, headers=headers, timeout=30).raise_for_status()


def numbers(installed: Installation, name: str) -> dict[str, str]:
    rows = installed.hubspot("users", [name])
    return {each["id"]: each["properties"][name] for each in rows if each["properties"].get(name)}


def won_more(installed: Installation) -> None:
    """Every won deal of HubSpot turns out to have been a large one."""
    for each in installed.hubspot("deals", ["hs_is_closed_won"]):
        if each["properties"]["hs_is_closed_won"] == "true":
            installed.hubspot_update(f"deals/{each['id']}", {"amount": "9999999.50"})


def test_a_property_that_is_archived_holds_up_no_other_number(installed: Installation, attain: Attain) -> None:
    installed.sync()
    before = numbers(installed, ACTUAL)
    archived = {"inputs": [{"name": PROJECTION}]}
    hubspot_asked(installed, "POST", "/crm/properties/2026-03/users/batch/archive", archived)
    won_more(installed)
    installed.time.sleep(3600)
    installed.sync()
    after = numbers(installed, ACTUAL)
    assert before
    winners = [id_ for id_, value in before.items() if float(value)]
    assert winners
    assert all(float(after[id_]) > float(before[id_]) for id_ in winners)
    installed.time.sleep(3600)
    [smb] = [each for each in installed.sync().written if each.connection == "smb"]
    assert smb.sent == 0  # nothing leaves, and it is told what is missing
    assert {each.reason for each in smb.refusals} == {
        f"there is no field {PROJECTION}, or it is hidden from us: see `attain install`"
    }
    assert PROJECTION in attain("outbox").out
    assert attain("install", "smb").code == 0
    assert attain("outbox", "retry", "all", "--reason", "the property is there again").code == 0
    installed.time.sleep(3600)
    installed.sync()
    assert numbers(installed, PROJECTION).keys() == before.keys()
    assert PROJECTION not in attain("outbox").out


def test_our_words_on_a_record_that_was_deleted_are_let_go(installed: Installation, attain: Attain) -> None:
    installed.sync()
    judged = [
        each["id"] for each in installed.hubspot("deals", ["attain_health"]) if each["properties"]["attain_health"]
    ]
    told = installed.salesforce("SELECT Id FROM Opportunity WHERE Attain_Health__c != null")
    assert judged
    hubspot_asked(installed, "DELETE", f"/crm/objects/2026-03/deals/{judged[0]}")
    installed.salesforce_delete(f"Opportunity/{told[0]['Id']}")
    for _ in range(2):
        installed.time.sleep(3600)
        report = installed.sync()
    assert [each for written in report.written for each in written.refusals] == []
    said = attain("outbox")
    assert (said.code, judged[0] in said.out, told[0]["Id"] in said.out) == (0, False, False)

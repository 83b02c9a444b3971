"""Nothing is written that nobody approved: planned, looked at, applied, taken back; and every value remembered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.flow import write_back
from connector.flow.cycle import run_cycle
from connector.store import outbox
from connector.store.locks import run_lock
from tests.cli.attain import Attain
from tests.stories.installed import Installation, installation
from tests.switching import switch_on_health

pytestmark = pytest.mark.xdist_group("planned")
TODAY = date(2026, 11, 25)
DEALS = "SELECT Id, IsClosed, Attain_Health__c, Attain_Next_Step__c, Attain_Health_Reasons__c FROM Opportunity"


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """Installed, and never approved; health goes into deals and accounts."""
    from connector.sandbox.company import generate

    generate(tmp_path / "company", people=10, deals=80, activities=120, seed=6, today=TODAY)
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        switch_on_health(found.folder)
        found.install(approved=False)
        yield found


@pytest.fixture
def attain(installed: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    return Attain.at(installed.folder, installed.time.world, monkeypatch, capsys)


def shown(installed: Installation) -> dict[str, dict[str, Any]]:
    return {each["Id"]: each for each in installed.salesforce(DEALS)}


def middling(installed: Installation) -> list[str]:
    """Open deals whose health moves with every point."""
    return sorted(id_ for id_, each in shown(installed).items() if 20 < (each["Attain_Health__c"] or 0) < 90)


def judged(installed: Installation) -> list[str]:
    return sorted(id_ for id_, each in shown(installed).items() if each["Attain_Health__c"] is not None)


def traces(installed: Installation) -> tuple[int, int, int]:
    """Everything of ours in Salesforce: rows, tasks, deals with a health."""
    rows = installed.salesforce("SELECT Id FROM Attain_Attainment__c")
    tasks = installed.salesforce("SELECT Id FROM Task WHERE Attain_Key__c != null")
    return len(rows), len(tasks), len(judged(installed))


def run_of(said: str) -> str:
    found = re.search(r"Run ([0-9a-f]{12})", said)
    assert found
    return found[1]


def test_the_first_plan_waits_for_a_human_and_the_second_is_empty(installed: Installation, attain: Attain) -> None:
    first = attain("sync")
    assert first.code == 3
    assert "wait for `attain apply`: the first plan of a connection is approved by a human" in first.err
    assert traces(installed) == (0, 0, 0)
    planned = json.loads(attain("plan", "--json").out)
    assert {each["connection"]: bool(each["rows"]) for each in planned} == {"emea": True, "smb": True}
    assert all(each["asked_the_crm"] and each["calls"] > 0 and each["allowance"]["of"] > 0 for each in planned)
    rows, tasks, deals = (
        sum(row["row"].split("[")[0].split(":")[1] == obj for row in planned[0]["rows"])
        for obj in ("Attain_Attainment__c", "Task", "Opportunity")
    )
    done = attain("apply")
    assert done.code == 0
    assert traces(installed) == (rows, tasks, deals)
    assert min(rows, deals) > 0
    again = json.loads(attain("plan", "--json").out)
    assert [len(each["rows"]) for each in again] == [0, 0]
    assert [attain("apply").code for _ in range(2)] == [0, 0]  # there is nothing to write, however often it is said
    installed.time.sleep(3600)
    quiet = attain("sync")
    assert (quiet.code, "nothing was written" in quiet.out) == (0, True)


def test_a_plan_file_is_executed_exactly_and_a_record_that_moved_is_refused(
    installed: Installation, attain: Attain
) -> None:
    attain("sync")
    assert attain("plan", "--out", "plan.json").code == 0
    body = json.loads((installed.folder / "plan.json").read_text())
    health = [row for row in body["connections"]["emea"] if row["object"] == "Opportunity"]
    moved, other = health[0]["key"], health[1]["key"]
    installed.salesforce_update(f"Opportunity/{moved}", {"Attain_Next_Step__c": "call Bob"})
    done = attain("apply", "plan.json")
    assert done.code == 1
    assert "1 record not written: they changed after the plan was made" in done.err
    assert "Attain_Next_Step__c has changed since the plan was made: None then, call Bob now" in done.err
    after = shown(installed)
    assert (after[moved]["Attain_Next_Step__c"], after[moved]["Attain_Health__c"]) == ("call Bob", None)
    assert after[other]["Attain_Health__c"] is not None
    twice = attain("apply", "plan.json")
    assert (twice.code, "was applied already" in twice.err) == (1, True)
    fresh = json.loads(attain("plan", "--json").out)[0]
    assert [row["row"] for row in fresh["rows"]] == [f"emea:Opportunity[Id={moved}]"]


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        (lambda text: text.replace("Not Started", "Completed"), 2, "it was edited after it was made"),
        (lambda _: "{}", 2, "this is no plan"),
        (lambda text: text.replace('"attain_plan": 1', '"attain_plan": 9'), 2, "of format 9"),
    ],
)
def test_a_file_that_is_no_plan_writes_nothing(
    installed: Installation, attain: Attain, spoil: Any, code: int, words: str
) -> None:
    attain("sync")
    attain("plan", "--out", "plan.json")
    path = installed.folder / "plan.json"
    path.write_text(spoil(path.read_text()))
    ended = attain("apply", "plan.json")
    assert (ended.code, words in ended.err) == (code, True)
    assert traces(installed) == (0, 0, 0)


def test_a_plan_that_finds_no_folder_to_lie_in_says_so(installed: Installation, attain: Attain) -> None:
    attain("sync")
    for out, why in (("nowhere/plan.json", "there is no folder nowhere"), ("rules", "it is a folder")):
        ended = attain("plan", "--out", out)
        assert (ended.code, f"{out}: it cannot be written: {why}" in ended.err, ended.out) == (2, True, "")
    ended = attain("undo", "1", "--apply", "--out", "plan.json")
    assert (ended.code, "leave out --apply" in ended.err) == (2, True)


def test_a_plan_by_other_rules_is_refused_whole(installed: Installation, attain: Attain) -> None:
    attain("sync")
    attain("plan", "--out", "plan.json")
    attain.edit("rules/health.yaml", "start: 60", "start: 61")
    ended = attain("apply", "plan.json")
    assert (ended.code, "the rules have changed since" in ended.err) == (1, True)
    assert traces(installed) == (0, 0, 0)


def test_people_keep_what_they_put_where_we_write(installed: Installation, attain: Attain) -> None:
    attain("sync")
    attain("apply")
    edited, emptied = middling(installed)[:2]
    installed.salesforce_update(f"Opportunity/{edited}", {"Attain_Health__c": 99})
    installed.salesforce_update(f"Opportunity/{emptied}", {"Attain_Health__c": None})
    attain.edit("rules/health.yaml", "start: 60", "start: 55")
    planned = json.loads(attain("plan", "--json").out)[0]
    mine = {row["row"]: row for row in [*planned["rows"], *planned["left"]]}
    assert mine[f"emea:Opportunity[Id={edited}]"]["drifts"] == {"Attain_Health__c": "99.0"}
    assert "Attain_Health__c" not in mine[f"emea:Opportunity[Id={edited}]"]["fields"]
    installed.time.sleep(3600)
    attain("sync")
    after = shown(installed)
    assert after[edited]["Attain_Health__c"] == 99
    assert after[emptied]["Attain_Health__c"] is not None  # an empty field gives itself back
    assert json.loads(attain("plan", "--json").out)[0]["rows"] == []


def test_a_mapping_may_say_that_ours_stands_or_that_what_was_there_first_stays(
    installed: Installation, attain: Attain
) -> None:
    mapping = installed.folder / "mappings/salesforce.yaml"
    text = mapping.read_text()
    block = "    object: Opportunity\n    fields:\n      Attain_Health__c"
    manners = "    policy: overwrite\n    policies: {Attain_Next_Step__c: fill_empty}\n"
    assert block in text
    mapping.write_text(text.replace(block, block.replace("    fields", manners + "    fields")))
    attain("sync")
    planned = json.loads(attain("plan", "--json").out)[0]
    speaks = next(
        row
        for row in planned["rows"]
        if "Attain_Next_Step__c" in row["fields"] and 20 < row["fields"]["Attain_Health__c"]["then"] < 90
    )
    deal = speaks["row"].split("=")[1].rstrip("]")
    installed.salesforce_update(f"Opportunity/{deal}", {"Attain_Next_Step__c": "mine", "Attain_Health__c": 1})
    attain("apply")
    assert shown(installed)[deal]["Attain_Next_Step__c"] == "mine"
    health = shown(installed)[deal]["Attain_Health__c"]
    assert health != 1
    installed.salesforce_update(f"Opportunity/{deal}", {"Attain_Health__c": 1})
    attain.edit("rules/health.yaml", "start: 60", "start: 58")
    installed.time.sleep(3600)
    attain("sync")
    assert shown(installed)[deal]["Attain_Health__c"] == health - 2


def test_a_wrong_policy_is_told_with_its_line(installed: Installation, attain: Attain) -> None:
    mapping = installed.folder / "mappings/salesforce.yaml"
    block = "    object: Opportunity\n    fields:\n      Attain_Health__c"
    wrong = block.replace("    fields", "    policies: {Attain_Helth__c: respect}\n    fields")
    mapping.write_text(mapping.read_text().replace(block, wrong))
    ended = attain("check")
    assert (ended.code, "did you mean `Attain_Health__c`" in ended.err) == (2, True)


def test_a_plan_that_changes_too_much_waits(installed: Installation, attain: Attain) -> None:
    attain("sync")
    attain("apply")
    attain.edit("config.yaml", "mapping: mappings/salesforce.yaml", "mapping: mappings/salesforce.yaml\n    at_most: 5")
    attain.edit("rules/health.yaml", "start: 60", "start: 50")
    before = shown(installed)
    installed.time.sleep(3600)
    stopped = attain("sync")
    assert stopped.code == 3
    assert re.search(
        r"emea: \d+ records wait for `attain apply`: \d+ records of people would change, and at most 5", stopped.err
    )
    assert shown(installed) == before
    assert attain("apply").code == 0
    assert shown(installed) != before
    installed.time.sleep(3600)
    assert attain("sync").code == 0


def test_what_waits_leaves_by_itself_once_the_reason_is_gone(installed: Installation, attain: Attain) -> None:
    attain("sync")
    attain("apply")
    before = shown(installed)
    attain.edit("config.yaml", "mapping: mappings/salesforce.yaml", "mapping: mappings/salesforce.yaml\n    at_most: 5")
    attain.edit("rules/health.yaml", "start: 60", "start: 50")
    installed.time.sleep(3600)
    assert attain("sync").code == 3
    attain.edit("rules/health.yaml", "start: 50", "start: 60")  # it was a slip: nothing is wished for any more
    installed.time.sleep(3600)
    assert attain("sync").code == 0
    assert shown(installed) == before
    with installed.house() as house, house.store.reading() as tx:
        assert outbox.open_entries(tx, "emea") == []


def test_every_plan_of_a_connection_may_want_a_human(installed: Installation, attain: Attain) -> None:
    attain.edit(
        "config.yaml", "mapping: mappings/salesforce.yaml", "mapping: mappings/salesforce.yaml\n    approve: always"
    )
    attain("sync")
    attain("apply")
    attain.edit("rules/health.yaml", "start: 60", "start: 59")
    installed.time.sleep(3600)
    stopped = attain("sync")
    assert (stopped.code, "every plan of this connection is approved by a human" in stopped.err) == (3, True)
    assert attain("apply").code == 0


def test_a_run_is_taken_back(installed: Installation, attain: Attain) -> None:
    attain("sync")
    [typed, *_] = [row for row in json.loads(attain("plan", "--json").out)[0]["rows"] if "Opportunity" in row["row"]]
    deal = typed["row"].split("=")[1].rstrip("]")
    installed.salesforce_update(f"Opportunity/{deal}", {"Attain_Health__c": 12})
    done = attain("apply")
    assert shown(installed)[deal]["Attain_Health__c"] != 12
    edited = next(each for each in judged(installed) if each != deal)
    installed.salesforce_update(f"Opportunity/{edited}", {"Attain_Health__c": 77})
    run = run_of(done.out)
    told = attain("undo", run)
    assert told.code == 1
    assert f"emea:Opportunity[Id={edited}]: stays: Attain_Health__c was edited since: 77" in told.err
    assert "is taken away" in told.out
    assert traces(installed)[0] > 0  # shown, not done
    undone = attain("undo", run, "--apply")
    assert undone.code == 1
    after = shown(installed)
    assert traces(installed)[:2] == (0, 0)
    assert judged(installed) == sorted([deal, edited])
    assert (after[deal]["Attain_Health__c"], after[edited]["Attain_Health__c"]) == (12, 77)
    assert {each["properties"]["attain_health"] for each in installed.hubspot("deals", ["attain_health"])} <= {None, ""}
    for _ in range(2):
        installed.time.sleep(3600)
        quiet = attain("sync")
        assert (quiet.code, "nothing was written" in quiet.out) == (0, True)
    assert traces(installed)[:2] == (0, 0)
    assert attain("apply").code == 0
    assert traces(installed)[0] > 0
    installed.time.sleep(3600)
    assert "nothing was written" in attain("sync").out


def test_what_stood_there_first_is_remembered_through_a_lost_answer(
    installed: Installation, attain: Attain, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    attain("sync")
    [typed, *_] = [row for row in json.loads(attain("plan", "--json").out)[0]["rows"] if "Opportunity" in row["row"]]
    deal = typed["row"].split("=")[1].rstrip("]")
    installed.salesforce_update(f"Opportunity/{deal}", {"Attain_Health__c": 12})
    settle = write_back._settle

    def dying(house: Any, entries: Any, receipts: Any, run_id: str) -> None:
        if any(each.change.row.key == deal for each in entries):
            raise Killed
        settle(house, entries, receipts, run_id)

    with monkeypatch.context() as patch:
        patch.setattr(write_back, "_settle", dying)
        with pytest.raises(Killed):
            attain("apply")
    assert shown(installed)[deal]["Attain_Health__c"] != 12
    installed.time.sleep(60)
    with installed.house() as house:
        run = run_cycle(house, only="write").run_id
    undone = attain("undo", run, "--apply")
    assert shown(installed)[deal]["Attain_Health__c"] == 12, undone
    said = json.loads(attain("history", deal, "--json").out)
    assert [each["prior"] for each in said if each["field"] == "Attain_Health__c"][-1] == "12"


def test_history_tells_every_value_and_why(installed: Installation, attain: Attain) -> None:
    attain("sync")
    run = run_of(attain("apply").out)
    deal = middling(installed)[0]
    first = shown(installed)[deal]["Attain_Health__c"]
    attain.edit("rules/health.yaml", "start: 60", "start: 57")
    installed.time.sleep(3600)
    attain("sync")
    told = [each for each in json.loads(attain("history", deal, "--json").out) if each["field"] == "Attain_Health__c"]
    assert [(each["prior"], float(each["value"])) for each in told] == [(f"{first:g}", first - 3), (None, first)]
    assert told[0]["rules_version"] != told[1]["rules_version"]
    assert all(each["rules_version"] for each in told)
    assert all("health.yaml" in each["because"] for each in told)
    plain = attain("history", deal).out
    assert (run in plain, f"{first:g}" in plain) == (True, True)
    assert run in attain("history").out
    unknown = attain("history", "nobody")
    assert (unknown.code, "nothing was ever written to `nobody`" in unknown.err) == (1, True)


def test_what_a_crm_refuses_is_seen_tried_again_and_let_go(installed: Installation, attain: Attain) -> None:
    attain("sync")
    [planned, *_] = json.loads(attain("plan", "--json").out)
    deal = next(row["row"] for row in planned["rows"] if "Opportunity" in row["row"]).split("=")[1].rstrip("]")
    assert attain("plan", "--out", "plan.json").code == 0
    installed.salesforce_delete(f"Opportunity/{deal}")
    with installed.house() as house, house.store.writing() as tx:  # approved, and deleted before it left
        for each in outbox.open_entries(tx, "emea"):
            if each.change.row.key == deal:
                outbox.decide(tx, [each], each.state.PENDING, "", house.world.now())
    with installed.house() as house:
        run_cycle(house, only="write")
    listed = attain("outbox")
    assert (listed.code, "there is no such record any more" in listed.out) == (0, True)
    assert attain("outbox", "retry", deal, "--reason", "").code == 2
    assert attain("outbox", "retry", "nosuch", "--reason", "x").code == 1
    assert attain("outbox", "retry", deal, "--reason", "restored from the bin").code == 0
    with installed.house() as house:
        run_cycle(house, only="write")
    assert attain("outbox", "discard", deal, "--reason", "it is gone").code == 0
    states = {each["row"]: each["state"] for each in json.loads(attain("outbox", "--json").out)}
    assert states[f"emea:Opportunity[Id={deal}]"] == "discarded"


def test_a_running_scheduler_writes_what_was_approved(installed: Installation, attain: Attain) -> None:
    attain("sync")
    with installed.house() as house, run_lock(house.store):
        told = attain("apply")
    assert (told.code, "it will write them within 15 minutes" in told.out) == (0, True)
    assert traces(installed) == (0, 0, 0)
    installed.time.sleep(600)
    assert attain("sync").code == 0
    assert traces(installed)[0] > 0


def test_foreseen_refusals_are_told_before_they_happen(installed: Installation, attain: Attain) -> None:
    attain("sync")
    schema = installed.town.salesforce._org.schema
    for name, granted in schema.grants.items():
        kept = granted.readable - {("Opportunity", "Attain_Health__c")}
        schema.grant(name, replace(granted, readable=kept))
    told = attain("plan")
    assert "will be refused: there is no field Attain_Health__c, or it is hidden from us" in told.err


def test_without_the_crm_a_plan_is_made_of_what_we_know(installed: Installation, attain: Attain) -> None:
    attain("sync")
    told = attain("plan", "--offline")
    assert (told.code, "the CRM was not asked what it shows" in told.out) == (0, True)
    assert attain("plan", "--offline", "--out", "x.json").code == 2

"""What a plan says besides old and new: what is on hold or was let go, what is being written, what nobody looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connector.flow import write_back
from connector.service import wiring
from connector.store import outbox
from tests.cli.attain import Attain
from tests.faults.village import Village
from tests.stories import stores
from tests.switching import switch_on_health


@pytest.fixture
def village(tmp_path: Path, kind_of_store: str) -> Iterator[Village]:
    """With the health of accounts and deals in their own records."""
    assert kind_of_store in stores.KINDS
    found = Village.made(tmp_path / "village", prepare=switch_on_health)
    with stores.made() as store:
        found.on(store)
        found.approve()
        yield found


def planned(attain: Attain) -> dict[str, Any]:
    """Today's plan of Salesforce."""
    first: dict[str, Any] = json.loads(attain("plan", "--json").out)[0]
    assert first["connection"] == "emea"
    return first


def test_what_was_undone_is_on_hold_and_said_to_be(village: Village, attain: Attain) -> None:
    run = village.cycle().run_id
    with village.wired():
        attain("undo", run, "--apply")
        hold = f"on hold: run {run[:12]} was undone"
        at_once = planned(attain)
        assert {row["standing"] for row in at_once["rows"]} == {hold}
        village.time.sleep(3600)
        assert attain("sync").code == 0
        found, words = planned(attain), attain("plan")
        count = len(found["rows"])
        assert ({row["standing"] for row in found["rows"]}, found["outbox"]) == ({hold}, {"on hold": count})
        line = f"emea: {count} records {hold}: cycles leave them alone, and `attain apply` sends them again"
        assert (line in words.err, f"({hold})" in words.out) == (True, True), words
        attain("apply")
        assert planned(attain)["rows"] == []


def test_what_was_let_go_is_marked_as_long_as_it_would_say_the_same(village: Village, attain: Attain) -> None:
    village.config.write_text(village.config.read_text().replace("write: on", "write: on\n    approve: always"))
    village.cycle()
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.writing() as tx:
        entry = next(each for each in outbox.open_entries(tx, "emea") if each.change.row.object == "Account")
        outbox.refuse(tx, entry, "no way", village.time.now())
    with village.wired():
        attain("outbox", "discard", entry.change.row.key, "--reason", "leave it")
        found = planned(attain)
        marked = [row["row"] for row in found["rows"] if row["standing"]]
        assert (marked, found["outbox"]) == ([str(entry.change.row)], {"discarded": 1})
        assert "emea: 1 record discarded: leave it: cycles leave" in attain("plan").err


def test_an_object_that_we_may_not_see_is_foreseen(village: Village, attain: Attain) -> None:
    village.config.write_text(village.config.read_text().replace("write: on", "write: off"))
    village.cycle()
    schema = village.salesforce._org.schema
    for name, granted in schema.grants.items():
        readable = frozenset(each for each in granted.readable if each[0] != "Attain_Attainment__c")
        schema.grant(name, replace(granted, objects=granted.objects - {"Attain_Attainment__c"}, readable=readable))
    with village.wired():
        told = attain("plan")
    assert "will be refused: the CRM does not show Attain_Attainment__c to us" in told.err, told


def test_our_own_values_that_nobody_confirmed_are_not_taken_for_peoples(
    village: Village, attain: Attain, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    settle = write_back._settle

    def dying(house: Any, entries: Any, receipts: Any, run_id: str) -> None:
        if any(each.change.row.object == "Account" for each in entries):
            raise Killed
        settle(house, entries, receipts, run_id)

    village.cycle()
    attain.edit("rules/health.yaml", "start: 60", "start: 50")
    village.time.sleep(3600)
    with monkeypatch.context() as patch:
        patch.setattr(write_back, "_settle", dying)
        with pytest.raises(Killed):
            village.cycle()
    attain.edit("rules/health.yaml", "start: 50", "start: 40")
    with village.wired():
        found, words = planned(attain), attain("plan")
        accounts = [each for each in found["being_written"] if each.startswith("emea:Account")]
        assert accounts
        assert [row["row"] for row in found["rows"] if row["drifts"]] == []
        assert [row["row"] for row in found["rows"] if row["row"].startswith("emea:Account")] == []
        assert f"emea: {len(found['being_written'])} records left out: being written" in words.err
        done = attain("apply")  # they are read back, and told to be what they were told before
        assert (done.code, "not written: it is being written already" in done.err) == (1, True), done
        village.time.sleep(3600)
        attain("sync")
        after = planned(attain)
    assert (after["rows"], after["left"], after["being_written"]) == ([], [], [])
    shown = {each["Attain_Health__c"] for each in village.soql("SELECT Attain_Health__c FROM Account")}
    assert shown


def test_what_nobody_looked_at_is_not_called_right(village: Village, attain: Attain) -> None:
    village.cycle()
    first = village.soql("SELECT Id FROM Attain_Attainment__c")[0]
    village.delete(f"Attain_Attainment__c/{first['Id']}")
    with village.wired():
        found, words = planned(attain), attain("plan").out
    assert (found["right_already"], found["confirmed_and_not_looked_at"] > 0) == (0, True)
    assert f"{found['confirmed_and_not_looked_at']} last confirmed by us, not looked at today" in words
    assert "already right" not in words

"""What needs a look is seen first, records that share an id are told apart, and each write knows its rules."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.model.changes import Row
from connector.service import wiring
from connector.store import entries, journal, outbox, runs
from connector.store.locks import run_lock
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


def sharing_an_id(village: Village) -> list[Row]:
    """A deal and a company of HubSpot that we wrote to."""
    by_key: dict[str, set[Row]] = defaultdict(set)
    with wiring.house(village.config, connect=False) as house, house.store.reading() as tx:
        for run in journal.by_run(tx):
            for each in journal.of_run(tx, run):
                by_key[each.row.key].add(each.row)
    return sorted(next(rows for rows in by_key.values() if len(rows) == 2))


def test_a_dead_letter_does_not_hide_behind_what_waits(village: Village, attain: Attain) -> None:
    village.config.write_text(village.config.read_text().replace("write: on", "write: on\n    approve: always"))
    village.cycle()
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.writing() as tx:
        waiting = [each for name in ("emea", "smb") for each in outbox.open_entries(tx, name)]
        assert len(waiting) > 50  # what a table shows
        last = waiting[-1]
        outbox.refuse(tx, last, "no way", village.time.now())
    told = attain("outbox").out.splitlines()
    held = sum(each.change.row.connection == "smb" for each in waiting) - 1
    assert f"smb: 1 failed, {held} held" in told
    first = next(line for line in told if "no way" in line)
    assert told.index(first) == told.index(next(line for line in told if line.startswith("connection"))) + 1


def test_records_that_share_an_id_are_told_apart(village: Village, attain: Attain) -> None:
    village.cycle()
    company, deal = sharing_an_id(village)
    assert (company.object, deal.object, company.key) == ("companies", "deals", deal.key)
    both, one = attain("history", deal.key), attain("history", f"deals/{deal.key}")
    assert [line for line in both.out.splitlines() if line.startswith("smb:")] != []
    assert (str(company) in both.out, str(deal) in both.out) == (True, True)
    assert (str(company) in one.out, str(deal) in one.out, one.code) == (False, True, 0)
    objects = {each["row"] for each in json.loads(attain("history", f"smb:deals/{deal.key}", "--json").out)}
    assert len(objects) == 1
    assert attain("history", f"emea:deals/{deal.key}").code == 1
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.writing() as tx:
        for entry in entries.latest(tx, [company, deal]).values():
            outbox.refuse(tx, entry, "no way", village.time.now())
    asked = attain("outbox", "discard", deal.key, "--reason", "x")
    says = f"is more than one record: say which, smb:companies/{deal.key}, smb:deals/{deal.key}"
    assert (asked.code, says in asked.err) == (2, True), asked
    assert attain("outbox", "discard", f"deals/{deal.key}", "--reason", "x").code == 0
    left = {each["row"]: each["state"] for each in json.loads(attain("outbox", "--json").out)}
    assert (left[str(company)], left[str(deal)]) == ("failed", "discarded")


def test_what_was_approved_knows_the_rules_that_it_was_made_by(village: Village, attain: Attain) -> None:
    village.cycle()
    attain.edit("rules/health.yaml", "start: 60", "start: 50")
    with village.wired(), wiring.house(village.config, world=village.time.world) as house:
        then = house.rules.version
        with run_lock(house.store):
            assert "it will write them" in attain("apply").out
    attain.edit("rules/health.yaml", "start: 50", "start: 20")
    village.time.sleep(900)
    with village.wired():
        attain("sync")
        account = village.soql("SELECT Id FROM Account WHERE Attain_Health__c != null")[0]["Id"]
        told = json.loads(attain("history", account, "--json").out)
        attain("sync")
    newest = max(each["at"] for each in told)
    assert {each["rules_version"] for each in told if each["at"] == newest} == {then}
    with wiring.house(village.config, connect=False) as house, house.store.reading() as tx:
        assert house.rules.version != then
        assert "approved" not in {each.what for each in runs.newest(tx)}  # it was no run

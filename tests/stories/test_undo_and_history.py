"""Taking back when it is needed: long after, under `write: off`, and where a connection has gone since."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connector.flow.apply import apply
from connector.flow.proposed import Proposal
from connector.model.changes import Change, Row
from connector.service import wiring
from connector.store import decisions, journal, runs
from connector.store.journal import Told
from tests.cli.attain import Attain
from tests.faults.village import Village

RUNS = 60


def written(village: Village) -> str:
    """The run that wrote everything."""
    return village.cycle().run_id


def rows(village: Village) -> int:
    """Records of ours in Salesforce."""
    return len(village.soql("SELECT Id FROM Attain_Attainment__c"))


def test_history_finds_what_was_written_long_ago(village: Village, attain: Attain) -> None:
    run = written(village)
    with wiring.house(village.config, connect=False) as house, house.store.writing() as tx:
        for at in range(1, RUNS + 1):
            runs.start(tx, f"quiet{at}", village.time.now() + timedelta(minutes=15 * at), "r", "sync")
    assert run[:12] in attain("history").out
    with wiring.house(village.config, connect=False) as house, house.store.writing() as tx:
        change = Change(Row("emea", "Task", "Attain_Key__c", "k"), {"Subject": "x"}, because="")
        for at in range(1, RUNS + 1):
            told = Told(change, at, "", None, created=False, shown=None)
            journal.keep(tx, [told], f"quiet{at}", village.time.now())
    told_of = attain("history")
    # 61 runs wrote, of which a table shows 50: the newest is the last, and 11 are left over
    assert ("quiet60" in told_of.out, "quiet10" in told_of.out, "11 earlier runs" in told_of.err) == (True, False, True)
    listed = [each["run"] for each in json.loads(attain("history", "--json").out)]
    assert (len(listed), listed[0], listed[-1]) == (61, "quiet60", run)


@pytest.mark.parametrize(("kept_open", "code"), [(0, 2), (1, 1)])
def test_where_nothing_may_be_written_nothing_is_taken_back(
    village: Village, attain: Attain, kept_open: int, code: int
) -> None:
    run = written(village)
    before = rows(village)
    text = village.config.read_text()
    assert text.count("write: on") == 2
    village.config.write_text(text.replace("write: on", "write: off", 2 - kept_open))  # of emea, or of both
    with village.wired():
        told = attain("undo", run, "--apply")
    assert (told.code, "emea may not be written to" in told.err) == (code, True), told
    assert ("on hold" in told.out, "smb may not be written to" in told.err) == (bool(kept_open), not kept_open)
    assert rows(village) == before > 0


def test_a_connection_that_has_gone_is_told_and_the_others_are_taken_back(village: Village, attain: Attain) -> None:
    run = written(village)
    village.config.write_text(village.config.read_text().replace("smb:", "sold:"))
    with village.wired():
        told = attain("undo", run, "--apply")
    assert (told.code, "stays: the config has no such connection any more" in told.err) == (1, True), told
    assert rows(village) == 0


def test_whoever_saw_nothing_approved_nothing(village: Village) -> None:
    with village.wired(), wiring.house(village.config, world=village.time.world) as house:
        with house.store.reading() as tx:
            before = decisions.made(tx)
        apply(house, [Proposal("emea", ()), Proposal("smb", ())])
        with house.store.reading() as tx:
            assert decisions.made(tx) == before

"""Taking back when it is needed: long after, under `write: off`, and where a connection has gone since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.flow.apply import apply
from connector.flow.proposed import Proposal, Proposed
from connector.model.changes import Change, Row, Value
from connector.service import wiring
from connector.store import decisions, journal, runs
from connector.store.journal import Told
from tests.cli.attain import Attain, Ended
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


DEAL = {"NextStep": "call them", "Amount": 500, "CloseDate": "2026-12-01"}


def shown(village: Village, deal: str) -> dict[str, Any]:
    [found] = village.soql(f"SELECT NextStep, Amount, CloseDate FROM Opportunity WHERE Id = '{deal}'")
    return {name: found[name] for name in DEAL}


def ran(village: Village, connection: str, row: Row, fields: Mapping[str, Value]) -> str:
    """A run that writes this into a record of people's; its id."""
    change = Change(row, fields, because="a test")
    with village.wired(), wiring.house(village.config, world=village.time.world) as house:
        done = apply(house, [Proposal(connection, (Proposed(change, {}, new=False),))])
    village.time.sleep(900)
    assert done.report is not None
    assert done.report.settled == {"written": 1}
    return done.report.run_id


def taken_back(village: Village, attain: Attain, run: str) -> Ended:
    with village.wired():
        ended = attain("undo", run, "--apply")
    village.time.sleep(900)
    return ended


def a_deal(village: Village) -> Row:
    deal = str(village.soql("SELECT Id FROM Opportunity ORDER BY Id LIMIT 1")[0]["Id"])
    village.edit(f"Opportunity/{deal}", DEAL)
    return Row("emea", "Opportunity", "Id", deal)


def test_runs_are_taken_back_one_after_the_other_newest_first(village: Village, attain: Attain) -> None:
    """The later run left a field alone; Salesforce rounds an amount to two decimals, and shows 12.30 as 12.3."""
    row = a_deal(village)
    first = ran(village, "emea", row, {"NextStep": "a", "Amount": Decimal("100.125"), "CloseDate": date(2026, 12, 24)})
    second = ran(village, "emea", row, {"NextStep": "b", "Amount": Decimal("12.30")})
    assert shown(village, row.key) == {"NextStep": "b", "Amount": 12.3, "CloseDate": "2026-12-24"}
    early = taken_back(village, attain, first)
    assert (early.code, "it was written again since" in early.err) == (1, True)  # the later one stands there
    assert taken_back(village, attain, second).code == 0
    assert shown(village, row.key) == {"NextStep": "a", "Amount": 100.13, "CloseDate": "2026-12-24"}
    done = taken_back(village, attain, first)
    assert (done.code, "on hold" in done.out) == (0, True), done
    assert shown(village, row.key) == DEAL
    for run in (first, second):
        again = taken_back(village, attain, run)
        assert (again.code, "stays: it was taken back already" in again.err) == (1, True), again
    assert shown(village, row.key) == DEAL


def test_what_somebody_edited_after_the_later_run_was_taken_back_stays(village: Village, attain: Attain) -> None:
    row = a_deal(village)
    first = ran(village, "emea", row, {"NextStep": "a"})
    assert taken_back(village, attain, ran(village, "emea", row, {"NextStep": "b"})).code == 0
    village.edit(f"Opportunity/{row.key}", {"NextStep": "mine"})
    told = taken_back(village, attain, first)
    assert (told.code, "NextStep was edited since: mine" in told.err) == (1, True), told
    assert shown(village, row.key)["NextStep"] == "mine"


def test_what_took_something_back_may_be_taken_back_too(village: Village, attain: Attain) -> None:
    row = a_deal(village)
    first = ran(village, "emea", row, {"NextStep": "a"})
    second = ran(village, "emea", row, {"NextStep": "b"})
    assert taken_back(village, attain, second).code == 0
    undo = json.loads(attain("history", "--json").out)[0]
    assert undo["what"] == "undo"
    assert taken_back(village, attain, undo["run"]).code == 0
    assert shown(village, row.key)["NextStep"] == "b"
    stays = taken_back(village, attain, first)
    assert (stays.code, "it was written again since" in stays.err) == (1, True)  # for the later one stands again
    assert taken_back(village, attain, second).code == 0
    assert taken_back(village, attain, first).code == 0
    assert shown(village, row.key) == DEAL


def test_a_property_of_hubspots_returns_through_two_runs(village: Village, attain: Attain) -> None:
    """HubSpot shows every value as text."""
    deal = str(village.objects("deals", "amount")[0]["id"])
    village.edit(f"deals/{deal}", {"amount": "80.50"})
    row = Row("smb", "deals", "hs_object_id", deal)
    first = ran(village, "smb", row, {"amount": Decimal("70.00"), "closedate": datetime(2026, 12, 24, tzinfo=UTC)})
    second = ran(village, "smb", row, {"amount": Decimal("60.0")})
    assert [taken_back(village, attain, run).code for run in (second, first)] == [0, 0]
    found = {each["id"]: each["properties"]["amount"] for each in village.objects("deals", "amount")}
    assert Decimal(found[deal]) == Decimal("80.5")


def test_rows_and_tasks_that_were_taken_away_made_again_and_taken_away_again(village: Village, attain: Attain) -> None:
    run = written(village)
    before = rows(village)
    assert taken_back(village, attain, run).code == 0
    with village.wired():
        assert attain("apply").code == 0
    village.time.sleep(900)
    assert rows(village) == before > 0
    told = taken_back(village, attain, run)
    assert (told.code, "stays: it was taken back already" in told.err, rows(village)) == (1, True, before), told
    again = json.loads(attain("history", "--json").out)[0]["run"]
    assert taken_back(village, attain, again).code == 0
    assert (rows(village), village.soql("SELECT Id FROM Task WHERE Attain_Key__c != null")) == (0, [])

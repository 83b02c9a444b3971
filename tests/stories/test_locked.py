"""A quarter is locked, and deals in it change afterwards: the quarter stays, the next one carries the difference."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.company import generate
from tests.cli.attain import Attain
from tests.stories.installed import Installation, installation
from tests.stories.test_a_quarter import ABSENCES, ELIF, QUOTAS, TARGETS, again, sell, shown, write

pytestmark = pytest.mark.xdist_group("locked")


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """Elif won a deal of 6,000 EUR in the third quarter and one of 2,000 in the fourth; the third is locked."""
    generate(tmp_path / "company", people=12, deals=150, activities=200, seed=6, today=date(2026, 11, 25))
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        (found.folder / "rules/targets.yaml").write_text(TARGETS, encoding="utf-8")
        write(found, "absences", ABSENCES)
        write(found, "quotas", QUOTAS)
        found.install()
        sell(found, ELIF, 6_000, "2026-08-20")
        sell(found, ELIF, 2_000, "2026-11-10")
        found.sync()
        yield found


@pytest.fixture
def attain(installed: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    return Attain(installed.folder, monkeypatch, capsys)


def answer(attain: Attain, period: str) -> Any:
    """What `attain explain` says, without links: whether it can log in to ask for them is the real clock's business."""
    said = attain("explain", ELIF, "bookings", "--period", period, "--today", "2026-11-25", "--json").out
    return json.loads(said, object_hook=lambda found: {name: each for name, each in found.items() if name != "url"})


def the_deal(installed: Installation) -> str:
    [found] = installed.salesforce("SELECT Id FROM Opportunity WHERE Amount = 6000 AND CloseDate = 2026-08-20")
    return str(found["Id"])


def lock(attain: Attain) -> None:
    ended = attain("lock", "2026-Q3", "--by", "Ana Silva", "--today", "2026-11-25")
    assert ended.code == 0, ended.err


def test_a_locked_period_is_edited(installed: Installation, attain: Attain) -> None:
    lock(attain)
    before, row, deal = answer(attain, "2026-Q3"), shown(installed, ELIF), the_deal(installed)
    # Whoever types `attain lock` does so on a real day, and not on the one that the CRMs live in.
    assert re.match(r"Locked on \d{4}-\d\d-\d\d by Ana Silva", before["locked"])
    assert sum(int(each["credited"]) for each in before["counted"]) == int(before["actual"])
    installed.salesforce_update(f"Opportunity/{deal}", {"Amount": 7_500})
    again(installed)
    assert answer(attain, "2026-Q3") == before
    [change] = answer(attain, "2026-Q4")["true_ups"]
    assert (change["of"], change["on"], change["credited"]) == ("2026-Q3", "2026-11-25", "150000")
    assert change["ref"].endswith(deal)
    assert shown(installed, ELIF)["Actual__c"] == row["Actual__c"] + 1_500
    again(installed)
    assert sum(each.sent for each in installed.sync().written) == 0, "a difference is made once"


def test_b19_a_deal_is_reopened_and_later_deleted_and_both_leave_a_trace(
    installed: Installation, attain: Attain
) -> None:
    # Elsewhere a merged or deleted deal silently vanishes from the past.
    lock(attain)
    before, row, deal = answer(attain, "2026-Q3"), shown(installed, ELIF), the_deal(installed)
    installed.salesforce_update(f"Opportunity/{deal}", {"StageName": "Negotiation"})
    again(installed)
    [change] = answer(attain, "2026-Q4")["true_ups"]
    assert (change["credited"], change["ref"].endswith(deal)) == ("-600000", True)
    assert shown(installed, ELIF)["Actual__c"] == row["Actual__c"] - 6_000
    installed.salesforce_delete(f"Opportunity/{deal}")
    again(installed)
    assert answer(attain, "2026-Q4")["true_ups"] == [change], "it is gone once, however often it goes"
    assert answer(attain, "2026-Q3") == before
    said = " ".join(attain("explain", ELIF, "bookings", "--period", "2026-Q4", "--today", "2026-11-25").out.split())
    assert "Together -6 000.00 EUR" in said


def test_b4_a_closed_period_has_nothing_open_and_is_appraised_no_longer(
    installed: Installation, attain: Attain
) -> None:
    at = ("--today", "2026-11-25")
    assert attain("close", "2026-10", "--by", "Ana Silva", *at).code == 0
    with installed.house() as house, house.store.reading() as tx:
        from connector.store import results

        assert not [each for each in results.alerts(tx) if each.alert.period.id == "2026-10" and not each.cleared_on]
        before = [each.as_of for each in results.scores(tx, "2026-10")]
    again(installed)
    with installed.house() as house, house.store.reading() as tx:
        assert [each.as_of for each in results.scores(tx, "2026-10")] == before
    ended = attain("close", "2026-10", *at)
    assert ended.code == 2
    assert re.search(r"it was closed on \d{4}-\d\d-\d\d by Ana Silva", ended.err)
    assert attain("lock", "2026-10", *at).code == 0
    assert attain("close", "2026-10", *at).code == 2
    assert "locked" in attain("periods").out


@pytest.mark.parametrize("way", ["ignore", "restate"])
def test_a_metric_may_ignore_what_changes_later_or_be_restated(
    installed: Installation, attain: Attain, way: str
) -> None:
    metrics = installed.folder / "rules/metrics.yaml"
    text = metrics.read_text(encoding="utf-8")
    metrics.write_text(text.replace("  bookings:\n", f"  bookings:\n    after_lock: {way}\n", 1), encoding="utf-8")
    again(installed)
    lock(attain)
    row, deal = shown(installed, ELIF), the_deal(installed)
    [before] = of_elif(attain)
    installed.salesforce_update(f"Opportunity/{deal}", {"Amount": 7_500})
    again(installed)
    [after] = of_elif(attain)
    assert shown(installed, ELIF)["Actual__c"] == row["Actual__c"], "the open quarter carries nothing"
    if way == "ignore":
        assert after == before
        return
    assert float(after["actual"]) == float(before["actual"]) + 1_500
    assert float(after["gap"]) == 66_000 - float(after["actual"])
    assert after["reason"] == "the period is over; restated: 6 000 EUR when it was locked"
    assert [after[each] for each in ("target", "rank", "as_of")] == [before["target"], before["rank"], "2026-11-25"]


def of_elif(attain: Attain) -> list[dict[str, Any]]:
    said = attain("scores", "--period", "2026-Q3", "--metric", "bookings", "--today", "2026-11-25", "--json").out
    return [each for each in json.loads(said) if each["email"] == ELIF]


def test_what_cannot_be_closed_says_why(installed: Installation, attain: Attain) -> None:
    ended = attain("close", "2026-Q4", "--today", "2026-11-25")
    assert (ended.code, "it is not over: its last day is 2026-12-31" in ended.err) == (2, True)
    assert attain("lock", "2026-Q9").code == 2
    assert "No period was closed by hand" in attain("periods").out

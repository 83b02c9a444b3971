"""`attain payout`: an estimate that can be worked out again, and says what it is."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from connector.flow.appraise import people_of
from connector.model.money import Money
from connector.service.wiring import house
from connector.store import records
from connector.store.mirror import publish, refresh
from tests.cli.attain import Attain
from tests.store.made import TODAY, reading, user, won

# Ana sold 1,200.00 of 1,000.00 in the first quarter, and 100.00 of 1,000.00 in the second. Ben has no target.
WORLD = (
    user("ana", levels={"team": "East", "role": "AE"}),
    user("ben", levels={"team": "East", "role": "AE"}),
    won("d1", date(2026, 2, 3), owner=user("ana").ref, amount=Money(1_200_00, "EUR")),
    won("d2", date(2026, 5, 5), owner=user("ana").ref, amount=Money(100_00, "EUR")),
    won("d3", date(2026, 5, 6), owner=user("ben").ref, amount=Money(7_00, "EUR")),
)
QUOTAS = [
    reading("quotas", f"ana|{period}", person="ana@example.com", metric="bookings", period=period, value=1000)
    for period in ("2026-Q1", "2026-Q2")
]
POLICY = "targets:\n  - metric: bookings\n    quotas: [files.quotas]\n"


@pytest.fixture
def paying(attain: Attain, tmp_path: Path) -> Attain:
    attain.write("rules/targets.yaml", POLICY)
    attain.write("rules/scorecards.yaml", "scorecards: {}\n")
    with house(tmp_path / "config.yaml", connect=False) as opened:
        with opened.store.writing() as tx:
            records.save(tx, [*WORLD, *QUOTAS], TODAY)
        working = tmp_path / "working.duckdb"
        company, files, roster = opened.settings.company, opened.rules.files, people_of(opened)
        refresh(opened.store, working, company=company, roster=roster, files=files, custom={}, today=TODAY)
        publish(working, opened.settings.mirror)
    return attain


def said(attain: Attain, *words: str) -> str:
    ended = attain("payout", *words, "--today", "2026-06-20")
    assert ended.code == 0, ended.err
    return " ".join(ended.out.split())


def test_each_slice_at_its_rate_and_what_it_makes(paying: Attain) -> None:
    found = said(paying, "ana", "--period", "2026-Q1")
    assert "2026-Q1: 62.00 EUR, an estimate" in found
    assert "1 200.00 EUR of 1 000.00 EUR, 120.0 %" in found
    assert "0% to 100% 1 000.00 EUR 5% 50.00 EUR" in found
    assert "100% to 125% 200.00 EUR 6% 12.00 EUR" in found
    assert "The plan is off: only this command shows it." in found


def test_a_year_to_date_pays_the_difference(paying: Attain) -> None:
    # 1,300.00 of 2,000.00 in the year so far pay 65.00, of which the first quarter gave 62.00.
    found = said(paying, "ana", "--period", "2026-Q2")
    assert "2026-Q2: 3.00 EUR, an estimate" in found
    assert "in the year so far: 1 300.00 EUR of 2 000.00 EUR" in found
    assert "Paid before in the year: 62.00 EUR" in found


def test_each_period_s_cap_is_its_own(paying: Attain) -> None:
    # The first quarter's 62.00 are held at 60.00; what is left of the year so far's 65.00 are 5.00.
    paying.edit("rules/incentives.yaml", "    # cap: 50_000 EUR", "    cap: 60 EUR")
    assert "2026-Q1: 60.00 EUR, an estimate" in said(paying, "ana", "--period", "2026-Q1")
    found = said(paying, "ana", "--period", "2026-Q2")
    assert "2026-Q2: 5.00 EUR, an estimate" in found
    assert "Paid before in the year: 60.00 EUR" in found
    [third] = json.loads(said(paying, "ana", "--period", "2026-Q3", "--json"))
    assert (third["pays"], third["before"]) == (0, 65_00)


def test_whoever_has_no_target_is_told_why_there_is_no_number(paying: Attain) -> None:
    assert "It cannot be told: bookings: no target." in said(paying, "ben", "--period", "2026-Q2")
    [ben] = json.loads(said(paying, "ben", "--period", "2026-Q2", "--json"))
    assert (ben["pays"], ben["on"], ben["reason"]) == (None, False, "bookings: no target")


def test_everybody_s_sums_and_what_is_not_in_them(paying: Attain) -> None:
    ended = paying("payout", "--period", "2026-Q2", "--today", "2026-06-20")
    assert "Together 3.00 EUR for 2026-Q2, estimates." in ended.out
    assert "1 cannot be told, and are not in the sum" in " ".join(ended.err.split())


def test_wrong_questions(paying: Attain) -> None:
    assert paying("payout", "nobody").code == 2
    assert paying("payout", "--period", "2026-Q9").code == 2
    assert "No plan pays for a month" in said(paying, "ana", "--period", "2026-05")

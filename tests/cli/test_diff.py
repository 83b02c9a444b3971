"""`attain diff`: who moves between two sets of rules, by which line, and which records make the difference."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.flow.appraise import people_of
from connector.model.money import Money
from connector.service.wiring import house
from connector.store import records
from connector.store.mirror import publish, refresh
from tests.cli.attain import Attain
from tests.store.made import TODAY, reading, user, won

AE = {"team": "East", "role": "AE"}
# Of 1,000.00 each, Ana has 900.00 of new business and 300.00 of a renewal, Ben 1,000.00 of new business.
WORLD = (
    user("ana", levels=AE),
    user("ben", levels=AE),
    won("new", date(2026, 5, 3), owner=user("ana").ref, amount=Money(900_00, "EUR"), deal_type="New"),
    won("renewed", date(2026, 5, 4), owner=user("ana").ref, amount=Money(300_00, "EUR"), deal_type="Renewal"),
    won("other", date(2026, 5, 5), owner=user("ben").ref, amount=Money(1_000_00, "EUR"), deal_type="New"),
)
QUOTAS = [
    reading("quotas", f"{who}|2026-Q2", person=f"{who}@example.com", metric="bookings", period="2026-Q2", value=1000)
    for who in ("ana", "ben")
]
POLICY = "targets:\n  - metric: bookings\n    quotas: [files.quotas]\n"
CARDS = """\
scorecards:
  ae:
    period: quarter
    for: role = 'AE'
    weights: {bookings: 1}
    bands: {ahead: 100%, behind: 0%}
"""
ALL = "    where: outcome = 'won'\n    date: closed_on\n    measure: sum(amount)\n    unit: money\n    credit: splits"
ONLY_NEW = ALL.replace("outcome = 'won'", "outcome = 'won' and deal_type = 'New'")


@pytest.fixture
def ruled(attain: Attain, tmp_path: Path) -> Attain:
    """The rules as they are count every won deal; those in `proposed/` only new business."""
    attain.write("rules/targets.yaml", POLICY)
    attain.write("rules/scorecards.yaml", CARDS)
    attain.edit("config.yaml", "store: attain.db", "privacy: {ranks: on}\nstore: attain.db")
    shutil.copytree(tmp_path / "rules", tmp_path / "proposed")
    attain.edit("proposed/metrics.yaml", ALL, ONLY_NEW)
    with house(tmp_path / "config.yaml", connect=False) as opened:
        with opened.store.writing() as tx:
            records.save(tx, [*WORLD, *QUOTAS], TODAY)
        working = tmp_path / "working.duckdb"
        company, files, roster = opened.settings.company, opened.rules.files, people_of(opened)
        refresh(opened.store, working, company=company, roster=roster, files=files, custom={}, today=TODAY)
        publish(working, opened.settings.mirror)
    return attain


def answer(attain: Attain, *words: str) -> Any:
    ended = attain("diff", *words, "--period", "2026-Q2", "--today", "2026-06-20", "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_each_move_has_its_rule_line_and_the_records_behind_it(ruled: Attain) -> None:
    found = answer(ruled, "rules", "proposed")
    moves = {(each["name"], each["what"]): each for each in found["moves"]}
    ana = moves["Ana", "bookings"]
    assert [ana["before"]["reached"], ana["after"]["reached"]] == ["1.2", "0.9"]
    assert [ana["before"]["rank"], ana["after"]["rank"]] == [1, 2]
    assert [each.rpartition("/")[2].partition(":")[0] for each in ana["because"]] == ["metrics.yaml"] * 2
    assert [(each["name"], each["before"], each["after"]) for each in ana["records"]] == [
        ("Deal renewed", "30000", None)
    ]
    assert moves["Ana", "ae"]["after"]["band"] == "behind"


def test_somebody_whose_rank_moves_because_of_others_is_told_so(ruled: Attain) -> None:
    [ben] = [
        each
        for each in answer(ruled, "rules", "proposed")["moves"]
        if (each["name"], each["what"]) == ("Ben", "bookings")
    ]
    assert (ben["before"]["rank"], ben["after"]["rank"], ben["because"], ben["records"]) == (
        2,
        1,
        ["by what others moved"],
        [],
    )


def test_payouts_change_too(ruled: Attain) -> None:
    # Ana: 1,000.00 at 5 % and 200.00 at 6 % are 62.00; 900.00 at 5 % are 45.00.
    assert answer(ruled, "rules", "proposed")["payout_change"] == 45_00 - 62_00


def test_too_many_who_change_band_end_with_1(ruled: Attain) -> None:
    words = ("diff", "rules", "proposed", "--period", "2026-Q2", "--today", "2026-06-20")
    assert ruled(*words, "--max-churn", "50%").code == 0  # one of two
    ended = ruled(*words, "--max-churn", "49%")
    assert ended.code == 1
    assert "1 change band (50.0 %)" in " ".join(ended.out.split())
    assert "more people than 49% change band" in ended.err


def test_against_the_rules_as_they_were_in_a_revision(ruled: Attain, tmp_path: Path) -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.name=Ops", "-c", "user.email=ops@example.com")
        subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", "rules")
    git("commit", "-q", "-m", "every won deal")
    assert answer(ruled, "HEAD")["moves"] == []
    ruled.edit("rules/metrics.yaml", ALL, ONLY_NEW)
    assert {each["name"] for each in answer(ruled, "HEAD")["moves"]} == {"Ana", "Ben"}


def test_the_same_rules_move_nobody(ruled: Attain) -> None:
    ended = ruled("diff", "rules", "rules", "--period", "2026-Q2", "--today", "2026-06-20")
    assert (ended.code, ended.out.strip()) == (0, "Nobody moves in 2026-Q2.")


@pytest.mark.parametrize("words", [("nowhere",), ("--", "-x"), ("rules", "proposed", "--max-churn", "many")])
def test_what_is_no_set_of_rules_ends_with_2(ruled: Attain, words: tuple[str, ...]) -> None:
    assert ruled("diff", *words).code == 2


def test_wrong_rules_end_with_2_and_their_line(ruled: Attain) -> None:
    ruled.edit("proposed/metrics.yaml", "deal_type = 'New'", "deal_tipe = 'New'")
    ended = ruled("diff", "rules", "proposed")
    assert ended.code == 2
    assert "unknown-field" in ended.err


def test_preview_answers_all_of_it_and_ends_with_the_worst(ruled: Attain) -> None:
    ended = ruled("preview", "proposed", "--period", "2026-Q2", "--today", "2026-06-20", "--max-churn", "10%")
    said = " ".join(ended.out.split())
    for each in ("all well. Rules", "0 failed.", "1 change band (50.0 %)", "What would be written"):
        assert each in said
    assert ended.code == 1


def test_preview_without_a_repository_says_so_and_answers_the_rest(ruled: Attain) -> None:
    ended = ruled("preview", "--period", "2026-Q2", "--today", "2026-06-20")
    assert "it is no folder, and git says: " in " ".join(ended.out.split())
    assert "What would be written" in ended.out
    assert ended.code == 2


def test_preview_of_wrong_rules_ends_with_what_is_wrong(ruled: Attain) -> None:
    ruled.edit("rules/metrics.yaml", "outcome = 'won'", "outcom = 'won'")
    ended = ruled("preview", "proposed")
    assert "Trials" not in ended.out
    assert ended.code == 2

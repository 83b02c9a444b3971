"""What `--as PERSON` lets through, at every door that has it; and what doctor and cycles say of `hold_back`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.attain import Attain
from tests.faults.village import Village

PAYS = """\
attain: 1
plans:
  ae: {title: AE, on: true, period: quarter, measures: [{metric: bookings, pays: marginal, tiers: [{from: 0%, rate: 8%}]}]}
levels:
  senior: {title: Senior, asks: [{metric: bookings, period: quarter, when: attainment >= 100%}]}
"""


@pytest.fixture
def village(tmp_path: Path) -> Village:
    found = Village.made(tmp_path / "village")
    found.approve()
    (found.folder / "rules/incentives.yaml").write_text(PAYS, encoding="utf-8")
    found.cycle()
    return found


@pytest.fixture
def attain(village: Village, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    return Attain.at(village.folder, village.time.world, monkeypatch, capsys)


def told(attain: Attain, *words: str) -> list[dict[str, Any]]:
    ended = attain(*words, "--json")
    assert ended.code == 0, ended.err
    return list(json.loads(ended.out))


def test_every_door_shows_a_viewer_their_own_and_totals_and_nobody_else(village: Village, attain: Attain) -> None:
    del village
    scores = told(attain, "scores", "--metric", "bookings")
    assert len(scores) > 2
    # Somebody to whom nobody reports sees one row of people: their own.
    me = next(each for each in scores if len(told(attain, "scores", "--metric", "bookings", "--as", each["id"])) == 1)
    other = next(each for each in scores if each["id"] != me["id"])
    mine = ("--as", me["id"])

    assert {each["id"] for each in told(attain, "targets", *mine) if each["kind"] == "person"} == {me["id"]}
    assert {each["kind"] for each in told(attain, "targets", *mine)} > {"person"}, "totals are everybody's"
    assert "its people's" not in attain("targets", *mine).out
    assert {each["id"] for each in told(attain, "scorecard", *mine) if each["kind"] == "person"} <= {me["id"]}
    assert {each["person"] for each in told(attain, "payout", *mine)} <= {me["id"]}
    assert {each["id"] for each in told(attain, "recognition", *mine)} <= {me["id"]}
    assert {each["owner"] for each in told(attain, "health", *mine)} <= {me["id"], None}
    assert attain("explain", me["id"], "bookings", *mine).code == 0
    for words in (
        ("targets", other["id"]),
        ("scorecard", other["id"]),
        ("payout", other["id"]),
        ("recognition", other["id"]),
        ("health", "--person", other["id"]),
        ("explain", other["id"], "bookings"),
        ("explain", "company", "bookings"),  # the records behind it are everybody's
    ):
        ended = attain(*words, *mine)
        assert (ended.code, ended.out, "theirs to see" in ended.err) == (3, "", True), words
        assert attain(*words).code == 0, words
    ended = attain("targets", "--as", "nobody at all")
    assert (ended.code, "nobody is called" in ended.err) == (2, True)


def test_a_suggestion_that_is_read_again_says_who_it_is_of(village: Village, attain: Attain) -> None:
    ended = attain("suggest", "--metric", "bookings", "--out", "new.csv")
    assert ended.code == 0, ended.err
    with (village.folder / "new.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    (village.folder / "files/quotas.csv").write_text(
        (village.folder / "new.csv").read_text(encoding="utf-8"), encoding="utf-8"
    )
    village.time.sleep(3600)
    report = village.cycle()
    assert report.appraised is not None
    assert [each for each in report.appraised.appraisal.problems if "nobody we know" in each] == []
    held = {each["id"] for each in told(attain, "targets", "--metric", "bookings", "--period", rows[0]["period"])}
    assert len(held) >= len(rows)


def test_hold_back_that_holds_nobody_is_told_by_doctor_and_by_every_cycle(village: Village, attain: Attain) -> None:
    attain.edit("config.yaml", "  ranks: on ", "  hold_back: [Atlantis]\n  ranks: on ")
    village.time.sleep(3600)
    notes = village.cycle().notes
    assert any("`Atlantis` is the country of nobody" in each for each in notes)
    assert any("have no country" in each for each in notes)
    with village.wired():
        said = attain("doctor").out
    assert "`Atlantis` is the country of nobody" in said
    assert "have no country" in said

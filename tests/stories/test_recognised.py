"""A level is reached, the manager is asked to confirm it, and `attain recognition` shows who stands where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.sandbox.company import generate
from tests.cli.attain import Attain
from tests.stories.installed import Installation, installation
from tests.stories.test_a_quarter import FARID, TARGETS, again, sell, write
from tests.stories.test_spoken import tasks

pytestmark = pytest.mark.xdist_group("recognised")
RULES = """\
attain: 1
badges:
  rainmaker: {title: Rainmaker, metric: bookings, period: quarter, when: attainment >= 100%, say: badge}
contests:
  autumn: {title: Autumn hunt, metric: bookings, from: 2026-07-01, to: 2026-11-20}
levels:
  senior:
    title: Senior account executive
    asks: [{metric: bookings, period: quarter, when: attainment >= 100%}]
    say: level
support:
  help: {title: Coaching plan, metric: bookings, period: quarter, when: attainment < 1%, in_a_row: 1, say: support}
"""
AT = ("--today", "2026-11-25")


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    generate(tmp_path / "company", people=12, deals=150, activities=50, seed=6, today=date(2026, 11, 25))
    with installation(tmp_path / "company", datetime(2026, 11, 25, 10, tzinfo=UTC)) as found:
        (found.folder / "rules/targets.yaml").write_text(TARGETS, encoding="utf-8")
        (found.folder / "rules/incentives.yaml").write_text(RULES, encoding="utf-8")
        found.install()
        yield found


def test_a_level_waits_for_a_manager_and_a_badge_is_told(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    attain = Attain(installed.folder, monkeypatch, capsys)
    sell(installed, FARID, 70_000, "2026-08-20")  # of 66,000 wanted in the third quarter
    again(installed)
    said = attain("recognition", FARID, *AT)
    assert said.code == 0, said.err
    shown = " ".join(said.out.split())
    assert "Rainmaker Farid Weber 2026-Q3" in shown
    assert "Autumn hunt Farid Weber place 1" in shown
    assert "bookings: 1 of 1 quarter waits for a manager to confirm it" in shown
    subjects = [each["Subject"] for each in tasks(installed)]
    assert subjects.count("Rainmaker, 2026-Q3") == 1
    assert subjects.count("Farid Weber has what a next level asks: Senior account executive") == 1
    assert [each for each in subjects if "may need a hand" in each]

    write(installed, "confirmations", f"person,what,by,on\n{FARID},senior,Lea,2026-11-24\n")
    again(installed)
    [level] = [each for each in json.loads(attain("recognition", FARID, *AT, "--json").out) if each["kind"] == "level"]
    assert (level["complete"], level["confirmed"]) == (True, "by Lea on 2026-11-24")
    assert len(tasks(installed)) == len(subjects), "nobody is told twice"


def test_without_rules_and_for_nobody_it_says_so(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    attain = Attain(installed.folder, monkeypatch, capsys)
    installed.sync()
    assert attain("recognition", "Nobody At All", *AT).code == 2
    (installed.folder / "rules/incentives.yaml").write_text("attain: 1\nplans: {}\n", encoding="utf-8")
    assert attain("recognition", *AT).out.startswith("Nothing is recognised")

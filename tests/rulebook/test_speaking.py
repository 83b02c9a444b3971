"""The examples of rules/alerts.yaml that are commented out: whoever switches them on finds them right."""

from __future__ import annotations

import re
import shutil
from datetime import time
from pathlib import Path

from connector.rulebook.load import load
from tests.measure.shipped import HOME
from tests.rulebook.folder import EURO

SWITCHED_OFF = re.compile(r"^( *)# (?=( *)(?:(?:- )?[a-z_]+:|- \{))", re.MULTILINE)


def test_every_example_is_right_and_is_read_whole(tmp_path: Path) -> None:
    shutil.copytree(HOME / "rules", tmp_path / "rules")
    path = tmp_path / "rules" / "alerts.yaml"
    path.write_text(SWITCHED_OFF.sub(r"\1", path.read_text(encoding="utf-8")), encoding="utf-8")
    incentives = tmp_path / "rules" / "incentives.yaml"
    incentives.write_text(SWITCHED_OFF.sub(r"\1", incentives.read_text(encoding="utf-8")), encoding="utf-8")
    mappings = {"emea": ("salesforce", HOME / "mappings" / "salesforce.yaml")}
    rules = load(tmp_path / "rules", EURO, mappings, HOME / "mappings" / "files.yaml")
    assert list(rules.alerts) == ["behind_pace", "milestone", "target_changed", "coverage_short", "untended"]
    earned = rules.recognition
    assert [each.name for each in earned.badges] == ["rainmaker", "on_a_roll", "most_improved"]
    assert [each.name for each in earned.contests] == ["spring_hunt"]
    assert [each.name for each in earned.levels] == ["senior_account_executive"]
    assert [each.name for each in earned.supports] == ["coaching_plan"]
    said = rules.speaking
    assert [each.name for each in said.rules] == ["stale_deal", "slipping_deal", "behind_on_bookings", "own_best"]
    assert [each.metric for each in said.coaching[0].drivers] == [
        "deals_won", "win_rate", "average_deal", "sales_cycle",
    ]  # fmt: skip
    assert said.digest is not None
    assert (said.digest.weekday, list(said.digest.say.others)) == (0, ["zh-CN"])
    assert said.quiet is not None
    assert (said.quiet.starts, said.quiet.ends, said.quiet.weekends) == (time(19), time(8), True)

"""A plan's file: whatever became of it, reading it ends with a plan or with words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connector.errors import ConfigError
from connector.flow.plan_file import _id, read, written
from connector.flow.proposed import Proposal, Proposed
from connector.model.changes import Change, Row

AT = datetime(2026, 11, 25, 18, tzinfo=UTC)
CHANGE = Change(Row("smb", "deals", "id", "1"), {"attain_health": Decimal("12.5")}, because="it moved")


def plan() -> str:
    return written([Proposal("smb", (Proposed(CHANGE, {}, False),))], 7, "rules-1", AT)


def refusal(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read(path)
    [problem] = caught.value.problems
    return problem.code


def forged(text: str) -> str:
    """With an id that fits."""
    body = json.loads(text)
    body.pop("id")
    return json.dumps({"id": _id(body), **body})


def test_a_plan_comes_back_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(plan())
    [proposal] = read(tmp_path / "plan.json").proposals
    assert proposal.rows[0].change == CHANGE


@pytest.mark.parametrize("value", ['{"decimal": "12,5"}', '{"decimal": "many"}', '{"day": 5}', '{"moment": "9999"}'])
def test_a_value_that_is_none_is_no_bug_of_ours(tmp_path: Path, value: str) -> None:
    text = json.dumps(json.loads(plan())).replace('{"decimal": "12.5"}', value)
    assert value in text
    assert refusal(tmp_path / "plan.json", text) == "edited-plan"
    assert refusal(tmp_path / "plan.json", forged(text)) == "no-plan"


@pytest.mark.parametrize("depth", [500, 5_000, 100_000])
def test_a_file_that_is_nested_without_end_is_no_plan(tmp_path: Path, depth: int) -> None:
    text = plan().replace('"connections": {', '"deep": ' + "[" * depth + "]" * depth + ', "connections": {')
    assert refusal(tmp_path / "plan.json", text) in ("edited-plan", "no-plan")


def test_the_same_records_at_another_moment_are_another_plan(tmp_path: Path) -> None:
    """Applied, taken back, and planned once more, a plan may be applied once more."""
    change = Change(Row("smb", "deals", "hs_object_id", "501"), {"attain_health": "60"}, because="rules/health.yaml")
    proposals = [Proposal("smb", (Proposed(change, {}, new=False),))]
    ids = []
    for at in (AT, AT, AT + timedelta(seconds=1)):
        (tmp_path / "plan.json").write_text(written(proposals, 7, "r1", at), encoding="utf-8")
        ids.append(read(tmp_path / "plan.json").id)
    assert (ids[0] == ids[1], ids[0] == ids[2]) == (True, False)

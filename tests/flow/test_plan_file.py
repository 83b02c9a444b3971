"""Plans as files: what tells one from another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.flow.plan_file import read, written
from connector.flow.proposed import Proposal, Proposed
from connector.model.changes import Change, Row

AT = datetime(2026, 11, 25, 18, tzinfo=UTC)


def test_the_same_records_at_another_moment_are_another_plan(tmp_path: Path) -> None:
    """Applied, taken back, and planned once more, a plan may be applied once more."""
    change = Change(Row("smb", "deals", "hs_object_id", "501"), {"attain_health": "60"}, because="rules/health.yaml")
    proposals = [Proposal("smb", (Proposed(change, {}, new=False),))]
    ids = []
    for at in (AT, AT, AT + timedelta(seconds=1)):
        (tmp_path / "plan.json").write_text(written(proposals, 7, "r1", at), encoding="utf-8")
        ids.append(read(tmp_path / "plan.json").id)
    assert (ids[0] == ids[1], ids[0] == ids[2]) == (True, False)

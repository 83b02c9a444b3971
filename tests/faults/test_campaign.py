"""A part of the campaign, small enough for every run of the tests; `make faults` runs all of it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.faults.campaigns import CAMPAIGNS
from tests.faults.planted import PLANTED

DYING = ("C1", "C2", "C3", "C10")


def ran(*campaigns: str) -> str:
    """What a small run says; it ends well only without a violation."""
    command = [sys.executable, "-m", "tests.faults", "--small", "--only", *campaigns]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3000)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-3000:]
    return ended.stdout


@pytest.mark.xdist_group("faults: dying")
def test_nothing_is_lost_twice_or_unapproved_whenever_we_die() -> None:
    said = ran(*DYING)
    runs = {name: int(count) for name, count in re.findall(r"^(C\d+).*?(\d+)  \w", said, re.MULTILINE)}
    assert set(runs) == set(DYING)
    assert min(runs.values()) > 0


@pytest.mark.xdist_group("faults: living")
def test_nothing_is_lost_twice_or_unapproved_whatever_the_world_does() -> None:
    said = ran(*(name for name in CAMPAIGNS if name not in DYING))
    assert said.count("\nC") >= len(CAMPAIGNS) - len(DYING)


@pytest.mark.xdist_group("faults: planted")
def test_every_planted_fault_is_caught_by_name() -> None:
    said = ran("planted")
    assert "NOT CAUGHT" not in said
    assert all(f"  {name}: " in said for name in PLANTED)

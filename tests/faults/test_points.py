"""Crash points that are tried once for all that leave the same behind, held against what is really left."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest import mock

import pytest

from connector.sandbox.wire import Switches
from tests.faults.forked import forked
from tests.faults.points import Points, leaving_different
from tests.faults.quick import rules_read_once
from tests.faults.trials import Setting, points_of_a_cycle
from tests.faults.village import Village


def test_one_of_a_stretch_is_tried_and_it_is_the_last() -> None:
    names = [
        "sql BEGIN",
        "sql INSERT INTO deals",
        "commit",
        "before GET /services/data/v66.0/query",
        "after GET /services/data/v66.0/query",
        "before POST /crm/objects/2026-03/deals/search",
        "after POST /crm/objects/2026-03/deals/search",
        "before PATCH /services/data/v66.0/composite/sobjects/Task",
        "after PATCH /services/data/v66.0/composite/sobjects/Task",
        "mirror select",
        "sql SELECT",
    ]
    # At its own point a commit has not happened yet, nor has what is about to be asked.
    assert leaving_different(names) == [3, 8, 10, 11]


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    with rules_read_once():
        folder = tmp_path_factory.mktemp("points") / "village"
        unlimited = Switches(limits=False)  # else asking what is there at every point uses up what may be asked
        yield Village.made(folder, people=6, deals=20, activities=20, switches=unlimited)


def test_deaths_of_one_stretch_leave_the_same_store_and_the_same_records(village: Village, tmp_path: Path) -> None:
    names, left = forked(lambda: _left_at_each_point(village.apart(tmp_path / "mine")))
    assert len(names) > 500
    different, before = set(leaving_different(names)), left[0]
    for at, found in enumerate(left, 1):
        assert found == before or at - 1 in different, names[at - 2 : at]
        before = found
    assert len(set(left)) > 50  # it sees what changes
    assert len(different) < len(names) / 3


def _left_at_each_point(village: Village) -> tuple[list[str], list[str]]:
    """What somebody else finds at every point: committed rows, records in both CRMs, and the time."""
    left: list[str] = []
    plain = Points.passing

    def passing(self: Points, name: str) -> None:
        counted = len(self.names)
        plain(self, name)
        if len(self.names) > counted:
            with self.passed_by():
                left.append(_digest(village))

    with mock.patch.object(Points, "passing", passing):
        names = points_of_a_cycle(Setting(village, None))
    return names, left


def _digest(village: Village) -> str:
    said = hashlib.sha256(repr((village.time.at, sorted(village.told()), village.shown())).encode())
    for path in sorted(village.folder.rglob("*.db")):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
            for line in store.iterdump():
                said.update(line.encode())
    return said.hexdigest()

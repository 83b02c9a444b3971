"""Every story is told twice: once with a file to remember by, once with a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.attain import Attain
from tests.faults.quick import rules_read_once
from tests.faults.village import Village
from tests.stories import stores


@pytest.fixture(scope="module", params=stores.KINDS, autouse=True)
def kind_of_store(request: pytest.FixtureRequest) -> Iterator[str]:
    """Installations of this module are made on this kind of store."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    with stores.told_on(server):
        yield request.param


@pytest.fixture(scope="module", autouse=True)
def _read_once() -> Iterator[None]:
    """Rule files that a story does not change are read for all cycles of it together."""
    with rules_read_once():
        yield


@pytest.fixture
def village(tmp_path: Path, kind_of_store: str) -> Iterator[Village]:
    """A tiny company in two stand-in CRMs of this very process, its first plan let pass."""
    assert kind_of_store in stores.KINDS
    found = Village.made(tmp_path / "village")
    with stores.made() as store:
        found.on(store)
        found.approve()
        yield found


@pytest.fixture
def attain(village: Village, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    """The command, in the village's folder and by its clock."""
    return Attain.at(village.folder, village.time.world, monkeypatch, capsys)

"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.postgres import Server

settings.register_profile("untimed", deadline=None)  # how long an example takes is for the bench to say
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server, started when the first test asks for it; other runs of the tests clear pytest's own folders."""
    from tests.postgres import server

    with TemporaryDirectory(prefix="attain-postgres-") as folder:
        started = server(Path(folder))
        yield started
        started.close()


@pytest.fixture(scope="session")
def evidence() -> Path:
    """The folder of outside evidence; absent, the test is skipped, and in CI it fails."""
    where = os.environ.get("ATTAIN_EVIDENCE", "")
    if where and Path(where).is_dir():
        return Path(where)
    if os.environ.get("CI"):
        pytest.fail("ATTAIN_EVIDENCE names no folder: nothing outside ourselves has judged this")
    pytest.skip("ATTAIN_EVIDENCE is not set")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it loudly, once, when the outside evidence was absent."""
    skipped = [each for each in terminalreporter.stats.get("skipped", []) if "ATTAIN_EVIDENCE" in str(each.longrepr)]
    if skipped:
        terminalreporter.write_sep("!", "OUTSIDE EVIDENCE IS ABSENT", red=True, bold=True)
        terminalreporter.write_line(
            f"{len(skipped)} tests that hold us against recorded traffic, published figures and real data "
            "were skipped. Set ATTAIN_EVIDENCE to the folder that holds them."
        )

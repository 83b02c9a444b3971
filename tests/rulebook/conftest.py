"""What the tests of the rulebook may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rulebook.folder import Folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A folder in which everything is right; it is also the current directory."""
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path)

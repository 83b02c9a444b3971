"""A laid-out folder and the command in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.attain import Attain


@pytest.fixture
def attain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    found = Attain(tmp_path, monkeypatch, capsys)
    assert found("init", ".").code == 0
    monkeypatch.setenv("ATTAIN_SF_CONSUMER_KEY", "key")
    monkeypatch.setenv("ATTAIN_SF_USERNAME", "user@example.com")
    monkeypatch.setenv("ATTAIN_HUBSPOT_TOKEN", "pat-secret-token")
    found.write("server.key", "not a key")
    (tmp_path / "server.key").chmod(0o600)
    return found

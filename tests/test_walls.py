"""The import contracts bite: plant a violation in a copy of the house, and the linter must find it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
PLANTED = [
    ("model/money.py", "import requests", "The core touches no network, database, clock or log"),
    ("score/rank.py", "from connector.store import records", "Upper may import lower, never the reverse"),
    ("sandbox/wire.py", "from connector.model.money import Money", "The sandbox shares nothing with what it judges"),
    ("crm/hubspot/wire.py", "from connector.crm.salesforce import soql", "No CRM knows another"),
    ("flow/plan.py", "from connector.store import tables", "Tables are private to the store"),
    ("flow/plan.py", "import simple_salesforce", "The Salesforce SDK stays in its folder"),
]


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    lint = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([lint, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.xdist_group("walls")
def test_every_planted_violation_breaks_its_contract(tmp_path: Path) -> None:
    shutil.copytree(HOME / "connector", tmp_path / "connector", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HOME / "pyproject.toml", tmp_path)
    for file, line, _ in PLANTED:
        path = tmp_path / "connector" / file
        path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{line}\n", encoding="utf-8")
    (tmp_path / "connector" / "attic").mkdir()
    (tmp_path / "connector" / "attic" / "__init__.py").touch()
    done = linted(tmp_path)
    assert done.returncode == 1
    for _, _, contract in PLANTED:
        assert f"{contract} BROKEN" in done.stdout, contract
    assert "attic" in done.stdout, "a room that nobody placed breaks the build"

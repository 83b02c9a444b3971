"""What is installed works by itself: rules, mappings and the example config are aboard, tests and evidence are not."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=HOME, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.xdist_group("wheel")
def test_the_starter_files_are_aboard_and_the_tests_are_not(unpacked: Path) -> None:
    starter = unpacked / "connector" / "starter"
    for name in ("rules/metrics.yaml", "rules/messages/en.yaml", "mappings/salesforce.yaml", "config.example.yaml"):
        assert (starter / name).read_bytes() == (HOME / name).read_bytes()
    assert not (unpacked / "tests").exists()
    assert (unpacked / "connector" / "store" / "migrations").is_dir()


@pytest.mark.xdist_group("wheel")
def test_what_it_lays_out_passes_its_own_check(unpacked: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    for words in (["init", "."], ["check", "--offline"]):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "connector", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert "all well" in done.stdout

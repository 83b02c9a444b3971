"""The files that a new installation begins with: rules, mappings, config."""

from __future__ import annotations

import shutil
from pathlib import Path

import connector

PARTS = ("rules", "mappings", "config.example.yaml")


def starter_folder() -> Path:
    """Where they lie: inside an installed package, or beside the package in a checkout."""
    package = Path(connector.__file__).parent
    packed = package / "starter"
    return packed if packed.is_dir() else package.parent


def lay_out(target: Path) -> list[Path]:
    """Copy what is not there yet; nothing that exists is touched. Returns what was written."""
    target.mkdir(parents=True, exist_ok=True)
    written = [each for part in PARTS for each in _copy(starter_folder() / part, target / part)]
    config = target / "config.yaml"
    if not config.exists():
        shutil.copyfile(starter_folder() / "config.example.yaml", config)
        written.append(config)
    (target / "files").mkdir(exist_ok=True)
    return written


def _copy(source: Path, target: Path) -> list[Path]:
    if source.is_file():
        if target.exists():
            return []
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        return [target]
    parts = sorted(each for each in source.iterdir() if each.is_dir() or each.suffix == ".yaml")
    return [written for part in parts for written in _copy(part, target / part.name)]

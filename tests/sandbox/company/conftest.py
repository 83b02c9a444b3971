"""One invented company for the whole room, read back row by row."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from connector.sandbox.company import Truth, generate

TODAY = date(2026, 11, 25)
Row = dict[str, str]


@dataclass(frozen=True)
class Company:
    folder: Path
    truth: Truth

    def rows(self, name: str) -> list[Row]:
        return rows(self.folder / name)

    def history(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.rows("deal_history.csv"):
            found.setdefault(row["deal"], []).append(row)
        return found


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("company")
    return Company(folder, generate(folder, deals=3000, today=TODAY))

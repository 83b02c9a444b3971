"""CSV files written in large pieces, so that ten million rows need little memory and little time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from connector.sandbox.company.columns import COLUMNS

_PIECE = 5000  # rows held back


class CsvFile:
    """One file of a company folder. `rows` takes finished lines: hand it nothing that needs `quoted` unquoted."""

    def __init__(self, folder: Path, name: str) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", newline="")
        self._held = [",".join(COLUMNS[name])]
        self.rows = self._held.append

    def ease(self) -> None:
        """Write what is held back, if it has become much; call it once in a while."""
        if len(self._held) > _PIECE:
            self._flush()

    def add(self, *values: object) -> None:
        """A row of few: values are quoted where they must be, None is empty."""
        self.rows(",".join("" if value is None else quoted(str(value)) for value in values))

    def add_all(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Several rows of few."""
        for row in rows:
            self.add(*row)

    def _flush(self) -> None:
        self._file.write("\n".join(self._held) + "\n")
        self._held.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held:
            self._flush()
        self._file.close()


def quoted(value: str) -> str:
    """A value as CSV wants it."""
    if "," in value or '"' in value or "\n" in value:
        return '"' + value.replace('"', '""') + '"'
    return value

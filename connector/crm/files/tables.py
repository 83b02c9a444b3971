"""Reading CSV tables: every problem with its place, all at once, before anything is changed."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from connector.errors import ConfigError, Place, Problem
from connector.model.records import FILES, Reading, Ref, Scalar
from connector.model.settings import Company
from connector.normalise.fields import typed
from connector.normalise.mapping import FileColumn, FileTable
from connector.normalise.values import Unreadable
from connector.yamlfile import shown


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of every table, and which tables have no file."""

    rows: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()  # tables whose CSV is not there: empty, and said so


def read_tables(folder: Path, tables: Mapping[str, FileTable], company: Company) -> Tables:
    """Read every table of `mappings/files.yaml`. Raises ConfigError with all problems of all files."""
    rows: dict[str, tuple[Reading, ...]] = {}
    absent: list[str] = []
    problems: list[Problem] = []
    for table in tables.values():
        path = folder / table.file
        if not path.is_file():
            absent.append(table.name)
            rows[table.name] = ()
            continue
        reader = _TableReader(path, table, company)
        rows[table.name] = tuple(reader.readings())
        problems += reader.problems
    if problems:
        raise ConfigError(problems)
    return Tables(rows, tuple(absent))


class _TableReader:
    """One CSV file on its way in; problems gather beside the rows."""

    def __init__(self, path: Path, table: FileTable, company: Company) -> None:
        self.path, self.table, self.company = path, table, company
        self.problems: list[Problem] = []
        self._columns = {each.name: each for each in table.columns}
        self._lines: list[str] = []
        self._seen: dict[str, int] = {}
        self._modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def readings(self) -> Iterator[Reading]:
        """The good rows, in file order."""
        text = self._text()
        if text is None:
            return
        self._lines = text.splitlines()
        rows = csv.reader(io.StringIO(text), strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
            if self._header_is_good(header):
                for row in rows:
                    if any(cell.strip() for cell in row):
                        yield from self._reading(header, row, rows.line_num)
        except csv.Error as error:
            self._problem("unreadable-row", f"this is not CSV: {error}", rows.line_num, 1)

    def _text(self) -> str | None:
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self.problems.append(Problem(Place(shown(self.path)), "unreadable-file", f"cannot read it: {reason}"))
            return None

    def _header_is_good(self, header: Sequence[str]) -> bool:
        before = len(self.problems)
        if not header:
            self._problem("no-header", "the first line must name the columns", 1, 1, ", ".join(self._columns))
        for at, name in enumerate(header):
            if name not in self._columns:
                near = difflib.get_close_matches(name, self._columns, 1)
                hint = f"did you mean `{near[0]}`?" if near else f"columns are {', '.join(self._columns)}"
                self._problem(
                    "unknown-column", f"the table has no column `{name}`", 1, self._column_of(header, at), hint
                )
            elif name in header[:at]:
                self._problem("duplicate-column", f"`{name}` is there twice", 1, self._column_of(header, at))
        for name in self.table.key:
            column = self._columns[name]
            if header and name not in header and column.required:
                self._problem("missing-column", f"the column `{name}` is missing", 1, 1)
        return len(self.problems) == before

    def _reading(self, header: Sequence[str], row: Sequence[str], line: int) -> Iterator[Reading]:
        if len(row) != len(header):
            self._problem("uneven-row", f"{len(row)} values for {len(header)} columns", line, 1)
            return
        before = len(self.problems)
        found: dict[str, Scalar] = dict.fromkeys(self._columns)
        for at, (name, cell) in enumerate(zip(header, row, strict=True)):
            found[name] = self._value(self._columns[name], cell, line, self._column_of(row, at))
        for column in self._columns.values():
            if column.required and column.name not in header:
                self._problem("missing-value", f"`{column.name}` is empty", line, 1)
        key = self.table.key_of(found)
        if key in self._seen:
            self._problem("duplicate-row", f"line {self._seen[key]} has the same {', '.join(self.table.key)}", line, 1)
        self._seen.setdefault(key, line)
        if len(self.problems) == before:
            yield Reading(Ref(FILES, self.table.name, key), self._modified_at, found)

    def _value(self, column: FileColumn, cell: str, line: int, at: int) -> Scalar:
        try:
            value = typed(cell, column.type, self.company)
        except Unreadable as problem:
            self._problem("unreadable-value", f"{column.name}: `{cell.strip()}` {problem}", line, at)
            return None
        if value is None and column.required:
            self._problem("missing-value", f"`{column.name}` is empty", line, at)
        return value

    @staticmethod
    def _column_of(row: Sequence[str], at: int) -> int:
        """Where a cell begins, for cells without quotes; close enough to see it otherwise."""
        return 1 + sum(len(cell) + 1 for cell in row[:at])

    def _problem(self, code: str, text: str, line: int, column: int, hint: str = "") -> None:
        source = self._lines[line - 1] if 0 < line <= len(self._lines) else ""
        self.problems.append(Problem(Place(shown(self.path), line, column, source), code, text, hint))

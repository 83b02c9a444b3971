"""Somebody else's report as CSV: the CRM's export or the board's list, its columns found by their headers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from connector.errors import ConfigError, Place, Problem
from connector.model.money import digits, to_minor
from connector.yamlfile import shown

# What reports call their columns, small and without signs; of several the first named here wins.
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "id": ("ref", "id", "deal id", "opportunity id", "record id", "case safe id", "hs object id", "reference"),
    "name": ("name", "deal name", "opportunity name", "deal", "opportunity", "dealname"),
    "amount": ("amount converted", "amount in company currency", "amount", "deal amount", "value"),
    "owner": ("owner", "person", "opportunity owner", "deal owner", "owner name", "rep", "sales rep"),
    "closed_on": ("closed on", "close date", "closed date", "closed", "closedate"),
    "currency": ("currency", "amount currency", "deal currency"),
}
_CONVERTED = ("amount converted", "amount in company currency")
_SIGNS = re.compile(r"[€$£¥'’\s]")
_AMOUNT = re.compile(r"(?P<before>[A-Z]{3})?(?P<number>[-+−]?\d[\d.,]*-?|\(\d[\d.,]*\))(?P<after>[A-Z]{3})?")


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One row of the report."""

    line: int  # in the file, from 1
    id: str  # a reference, an id of the CRM, or a name; empty: none given
    name: str
    amount: int | None  # minor units of the company's currency; None: the cell is empty
    owner: str = ""
    closed_on: date | None = None  # None also where the day cannot be told from the month

    @property
    def handles(self) -> tuple[str, ...]:
        """What the row calls its deal, surest first."""
        return tuple(each for each in (self.id, self.name) if each)


def read_report(path: Path, currency: str) -> tuple[ReportLine, ...]:
    """Every row of a report. Raises ConfigError with all problems at once."""
    reader = _Reader(path, currency)
    lines = tuple(reader.lines())
    if reader.problems:
        raise ConfigError(reader.problems)
    return lines


class _Reader:
    """One report on its way in; problems gather beside the rows."""

    def __init__(self, path: Path, currency: str) -> None:
        self._path, self._currency = path, currency
        self.problems: list[Problem] = []
        self._source: list[str] = []

    def lines(self) -> Iterator[ReportLine]:
        """The good rows, in file order."""
        rows = list(self._rows())
        if not rows:
            return
        columns = self._columns(rows[0][1])
        rows = [(at, row) for at, row in self._whole(rows[0][1], rows[1:]) if any(row)]
        if self.problems:
            return
        amounts = _Amounts([row[columns["amount"]] for _, row in rows], digits(self._currency))
        for at, row in rows:
            yield self._line(at, row, columns, amounts)

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        try:
            text = self._path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self.problems.append(Problem(Place(shown(self._path)), "unreadable-file", f"cannot read it: {reason}"))
            return
        self._source = text.splitlines()
        first = self._source[0] if self._source else ""
        found = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count), strict=True)
        try:
            for row in found:
                yield found.line_num, [cell.strip() for cell in row]
        except csv.Error as error:
            self._problem(found.line_num, "unreadable-row", f"this is not CSV: {error}")
        if not self._source:
            self._problem(0, "no-header", "the file is empty")

    def _columns(self, header: Sequence[str]) -> dict[str, int]:
        """Where each thing stands; what the report does not have is absent."""
        names = [" ".join(re.findall(r"\w+", each.replace("_", " ").lower())) for each in header]
        found = {
            what: names.index(word)
            for what, words in _HEADERS.items()
            if (word := next((each for each in words if each in names), None))
        }
        if "amount" not in found:
            self._problem(1, "missing-column", "no column is an amount", f"columns are {', '.join(header)}")
        elif names[found["amount"]] in _CONVERTED:
            found.pop("currency", None)
        if "id" not in found and "name" not in found:
            self._problem(1, "missing-column", "no column says which deal it is", "name one id, ref or name")
        return found

    def _whole(self, header: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
        """Rows as wide as the header. Behind an empty line, exports tell of themselves in rows of one cell."""
        emptied = False
        for at, row in rows:
            emptied = emptied or not any(row)
            if len(row) == len(header):
                yield at, row
            elif any(row) and not (emptied and len(row) == 1):
                self._problem(at, "uneven-row", f"{len(row)} values for {len(header)} columns")

    def _line(self, at: int, row: Sequence[str], columns: Mapping[str, int], amounts: _Amounts) -> ReportLine:
        cells = {what: row[index] for what, index in columns.items()}
        amount, currency = None, ""
        hint = "export the converted amount, with one decimal sign throughout"
        try:
            amount, currency = amounts.read(cells["amount"])
        except ValueError as error:
            self._problem(at, "wrong-amount", str(error), hint)
        currency = currency or cells.get("currency", "").upper()
        if currency and currency != self._currency:
            self._problem(at, "wrong-currency", f"this is in {currency}, the company counts in {self._currency}", hint)
        minor = None if amount is None else to_minor(amount, self._currency)
        name, handle = cells.get("name", ""), cells.get("id", "")
        if not (name or handle):
            self._problem(at, "no-deal", "nothing says which deal this is")
        return ReportLine(at, handle, name, minor, cells.get("owner", ""), _day(cells.get("closed_on", "")))

    def _problem(self, line: int, code: str, text: str, hint: str = "") -> None:
        source = self._source[line - 1] if 0 < line <= len(self._source) else ""
        self.problems.append(Problem(Place(shown(self._path), line, 1 if line else 0, source), code, text, hint))


class _Amounts:
    """Amounts of one column: `1,234.50` or `1.234,50` shows which sign is the decimal one for all of them."""

    def __init__(self, cells: Sequence[str], places: int) -> None:
        shown_by = {mark for cell in cells if (mark := _decimal_sign(_SIGNS.sub("", cell)))}
        self._mixed = len(shown_by) > 1
        # Where no amount has decimals, three digits behind a sign are thousands, unless the currency has three.
        self._decimal = next(iter(shown_by), "." if places == 3 else "")

    def read(self, cell: str) -> tuple[Decimal | None, str]:
        """The amount, and the currency written beside it. Raises ValueError."""
        bare = _SIGNS.sub("", cell)
        if not bare:
            return None, ""
        found = _AMOUNT.fullmatch(bare)
        if found is None:
            raise ValueError(f"`{cell}` is no amount")
        if self._mixed and _decimal_sign(bare):
            raise ValueError(f"`{cell}`: some amounts have a decimal comma, others a decimal point")
        written = found["number"]
        whole, _, part = written.strip("-+−()").partition(self._decimal) if self._decimal else (written, "", "")
        if re.search(r"[.,]", part):
            raise ValueError(f"`{cell}` is no amount")
        size = Decimal(f"{re.sub(r'[^0-9]', '', whole)}.{part or 0}")
        is_negative = written[0] in "-−(" or written[-1] == "-"
        return -size if is_negative else size, found["before"] or found["after"] or ""


def _decimal_sign(bare: str) -> str:
    """Which sign is the decimal one, by this amount alone; empty where it does not show."""
    marks: list[str] = re.findall(r"[.,]", bare)
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return "," if marks[0] == "." else "."
    behind = re.search(r"[.,](\d*)", bare)
    return marks[0] if behind and len(behind[1]) != 3 else ""


def _day(cell: str) -> date | None:
    """2026-09-30 or 30.09.2026; a day that could be a month is not guessed at."""
    try:
        dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", cell)
        if dotted:
            return date(int(dotted[3]), int(dotted[2]), int(dotted[1]))
        return date.fromisoformat(cell[:10])
    except ValueError:
        return None

"""Is a company folder fit to be loaded? Every problem at once, as `file:line: what is wrong`."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connector.sandbox.company.columns import COLUMNS, COMPANY, REQUIRED_FILES
from connector.sandbox.company.sheets import ACCOUNTS, ANYBODY, DEALS, KINDS, PEOPLE, SHEETS, STAGES, Sheet

MOST = 100  # problems listed per file; the rest is counted
MISSING = 1_000_000  # beyond the end of every row

Known = dict[str, dict[str, str]]  # file → id → the CRMs it lives in, as written; "" is not known
Line = tuple[int, str]


def check(folder: Path) -> list[str]:
    """Problems of a company folder, in the order of the files; empty when it can be loaded.

    Reads row by row: what is kept in memory are the ids that others point at.
    """
    found = [f"{name}: is missing" for name in REQUIRED_FILES if not (folder / name).is_file()]
    found += [f"{COMPANY}: {problem}" for problem in _company(folder / COMPANY)]
    known: Known = {name: _living(folder / name) for name in (STAGES, PEOPLE, ACCOUNTS, DEALS)}
    known[ANYBODY] = dict.fromkeys(_called(folder / PEOPLE), "")
    for sheet in SHEETS:
        path = folder / sheet.name
        if path.is_file():
            found += _listed(sheet.name, _problems(path, sheet, known))
    return found


def _company(path: Path) -> Iterator[str]:
    if not path.is_file():
        return
    try:
        about: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        yield f"is no JSON: {error}"
        return
    if not isinstance(about, dict):
        yield "is no JSON object"
        return
    currency = about.get("currency")
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isupper()):
        yield f"`currency` is {currency!r}, not a code like EUR"
    if KINDS["date"](str(about.get("today", ""))):
        yield f"`today` is {about.get('today')!r}, not a day like 2026-11-25"
    if about.get("number", 1) not in range(1, 1_000_000_000):
        yield f"`number` is {about['number']!r}, not from 1 to 999999999"
    if about.get("fiscal_year_starts", 1) not in range(1, 13):
        yield f"`fiscal_year_starts` is {about['fiscal_year_starts']!r}, not a month from 1 to 12"
    try:
        ZoneInfo(str(about.get("zone", "UTC")))
    except (LookupError, ValueError, OSError):
        yield f"`zone` is {about['zone']!r}, not a time zone like Europe/Berlin"


def _living(path: Path) -> dict[str, str]:
    """Ids that others may point at, and where each lives; problems of the file itself are found elsewhere."""
    return {cells[0]: cells[1] for _, cells in _cells(path, "stage" if path.name == STAGES else "id", "crm")}


def _called(path: Path) -> Iterator[str]:
    for _, cells in _cells(path, "id", "email", "name"):
        yield from cells


def _cells(path: Path, *columns: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and some cells of each row, "" for a column that is not there; ends where the file is unreadable."""
    if not path.is_file():
        return
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            if columns[0] not in header:
                return
            places = [header.index(name) if name in header else MISSING for name in columns]
            for row in reader:
                if row:
                    yield reader.line_num, [row[at] if at < len(row) else "" for at in places]
    except (UnicodeDecodeError, csv.Error):
        return


def _listed(name: str, problems: Iterable[Line]) -> list[str]:
    found: list[str] = []
    more = 0
    for line, problem in problems:
        if len(found) < MOST:
            found.append(f"{name}:{line}: {problem}")
        else:
            more += 1
    return [*found, f"{name}: {more} more problems"] if more else found


def _problems(path: Path, sheet: Sheet, known: Known) -> Iterator[Line]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            yield from ((1, problem) for problem in _header(header, sheet))
            judges = list(_judges(header, sheet, known))
            for row in reader:
                if row and len(row) != len(header):
                    yield reader.line_num, f"has {len(row)} values where the header has {len(header)}"
                elif row:
                    for judge in judges:
                        if problem := judge(row):
                            yield reader.line_num, problem
    except UnicodeDecodeError as error:
        yield 1, f"is not UTF-8: {error.reason}"
    except csv.Error as error:
        yield 1, f"is no CSV: {error}"
    if sheet.unique:
        yield from _twice(path, sheet.unique)


def _header(header: list[str], sheet: Sheet) -> Iterator[str]:
    if header and header[0].startswith("\ufeff"):
        yield "begins with a byte order mark: save it as plain UTF-8"
        return
    for name in sheet.needs:
        if name not in header:
            yield f"there is no column `{name}`"
    if sheet.open_ended:
        return
    for name in header:
        if name not in COLUMNS[sheet.name]:
            near = get_close_matches(name, COLUMNS[sheet.name], 1)
            yield f"column `{name}` is not known" + (f": did you mean `{near[0]}`?" if near else "")


Judge = Callable[[list[str]], str]  # a row in, what is wrong with it out; empty: nothing


def _judges(header: list[str], sheet: Sheet, known: Known) -> Iterator[Judge]:
    crm = header.index("crm") if "crm" in header else -1
    for at, name in enumerate(header):
        if name in sheet.filled:
            yield lambda row, at=at, name=name: "" if row[at] else f"`{name}` is empty"  # type: ignore[misc]
        if name in sheet.reads:
            yield _reads(at, name, sheet.reads[name])
        if name in sheet.points:
            yield _points(at, crm if sheet.name != PEOPLE else -1, name, sheet.points[name], known)
    if sheet.name == "deal_history.csv" and set(sheet.needs) <= set(header):
        yield _history(header, known)


def _reads(at: int, name: str, kind: str) -> Judge:
    wrong = KINDS[kind]

    def judge(row: list[str]) -> str:
        problem = row[at] and wrong(row[at])
        return f"`{name}` is `{row[at]}`, {problem}" if problem else ""

    return judge


def _points(at: int, crm: int, name: str, to: str, known: Known) -> Judge:
    """References resolve, and what lives in one CRM points at nothing that lives only in the other."""
    there = known[to]

    def judge(row: list[str]) -> str:
        if not row[at]:
            return ""
        lives = there.get(row[at])
        if lives is None:
            return f"`{name}` is `{row[at]}`, which {to.partition(' ')[0]} does not have"
        if crm >= 0 and lives and row[crm] and row[crm] not in lives:
            return f"`{name}` is `{row[at]}`, who or which is in {lives} and not in {row[crm]}"
        return ""

    return judge


def _history(header: list[str], known: Known) -> Judge:
    """Values read as their field asks, and each deal's rows are oldest first."""
    deal, at, name, value = (header.index(column) for column in ("deal", "at", "field", "value"))
    by_field = {
        "stage": _points(value, -1, "value", STAGES, known),
        "owner": _points(value, -1, "value", PEOPLE, known),
        "closed_on": _reads(value, "value", "date"),
        "amount": _reads(value, "value", "number"),
    }
    last = ("", "")

    def judge(row: list[str]) -> str:
        nonlocal last
        before, last = last, (row[deal], row[at])
        if before[0] == row[deal] and before[1] > row[at]:
            return f"`at` is `{row[at]}`, earlier than the row before it"
        of_field = by_field.get(row[name])
        return of_field(row) if of_field else ""

    return judge


def _twice(path: Path, column: str) -> Iterator[Line]:
    """Ids that are there twice. As long as they rise there are none, and a huge file needs no memory."""
    last, rising = "", True
    for _, (each,) in _cells(path, column):
        rising, last = rising and each > last, each
        if not rising:
            break
    if rising:
        return
    seen: set[str] = set()
    for line, (each,) in _cells(path, column):
        if each in seen and each:
            yield line, f"`{column}` is `{each}`, which is there already"
        seen.add(each)

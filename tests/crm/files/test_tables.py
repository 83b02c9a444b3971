"""CSV tables: read by their declared types, and every problem named with its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.crm.files import Tables, read_tables
from connector.errors import ConfigError
from connector.model.calendar import Calendar
from connector.model.catalogue import Type
from connector.model.settings import Company
from connector.normalise.mapping import FileColumn, FileTable

COMPANY = Company("Example", "EUR", ZoneInfo("Europe/Berlin"), Calendar())
QUOTAS = FileTable(
    "quotas",
    "quotas.csv",
    (
        FileColumn("person", Type.TEXT, required=True),
        FileColumn("period", Type.TEXT, required=True),
        FileColumn("value", Type.NUMBER, required=True),
        FileColumn("from", Type.DATE),
    ),
    key=("person", "period"),
    person="person",
)


def read(folder: Path, text: str) -> Tables:
    (folder / "quotas.csv").write_text(text, encoding="utf-8")
    return read_tables(folder, {"quotas": QUOTAS}, COMPANY)


def complaints(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return [f"{each.place.line}:{each.place.column}: {each.code}: {each.text}" for each in caught.value.problems]


def test_reads_each_column_by_its_type(tmp_path: Path) -> None:
    [row] = read(tmp_path, "person,period,value,from\nana@example.com,2026-Q4,250000.50,2026-10-01\n").rows["quotas"]
    assert row.values == {
        "person": "ana@example.com",
        "period": "2026-Q4",
        "value": Decimal("250000.50"),
        "from": date(2026, 10, 1),
    }
    assert str(row.ref) == "files:quotas/ana@example.com|2026-Q4"


def test_an_excel_byte_order_mark_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    assert len(read(tmp_path, "\ufeffperson,period,value\n\nana,2026,1\n,,\n").rows["quotas"]) == 1


def test_a_table_without_a_file_is_empty_and_said_so(tmp_path: Path) -> None:
    found = read_tables(tmp_path, {"quotas": QUOTAS}, COMPANY)
    assert (found.rows["quotas"], found.absent) == ((), ("quotas",))


def test_names_every_problem_of_every_row_at_once(tmp_path: Path) -> None:
    text = "person,period,value\nana,2026-Q4,12x\n,2026-Q4,5\nbob,2026-Q4\nana,2027,7\nana,2027,8\n"
    assert complaints(tmp_path, text) == [
        "2:13: unreadable-value: value: `12x` is not a number",
        "3:1: missing-value: `person` is empty",
        "4:1: uneven-row: 2 values for 3 columns",
        "6:1: duplicate-row: line 5 has the same person, period",
    ]


def test_suggests_the_nearest_column(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean `period`"):
        read(tmp_path, "person,perod,value\nana,2026,1\n")


def test_says_when_a_file_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "quotas.csv").write_bytes(b"person\xff\xfe\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_tables(tmp_path, {"quotas": QUOTAS}, COMPANY)

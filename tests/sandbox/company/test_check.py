"""Checking a folder that somebody made by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from connector.sandbox.company import check, generate
from tests.sandbox.company.conftest import TODAY, Company

SMALLEST = {
    "company.json": '{"currency": "EUR", "today": "2026-11-25"}',
    "stages.csv": "stage\nopen\nclosedwon\n",
    "people.csv": "id,email,crm\np1,ana@example.com,salesforce\np2,bo@example.com,hubspot\n",
    "deals.csv": "id,crm,owner,stage\nd1,salesforce,p1,open\nd2,,,\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in SMALLEST.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "files").mkdir()
    return tmp_path


def problems(folder: Path, name: str, text: str) -> list[str]:
    (folder / name).write_text(text, encoding="utf-8")
    return check(folder)


def test_finds_nothing_wrong_with_the_smallest_folder(folder: Path) -> None:
    assert check(folder) == []


def test_finds_nothing_wrong_with_what_the_generator_wrote(company: Company) -> None:
    assert check(company.folder) == []


def test_names_every_required_file_that_is_missing(tmp_path: Path) -> None:
    assert check(tmp_path) == [f"{name}: is missing" for name in SMALLEST]


@pytest.mark.parametrize(
    "name", ["accounts.csv", "deal_history.csv", "splits.csv", "activities.csv", "rates.csv", "files"]
)
def test_misses_no_file_that_is_not_required(tmp_path: Path, name: str) -> None:
    generate(tmp_path, people=12, deals=100, today=TODAY)
    shutil.rmtree(tmp_path / name) if name == "files" else (tmp_path / name).unlink()
    expected = {"accounts.csv"} if name == "accounts.csv" else set()  # deals and activities point at it
    assert {line.split(" which ")[-1].split()[0] for line in check(tmp_path) if "more problems" not in line} == expected


@pytest.mark.parametrize(
    ("about", "problem"),
    [
        ("{", "company.json: is no JSON"),
        ("[]", "company.json: is no JSON object"),
        ('{"today": "2026-11-25"}', "company.json: `currency` is None, not a code like EUR"),
        ('{"currency": "euro", "today": "2026-11-25"}', "company.json: `currency` is 'euro', not a code like EUR"),
        ('{"currency": "EUR"}', "company.json: `today` is None, not a day like 2026-11-25"),
        (
            '{"currency": "EUR", "today": "2026-11-25", "fiscal_year_starts": 13}',
            "company.json: `fiscal_year_starts` is 13, not a month from 1 to 12",
        ),
        (
            '{"currency": "EUR", "today": "2026-11-25", "zone": "Berlin"}',
            "company.json: `zone` is 'Berlin', not a time zone like Europe/Berlin",
        ),
    ],
)
def test_reads_what_the_company_says_about_itself(folder: Path, about: str, problem: str) -> None:
    found = problems(folder, "company.json", about)
    assert len(found) == 1
    assert found[0].startswith(problem)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("deals.csv", "crm,stage\nhubspot,open\n", ["deals.csv:1: there is no column `id`"]),
        ("deals.csv", "id,ammount\nd1,3\n", ["deals.csv:1: column `ammount` is not known: did you mean `amount`?"]),
        ("deals.csv", "id\nd1\nd2\nd1\n", ["deals.csv:4: `id` is `d1`, which is there already"]),
        ("deals.csv", "id,crm\n,hubspot\n", ["deals.csv:2: `id` is empty"]),
        ("deals.csv", "id,owner\nd1,p9\n", ["deals.csv:2: `owner` is `p9`, which people.csv does not have"]),
        ("deals.csv", "id,stage\nd1,Open\n", ["deals.csv:2: `stage` is `Open`, which stages.csv does not have"]),
        ("deals.csv", "id,account\nd1,a1\n", ["deals.csv:2: `account` is `a1`, which accounts.csv does not have"]),
        ("deals.csv", "id,crm\nd1,sugar\n", ["deals.csv:2: `crm` is `sugar`, neither salesforce nor hubspot"]),
        (
            "deals.csv",
            "id,crm,owner\nd1,salesforce,p2\n",
            ["deals.csv:2: `owner` is `p2`, who or which is in hubspot and not in salesforce"],
        ),
        ("deals.csv", 'id,amount\nd1,"1,200"\n', ["deals.csv:2: `amount` is `1,200`, not a number like 1200.50"]),
        ("deals.csv", "id,closed_on\nd1,25.11.2026\n", ["deals.csv:2: `closed_on` is `25.11.2026`, not a day like 2026-11-25"]),
        ("deals.csv", "id,closed_on\nd1,2026-02-30\n", ["deals.csv:2: `closed_on` is `2026-02-30`, not a day like 2026-11-25"]),
        (
            "deals.csv",
            "id,created_at\nd1,2026-11-25 08:00:00\n",
            ["deals.csv:2: `created_at` is `2026-11-25 08:00:00`, not a moment like 2026-11-25T08:14:03Z"],
        ),
        ("deals.csv", "id,name\nd1,one,two\n", ["deals.csv:2: has 3 values where the header has 2"]),
        ("deals.csv", "\ufeffid\nd1\n", ["deals.csv:1: begins with a byte order mark: save it as plain UTF-8"]),
        ("people.csv", "id,crm,manager\np1,,p2\np2,,p3\n", ["people.csv:3: `manager` is `p3`, which people.csv does not have"]),
        ("people.csv", "id,active\np1,yes\np2,\n", ["people.csv:2: `active` is `yes`, neither true nor false"]),
        ("people.csv", "id,crm\np1,hubspot salesforce\np2,both\n", ["people.csv:3: `crm` is `both`, not made of salesforce and hubspot"]),
        ("accounts.csv", "id,parent\na1,a2\n", ["accounts.csv:2: `parent` is `a2`, which accounts.csv does not have"]),
        ("splits.csv", "deal,person\nd1,p1\n", ["splits.csv:1: there is no column `percent`"]),
        ("splits.csv", "deal,person,percent,kind\nd1,p1,50,bonus\n", ["splits.csv:2: `kind` is `bonus`, neither revenue nor overlay"]),
        ("activities.csv", "id,type,minutes\nt2,call,3\nt1,fax,-1\n", [
            "activities.csv:3: `type` is `fax`, neither call nor meeting nor email nor task nor note",
            "activities.csv:3: `minutes` is `-1`, not a whole number",
        ]),
        ("activities.csv", "id,type\nt2,call\nt1,call\nt2,call\n", ["activities.csv:4: `id` is `t2`, which is there already"]),
        ("rates.csv", "currency,starts_on,rate\nUSD,2026-01-01,0\n", ["rates.csv:2: `rate` is `0`, not above zero"]),
        ("files/quotas.csv", "person,metric,period,value\nbo@example.com,bookings,2026-Q4,many\n", [
            "files/quotas.csv:2: `value` is `many`, not a number like 1200.50"
        ]),
        ("files/absences.csv", "person,from,to,why\ncy@example.com,2026-01-01,2026-01-02,x\n", [
            "files/absences.csv:2: `person` is `cy@example.com`, which people.csv does not have"
        ]),
    ],
)  # fmt: skip
def test_says_where_and_what_is_wrong(folder: Path, name: str, text: str, expected: list[str]) -> None:
    assert problems(folder, name, text) == expected


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("d1,2026-01-02T00:00:00Z,amount,x,", "`value` is `x`, not a number like 1200.50"),
        ("d1,2026-01-02T00:00:00Z,closed_on,soon,", "`value` is `soon`, not a day like 2026-11-25"),
        ("d1,2026-01-02T00:00:00Z,stage,won,", "`value` is `won`, which stages.csv does not have"),
        ("d1,2026-01-02T00:00:00Z,owner,p7,", "`value` is `p7`, which people.csv does not have"),
        ("d1,2026-01-02T00:00:00Z,name,x,", "`field` is `name`, neither stage nor amount nor closed_on nor owner"),
        ("d1,2025-12-31T00:00:00Z,stage,open,", "`at` is `2025-12-31T00:00:00Z`, earlier than the row before it"),
        ("d1,2026-01-02T00:00:00Z,amount,,", None),
        ("d2,2025-12-31T00:00:00Z,stage,open,p1", None),
    ],
)
def test_reads_each_value_of_the_history_as_its_field_asks(folder: Path, row: str, problem: str | None) -> None:
    text = f"deal,at,field,value,by\nd1,2026-01-01T00:00:00Z,stage,open,p1\n{row}\n"
    assert problems(folder, "deal_history.csv", text) == ([f"deal_history.csv:3: {problem}"] if problem else [])


def test_finds_everything_at_once_in_the_order_of_the_files(folder: Path) -> None:
    (folder / "company.json").write_text(json.dumps({"currency": "EUR"}))
    (folder / "stages.csv").unlink()
    (folder / "deals.csv").write_text("id,owner,amount\nd1,p9,x\nd1,p1,1\n")
    assert [line.split(": ")[0] for line in check(folder)] == [
        "stages.csv",
        "company.json",
        "deals.csv:2",
        "deals.csv:2",
        "deals.csv:3",
    ]


def test_counts_what_goes_beyond_a_hundred_problems_in_one_file(folder: Path) -> None:
    found = problems(folder, "deals.csv", "id,amount\n" + "".join(f"d{at:03},x\n" for at in range(150)))
    assert len(found) == 101
    assert found[-1] == "deals.csv: 50 more problems"


def test_says_so_when_a_file_is_not_text(folder: Path) -> None:
    (folder / "deals.csv").write_bytes(b"id,name\nd1,\xff\n")
    assert check(folder) == ["deals.csv:1: is not UTF-8: invalid start byte"]


def test_counts_lines_as_an_editor_does_when_a_value_spans_two(folder: Path) -> None:
    found = problems(folder, "deals.csv", 'id,name,amount\nd1,"two\nlines",1\nd2,one,x\n')
    assert found == ["deals.csv:4: `amount` is `x`, not a number like 1200.50"]

"""Writing an invented company: the same bytes every time, any size, little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from connector.sandbox.company import check, generate
from connector.sandbox.company.columns import COLUMNS
from tests.sandbox.company.conftest import TODAY, Company, rows


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_writes_the_same_bytes_for_the_same_arguments(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate(tmp_path / name, people=12, deals=200, today=TODAY)
    assert everything(tmp_path / "one") == everything(tmp_path / "two")


def test_writes_another_company_for_another_seed(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(tmp_path / str(seed), people=12, deals=200, seed=seed, today=TODAY)
    one, two = everything(tmp_path / "1"), everything(tmp_path / "2")
    assert {name for name in one if one[name] == two[name]} == {"stages.csv"}


def test_writes_every_file_with_the_columns_that_are_documented(company: Company) -> None:
    for name, columns in COLUMNS.items():
        assert tuple(company.rows(name)[0]) == columns, name


def test_names_the_day_it_was_given_and_nothing_later_has_happened(company: Company) -> None:
    assert json.loads((company.folder / "company.json").read_text())["today"] == "2026-11-25"
    for deal in company.rows("deals.csv"):
        assert deal["created_at"] <= deal["modified_at"]
        assert deal["modified_at"] < "2026-11-25T06:00:00Z"
    assert max(row["at"] for row in company.rows("deal_history.csv")) < "2026-11-25T06:00:00Z"


def test_reaches_twenty_four_months_back(company: Company) -> None:
    created = [deal["created_at"][:10] for deal in company.rows("deals.csv")]
    assert "2024-11-25" <= min(created) < "2024-12-05"
    assert "2026-11-20" < max(created) < "2026-11-25"
    assert created == sorted(created)


@pytest.mark.parametrize("activities", [0, 1, 700])
def test_writes_exactly_as_many_deals_and_activities_as_asked(tmp_path: Path, activities: int) -> None:
    generate(tmp_path, people=12, deals=150, activities=activities, today=TODAY)
    assert (len(rows(tmp_path / "deals.csv")), len(rows(tmp_path / "activities.csv"))) == (150, activities)


def test_writes_eight_activities_per_deal_unless_told(company: Company) -> None:
    assert len(company.rows("activities.csv")) == 24_000


@pytest.mark.parametrize(
    ("people", "deals"), [(6, 0), (6, 1), (7, 40), (11, 60), (13, 60), (23, 100), (24, 100), (200, 300)]
)
def test_makes_a_company_of_any_size(tmp_path: Path, people: int, deals: int) -> None:
    generate(tmp_path, people=people, deals=deals, activities=50, today=TODAY)
    assert check(tmp_path) == []
    everybody = rows(tmp_path / "people.csv")
    assert len(everybody) == people
    assert len({each["email"] for each in everybody}) == people


def test_some_won_deals_of_salesforce_have_somebody_else_on_their_team(company: Company) -> None:
    deals = {each["id"]: each for each in company.rows("deals.csv")}
    teams = company.rows("teams.csv")
    assert {(deals[each["deal"]]["crm"], deals[each["deal"]]["stage"]) for each in teams} == {
        ("salesforce", "closedwon")
    }


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2024, 2, 29), date(2026, 12, 31), date(2027, 10, 3)])
def test_makes_a_company_of_any_day(tmp_path: Path, today: date) -> None:
    generate(tmp_path, deals=400, today=today)
    assert check(tmp_path) == []


def test_refuses_a_company_too_small_for_a_hierarchy(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="6 people"):
        generate(tmp_path, people=5, deals=1, today=TODAY)


def test_refuses_a_negative_number_of_deals(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="negative"):
        generate(tmp_path, deals=-1, today=TODAY)


def test_tells_how_far_it_has_come_and_ends_with_all(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    generate(tmp_path, deals=301, activities=0, today=TODAY, progress=lambda done, all_: heard.append((done, all_)))
    assert heard[-1] == (301, 301)
    assert 100 <= len(heard) <= 125
    assert heard == sorted(heard)


MEASURE = """
import resource, sys, time
from datetime import date
from pathlib import Path
from connector.sandbox.company import generate
began = time.process_time()
generate(Path(sys.argv[1]), deals=int(sys.argv[2]), today=date(2026, 11, 25))
print(time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_needs_no_more_memory_for_ten_times_the_deals_and_writes_forty_thousand_rows_a_second(tmp_path: Path) -> None:
    def measured(deals: int) -> tuple[float, int]:
        said = subprocess.run(
            [sys.executable, "-c", MEASURE, str(tmp_path), str(deals)], check=True, capture_output=True, text=True
        ).stdout.split()
        return float(said[0]), int(said[1])

    _, small = measured(1500)
    seconds, large = measured(15_000)
    written = sum(path.read_bytes().count(b"\n") for path in tmp_path.rglob("*.csv"))
    assert written > 200_000
    assert large - small < 8 * 1024  # KiB; what was written is more than 15 MB
    assert written / seconds > 40_000  # of processor time, since others may be using this machine

"""The waterfall of an open pipeline, with numbers worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from connector.measure.waterfall import Bar, Waterfall, waterfall
from connector.model.calendar import Calendar

START, END = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
FOREVER = "9999-12-31"
NOTHING = Bar(0, 0)

# deal, from, until, outcome, amount, close date, created
VERSIONS = (
    ("stays", "2026-01-01", FOREVER, "open", 10_00, "2026-08-01", "2026-01-01"),
    ("grows", "2026-01-01", "2026-05-01", "open", 10_00, "2026-09-01", "2026-01-01"),
    ("grows", "2026-05-01", FOREVER, "open", 25_00, "2026-09-01", "2026-01-01"),
    ("shrinks", "2026-01-01", "2026-05-01", "open", 10_00, "2026-07-01", "2026-01-01"),
    ("shrinks", "2026-05-01", FOREVER, "open", None, "2026-07-01", "2026-01-01"),
    ("won", "2026-01-01", "2026-05-01", "open", 10_00, "2026-08-01", "2026-01-01"),
    ("won", "2026-05-01", FOREVER, "won", 99_00, "2026-05-01", "2026-01-01"),
    ("lost", "2026-01-01", "2026-07-01", "open", 20_00, "2026-08-01", "2026-01-01"),
    ("lost", "2026-07-01", FOREVER, "lost", 20_00, "2026-07-01", "2026-01-01"),
    ("deleted", "2026-01-01", "2026-06-30", "open", 30_00, "2026-08-01", "2026-01-01"),
    ("reopened", "2026-01-01", "2026-05-01", "lost", 10_00, "2026-02-01", "2026-01-01"),
    ("reopened", "2026-05-01", FOREVER, "open", 40_00, "2026-08-01", "2026-01-01"),
    ("new", "2026-04-02", FOREVER, "open", 50_00, "2026-08-01", "2026-04-02"),
    ("comes and goes", "2026-04-02", "2026-04-03", "open", 1_00, "2026-08-01", "2026-04-02"),
    ("comes and goes", "2026-04-03", FOREVER, "won", 1_00, "2026-04-03", "2026-04-02"),
    ("arrives", "2026-01-01", "2026-05-01", "open", 60_00, "2027-01-01", "2026-01-01"),
    ("arrives", "2026-05-01", FOREVER, "open", 65_00, "2026-09-30", "2026-01-01"),
    ("departs", "2026-01-01", "2026-05-01", "open", 70_00, "2026-07-01", "2026-01-01"),
    ("departs", "2026-05-01", FOREVER, "open", 75_00, "2026-10-01", "2026-01-01"),
)


@pytest.fixture
def mirror() -> DuckDBPyConnection:
    made = duckdb.connect()
    made.execute(
        "create table deal_versions (deal varchar, from_at timestamp, until_at timestamp, outcome varchar, "
        "amount bigint, closed_on date, created_at timestamp)"
    )
    made.executemany("insert into deal_versions values (?, ?, ?, ?, ?, ?, ?)", VERSIONS)
    return made


def test_every_deal_is_in_the_bar_of_its_reason(mirror: DuckDBPyConnection) -> None:
    assert waterfall(mirror, START, END) == Waterfall(
        start=Bar(220_00, 8),  # 10, 10, 10, 10, 20, 30, 60 and 70
        created=Bar(50_00, 1),
        reopened=Bar(40_00, 1),
        raised=Bar(25_00, 3),  # 15, 5 and 5
        cut=Bar(-10_00, 1),
        won=Bar(-10_00, 1),
        lost=Bar(-20_00, 1),
        deleted=Bar(-30_00, 1),
        moved=NOTHING,
        end=Bar(265_00, 7),  # 10, 25, nothing, 40, 50, 65 and 75
    )


def test_deals_move_into_a_period_and_out_of_it(mirror: DuckDBPyConnection) -> None:
    found = waterfall(mirror, START, END, Calendar().period("2026-Q3"))
    assert (found.start, found.raised, found.moved, found.end) == (
        Bar(160_00, 7),
        Bar(15_00, 1),
        Bar(-5_00, 2),  # 65 came, 70 went
        Bar(190_00, 6),
    )


def test_between_two_equal_moments_nothing_happens(mirror: DuckDBPyConnection) -> None:
    found = waterfall(mirror, END, END)
    assert found.start == found.end == Bar(265_00, 7)
    assert {
        getattr(found, name) for name in ("created", "reopened", "raised", "cut", "won", "lost", "deleted", "moved")
    } == {NOTHING}

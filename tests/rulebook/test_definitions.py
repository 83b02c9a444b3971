"""Definitions with a date: a period uses the one in force on its first day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.measure.evidence import evidence
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar
from connector.model.results import COMPANY
from tests.measure.mirror import a_deal, a_mirror
from tests.rulebook.folder import Folder

CALENDAR = Calendar()
TODAY = date(2026, 11, 25)
DATED = """\
    measure: sum(amount)
    effective: 2026-Q4
    before:
      - of: deals
        date: created_on
        measure: sum(amount)
        effective: FY2026
      - of: deals
        where: outcome in ('won', 'lost')
        date: closed_on
        measure: sum(amount)
"""


@pytest.fixture
def dated(folder: Folder) -> Folder:
    folder.change("rules/metrics.yaml", "    measure: sum(amount)\n", DATED)
    return folder


def test_the_newest_definition_is_the_metric_and_knows_the_older_ones(dated: Folder) -> None:
    bookings = dated.load().metrics["bookings"]
    assert bookings.effective == date(2026, 10, 1)
    assert [(each.effective, each.date) for each in bookings.before] == [
        (date(2026, 1, 1), "created_on"),
        (None, "closed_on"),
    ]
    assert [each.title for each in bookings.before] == ["Revenue", "Revenue"]


@pytest.mark.parametrize(("day", "dated_by"), [(date(2026, 10, 1), "closed_on"), (date(2026, 9, 30), "created_on")])
def test_a_day_has_the_definition_in_force_on_it(dated: Folder, day: date, dated_by: str) -> None:
    found = dated.load().metrics["bookings"].on(day)
    assert found is not None
    assert found.date == dated_by


def number(metric: Metric, period: str) -> Decimal | None:
    # Won in October, created in July; lost in November 2025, created in October 2025.
    mirror = a_mirror(
        a_deal(amount=5_00, closed_on=date(2026, 10, 8), created_on=date(2026, 7, 1)),
        a_deal(amount=7_00, outcome="lost", closed_on=date(2025, 11, 8), created_on=date(2025, 10, 1)),
    )
    found = measure(mirror, [metric], [CALENDAR.period(period)], [], TODAY)
    return found["bookings", COMPANY, period].value


def test_each_period_is_measured_by_its_own_definition(dated: Folder) -> None:
    bookings = dated.load().metrics["bookings"]
    assert number(bookings, "2026-Q4") == 5_00  # won deals by close date
    assert number(bookings, "2026-Q3") == 5_00  # deals by the day they were created
    assert number(bookings, "2025-Q4") == 7_00  # won and lost ones by close date
    assert number(bookings, "2026") == 5_00  # the year began with the second definition


def test_before_the_first_definition_there_is_no_number_and_a_reason(folder: Folder) -> None:
    folder.change(
        "rules/metrics.yaml", "    measure: sum(amount)\n", "    measure: sum(amount)\n    effective: FY2026\n"
    )
    bookings = folder.load().metrics["bookings"]
    found = measure(a_mirror(), [bookings], [CALENDAR.period("2025-Q4")], [], TODAY)["bookings", COMPANY, "2025-Q4"]
    assert (found.value, found.reason) == (None, "defined since 2026-01-01")
    behind = evidence(a_mirror(), bookings, COMPANY, CALENDAR.period("2025-Q4"), TODAY)
    assert (behind.total, behind.lines) == (None, ())


def test_a_formula_of_a_metric_that_was_not_defined_yet_has_no_number(folder: Folder) -> None:
    folder.change(
        "rules/metrics.yaml", "    measure: sum(amount)\n", "    measure: sum(amount)\n    effective: FY2026\n"
    )
    text = "  average:\n    title: Average\n    formula: bookings / deals_won\n    unit: money\n"
    folder.write("rules/metrics.yaml", (folder.home / "rules/metrics.yaml").read_text() + text)
    metrics = list(folder.load().metrics.values())
    found = measure(a_mirror(), metrics, [CALENDAR.period("2025-Q4")], [], TODAY)["average", COMPANY, "2025-Q4"]
    assert found.reason == "made of a metric that was not defined yet"


def test_a_formula_of_a_formula_of_a_metric_that_was_not_defined_yet_has_no_number_either(folder: Folder) -> None:
    folder.change(
        "rules/metrics.yaml", "    measure: sum(amount)\n", "    measure: sum(amount)\n    effective: FY2026\n"
    )
    average = "  average:\n    title: Average\n    formula: bookings / deals_won\n    unit: money\n"
    half = "  half:\n    title: Half\n    formula: average / 2\n    unit: money\n"
    folder.write("rules/metrics.yaml", (folder.home / "rules/metrics.yaml").read_text() + average + half)
    metrics = list(folder.load().metrics.values())
    found = measure(a_mirror(a_deal()), metrics, [CALENDAR.period("2025-Q4"), CALENDAR.period("2026-Q4")], [], TODAY)
    assert found["half", COMPANY, "2025-Q4"].reason == "made of a metric that was not defined yet"
    assert found["half", COMPANY, "2026-Q4"].value == 500_00


def test_the_evidence_of_what_a_formula_was_has_the_metrics_it_was_made_of(folder: Folder) -> None:
    text = (
        "  size:\n    title: Size\n    formula: bookings / deals_won\n    unit: money\n    effective: FY2026\n"
        "    before:\n      - formula: bookings * win_rate\n"
    )
    folder.write("rules/metrics.yaml", (folder.home / "rules/metrics.yaml").read_text() + text)
    metrics = folder.load().metrics
    mirror = a_mirror(
        a_deal(amount=8_00, closed_on=date(2025, 11, 8)),
        a_deal(amount=5_00, outcome="lost", closed_on=date(2025, 11, 9)),
    )
    behind = evidence(mirror, metrics["size"], COMPANY, CALENDAR.period("2025-Q4"), TODAY, metrics=metrics)
    assert behind.total == 4_00  # 8.00 won, of two deals one
    assert [each.metric for each in behind.inputs] == ["bookings", "win_rate"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    effective: 2026-Q4\n", "", "2:3: missing-key"),
        ("        effective: FY2026\n", "        effective: FY2027\n", "13:20: wrong-order"),
        ("        effective: FY2026\n", "", "10:9: missing-key"),
        ("effective: 2026-Q4", "effective: soon", "8:16: no-period"),
        ("effective: FY2026", "effective: 2026-13", "13:20: no-period"),
        ("        date: created_on", "        date: creation", "11:15: unknown-date"),
        ("        date: created_on", "        title: x", "11:9: unknown-key"),
    ],
)
def test_a_wrong_date_or_order_is_told_at_its_place(dated: Folder, old: str, new: str, code: str) -> None:
    dated.change("rules/metrics.yaml", old, new)
    assert f"rules/metrics.yaml:{code}" in dated.codes()

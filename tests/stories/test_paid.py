"""What results pay, in the record that a rep has open: only while a plan is on, and only where the mapping names it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.company import generate
from tests.stories.installed import Installation, installation

pytestmark = pytest.mark.xdist_group("paid")
TARGETS = "targets:\n  - {metric: bookings, every: quarter, each: 66_000 EUR}\n"
PLAN = """\
plans:
  everybody:
    on: true
    period: quarter
    basis: year_to_date
    measures:
      - metric: bookings
        pays: marginal
        tiers:
          - {from: 0%, to: 100%, rate: 5%}
          - {from: 100%, rate: 8%}
"""
YEAR = 4 * 66_000


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    generate(tmp_path / "company", people=12, deals=1500, activities=50, seed=6, today=date(2026, 11, 25))
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        (found.folder / "rules/targets.yaml").write_text(TARGETS, encoding="utf-8")
        (found.folder / "rules/incentives.yaml").write_text(PLAN, encoding="utf-8")
        mapping = found.folder / "mappings/salesforce.yaml"
        text = mapping.read_text(encoding="utf-8")
        assert "      # Payout__c: payout" in text
        mapping.write_text(text.replace("      # Payout__c: payout", "      Payout__c: payout"), encoding="utf-8")
        found.install()
        yield found


def rows(installed: Installation, period: str) -> dict[str, dict[str, Any]]:
    found = installed.salesforce(
        "SELECT Actual__c, Attainment_Pct__c, Payout__c, Period_Label__c, User__c FROM Attain_Attainment__c WHERE Metric__c = 'bookings'"
    )
    return {each["User__c"]: each for each in found if each["Period_Label__c"] == period}


def paid(actual: Decimal, target: int) -> Decimal:
    """5 % of what lies below the target, 8 % of the rest."""
    below = min(actual, Decimal(target))
    return below * 5 / 100 + (actual - below) * 8 / 100


def test_a_rep_sees_what_the_quarter_pays_and_the_year_re_adds(installed: Installation) -> None:
    installed.sync()
    quarter, year = rows(installed, "2026-Q4"), rows(installed, "2026")
    assert len(quarter) > 3
    assert any(each["Payout__c"] for each in quarter.values())
    for user, each in quarter.items():
        # The year so far, less what it paid up to September: what is not the quarter's was sold before it.
        so_far = Decimal(str(year[user]["Actual__c"]))
        before = so_far - Decimal(str(each["Actual__c"]))
        expected = paid(so_far, YEAR) - paid(before, YEAR * 3 // 4)
        assert abs(Decimal(str(each["Payout__c"])) - expected) <= Decimal("0.02"), user  # each leg rounds by itself
        assert year[user]["Payout__c"] is None  # the plan pays by the quarter
    again = installed.sync()
    assert sum(each.sent for each in again.written) == 0


def test_a_plan_that_is_off_is_shown_nowhere(installed: Installation) -> None:
    path = installed.folder / "rules/incentives.yaml"
    path.write_text(PLAN.replace("on: true", "on: false"), encoding="utf-8")
    installed.sync()
    assert {each["Payout__c"] for each in rows(installed, "2026-Q4").values()} == {None}

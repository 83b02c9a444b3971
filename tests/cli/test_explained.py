"""`attain explain`: which definition was in force, and what exchange rates made of a number at plan rates."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.flow.appraise import people_of
from connector.model.money import Money
from connector.model.records import Rate, Ref
from connector.service.wiring import house
from connector.store import records
from connector.store.mirror import publish, refresh
from tests.cli.attain import Attain
from tests.store.made import MONDAY, TODAY, user, won

# 0.96 francs bought a euro in 2026; the plan said 1.00.
FRANC = Rate(Ref("emea", "Rate", "CHF"), MONDAY, "CHF", "EUR", date(2025, 1, 1), Decimal("0.96"))
DEALS = (
    won("d1", date(2026, 10, 8), amount=Money(960_00, "CHF")),
    won("d2", date(2026, 10, 9), amount=Money(500_00, "EUR")),
    won("d3", date(2025, 10, 9), amount=Money(96_00, "CHF")),
)
NOW = "    measure: sum(amount)\n    unit: money\n    credit: splits\n    because: a deal counts"
PLANNED = f"""\
    rate: plan
    effective: FY2026
    before:
      - of: deals
        where: outcome = 'won'
        date: closed_on
        measure: sum(amount)
        credit: owner
        because: so it was before the board's plan
{NOW}"""


@pytest.fixture
def attain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    found = Attain(tmp_path, monkeypatch, capsys)
    assert found("init", ".").code == 0
    for name in ("ATTAIN_SF_CONSUMER_KEY", "ATTAIN_SF_USERNAME", "ATTAIN_HUBSPOT_TOKEN"):
        monkeypatch.setenv(name, "nothing-real")
    found.write("server.key", "not a key")
    (tmp_path / "server.key").chmod(0o600)
    found.edit("config.yaml", "  zone:", "  plan_rates: {FY2026: {CHF: 1.00}}\n  zone:")
    found.edit("rules/metrics.yaml", NOW, PLANNED)
    with house(tmp_path / "config.yaml", connect=False) as opened:
        with opened.store.writing() as tx:
            records.save(tx, [user("ana"), FRANC, *DEALS], TODAY)
        working, company = tmp_path / "working.duckdb", opened.settings.company
        refresh(
            opened.store,
            working,
            company=company,
            roster=people_of(opened),
            files=opened.rules.files,
            custom={},
            today=TODAY,
        )
        publish(working, opened.settings.mirror)
    return found


def explained(attain: Attain, period: str, *words: str) -> str:
    ended = attain("explain", "company", "bookings", "--period", period, "--today", "2026-11-25", *words)
    assert ended.code == 0, ended.err
    return " ".join(ended.out.split())


def test_a_number_at_plan_rates_says_what_exchange_rates_made_of_it(attain: Attain) -> None:
    # 960.00 CHF are 960.00 EUR by plan and 1,000.00 at the market's rate; 500.00 EUR are what they are.
    said = explained(attain, "2026-Q4")
    assert (
        "At plan rates 1 460.00 EUR; at the rates of the close dates 1 500.00 EUR; exchange rates made 40.00 EUR of it."
        in said
    )
    assert "in force since 2026-01-01" in said
    answer = json.loads(explained(attain, "2026-Q4", "--json"))
    assert [answer["rate"], Decimal(answer["fx_effect"])] == ["plan", 40_00]


def test_an_earlier_period_is_explained_by_the_definition_it_had(attain: Attain) -> None:
    # 96.00 CHF at 0.96; there was no plan, and nothing to set apart.
    said = explained(attain, "2025-Q4")
    assert "Sum: 100.00 EUR" in said
    assert "At plan rates" not in said
    assert "sum(amount), credited by owner" in said
    assert "because so it was before the board's plan" in said
    answer = json.loads(explained(attain, "2025-Q4", "--json"))
    assert [answer["rate"], answer["fx_effect"]] == ["at_close", None]

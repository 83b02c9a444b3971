"""The metrics at plan rates that come with the product, switched on: they re-add with bookings, for everybody."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from connector.measure.evidence import evidence
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar
from connector.model.money import Money
from connector.model.people import Assignment, Roster
from connector.model.results import COMPANY, Subject
from connector.model.settings import Company, PlanRate
from connector.rulebook.load import load
from connector.store.database import Store, open_store
from connector.store.mirror import open_mirror
from tests.measure.shipped import HOME
from tests.store.made import TODAY, deal_ref, rate, split, won
from tests.store.mirrored import Mirrored, person

PLAN = (PlanRate("2026", "USD", Decimal("1.08")), PlanRate("2026", "JPY", Decimal("161.3")))
PLANNING = Company("Example", "EUR", ZoneInfo("Europe/Berlin"), Calendar(), plan_rates=PLAN)
NAMES = ("bookings", "bookings_at_plan_rate", "fx_effect")
YEAR = Calendar().period("2026")
PEOPLE = ("ana", "ben", "cy")


def switched_on(text: str) -> str:
    """The shipped file, with what it keeps as comments for companies with plan rates."""
    start, end = text.index("  # bookings_at_plan_rate:"), text.index("  # Every won deal counts one for each")
    kept = [line for line in text[start:end].splitlines() if line.startswith("  # ") and "A deal without" not in line]
    return text[:start] + "\n".join(line.replace("  # ", "  ", 1) for line in kept) + "\n\n" + text[end:]


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> list[Metric]:
    folder = tmp_path_factory.mktemp("planning")
    shutil.copytree(HOME / "rules", folder / "rules")
    shipped = folder / "rules" / "metrics.yaml"
    shipped.write_text(switched_on(shipped.read_text(encoding="utf-8")), encoding="utf-8")
    mappings = {"emea": ("salesforce", HOME / "mappings" / "salesforce.yaml")}
    rules = load(folder / "rules", PLANNING, mappings, HOME / "mappings" / "files.yaml")
    return [rules.metrics[name] for name in NAMES]


@pytest.fixture
def planning(tmp_path: Path) -> Mirrored:
    store = open_store(tmp_path / "attain.db")
    return a_planning(store, tmp_path / "mirror.duckdb")


def a_planning(store: Store, path: Path) -> Mirrored:
    """Market: 1.10 USD and 150.7 JPY for a euro, 1.21 and 163.9 from July on."""
    found = Mirrored(store, path, PLANNING)
    teams = {"ana": "East", "ben": "East", "cy": "West"}
    found.roster = Roster.of(
        [person(each, assignments=(Assignment(date(2026, 1, 1), {"team": teams[each]}),)) for each in PEOPLE]
    )
    halves = ((date(2026, 1, 1), "1.10", "150.7"), (date(2026, 7, 1), "1.21", "163.9"))
    for day, dollars, yen in halves:
        found.save(rate("USD", "EUR", day, dollars), rate("JPY", "EUR", day, yen))
    return found


def numbers(planning: Mirrored, metrics: list[Metric]) -> dict[Subject, list[Decimal | None]]:
    planning.refresh()
    with open_mirror(planning.path) as mirror:
        found = measure(mirror, metrics, [YEAR], ["team"], TODAY)
    planning.store.close()
    subjects = dict.fromkeys(subject for _, subject, _ in found)
    return {each: [it.value if (it := found.get(n, each, YEAR.id)) else None for n in NAMES] for each in subjects}


def test_by_hand(planning: Mirrored, metrics: list[Metric]) -> None:
    # 1,188.00 USD: 1,080.00 EUR at 1.10, 1,100.00 at the plan's 1.08. Half of it is Ben's.
    planning.save(
        won("d1", date(2026, 3, 1), amount=Money(1_188_00, "USD")),
        split("s1", "ana", "50"),
        split("s2", "ben", "50"),
        won("d2", date(2026, 3, 1), amount=Money(10_00, "EUR")),
    )
    found = numbers(planning, metrics)
    assert found[COMPANY] == [1_090_00, 1_110_00, -20_00]
    assert found[Subject("person", "p_ana")] == [550_00, 560_00, -10_00]
    assert found[Subject("person", "p_ben")] == [540_00, 550_00, -10_00]


def test_a_deal_without_a_plan_rate_has_no_effect(planning: Mirrored, metrics: list[Metric]) -> None:
    planning.save(rate("GBP", "EUR", date(2026, 1, 1), "0.8"))
    planning.save(won("d1", date(2026, 3, 1), amount=Money(8_00, "GBP")), won("d2", date(2026, 3, 1)))
    assert numbers(planning, metrics)[COMPANY] == [110_00, 100_00, 0]


def a_year(dice: Random) -> list[object]:
    """Sixty won deals in three currencies; every other one is shared by three, unevenly."""
    found: list[object] = []
    for at in range(60):
        currency = dice.choice(("USD", "USD", "JPY", "EUR"))
        day = date(2026, 1, 1) + timedelta(days=dice.randrange(320))
        found.append(won(f"d{at}", day, amount=Money(dice.randint(-999, 10**7), currency)))
        if at % 2:
            first, second = dice.randint(1, 60), dice.randint(1, 39)
            shares = zip(PEOPLE, (first, second, 100 - first - second), strict=True)
            found += [split(f"s{at}{who}", who, str(share), deal=deal_ref(f"d{at}")) for who, share in shares]
    return found


@pytest.mark.parametrize("seed", range(4))
def test_bookings_are_those_at_plan_rates_and_the_effect_for_everybody(
    planning: Mirrored, metrics: list[Metric], seed: int
) -> None:
    planning.save(*a_year(Random(seed)))  # type: ignore[arg-type]
    found = numbers(planning, metrics)
    assert len(found) == len(PEOPLE) + 2 + 1  # people, teams, the company
    for subject, (booked, planned, effect) in found.items():
        assert booked is not None
        assert planned is not None
        assert effect is not None
        assert booked == planned + effect, subject
        assert effect, subject


def test_the_lines_of_the_effect_add_up_to_it(planning: Mirrored, metrics: list[Metric]) -> None:
    planning.save(*a_year(Random(9)))  # type: ignore[arg-type]
    planning.refresh()
    effect = metrics[-1]
    with open_mirror(planning.path) as mirror:
        for subject in (COMPANY, Subject("person", "p_ana"), Subject("person", "p_cy")):
            behind = evidence(mirror, effect, subject, YEAR, TODAY)
            assert sum((each.credited or Decimal(0) for each in behind.lines), Decimal(0)) == behind.total, subject
    planning.store.close()

"""Published examples, each by its number; the figures are read from the outside evidence, never from us."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from connector.measure.evidence import evidence as behind
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar
from connector.model.money import Money
from connector.model.results import COMPANY, Subject
from connector.store.database import open_store
from connector.store.mirror import open_mirror
from tests.measure.mirror import Record, a_deal, a_mirror, an_account_period
from tests.measure.shipped import shipped
from tests.store.made import rate, won
from tests.store.mirrored import Mirrored, company

CALENDAR = Calendar()
Q4 = CALENDAR.period("2026-Q4")
TODAY = date(2026, 11, 25)
ANA, BO = Subject("person", "ana"), Subject("person", "bo")


def worked(evidence: Path, number: str) -> tuple[Any, Any]:
    cases = json.loads((evidence / "data" / "worked_examples.json").read_text())
    case = next(each for each in cases if each["id"] == number)
    return case["inputs"], case["expected"]


def value(name: str, *records: Sequence[Record], subject: Subject = ANA, period: str = "2026-Q4") -> Decimal | None:
    found = measure(a_mirror(*records), shipped(name), [CALENDAR.period(period)], [], TODAY)
    measured = found.get(name, subject, period)
    return measured.value if measured else None


def percent(found: Decimal | None) -> float:
    assert found is not None
    return float(round(found * 100, 1))


def test_w03_half_of_ten_and_all_of_five_are_ten(evidence: Path) -> None:
    given, expected = worked(evidence, "W03")
    deals = [a_deal(amount=each["qty"], splits=_shared(each["contribution_pct"])) for each in given["orders"]]
    assert value("bookings", *deals) == expected["achieved_qty"]


def _shared(percent: int) -> list[tuple[str, int, bool]]:
    rest = [("zoe", (100 - percent) * 10_000, False)] if percent < 100 else []
    return [("ana", percent * 10_000, False), *rest]


def test_w04_two_people_who_share_an_order_have_half_of_it_each(evidence: Path) -> None:
    given, expected = worked(evidence, "W04")
    first, second = given["splits"].values()
    deal = a_deal(amount=given["order_qty"], splits=[("ana", first * 10_000, False), ("bo", second * 10_000, False)])
    assert value("bookings", deal) == expected["P1"]["achieved"]
    assert value("bookings", deal, subject=BO) == expected["P2"]["achieved"]


def test_w13_a_weighted_pipeline_falls_into_the_months_of_its_close_dates(evidence: Path) -> None:
    given, expected = worked(evidence, "W13")
    months = {"June": 6, "July": 7, "August": 8}
    deals = [
        a_deal(amount=amount, probability=chance, outcome="open", closed_on=date(2026, months[month], 15))
        for _, amount, chance, month in given["deals"]
    ]
    found = {name: value("weighted_pipeline", *deals, period=f"2026-{at:02}") for name, at in months.items()}
    assert found == expected


def test_w15_the_pipeline_covers_the_whole_quota_3_75_times(evidence: Path) -> None:
    given, expected = worked(evidence, "W15")
    deal = a_deal(amount=given["pipeline"], outcome="open", closed_on=date(2026, 12, 1))
    targets = {("bookings", ANA, Q4.id): Decimal(given["target"])}
    metrics = shipped("coverage_of_target", "coverage_of_remaining")
    found = measure(a_mirror(deal), metrics, [Q4], [], TODAY, targets=targets)
    assert found["coverage_of_target", ANA, Q4.id].value == Decimal(str(expected["coverage"]))
    # Nothing is won yet, so that what remains is all of it.
    assert found["coverage_of_remaining", ANA, Q4.id].value == Decimal(str(expected["coverage"]))


@pytest.mark.parametrize("number", ["W16", "W17"])
def test_w16_and_w17_velocity_is_deals_times_size_times_win_rate_over_cycle(evidence: Path, number: str) -> None:
    given, expected = worked(evidence, number)
    velocity = shipped("sales_velocity")[-1]
    assert velocity.inputs == ("open_deals", "average_deal", "win_rate", "sales_cycle_mean")

    def per_day(cycle: int) -> float:
        values = [given["opps"], given["avg_deal"], given["win_rate"], cycle]
        found = velocity.measure.combine([Decimal(str(each)) for each in values]).value
        assert found is not None
        return float(round(found, 2))

    assert per_day(given["cycle_days"]) == expected["per_day"]
    assert per_day(65) == expected.get("per_day_at_65d", per_day(65))


def test_w19_the_win_rate_by_value_leaves_open_deals_out(evidence: Path) -> None:
    given, expected = worked(evidence, "W19")
    deals = (
        a_deal(amount=given["won_value"]),
        a_deal(amount=given["lost_value"], outcome="lost"),
        a_deal(amount=5_000_000, outcome="open"),
    )
    assert percent(value("win_rate_value", *deals)) == expected["win_rate_value"]


def test_w21_retention_with_churn_contraction_and_expansion(evidence: Path) -> None:
    given, expected = worked(evidence, "W21")
    shrinking, growing = 50_000, 40_000
    rest = given["start"] - given["churn"] - shrinking - growing
    accounts = (
        an_account_period(given["churn"], 0),
        an_account_period(shrinking, shrinking - given["contraction"]),
        an_account_period(growing, growing + given["expansion"]),
        an_account_period(rest, rest),
        an_account_period(0, 80_000),  # new: in neither side
    )
    assert percent(value("net_retention", *accounts)) == expected["nrr"]
    assert percent(value("gross_retention", *accounts)) == expected["grr"]


def test_w22_net_retention_above_100_per_cent_in_spite_of_churn(evidence: Path) -> None:
    given, expected = worked(evidence, "W22")
    rest = given["start"] - given["churn"]
    accounts = an_account_period(given["churn"], 0), an_account_period(rest, given["end_before_churn"] - given["churn"])
    assert percent(value("net_retention", *accounts)) == expected["nrr"]


def test_w38_the_order_in_which_credits_come_changes_nothing(evidence: Path) -> None:
    given, expected = worked(evidence, "W38")
    amounts = [amount for _, amount, _ in given["prior"]] + list(given["order1"].values())
    deals = [a_deal(amount=each) for each in amounts]
    assert {value("bookings", *each) for each in permutations(deals)} == {expected["pure_function_after_o1"]}


def test_w39_a_deal_is_converted_at_the_rate_of_its_close_date(evidence: Path, tmp_path: Path) -> None:
    given, expected = worked(evidence, "W39")
    store = open_store(tmp_path / "attain.db")
    mirrored = Mirrored(store, tmp_path / "mirror.duckdb", company("USD"))
    mirrored.save(
        *(rate("AUD", "USD", date.fromisoformat(day), str(units)) for day, units in given["rates"].items()),
        *(
            won(f"d{at}", date.fromisoformat(day), amount=Money(given["amount_AUD"] * 100, "AUD"))
            for at, day in enumerate(given["close"])
        ),
    )
    mirrored.refresh()
    store.close()
    with open_mirror(mirrored.path) as mirror:
        lines = behind(mirror, shipped("bookings")[0], COMPANY, CALENDAR.period("2024-Q1"), TODAY).lines
    found = sorted((each.happened_on.isoformat(), each.credited) for each in lines)
    cents = [Decimal(str(each)) * 100 for each in expected["USD"]]
    assert found == [(day, each) for day, each in sorted(zip(given["close"], cents, strict=True))]


@pytest.fixture(scope="class")
def maven(evidence: Path) -> Iterator[DuckDBPyConnection]:
    with a_mirror(*_maven(evidence)) as mirror:
        yield mirror


class TestMaven:
    """W43: 8,800 deals that nobody on the team made up."""

    def test_w43_counts_values_and_rates(self, evidence: Path, maven: DuckDBPyConnection) -> None:
        _, expected = worked(evidence, "W43")
        year = CALENDAR.period("2017")
        names = ("bookings", "deals_won", "average_deal", "win_rate", "sales_cycle", "sales_cycle_mean")
        found = measure(maven, shipped(*names), [year], [], date(2017, 12, 31))
        said = {name: found[name, COMPANY, "2017"].value or 0 for name in names}
        assert said["bookings"] == expected["won_value"] * 100
        assert said["deals_won"] == expected["won"]
        assert round(said["average_deal"] / 100, 2) == Decimal(str(expected["avg_deal"]))
        assert round(said["win_rate"] * 100, 2) == Decimal(str(expected["win_rate_count_pct"]))
        assert round(said["sales_cycle_mean"], 2) == Decimal(str(expected["won_cycle_mean"]))
        assert said["sales_cycle"] == expected["won_cycle_median"]

    def test_w43_quarters_and_the_best_seller(self, evidence: Path, maven: DuckDBPyConnection) -> None:
        _, expected = worked(evidence, "W43")
        periods = [CALENDAR.period(f"2017-{quarter}") for quarter in expected["quarters"]]
        metrics: list[Metric] = shipped("bookings", "deals_won", "win_rate")
        found = measure(maven, metrics, [*periods, CALENDAR.period("2017")], [], TODAY)
        for quarter, (won_deals, lost_deals, won_value) in expected["quarters"].items():
            period = f"2017-{quarter}"
            assert found["deals_won", COMPANY, period].value == won_deals
            assert found["win_rate", COMPANY, period].bottom == won_deals + lost_deals
            assert found["bookings", COMPANY, period].value == won_value * 100
        people = [each for name, each, period in found if (name, each.kind, period) == ("bookings", "person", "2017")]
        best = max(people, key=lambda each: found["bookings", each, "2017"].value or 0)
        name, total = expected["top"]
        assert (best.id, found["bookings", best, "2017"].value) == (name, total * 100)


def _maven(evidence: Path) -> list[list[Record]]:
    with (evidence / "data" / "maven_crm" / "sales_pipeline.csv").open(encoding="utf-8") as file:
        return [_maven_deal(each) for each in csv.DictReader(file)]


def _maven_deal(row: dict[str, str]) -> list[Record]:
    outcome = row["deal_stage"].lower() if row["deal_stage"] in ("Won", "Lost") else "open"
    return a_deal(
        f"maven:Deal/{row['opportunity_id']}",
        row["sales_agent"],
        outcome=outcome,
        amount=int(float(row["close_value"]) * 100) if row["close_value"] else None,
        created_on=date.fromisoformat(row["engage_date"]) if row["engage_date"] else None,
        closed_on=date.fromisoformat(row["close_date"]) if row["close_date"] else None,
    )

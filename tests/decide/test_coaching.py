"""Which driver holds somebody back, and whether there is enough to say so."""

from __future__ import annotations

from decimal import Decimal

from connector.decide.coaching import Standing, weakest
from connector.decide.praise import Best, best_of
from connector.model.results import Measurement


def seen(value: str, records: int = 20) -> Measurement:
    return Measurement(Decimal(value), "", records=records)


def of(values: list[str], records: int = 20) -> list[Measurement]:
    return [seen(each, records) for each in values]


def driver(name: str, now: str, past: list[str], peers: list[str], **given: object) -> Standing:
    records = int(str(given.pop("records", 20)))
    lower, builds_up = bool(given.pop("lower", False)), bool(given.pop("builds_up", False))
    return Standing(name, seen(now, records), of(past), of(peers), builds_up, lower)


# Half as often won as ever (0.2 against 0.4), everything else as it was.
RATE = driver("win_rate", "0.2", ["0.4", "0.4", "0.5", "0.3"], ["0.4", "0.4", "0.4"])
SIZE = driver("average_deal", "100", ["100", "100"], ["100", "100", "100"])
CYCLE = driver("sales_cycle", "40", ["40"], ["40", "40", "40"], lower=True)


def test_the_weakest_driver_is_named_with_both_that_it_is_held_against() -> None:
    found = weakest([SIZE, RATE, CYCLE], least=5, peers=3)
    assert found is not None
    assert found.standing.metric == "win_rate"
    assert (found.past, found.peers) == (Decimal("0.4"), Decimal("0.4"))
    assert found.share == 1  # nothing else is behind
    assert found.records == 20


def test_shares_are_by_the_product_that_the_number_is() -> None:
    # ln 2 = 0.6931 of the rate, ln (4/3) = 0.2877 of the size: 70.67 % of what is lost.
    size = driver("average_deal", "75", ["100"], ["100", "100", "100"])
    found = weakest([size, RATE], least=5, peers=3)
    assert found is not None
    assert (found.standing.metric, found.share) == ("win_rate", Decimal("0.7067"))


def test_a_longer_cycle_is_worse() -> None:
    found = weakest([driver("sales_cycle", "80", ["40"], ["40", "40", "40"], lower=True), SIZE], least=5, peers=3)
    assert found is not None
    assert found.standing.metric == "sales_cycle"
    assert weakest([driver("sales_cycle", "20", ["40"], ["40", "40", "40"], lower=True)], least=5, peers=3) is None


def test_too_few_records_say_nothing_and_too_few_peers_are_no_median() -> None:
    thin = driver("win_rate", "0", ["0.4"], ["0.4", "0.4", "0.4"], records=4)
    assert weakest([thin, SIZE], least=5, peers=3) is None
    few = driver("win_rate", "0.2", ["0.4"], ["0.1", "0.1"])
    found = weakest([few], least=5, peers=3)
    assert found is not None
    assert (found.past, found.peers) == (Decimal("0.4"), None)


def test_a_count_of_few_is_what_it_says_and_nothing_at_all_is_still_a_number() -> None:
    nothing = driver("deals_won", "0", ["10"], ["10", "10", "10"], records=0, builds_up=True)
    found = weakest([nothing, RATE], least=5, peers=3)
    assert found is not None
    assert found.standing.metric == "deals_won"


def test_nobody_is_coached_whose_drivers_are_as_good_as_ever() -> None:
    assert weakest([SIZE, CYCLE], least=5, peers=3) is None
    assert weakest([], least=5, peers=3) is None


def test_a_best_needs_enough_periods_and_is_the_first_of_equals() -> None:
    numbers = {"2026-Q3": Decimal(5), "2026-Q2": Decimal(9), "2026-Q1": Decimal(9), "2025-Q4": Decimal(1)}
    assert best_of(numbers, 4) == Best(Decimal(9), "2026-Q1")
    assert best_of(numbers, 5) is None
    assert best_of({}, 0) is None

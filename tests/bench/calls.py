"""How many calls a pull takes, against the least that its documented algorithm needs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from connector.flow.house import House
from tests.bench.pulling import Timed, pulled
from tests.bench.report import Line, note
from tests.bench.served import Served
from tests.bench.touching import DATA, touch_hubspot, touch_salesforce
from tests.least import Describe, descriptions, keepers, of_hubspot, of_salesforce

CHANGED = 0.01  # of the deals, before the delta
SETTLED = 5  # minutes, more than either adapter waits for


def first_pull(served: Served, house: House, timed: dict[str, Timed], before: int) -> Iterator[Line]:
    """Calls since the n-th request."""
    described = descriptions(house, "emea", _describe(served))
    read = of_salesforce(timed["salesforce"].reads, frozenset())
    yield _line("first pull", "salesforce", served, before, described + read)
    yield _line("first pull", "hubspot", served, before, of_hubspot(timed["hubspot"].reads))


def delta(served: Served, house: House) -> Iterator[Line]:
    """Changes one deal in a hundred through the CRMs' own doors, and pulls again."""
    changed = {"salesforce": touch_salesforce(served, CHANGED), "hubspot": touch_hubspot(served, CHANGED)}
    note(f"{sum(changed.values()):,} deals changed")
    served.forward(SETTLED)
    before = len(served.asked())
    timed = pulled(house)
    for crm, deals in (("salesforce", "Opportunity"), ("hubspot", "deals")):
        assert timed[crm].records[deals] == changed[crm], (crm, timed[crm].records, changed)
    # Descriptions are known for an hour, and the process is the one that pulled everything.
    least = of_salesforce(timed["salesforce"].reads, keepers(house, "emea", _describe(served)))
    yield _line(f"delta of {CHANGED:.0%}", "salesforce", served, before, least)
    yield _line(f"delta of {CHANGED:.0%}", "hubspot", served, before, of_hubspot(timed["hubspot"].reads))


def _line(what: str, crm: str, served: Served, before: int, least: int) -> Line:
    count = sum(each["crm"] == crm for each in served.asked(before))
    return Line(f"API calls, {what}, {crm}", count, least, 1.02, unit="calls", peer="the algorithm's least")


def _describe(served: Served) -> Describe:
    """Asked beside the log."""
    session = served.session("salesforce")

    @cache
    def describe(name: str) -> dict[str, Any]:
        url = f"{served.salesforce}{DATA}/sobjects/{name}/describe"
        shape: dict[str, Any] = session.get(url, timeout=60).json()
        return shape

    return describe

"""Changes some deals of each CRM through its own door, so that a delta has something to bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from tests.bench.served import Served

DATA, OBJECTS = "/services/data/v66.0", "/crm/objects/2026-03"


def touch_salesforce(served: Served, share: float) -> int:
    """A new amount for that share of the deals, 200 at a time; returns how many."""
    session, base = served.session("salesforce"), served.salesforce + DATA
    query = "SELECT Id, Amount FROM Opportunity WHERE Amount > 0 ORDER BY Id"
    reply = session.get(f"{base}/query", params={"q": query}, timeout=60).json()
    wanted, rows = max(1, int(reply["totalSize"] * share)), reply["records"]
    while len(rows) < wanted:
        reply = session.get(served.salesforce + reply["nextRecordsUrl"], timeout=60).json()
        rows += reply["records"]
    attributes = {"type": "Opportunity"}
    records = [{"attributes": attributes, "id": each["Id"], "Amount": each["Amount"] + 1} for each in rows[:wanted]]
    for some in _groups(records, 200):
        done = session.patch(f"{base}/composite/sobjects", json={"allOrNone": False, "records": some}, timeout=60)
        assert all(each["success"] for each in done.json()), done.text[:300]
    return wanted


def touch_hubspot(served: Served, share: float) -> int:
    """The same, 100 at a time."""
    session, base = served.session("hubspot"), f"{served.hubspot}{OBJECTS}/deals"
    every = {"filterGroups": [{"filters": [{"propertyName": "amount", "operator": "GT", "value": "0"}]}], "limit": 1}
    wanted = max(1, int(session.post(f"{base}/search", json=every, timeout=60).json()["total"] * share))
    rows: list[dict[str, Any]] = []
    after = ""
    while len(rows) < wanted:
        query = {"limit": "100", "properties": "amount"} | ({"after": after} if after else {})
        reply = session.get(base, params=query, timeout=60).json()
        rows += [each for each in reply["results"] if float(each["properties"]["amount"] or 0) > 0]
        after = reply["paging"]["next"]["after"]
    inputs = [
        {"id": each["id"], "properties": {"amount": str(float(each["properties"]["amount"]) + 1)}}
        for each in rows[:wanted]
    ]
    for some in _groups(inputs, 100):
        done = session.post(f"{base}/batch/update", json={"inputs": some}, timeout=60)
        assert done.status_code == 200, done.text[:300]
    return wanted


def _groups(records: Sequence[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    rest = iter(records)
    while some := list(islice(rest, size)):
        yield some

"""The deals' past: field changes turned into rows of OpportunityHistory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from connector.sandbox.salesforce.automation import derive_deal
from connector.sandbox.salesforce.company_rows import Row, decimal, rows, stamped
from connector.sandbox.salesforce.organisation import Organisation

_FIELDS = {"stage": "StageName", "amount": "Amount", "closed_on": "CloseDate"}


@dataclass(slots=True)
class _Past:
    """One deal as far as its history has been read."""

    state: dict[str, Any]
    before: dict[str, Any]  # the state that the last row of history showed
    at: str = ""
    by: str = ""


def history_rows(
    org: Organisation,
    folder: Path,
    deals: Mapping[str, tuple[str, str | None, str]],
    users: Mapping[str, str],
    stages: Mapping[str, str],
    today: date,
) -> Iterator[dict[str, Any]]:
    """One row per deal and instant; without a history, one per deal, for its creation."""
    pasts: dict[str, _Past] = {}
    for row in rows(folder, "deal_history"):
        if row["deal"] not in deals or row["field"] not in _FIELDS:
            continue
        past = pasts.setdefault(row["deal"], _Past({}, {}))
        at = stamped(row["at"], today)
        if past.at and at != past.at:
            yield _shown(org, deals[row["deal"]][0], past)
        past.at, past.by = at, users.get(row.get("by", "")) or deals[row["deal"]][2]
        past.state[_FIELDS[row["field"]]] = _value(row, stages)
    for deal, past in pasts.items():
        yield _shown(org, deals[deal][0], past)
    yield from _creations(org, {known[0] for deal, known in deals.items() if deal not in pasts})


def _value(row: Row, stages: Mapping[str, str]) -> Any:  # noqa: ANN401 - a field's value
    if row["field"] == "stage":
        return stages.get(row["value"], row["value"])
    return decimal(row["value"]) if row["field"] == "amount" else row["value"] or None


def _shown(org: Organisation, id: str, past: _Past) -> dict[str, Any]:
    row = _row(org, id, past.by, past.at, past.state)
    row["PrevAmount"], row["PrevCloseDate"] = past.before.get("Amount"), past.before.get("CloseDate")
    past.before = dict(past.state)
    return row


def _row(org: Organisation, id: str, by: str, at: str, state: Mapping[str, Any]) -> dict[str, Any]:
    stage = org.stages.get(state.get("StageName", ""))
    row: dict[str, Any] = {
        "OpportunityId": id,
        "CreatedById": by,
        "CreatedDate": at,
        "SystemModstamp": at,
        "IsDeleted": 0,
        "Probability": stage.probability if stage else 0.0,
        "ForecastCategory": stage.forecast if stage else "Pipeline",
        **state,
    }
    closes = row.get("CloseDate") or at[:10]
    expected = dict(row, CloseDate=closes)
    derive_deal(org, expected)
    row["ExpectedRevenue"] = expected["ExpectedRevenue"]
    return row


def _creations(org: Organisation, ids: set[str]) -> Iterator[dict[str, Any]]:
    sql = 'SELECT "Id", "OwnerId", "CreatedDate", "StageName", "Amount", "CloseDate" FROM "Opportunity" ORDER BY row'
    for id, owner, at, stage, amount, closes in org.database.run(sql).fetchall():
        if id in ids:
            yield _row(org, id, owner, at, {"StageName": stage, "Amount": amount, "CloseDate": closes})

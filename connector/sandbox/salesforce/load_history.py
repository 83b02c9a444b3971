"""The deals' past out of the company folder: field changes turned into rows of OpportunityHistory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.sandbox.salesforce.automation import expected_revenue
from connector.sandbox.salesforce.company_rows import Row, decimal, rows
from connector.sandbox.salesforce.load_context import Context, Table

_FIELDS = {"stage": "StageName", "amount": "Amount", "closed_on": "CloseDate"}
_COLUMNS = (
    "OpportunityId CreatedById CreatedDate SystemModstamp StageName Amount CloseDate ExpectedRevenue Probability "
    "ForecastCategory PrevAmount PrevCloseDate IsDeleted"
)
# The moment at which each deal came into the stage it is in.
_STAGE_CHANGES = """
UPDATE "Opportunity" SET "LastStageChangeDate" = moved.at FROM (
  SELECT id, max(at) AS at FROM (
    SELECT "OpportunityId" AS id, "CreatedDate" AS at,
      "StageName" IS NOT lag("StageName") OVER (PARTITION BY "OpportunityId" ORDER BY row) AS moves
    FROM "OpportunityHistory"
  ) WHERE moves GROUP BY id
) AS moved WHERE moved.id = "Opportunity"."Id"
"""


@dataclass(slots=True)
class _Past:
    """One deal as far as its history has been read."""

    state: dict[str, Any]
    before: dict[str, Any]  # what the last row of history showed
    at: str = ""
    by: str = ""


def load_history(context: Context) -> None:
    """One row per deal and instant; a deal without a history gets one, for its creation."""
    table = Table(context.org, "OpportunityHistory", _COLUMNS + (" CurrencyIsoCode" if context.has_currencies else ""))
    told: set[str] = set()
    table.add_named(_told(context, told))
    table.add_named(_untold(context, told))
    context.org.database.run(_STAGE_CHANGES)


def _told(context: Context, told: set[str]) -> Iterator[dict[str, Any]]:
    pasts: dict[str, _Past] = {}
    for row in rows(context.folder, "deal_history"):
        deal = context.deals.get(row["deal"])
        if deal is None or row["field"] not in _FIELDS:
            continue
        past = pasts.setdefault(row["deal"], _Past({}, {}))
        at = context.moment(row["at"])
        if past.at and at != past.at:
            yield _shown(context, deal.id, past)
        past.at, past.by = at, context.users.get(row.get("by", "")) or deal.owner
        past.state[_FIELDS[row["field"]]] = _value(context, row)
    for name, past in pasts.items():
        told.add(context.deals[name].id)
        yield _shown(context, context.deals[name].id, past)


def _value(context: Context, row: Row) -> str | float | None:
    if row["field"] == "stage":
        return context.stages.get(row["value"], row["value"])
    return decimal(row["value"]) if row["field"] == "amount" else row["value"] or None


def _shown(context: Context, id: str, past: _Past) -> dict[str, Any]:
    row = _row(context, id, past.by, past.at, past.state)
    row["PrevAmount"], row["PrevCloseDate"] = past.before.get("Amount"), past.before.get("CloseDate")
    past.before = dict(past.state)
    return row


def _row(context: Context, id: str, by: str, at: str, state: Mapping[str, Any]) -> dict[str, Any]:
    stage = context.org.stages.get(state.get("StageName", ""))
    probability = stage.probability if stage else 0.0
    return {
        "OpportunityId": id,
        "CreatedById": by,
        "CreatedDate": at,
        "SystemModstamp": at,
        "IsDeleted": 0,
        "Probability": probability,
        "ForecastCategory": stage.forecast if stage else "Pipeline",
        "ExpectedRevenue": expected_revenue(state.get("Amount"), probability),
        "CurrencyIsoCode": context.currency,
        **state,
    }


def _untold(context: Context, told: set[str]) -> Iterator[dict[str, Any]]:
    sql = 'SELECT "Id", "OwnerId", "CreatedDate", "StageName", "Amount", "CloseDate" FROM "Opportunity" ORDER BY row'
    for id, owner, at, stage, amount, closes in context.org.database.run(sql):
        if id not in told:
            yield _row(context, id, owner, at, {"StageName": stage, "Amount": amount, "CloseDate": closes})

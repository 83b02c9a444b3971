"""Deals, their splits and their teams out of the company folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from connector.sandbox.salesforce.automation import apply_stage, derive_deal
from connector.sandbox.salesforce.company_rows import Row, decimal, of_salesforce, rows
from connector.sandbox.salesforce.ids import record_id
from connector.sandbox.salesforce.load_context import Context, LoadedDeal, Table, Values

OPEN_FOR = timedelta(days=90)  # until an open deal closes that has no date, which Salesforce requires
_DEAL = (
    "Name AccountId OwnerId StageName Amount CloseDate Type LeadSource NextStep IsClosed IsWon Probability "
    "ForecastCategory ForecastCategoryName ExpectedRevenue Fiscal FiscalYear FiscalQuarter IsDeleted IsPrivate "
    "HasOpportunityLineItem HasOpenActivity HasOverdueTask CreatedDate LastModifiedDate SystemModstamp CreatedById "
    "LastModifiedById"
)


def load_deals(context: Context) -> None:
    table = Table(context.org, "Opportunity", _DEAL + (" CurrencyIsoCode" if context.has_currencies else ""))
    offered: dict[str, dict[str, None]] = {"Type": {}, "LeadSource": {}}
    table.add_named(_remembered(context, table.next_number, offered))
    for name, values in offered.items():
        if values:
            context.org.schema.offer("Opportunity", name, values)


def _remembered(context: Context, first: int, offered: dict[str, dict[str, None]]) -> Iterator[dict[str, Any]]:
    """The deals on their way through, noting what later files and picklists need of them."""
    for number, row in enumerate(of_salesforce(rows(context.folder, "deals")), first):
        deal = _deal(context, row)
        for name, values in offered.items():
            if deal[name]:
                values[deal[name]] = None
        context.deals[row["id"]] = LoadedDeal(record_id("006", number), deal["AccountId"], deal["OwnerId"])
        yield deal


def _deal(context: Context, row: Row) -> dict[str, Any]:
    created = context.moment(row.get("created_at") or row.get("closed_on"))
    changed = context.moment(row["modified_at"]) if row.get("modified_at") else created
    deleted = row.get("deleted_at") or ""
    owner = context.owner(row)
    deal: dict[str, Any] = {
        "source": row["id"],
        "Name": row.get("name") or row["id"],
        "AccountId": context.accounts.get(row.get("account", "")),
        "OwnerId": owner,
        "StageName": context.stages.get(row["stage"], row["stage"]),
        "Amount": decimal(row.get("amount")),
        "CloseDate": row.get("closed_on") or (context.today + OPEN_FOR).isoformat(),
        "Type": row.get("deal_type") or None,
        "LeadSource": row.get("source") or None,
        "NextStep": row.get("next_step") or None,
        "CurrencyIsoCode": row.get("currency") or context.currency,
        **dict.fromkeys(("IsPrivate", "HasOpportunityLineItem", "HasOpenActivity", "HasOverdueTask"), 0),
        "IsDeleted": int(bool(deleted)),
        "CreatedDate": created,
        "LastModifiedDate": changed,
        "SystemModstamp": max(changed, context.moment(deleted)) if deleted else changed,
        "CreatedById": owner,
        "LastModifiedById": owner,
    }
    apply_stage(context.org, deal, keep_probability=False)
    derive_deal(context.org, deal)
    return deal


def load_splits(context: Context) -> None:
    """Revenue splits and overlays; their amounts follow from the deals'."""
    if "OpportunitySplit" not in context.org.schema.objects:
        return
    at = context.moment("")
    types = Table(
        context.org,
        "OpportunitySplitType",
        "DeveloperName MasterLabel IsTotalValidated SplitField IsActive IsDeleted SystemModstamp",
    )
    types.add(
        [
            (None, "REVENUE", "Revenue", 1, "OpportunityAmount", 1, 0, at),
            (None, "OVERLAY", "Overlay", 0, "OpportunityAmount", 1, 0, at),
        ]
    )
    names = (
        "OpportunityId SplitOwnerId SplitPercentage SplitTypeId IsDeleted CreatedDate LastModifiedDate SystemModstamp"
    )
    money = " CurrencyIsoCode" if context.has_currencies else ""
    Table(context.org, "OpportunitySplit", names + money).add(_splits(context, at))
    context.org.database.run(
        'UPDATE "OpportunitySplit" SET "SplitAmount" = round(o."Amount" * "SplitPercentage" / 100, 2) '
        'FROM "Opportunity" AS o WHERE o."Id" = "OpportunitySplit"."OpportunityId"'
    )


def load_teams(context: Context) -> None:
    """Who works on deals besides their owners."""
    if "OpportunityTeamMember" not in context.org.schema.objects:
        return
    names = "OpportunityId UserId TeamMemberRole OpportunityAccessLevel IsDeleted CreatedDate LastModifiedDate SystemModstamp"
    money = " CurrencyIsoCode" if context.has_currencies else ""
    Table(context.org, "OpportunityTeamMember", names + money).add(_members(context, context.moment("")))


def _members(context: Context, at: str) -> Iterator[Values]:
    money = (context.currency,) if context.has_currencies else ()
    for row in rows(context.folder, "teams"):
        deal, person = context.deals.get(row["deal"]), context.users.get(row["person"])
        if deal and person:
            yield (None, deal.id, person, row.get("role") or None, "Read", 0, at, at, at, *money)


def _splits(context: Context, at: str) -> Iterator[Values]:
    kinds = {"revenue": record_id("1OS", 1), "overlay": record_id("1OS", 2)}
    money = (context.currency,) if context.has_currencies else ()
    for row in rows(context.folder, "splits"):
        deal, person = context.deals.get(row["deal"]), context.users.get(row["person"])
        if deal and person:
            kind = kinds[row.get("kind") or "revenue"]
            yield (None, deal.id, person, decimal(row["percent"]), kind, 0, at, at, at, *money)

"""Stages, users with their roles, and accounts out of the company folder."""

from __future__ import annotations

from typing import Any

from connector.errors import ConnectorError
from connector.sandbox.salesforce.company_rows import Row, of_salesforce, rows, stage_from
from connector.sandbox.salesforce.ids import record_id
from connector.sandbox.salesforce.load_context import Context, Table

_AUDIT = " CreatedDate LastModifiedDate SystemModstamp CreatedById LastModifiedById"


def load_stages(context: Context) -> None:
    found = [(row, stage_from(row)) for row in rows(context.folder, "stages")]
    context.stages = {row["stage"]: stage.name for row, stage in found}
    context.org.set_stages(tuple(stage for _, stage in found))


def load_people(context: Context) -> None:
    """A user for everybody who has one, a role per team."""
    people = list(of_salesforce(rows(context.folder, "people")))
    if not people:
        raise ConnectorError(f"{context.folder / 'people.csv'}: nobody has a user in Salesforce")
    roles = Table(context.org, "UserRole", "Name DeveloperName SystemModstamp")
    teams = list(dict.fromkeys(row["team"] for row in people if row.get("team")))
    by_team = {team: record_id("00E", roles.next_number + place) for place, team in enumerate(teams)}
    roles.add((None, team, team, context.moment("")) for team in teams)
    names = "Username FirstName LastName Name Alias Email Title Division UserRoleId ManagerId IsActive UserType"
    money = " CurrencyIsoCode DefaultCurrencyIsoCode" if context.has_currencies else ""
    users = Table(context.org, "User", names + _AUDIT + money)
    context.users = {row["id"]: record_id("005", users.next_number + place) for place, row in enumerate(people)}
    users.add_named(_user(context, row, by_team) for row in people)


def _user(context: Context, row: Row, roles: dict[str, str]) -> dict[str, Any]:
    given, _, last = row["name"].rpartition(" ")
    email = row.get("email") or f"{row['id']}@people.example"
    return {
        "source": row["id"],
        "Username": email,
        "FirstName": given or None,
        "LastName": last,
        "Name": row["name"],
        "Alias": row["id"][:8],
        "Email": email,
        "Title": row.get("role") or None,
        "Division": row.get("region") or None,
        "UserRoleId": roles.get(row.get("team", "")),
        "ManagerId": context.users.get(row.get("manager", "")),
        "IsActive": int(row.get("active", "true") != "false"),
        "UserType": "Standard",
        "CurrencyIsoCode": context.currency,
        "DefaultCurrencyIsoCode": context.currency,
        **_audit(context.moment(""), context.org.integration_user),
    }


def load_forecasting(context: Context) -> None:
    """What forecasts are made of; nobody has a quota yet."""
    types = Table(
        context.org, "ForecastingType", "DeveloperName MasterLabel IsActive IsAmount IsQuantity SystemModstamp"
    )
    types.add(
        (None, name, name, 1, int(is_amount), int(not is_amount), context.moment(""))
        for name, is_amount in (("OpportunityRevenue", True), ("OpportunityQuantity", False))
    )


def load_accounts(context: Context) -> None:
    found = list(of_salesforce(rows(context.folder, "accounts")))
    money = " CurrencyIsoCode" if context.has_currencies else ""
    names = "Name ParentId OwnerId Industry BillingCountry IsDeleted"
    accounts = Table(context.org, "Account", names + _AUDIT + money)
    context.accounts = {row["id"]: record_id("001", accounts.next_number + place) for place, row in enumerate(found)}
    industries = sorted({row["industry"] for row in found if row.get("industry")})
    context.org.schema.offer("Account", "Industry", industries)
    accounts.add_named(_account(context, row) for row in found)


def _account(context: Context, row: Row) -> dict[str, Any]:
    owner = context.owner(row)
    return {
        "source": row["id"],
        "Name": row.get("name") or row["id"],
        "ParentId": context.accounts.get(row.get("parent", "")),
        "OwnerId": owner,
        "Industry": row.get("industry") or None,
        "BillingCountry": row.get("country") or None,
        "IsDeleted": 0,
        "CurrencyIsoCode": context.currency,
        **_audit(context.moment(row.get("created_at")), owner),
    }


def _audit(at: str, user: str) -> dict[str, str]:
    stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), at)
    return stamps | dict.fromkeys(("CreatedById", "LastModifiedById"), user)

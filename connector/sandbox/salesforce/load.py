"""The company folder brought into the organisation, row by row, without holding it all."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from connector.sandbox.salesforce.company_rows import rows
from connector.sandbox.salesforce.ids import record_id
from connector.sandbox.salesforce.load_activities import load_activities, set_last_activities
from connector.sandbox.salesforce.load_context import Context
from connector.sandbox.salesforce.load_deals import load_deals, load_splits, load_teams
from connector.sandbox.salesforce.load_history import load_history
from connector.sandbox.salesforce.load_people import load_accounts, load_forecasting, load_people, load_stages
from connector.sandbox.salesforce.load_rates import load_rates
from connector.sandbox.salesforce.organisation import Organisation


def load(org: Organisation, folder: Path) -> None:
    """The part of the company that lives in Salesforce, in one transaction."""
    company = json.loads((folder / "company.json").read_text(encoding="utf-8"))
    org.currency = company.get("currency") or org.currency
    org.fiscal_starts = int(company.get("fiscal_year_starts") or 1)
    context = Context(org, folder, date.fromisoformat(company["today"]), org.currency)
    with org.database.transaction():
        _switch_on(context)
        named = {
            "Name": company.get("name") or "Sandbox",
            "FiscalYearStartMonth": org.fiscal_starts,
            "TimeZoneSidKey": company.get("zone") or "GMT",
        }
        if "number" in company:
            named["Id"] = record_id("00D", int(company["number"]))
        org.database.update(org.schema.objects["Organization"], org.organization, named)
        org.organization = str(named.get("Id", org.organization))
        with org.database.without_indexes(org.schema.objects.values()):
            for part in (
                load_stages,
                load_people,
                load_forecasting,
                load_accounts,
                load_deals,
                load_history,
                load_splits,
                load_teams,
            ):
                part(context)
            load_activities(context)
        load_rates(context)
        set_last_activities(context)


def _switch_on(context: Context) -> None:
    """Splits, teams and currencies exist only where the company has some."""
    if next(rows(context.folder, "splits"), None) is not None:
        context.org.switch_on_splits()
    if next(rows(context.folder, "teams"), None) is not None:
        context.org.switch_on_teams()
    dealt = (row["currency"] for row in rows(context.folder, "deals") if row.get("currency"))
    if next(rows(context.folder, "rates"), None) or any(each != context.currency for each in dealt):
        context.org.switch_on_currencies()

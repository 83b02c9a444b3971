"""The Maven CRM Sales Opportunities as a company folder: East and Central sell in Salesforce, West in HubSpot.

The set is read where it lies and written to a temporary folder only.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

TODAY = "2017-12-31"
CRM_OF_OFFICE = {"East": "salesforce", "Central": "salesforce", "West": "hubspot"}
STAGES = (
    ("prospecting", "Prospecting", 1, 0.1, "false", "false", "Pipeline"),
    ("engaging", "Engaging", 2, 0.4, "false", "false", "Pipeline"),
    ("won", "Won", 3, 1, "true", "true", "Closed"),
    ("lost", "Lost", 4, 0, "true", "false", "Omitted"),
)
STAGE_IDS = {label: stage for stage, label, *_ in STAGES}


def slug(name: str) -> str:
    return re.sub(r"[^a-z]+", ".", name.lower()).strip(".")


def email(name: str) -> str:
    return f"{slug(name)}@example.com"


def lay_out(source: Path, folder: Path) -> None:
    """Write the company folder that both stand-in CRMs load."""
    folder.mkdir(parents=True, exist_ok=True)
    teams = rows(source / "sales_teams.csv")
    office = {row["sales_agent"]: row["regional_office"] for row in teams}
    company = {"name": "Maven", "currency": "USD", "fiscal_year_starts": 1, "zone": "UTC", "today": TODAY}
    (folder / "company.json").write_text(json.dumps(company), encoding="utf-8")
    write(folder / "stages.csv", ("stage", "label", "order", "probability", "is_closed", "is_won", "forecast"), STAGES)
    write(
        folder / "people.csv",
        ("id", "name", "email", "role", "team", "region", "manager", "active", "crm"),
        _people(teams),
    )
    deals = rows(source / "sales_pipeline.csv")
    customers = sorted({(row["account"], CRM_OF_OFFICE[office[row["sales_agent"]]]) for row in deals if row["account"]})
    write(
        folder / "accounts.csv",
        ("id", "crm", "name"),
        ((f"{crm}:{slug(name)}", crm, name) for name, crm in customers),
    )
    write(
        folder / "deals.csv",
        (
            "id",
            "crm",
            "name",
            "account",
            "owner",
            "stage",
            "amount",
            "currency",
            "created_at",
            "closed_on",
            "modified_at",
        ),
        (_deal(row, CRM_OF_OFFICE[office[row["sales_agent"]]]) for row in deals),
    )


def _people(teams: Sequence[Mapping[str, str]]) -> Iterator[Sequence[str]]:
    managers = {row["manager"]: row["regional_office"] for row in teams}
    for name, office in managers.items():
        yield slug(name), name, email(name), "Manager", name, office, "", "true", CRM_OF_OFFICE[office]
    for row in teams:
        name, manager, office = row["sales_agent"], row["manager"], row["regional_office"]
        yield slug(name), name, email(name), "AE", manager, office, slug(manager), "true", CRM_OF_OFFICE[office]


def _deal(row: Mapping[str, str], crm: str) -> Sequence[str]:
    account = f"{crm}:{slug(row['account'])}" if row["account"] else ""
    created = f"{row['engage_date']}T00:00:00Z" if row["engage_date"] else ""
    modified = row["close_date"] or row["engage_date"] or TODAY
    name = f"{row['account'] or 'unknown'} {row['product']}"
    return (
        row["opportunity_id"],
        crm,
        name,
        account,
        slug(row["sales_agent"]),
        STAGE_IDS[row["deal_stage"]],
        row["close_value"],
        "USD",
        created,
        row["close_date"],
        f"{modified}T12:00:00Z",
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, columns: Sequence[str], rows: Iterator[Sequence[object]] | Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)

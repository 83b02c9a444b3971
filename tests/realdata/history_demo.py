"""The deal property history of an invented company as a company folder that lives in Salesforce.

The set is read where it lies and written to a temporary folder only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.realdata.maven import rows, write

TODAY = "2026-11-23"
FORECASTS = {
    "Pipeline": "Pipeline",
    "Best case": "BestCase",
    "Commit": "Commit",
    "Closed": "Closed",
    "Omitted": "Omitted",
}
FIELDS = {"stage": "stage", "amount": "amount", "close_date": "closed_on", "owner_id": "owner"}


def lay_out(source: Path, folder: Path) -> None:
    """Write the company folder that the stand-in Salesforce loads."""
    folder.mkdir(parents=True, exist_ok=True)
    company = {"name": "History", "currency": "USD", "fiscal_year_starts": 1, "zone": "UTC", "today": TODAY}
    (folder / "company.json").write_text(json.dumps(company), encoding="utf-8")
    write(
        folder / "stages.csv",
        ("stage", "label", "order", "probability", "is_closed", "is_won", "forecast"),
        _stages(rows(source / "stages.csv")),
    )
    write(folder / "people.csv", ("id", "name", "email", "role", "active", "crm"), _people(rows(source / "owners.csv")))
    columns = ("id", "crm", "name", "owner", "stage", "amount", "created_at", "closed_on", "modified_at", "deleted_at")
    history = rows(source / "history.csv")
    last = {row["deal_id"]: row["changed_at"] for row in history}
    write(folder / "deals.csv", columns, (_deal(row, last[row["id"]]) for row in rows(source / "deals.csv")))
    write(folder / "deal_history.csv", ("deal", "at", "field", "value", "by"), _history(history))


def _stages(given: Sequence[Mapping[str, str]]) -> Iterator[Sequence[object]]:
    for order, row in enumerate(given, 1):
        closed, won = row["is_closed"], row["is_won"]
        odds = 1 if won == "true" else 0 if closed == "true" else 0.5
        yield row["stage"], row["label"], order, odds, closed, won, FORECASTS[row["forecast"]]


def _people(owners: Sequence[Mapping[str, str]]) -> Iterator[Sequence[str]]:
    for row in owners:
        yield row["id"], row["name"], row["email"], "AE", "true", "salesforce"


def _deal(row: Mapping[str, str], modified: str) -> Sequence[str]:
    return (
        row["id"],
        "salesforce",
        row["name"],
        row["owner_id"],
        row["stage"],
        row["amount"],
        row["created_at"],
        row["close_date"],
        modified,
        row["deleted_at"],
    )


def _history(given: Sequence[Mapping[str, str]]) -> Iterator[Sequence[str]]:
    for row in given:
        if row["field"] in FIELDS:
            yield row["deal_id"], row["changed_at"], FIELDS[row["field"]], row["value"], ""

"""The files of a company folder and their columns, named once."""

from __future__ import annotations

COMPANY = "company.json"
TRUTH = "truth.json"

COLUMNS: dict[str, tuple[str, ...]] = {
    "stages.csv": ("stage", "label", "order", "probability", "is_closed", "is_won", "forecast"),
    "people.csv": ("id", "name", "email", "role", "team", "region", "manager", "start", "end", "active", "crm"),
    "accounts.csv": ("id", "crm", "name", "parent", "owner", "industry", "country", "created_at"),
    "deals.csv": (
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
        "deal_type",
        "source",
        "next_step",
        "deleted_at",
    ),
    "deal_history.csv": ("deal", "at", "field", "value", "by"),
    "splits.csv": ("deal", "person", "percent", "kind"),
    "teams.csv": ("deal", "person", "role"),
    "activities.csv": (
        "id",
        "crm",
        "type",
        "person",
        "deal",
        "account",
        "at",
        "status",
        "minutes",
        "modified_at",
    ),
    "rates.csv": ("currency", "starts_on", "rate"),
    "files/people.csv": (
        "person",
        "from",
        "name",
        "role",
        "team",
        "region",
        "territory",
        "manager",
        "start",
        "end",
        "home",
    ),
    "files/absences.csv": ("person", "from", "to"),
    "files/quotas.csv": ("person", "metric", "period", "value"),
    "files/trainings.csv": ("person", "training", "completed_on"),
}

REQUIRED_FILES = (COMPANY, "stages.csv", "people.csv", "deals.csv")

CRMS = ("salesforce", "hubspot")
OPEN_STAGES = ("qualification", "discovery", "proposal", "negotiation")
WON, LOST = "closedwon", "closedlost"
STAGES: tuple[tuple[str, str, int, str, bool, bool, str], ...] = (
    ("qualification", "Qualification", 1, "0.1", False, False, "Pipeline"),
    ("discovery", "Discovery", 2, "0.25", False, False, "Pipeline"),
    ("proposal", "Proposal", 3, "0.5", False, False, "BestCase"),
    ("negotiation", "Negotiation", 4, "0.75", False, False, "Commit"),
    (WON, "Closed Won", 5, "1", True, True, "Closed"),
    (LOST, "Closed Lost", 6, "0", True, False, "Omitted"),
)

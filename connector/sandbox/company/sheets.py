"""What each file of a company folder must hold: its columns, how each cell reads, what it points at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from connector.sandbox.company.columns import CRMS

PEOPLE, ACCOUNTS, DEALS, STAGES = "people.csv", "accounts.csv", "deals.csv", "stages.csv"
ANYBODY = "people.csv by name"  # the id, the e-mail address or the name of somebody

_NUMBER = re.compile(r"-?\d+(\.\d+)?")

Wrong = Callable[[str], str]  # what is wrong with a cell; empty: nothing


def _date(value: str) -> str:
    try:
        well = len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        well = False
    return "" if well else "not a day like 2026-11-25"


def _moment(value: str) -> str:
    try:
        well = len(value) >= 20 and value[-1] == "Z" and bool(datetime.fromisoformat(value))
    except ValueError:
        well = False
    return "" if well else "not a moment like 2026-11-25T08:14:03Z"


def _number(value: str) -> str:
    return "" if _NUMBER.fullmatch(value) else "not a number like 1200.50"


def _whole(value: str) -> str:
    return "" if value.isdecimal() else "not a whole number"


def _one_of(*choices: str) -> Wrong:
    known = frozenset(choices)
    said = "neither " + " nor ".join(choices)
    return lambda value: "" if value in known else said


def _crms(value: str) -> str:
    return "" if set(value.split()) <= set(CRMS) else "not made of " + " and ".join(CRMS)


def _rate(value: str) -> str:
    return _number(value) or ("" if float(value) > 0 else "not above zero")


KINDS: Mapping[str, Wrong] = {
    "date": _date,
    "moment": _moment,
    "number": _number,
    "whole": _whole,
    "flag": _one_of("true", "false"),
    "crm": _one_of(*CRMS),
    "crms": _crms,
    "rate": _rate,
    "field": _one_of("stage", "amount", "closed_on", "owner"),
    "split": _one_of("revenue", "overlay"),
    "activity": _one_of("call", "meeting", "email", "task", "note"),
    "status": _one_of("completed", "planned"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file. A column that is not in `needs` may be missing, and a cell that is not in `filled` may be empty."""

    name: str
    needs: tuple[str, ...]
    filled: tuple[str, ...]
    reads: Mapping[str, str] = field(default_factory=dict)  # column → how it reads, a key of `KINDS`
    points: Mapping[str, str] = field(default_factory=dict)  # column → the file whose ids it holds
    unique: str = ""  # the column that names a row
    open_ended: bool = False  # may have columns of its own


def _table(name: str, needs: tuple[str, ...], reads: Mapping[str, str], points: Mapping[str, str]) -> Sheet:
    return Sheet(f"files/{name}.csv", needs, needs, reads, points, open_ended=True)


SHEETS: tuple[Sheet, ...] = (
    Sheet(
        STAGES,
        ("stage",),
        ("stage",),
        {"order": "number", "probability": "number", "is_closed": "flag", "is_won": "flag"},
        unique="stage",
    ),
    Sheet(
        PEOPLE,
        ("id",),
        ("id",),
        {"start": "date", "end": "date", "active": "flag", "crm": "crms"},
        {"manager": PEOPLE},
        unique="id",
    ),
    Sheet(
        ACCOUNTS,
        ("id",),
        ("id",),
        {"crm": "crm", "created_at": "moment"},
        {"parent": ACCOUNTS, "owner": PEOPLE},
        unique="id",
    ),
    Sheet(
        DEALS,
        ("id",),
        ("id",),
        {
            "crm": "crm",
            "amount": "number",
            "created_at": "moment",
            "closed_on": "date",
            "modified_at": "moment",
            "deleted_at": "moment",
        },
        {"account": ACCOUNTS, "owner": PEOPLE, "stage": STAGES},
        unique="id",
    ),
    Sheet(
        "deal_history.csv",
        ("deal", "at", "field", "value"),
        ("deal", "at", "field"),
        {"at": "moment", "field": "field"},
        {"deal": DEALS, "by": PEOPLE},
    ),
    Sheet(
        "splits.csv",
        ("deal", "person", "percent"),
        ("deal", "person", "percent"),
        {"percent": "number", "kind": "split"},
        {"deal": DEALS, "person": PEOPLE},
    ),
    Sheet("teams.csv", ("deal", "person"), ("deal", "person"), {}, {"deal": DEALS, "person": PEOPLE}),
    Sheet(
        "activities.csv",
        ("id", "type"),
        ("id", "type"),
        {
            "crm": "crm",
            "type": "activity",
            "at": "moment",
            "status": "status",
            "minutes": "whole",
            "modified_at": "moment",
        },
        {"person": PEOPLE, "deal": DEALS, "account": ACCOUNTS},
        unique="id",
    ),
    Sheet(
        "rates.csv",
        ("currency", "starts_on", "rate"),
        ("currency", "starts_on", "rate"),
        {"starts_on": "date", "rate": "rate"},
    ),
    _table(
        "people", ("person",), {"from": "date", "start": "date", "end": "date"}, {"person": ANYBODY, "manager": ANYBODY}
    ),
    _table("absences", ("person", "from", "to"), {"from": "date", "to": "date"}, {"person": ANYBODY}),
    _table("quotas", ("person", "metric", "period", "value"), {"value": "number"}, {"person": ANYBODY}),
    _table("trainings", ("person", "training", "completed_on"), {"completed_on": "date"}, {"person": ANYBODY}),
)

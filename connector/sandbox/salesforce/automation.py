"""What the organisation does by itself when a record is written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from connector.sandbox.salesforce.database import Stored
from connector.sandbox.salesforce.moments import fiscal, stamp
from connector.sandbox.salesforce.organisation import FORECAST_NAMES, Organisation

HISTORY_FIELDS = ("StageName", "Amount", "CloseDate", "Probability")
_CATEGORIES = {label: name for name, label in FORECAST_NAMES.items()}
# A deleted record takes these along. Source: the cascading relationships of a recorded describe.
CASCADE = {
    "Account": (
        ("Opportunity", "AccountId"),
        ("Task", "WhatId"),
        ("Event", "WhatId"),
        ("ObjectTerritory2Association", "ObjectId"),
    ),
    "Opportunity": (
        ("OpportunityHistory", "OpportunityId"),
        ("OpportunitySplit", "OpportunityId"),
        ("OpportunityTeamMember", "OpportunityId"),
        ("Task", "WhatId"),
        ("Event", "WhatId"),
    ),
}

# Deleted by themselves these are gone at once, and only getDeleted tells; with their deal or account they go to the bin.
# Source: Salesforce, Object Reference: a deleted member "isn't moved to the Recycle Bin"; associations "bypass" it.
NO_BIN = frozenset({"OpportunityTeamMember", "ObjectTerritory2Association"})


def complete(org: Organisation, name: str, row: Stored, before: Stored | None, given: Collection[str]) -> None:
    """Fill in what follows from the fields that were given; `row` is the record as it will be."""
    if name == "Opportunity":
        _complete_deal(org, row, before, given)
    elif name == "Task":
        _complete_task(org, row, before)
    elif name == "Event":
        _complete_event(row, given)
        row["AccountId"] = account_of(org, row.get("WhatId"), row.get("WhoId"))
    elif name == "OpportunityTeamMember":
        user = org.database.get(org.schema.objects["User"], row["UserId"])
        row["Name"] = user and user["Name"]
    elif name == "ObjectTerritory2Association":
        row["SobjectType"] = "Account" if row["ObjectId"].startswith("001") else "Lead"
    elif name in {"User", "Contact"} and ({"FirstName", "LastName"} & set(given)):
        row["Name"] = " ".join(filter(None, (row.get("FirstName"), row.get("LastName"))))


def follow(org: Organisation, name: str, row: Stored, before: Stored | None, user: str) -> None:
    """What happens to other records once this one is saved."""
    if name == "Opportunity" and any(before is None or row[each] != before[each] for each in HISTORY_FIELDS):
        _remember(org, row, before, user)
    elif name in {"Task", "Event"}:
        _touch_parents(org, name, row)
    elif name == "PermissionSetAssignment":
        org.read_assignments()


def _complete_deal(org: Organisation, row: Stored, before: Stored | None, given: Collection[str]) -> None:
    if before is None or row["StageName"] != before["StageName"]:
        row["LastStageChangeDate"] = org.stamp
        apply_stage(org, row, keep_probability="Probability" in given)
    if "ForecastCategoryName" in given and row["ForecastCategoryName"]:
        row["ForecastCategory"] = _CATEGORIES.get(row["ForecastCategoryName"], row["ForecastCategory"])
    derive_deal(org, row)


def apply_stage(org: Organisation, row: Stored, *, keep_probability: bool) -> None:
    """Set what a stage implies; a stage nobody defined is open and says nothing else."""
    stage = org.stages.get(row["StageName"])
    row["IsClosed"], row["IsWon"] = int(bool(stage and stage.closed)), int(bool(stage and stage.won))
    row["ForecastCategory"] = stage.forecast if stage else "Pipeline"
    row["ForecastCategoryName"] = FORECAST_NAMES[row["ForecastCategory"]]
    if not keep_probability or row.get("Probability") is None:
        row["Probability"] = stage.probability if stage else 0.0


def derive_deal(org: Organisation, row: Stored) -> None:
    """Expected revenue and the fiscal period."""
    row["ExpectedRevenue"] = expected_revenue(row.get("Amount"), row.get("Probability"))
    year, quarter = fiscal(date.fromisoformat(row["CloseDate"]), org.fiscal_starts)
    row["FiscalYear"], row["FiscalQuarter"], row["Fiscal"] = year, quarter, f"{year} {quarter}"


def expected_revenue(amount: float | None, probability: float | None) -> float | None:
    return None if amount is None else round(amount * (probability or 0) / 100, 2)


def _remember(org: Organisation, row: Stored, before: Stored | None, user: str) -> None:
    """One row of OpportunityHistory, and on the deal the ids of the latest changes."""
    history = {
        "OpportunityId": row["Id"],
        "CreatedById": user,
        "CreatedDate": org.stamp,
        "SystemModstamp": org.stamp,
        "IsDeleted": 0,
        "PrevAmount": None if before is None else before["Amount"],
        "PrevCloseDate": None if before is None else before["CloseDate"],
        **{each: row[each] for each in (*HISTORY_FIELDS, "ExpectedRevenue", "ForecastCategory")},
    }
    if "CurrencyIsoCode" in row:
        history["CurrencyIsoCode"] = row["CurrencyIsoCode"]
    id = org.database.insert(org.schema.objects["OpportunityHistory"], history)
    latest = {}
    if before is None or row["Amount"] != before["Amount"]:
        latest["LastAmountChangedHistoryId"] = id
    if before is None or row["CloseDate"] != before["CloseDate"]:
        latest["LastCloseDateChangedHistoryId"] = id
    if latest:
        org.database.update(org.schema.objects["Opportunity"], row["Id"], latest)


def _complete_task(org: Organisation, row: Stored, before: Stored | None) -> None:
    was_closed = bool(before and before["IsClosed"])
    row["IsClosed"] = int(row["Status"] == "Completed")
    row["IsHighPriority"] = int(row["Priority"] == "High")
    if row["IsClosed"] and not was_closed:
        row["CompletedDateTime"] = org.stamp
    elif not row["IsClosed"]:
        row["CompletedDateTime"] = None
    row["AccountId"] = account_of(org, row.get("WhatId"), row.get("WhoId"))


def _complete_event(row: Stored, given: Collection[str]) -> None:
    """An all-day event has its day in ActivityDate, midnight UTC as its start, and lasts a day unless it says how long.

    Source: Salesforce, Object Reference, Event: ActivityDate, ActivityDateTime, StartDateTime, DurationInMinutes.
    """
    if row.get("IsAllDayEvent"):
        day = row.get("ActivityDate") or (row.get("StartDateTime") or "")[:10]
        if not day:
            return
        row["StartDateTime"] = stamp(datetime.combine(date.fromisoformat(day), time.min, UTC))
        row["DurationInMinutes"] = row.get("DurationInMinutes") or 24 * 60
    start = row.get("StartDateTime") or row.get("ActivityDateTime")
    if start is None:
        return
    begins = datetime.fromisoformat(start)
    if "EndDateTime" in given and row["EndDateTime"]:
        row["DurationInMinutes"] = int((datetime.fromisoformat(row["EndDateTime"]) - begins).total_seconds() // 60)
    row["DurationInMinutes"] = row.get("DurationInMinutes") or 0
    ends = begins + timedelta(minutes=row["DurationInMinutes"])
    row["StartDateTime"], row["ActivityDateTime"] = start, None if row.get("IsAllDayEvent") else start
    row["ActivityDate"], row["EndDateTime"] = start[:10], stamp(ends)
    row["EndDate"] = ends.astimezone(UTC).date().isoformat()


def account_of(org: Organisation, what: str | None, who: str | None) -> str | None:
    """The account of what an activity is about where that is an account or a deal; of its contact for all else.

    Source: Salesforce, "Object Reference for the Salesforce Platform", AccountId of Task and Event.
    """
    if what and what.startswith("001"):
        return what
    table, id = ("Opportunity", what) if what and what.startswith("006") else ("Contact", who)
    found = org.database.run(f'SELECT "AccountId" FROM "{table}" WHERE "Id" = ?', (id,)).fetchone()
    return None if found is None else found[0]


def _touch_parents(org: Organisation, name: str, row: Stored) -> None:
    """A finished activity moves its parents' LastActivityDate, which is no edit: no stamp changes."""
    done = row["IsClosed"] if name == "Task" else (row.get("ActivityDate") or "9") <= org.today.isoformat()
    day = row.get("ActivityDate")
    if not (done and day):
        return
    for table, id in (("Opportunity", row.get("WhatId")), ("Account", row.get("AccountId"))):
        org.database.run(
            f'UPDATE "{table}" SET "LastActivityDate" = ?1 WHERE "Id" = ?2 AND coalesce("LastActivityDate", \'\') < ?1',
            (day, id),
        )

"""Activities out of the company folder: meetings become events, everything else a task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from connector.sandbox.salesforce.company_rows import Row, of_salesforce, rows, whole_number
from connector.sandbox.salesforce.load_context import Context, Table, Values
from connector.sandbox.salesforce.moments import stamp

AT_ONCE = 20_000
_AUDIT = " IsDeleted IsArchived CreatedDate LastModifiedDate SystemModstamp CreatedById LastModifiedById"
_TASK = (
    "Subject WhatId AccountId OwnerId ActivityDate Status Priority IsHighPriority IsClosed TaskSubtype "
    "CallDurationInSeconds CompletedDateTime IsReminderSet IsRecurrence"
)
_EVENT = (
    "Subject WhatId AccountId OwnerId ActivityDate ActivityDateTime StartDateTime EndDateTime EndDate "
    "DurationInMinutes IsAllDayEvent IsPrivate IsChild IsGroupEvent IsReminderSet IsRecurrence ShowAs"
)
_SUBJECTS = {"call": "Call", "email": "Email", "note": "Note"}
_SUBTYPES = {"call": "Call", "email": "Email"}


def load_activities(context: Context) -> None:
    money = " CurrencyIsoCode" if context.has_currencies else ""
    tasks = Table(context.org, "Task", _TASK + _AUDIT + money)
    events = Table(context.org, "Event", _EVENT + _AUDIT + money)
    for some in _chunks(of_salesforce(rows(context.folder, "activities"))):
        tasks.add(_task(context, row) for row in some if row["type"] != "meeting")
        events.add(_event(context, row) for row in some if row["type"] == "meeting")


def _chunks(found: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(found)
    while some := list(islice(source, AT_ONCE)):
        yield some


def _about(context: Context, row: Row) -> tuple[str | None, str | None]:
    """WhatId and AccountId."""
    deal = context.deals.get(row.get("deal", ""))
    account = context.accounts.get(row.get("account", ""))
    return (deal.id, account or deal.account) if deal else (account, account)


def _task(context: Context, row: Row) -> Values:
    at, kind, done = context.moment(row.get("at")), row["type"], row.get("status") != "planned"
    minutes = whole_number(row.get("minutes")) if kind == "call" else None
    return (
        row["id"],
        _SUBJECTS.get(kind, "Task"),
        *_about(context, row),
        context.owner(row, "person"),
        at[:10],
        "Completed" if done else "Not Started",
        "Normal",
        0,
        int(done),
        _SUBTYPES.get(kind, "Task"),
        None if minutes is None else minutes * 60,
        at if done else None,
        0,
        0,
        *_audit(context, row, at),
    )


def _event(context: Context, row: Row) -> Values:
    at, minutes = context.moment(row.get("at")), whole_number(row.get("minutes")) or 30
    ends = stamp(datetime.fromisoformat(at) + timedelta(minutes=minutes))
    return (
        row["id"],
        "Meeting",
        *_about(context, row),
        context.owner(row, "person"),
        at[:10],
        at,
        at,
        ends,
        ends[:10],
        minutes,
        *(0, 0, 0, 0, 0, 0),
        "Busy",
        *_audit(context, row, at),
    )


def _audit(context: Context, row: Row, at: str) -> Values:
    """A planned activity was written down before its time."""
    changed = context.moment(row["modified_at"]) if row.get("modified_at") else at
    owner = context.owner(row, "person")
    money = (context.currency,) if context.has_currencies else ()
    return (0, 0, min(at, changed), changed, changed, owner, owner, *money)


def set_last_activities(context: Context) -> None:
    """The latest finished task or past event of each deal and account."""
    for table, column in (("Opportunity", "WhatId"), ("Account", "AccountId")):
        done = (
            f'SELECT "{column}" AS id, "ActivityDate" AS day FROM "Task" WHERE "IsClosed" = 1 UNION ALL '
            f'SELECT "{column}", "ActivityDate" FROM "Event" WHERE "ActivityDate" <= ?'
        )
        context.org.database.run(
            f'UPDATE "{table}" SET "LastActivityDate" = latest.day FROM '
            f'(SELECT id, max(day) AS day FROM ({done}) GROUP BY id) AS latest WHERE latest.id = "{table}"."Id"',
            (context.today.isoformat(),),
        )

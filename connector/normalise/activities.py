"""What somebody did or plans to do: whose it is, what it is about, and when."""

from __future__ import annotations

from datetime import date, datetime

from connector.model.records import Activity, RecordKind, Ref
from connector.normalise.fields import Fields
from connector.normalise.mapping import VOID


def activity(fields: Fields) -> Activity | None:
    """An activity; None: one that is nobody's, or came to nothing."""
    if fields.text("key"):
        return None  # our own alert: nobody's activity
    if "counts" in fields and not fields.flag("counts"):
        return None  # somebody else's doing: an e-mail that was received
    done = fields.flag("done") if "done" in fields else None
    status = fields.text("status") if "status" in fields else "completed"
    if done is not None:
        status = "completed" if done else "planned"
    if status == VOID:
        return None
    completed = status == "completed"
    happened_at, happened_on = _when(fields, completed=completed)
    deal, account = _about(fields)
    return Activity(
        ref=fields.raw.ref,
        modified_at=fields.raw.modified_at,
        type=fields.text("type") or "task",
        status="completed" if completed else "planned",
        performer=fields.ref("performer", RecordKind.USER),
        deal=deal,
        account=account,
        happened_at=happened_at,
        happened_on=happened_on,
        minutes=_minutes(fields, happened_at),
    )


def _when(fields: Fields, *, completed: bool) -> tuple[datetime | None, date | None]:
    """The moment and the company's day of an activity; what is planned lies where it is due.

    What lasts all day has no moment, and its day is nobody's to shift: Salesforce writes it as midnight UTC whatever the
    zone. Source: Salesforce, Object Reference, Event, ActivityDate.
    """
    at = fields.moment("happened_at")
    if at is None or not completed:
        at = fields.moment("due_at") or at
    if "all_day" in fields and fields.flag("all_day"):
        return None, fields.day("happened_on") or (at.date() if at else None)
    on = fields.context.company.day_of(at) if at else None
    if on is None or not completed:
        on = fields.day("happened_on") or on
    return at, on


def _about(fields: Fields) -> tuple[Ref | None, Ref | None]:
    """The deal and account of an activity; Salesforce points at either with one field (`WhatId`)."""
    deal, account = fields.ref("deal", RecordKind.DEAL), fields.ref("account", RecordKind.ACCOUNT)
    about = fields.text("about")
    if about:
        kind = fields.raw.fields.get(fields.source.fields["about"].removesuffix("Id") + ".Type")
        for wanted in (RecordKind.DEAL, RecordKind.ACCOUNT):
            if kind == fields.context.mapping.object_of(wanted):
                found = fields.ref("about", wanted)
                deal, account = (found, account) if wanted is RecordKind.DEAL else (deal, found)
    return deal, account


def _minutes(fields: Fields, happened_at: datetime | None) -> int | None:
    for name, per_minute in (("minutes", 1), ("seconds", 60), ("milliseconds", 60_000)):
        length = fields.number(name)
        if length is not None:
            return int(length / per_minute)
    ended_at = fields.moment("ended_at")
    if ended_at and happened_at and ended_at >= happened_at:
        return int((ended_at - happened_at).total_seconds() // 60)
    return None

"""What changed and what was deleted between two moments, as getUpdated and getDeleted tell it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connector.sandbox.salesforce.fields import SObject
from connector.sandbox.salesforce.moments import moment, stamp
from connector.sandbox.salesforce.organisation import Organisation
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.wire import Request

UPDATED_BACK = timedelta(days=30)
DELETED_BACK = timedelta(days=15)


def updated(org: Organisation, thing: SObject, request: Request) -> dict[str, Any]:
    """Ids of living records stamped in the window. Raises Refused."""
    start, end = _window(org, request, UPDATED_BACK)
    table = org.database.seen(thing.name, org.stamp)
    living = ' AND "IsDeleted" = 0' if "IsDeleted" in thing.fields else ""
    sql = f'SELECT "Id" FROM {table} WHERE "SystemModstamp" >= ? AND "SystemModstamp" <= ?{living} ORDER BY "Id"'
    ids = [id for (id,) in org.database.run(sql, (start, end))]
    return {"ids": ids, "latestDateCovered": _covered(org, thing, end)}


def deleted(org: Organisation, thing: SObject, request: Request) -> dict[str, Any]:
    """Records that went to the bin in the window, or for good, with the moment. Raises Refused."""
    start, end = _window(org, request, DELETED_BACK)
    table = org.database.seen(thing.name, org.stamp)
    sql = (
        f'SELECT "Id", "SystemModstamp" FROM {table} WHERE "IsDeleted" = 1 '
        'AND "SystemModstamp" >= ? AND "SystemModstamp" <= ? ORDER BY "SystemModstamp", "Id"'
    )
    found = org.database.run(sql, (start, end)).fetchall() if "IsDeleted" in thing.fields else []
    found += [(id, at) for name, id, at in org.erased if name == thing.name and start <= at <= end]
    return {
        "deletedRecords": [{"id": id, "deletedDate": at} for id, at in found],
        "earliestDateAvailable": stamp(org.now() - DELETED_BACK),
        "latestDateCovered": _covered(org, thing, end),
    }


def _window(org: Organisation, request: Request, back: timedelta) -> tuple[str, str]:
    start, end = _given(request, "start"), _given(request, "end")
    if end <= start + timedelta(minutes=1):
        raise Refused("INVALID_REPLICATION_DATE", "startDate and endDate must be more than one minute apart")
    if start < org.now() - back:
        message = f"startDate before org replication enabled date, or more than {back.days} days back"
        raise Refused("INVALID_REPLICATION_DATE", message)
    return stamp(start), stamp(end)


def _given(request: Request, name: str) -> datetime:
    """A moment from the query; an unencoded plus has become a blank on its way."""
    text = request.param(name).replace(" ", "+")
    try:
        return moment(text)
    except ValueError:
        raise Refused("INVALID_FIELD", f"{name} is not a valid date: {text}") from None


def _covered(org: Organisation, thing: SObject, end: str) -> str:
    """How far the answer can be trusted: short of now, and of writes that nobody sees yet."""
    now = org.stamp
    oldest = org.database.oldest_hidden(thing.name, now)
    return min(filter(None, (end, now, oldest)))

"""What was deleted, as the service that replicates tells of it: also what the recycle bin no longer shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from connector.crm.salesforce.errors import Forgotten
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.streams import Stream
from connector.crm.salesforce.window import Window, moment_of
from connector.errors import CrmDenied, CrmUnavailable
from connector.model.records import RawRecord, Ref

# Salesforce keeps its list of deletions for 15 days and wants more than a minute between the ends.
# Source: Salesforce, "Get Deleted", read 2026-11-23.
_DELETIONS_KEPT = timedelta(days=15) - timedelta(minutes=5)  # their clock runs on while we ask
_SHORTEST_DELETIONS = timedelta(minutes=2)
# One answer names 600,000 at most, and says so otherwise. Source: Salesforce, "sObject Get Deleted", read 2026-11-30.
_TOO_MANY = "EXCEEDED_ID_LIMIT"


def gone(org: Org, stream: Stream, window: Window) -> list[RawRecord]:
    """What was deleted since the last read, also for good: the recycle bin no longer shows that.

    The service's list reaches back 15 days at most, less in a busy org. What was purged before that
    leaves no trace, and only a comparison of all ids would find it.
    """
    if window.lo is None or stream.whole or not stream.replicateable:
        return []
    start = max(min(window.lo, window.hi - _SHORTEST_DELETIONS), org.now() - _DELETIONS_KEPT)
    try:
        return _between(org, stream, start, window.hi)
    except Forgotten:
        return []
    except (KeyError, TypeError, ValueError):
        raise CrmUnavailable(org.connection, f"answered the deletions of {stream.source.object} badly") from None


def _between(org: Org, stream: Stream, start: datetime, end: datetime) -> list[RawRecord]:
    """Those of a stretch; where one answer cannot name them all, of its halves. One on the edge may come twice."""
    path = f"sobjects/{quote(stream.source.object, safe='')}/deleted/"
    span = {"start": start.isoformat(timespec="seconds"), "end": end.isoformat(timespec="seconds")}
    try:
        body = org.get(path, span)
    except CrmDenied as error:
        if _TOO_MANY not in error.problem:
            raise
        if end - start < 2 * _SHORTEST_DELETIONS:
            raise CrmUnavailable(org.connection, f"{error.problem}; even for less than four minutes") from error
        middle = start + (end - start) / 2
        return [*_between(org, stream, start, middle), *_between(org, stream, middle, end)]
    return [_tombstone(org.connection, stream, row) for row in body["deletedRecords"]]


def _tombstone(connection: str, stream: Stream, row: Mapping[str, Any]) -> RawRecord:
    ref = Ref(connection, stream.source.object, str(row["id"]))
    return RawRecord(stream.source.kind, ref, moment_of(row["deletedDate"]), {}, deleted=True)

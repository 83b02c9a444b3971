"""Everything that a source has, by its ids: what a sweep compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.crm.salesforce import soql
from connector.crm.salesforce.describe import Listing
from connector.crm.salesforce.org import Org, Reply
from connector.crm.salesforce.streams import Stream
from connector.crm.salesforce.window import moment_of
from connector.errors import CrmUnavailable
from connector.model.records import RecordKind
from connector.ports import Stamp


def listing(org: Org, stream: Stream, shapes: Listing) -> Iterator[Sequence[Stamp]]:
    """Ids, stamps and links of everything that is not deleted, page by page; archived activities are among it.

    Tasks and events leave `query` once they are a year old, and are what they were. Source: Salesforce, SOAP API Developer
    Guide, "queryAll()": it returns records that were deleted and archived tasks and events. What belonged to an account that
    was merged away belongs to another one then, and no document says that its stamp moves.
    """
    where = [*stream.leave_out, *but_ourselves(org, stream)]
    if stream.deletable:
        where.append(soql.truth("IsDeleted", is_set=False))
    names = tuple(dict.fromkeys(("Id", stream.stamp, *stream.points.names)))
    query = soql.select(names, stream.source.object, where=where, order_by=("Id",))
    reply = org.query(query, deleted=stream.deletable)
    while True:
        try:
            yield [
                Stamp(str(row["Id"]), moment_of(row[stream.stamp]), stream.points.told(row, shapes.object_of))
                for row in reply.rows
            ]
        except (KeyError, TypeError, ValueError):
            raise CrmUnavailable(org.connection, f"listed {stream.source.object} without id or stamp") from None
        if reply.next is None:
            return
        reply = more(org, reply)


def but_ourselves(org: Org, stream: Stream) -> list[str]:
    """Our own log-in is nobody."""
    return [soql.other_than("Id", org.user_id)] if stream.source.kind is RecordKind.USER and org.user_id else []


def more(org: Org, reply: Reply) -> Reply:
    """The page behind one that has a next."""
    assert reply.next is not None
    return org.more(reply.next)

"""Resources for many records: queries, collections, replication."""

from __future__ import annotations

from connector.sandbox.salesforce import replication
from connector.sandbox.salesforce.call import Call, reply
from connector.sandbox.salesforce.ids import canonical
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.wire import Response


def query(call: Call) -> Response:
    return _query(call, deleted=False)


def query_all(call: Call) -> Response:
    return _query(call, deleted=True)


def _query(call: Call, *, deleted: bool) -> Response:
    text, options = call.request.param("q"), call.request.headers.get("sforce-query-options", "")
    if not text:
        raise Refused("MALFORMED_QUERY", "SOQL statements can only be made via the q parameter")
    return reply(200, call.desk.queries.answer(text, call.world(), options, deleted=deleted, base=call.base))


def more(call: Call) -> Response:
    return reply(200, call.desk.queries.more(call.names[0], call.base))


def create(call: Call) -> Response:
    return reply(200, call.batches.create(call.json()))


def update(call: Call) -> Response:
    return reply(200, call.batches.update(call.json()))


def delete(call: Call) -> Response:
    return reply(200, call.batches.delete(call.listed("ids"), all_or_none=call.asks_for("allOrNone")))


def upsert(call: Call) -> Response:
    return reply(200, call.batches.upsert(call.json(), call.names[0], call.names[1]))


def read(call: Call) -> Response:
    """A record or null for each id, in order."""
    body = call.record() if call.request.method == "POST" else {}
    ids, names = body.get("ids") or call.listed("ids"), body.get("fields") or call.listed("fields")
    if not (ids and names):
        raise Refused("MISSING_ARGUMENT", "ids and fields are required")
    sought = [canonical(str(id)) or str(id) for id in ids]
    found = call.desk.queries.by_ids(call.thing.name, names, sought, call.world(late=False))
    return reply(200, f"[{','.join(found.get(id, 'null') for id in sought)}]")


def updated(call: Call) -> Response:
    return reply(200, replication.updated(call.org, call.thing, call.request))


def deleted(call: Call) -> Response:
    return reply(200, replication.deleted(call.org, call.thing, call.request))

"""Which resource answers which path below /services/data/vNN.N."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from connector.sandbox.salesforce import bulk_ingest, bulk_query
from connector.sandbox.salesforce import resources_many as many
from connector.sandbox.salesforce import resources_records as records
from connector.sandbox.salesforce import resources_shape as shape
from connector.sandbox.salesforce.call import Call, reply
from connector.sandbox.salesforce.composite import composite
from connector.sandbox.salesforce.refusal import Refused, no_such_resource
from connector.sandbox.wire import Response

_NAME, _ID = r"(\w+)", r"([0-9A-Za-z]{15}|[0-9A-Za-z]{18})"
_KEY = rf"/sobjects/{_NAME}/{_NAME}/(.+)"


def answer(call: Call) -> Response:
    """The resource's response, or its refusal."""
    try:
        return _answer(call)
    except Refused as refused:
        return reply(refused.status, refused.request_error())


def _answer(call: Call) -> Response:
    path = call.request.path.partition(call.base)[2].rstrip("/")
    allowed = []
    for method, pattern, resource in ROUTES:
        match = re.fullmatch(pattern, path)
        if match and method == call.request.method:
            return resource(replace(call, names=match.groups()))
        if match:
            allowed.append(method)
    if not allowed:
        raise no_such_resource()
    message = f"HTTP Method '{call.request.method}' not allowed. Allowed are {','.join(allowed)}"
    raise Refused("METHOD_NOT_ALLOWED", message, status=405)


def _composite(call: Call) -> Response:
    return composite(call, answer)


# In this order: a path may fit several patterns, and the first one is meant.
ROUTES: tuple[tuple[str, str, Callable[[Call], Response]], ...] = (
    ("GET", "", shape.index),
    ("GET", "/limits", shape.limits),
    ("GET", "/limits/recordCount", shape.record_count),
    ("GET", "/query", many.query),
    ("GET", "/queryAll", many.query_all),
    ("GET", r"/(?:query|queryAll)/([\w-]+)", many.more),
    ("GET", "/sobjects", shape.objects),
    ("GET", f"/sobjects/{_NAME}", shape.one_object),
    ("POST", f"/sobjects/{_NAME}", records.create),
    ("GET", f"/sobjects/{_NAME}/describe", shape.describe),
    ("GET", f"/sobjects/{_NAME}/updated", many.updated),
    ("GET", f"/sobjects/{_NAME}/deleted", many.deleted),
    ("GET", f"/sobjects/{_NAME}/{_ID}", records.get),
    ("PATCH", f"/sobjects/{_NAME}/{_ID}", records.update),
    ("DELETE", f"/sobjects/{_NAME}/{_ID}", records.delete),
    ("GET", _KEY, records.get_by_key),
    ("PATCH", _KEY, records.upsert),
    ("DELETE", _KEY, records.delete_by_key),
    ("POST", "/composite", _composite),
    ("POST", "/composite/sobjects", many.create),
    ("PATCH", "/composite/sobjects", many.update),
    ("DELETE", "/composite/sobjects", many.delete),
    ("GET", f"/composite/sobjects/{_NAME}", many.read),
    ("POST", f"/composite/sobjects/{_NAME}", many.read),
    ("PATCH", f"/composite/sobjects/{_NAME}/{_NAME}", many.upsert),
    ("POST", "/jobs/query", bulk_query.create),
    ("GET", rf"/jobs/query/{_ID}", bulk_query.look),
    ("GET", rf"/jobs/query/{_ID}/results", bulk_query.results),
    ("PATCH", rf"/jobs/query/{_ID}", bulk_query.abort),
    ("DELETE", rf"/jobs/query/{_ID}", bulk_query.delete),
    ("POST", "/jobs/ingest", bulk_ingest.create),
    ("PUT", rf"/jobs/ingest/{_ID}/batches", bulk_ingest.upload),
    ("PATCH", rf"/jobs/ingest/{_ID}", bulk_ingest.close),
    ("GET", rf"/jobs/ingest/{_ID}", bulk_ingest.look),
    ("GET", rf"/jobs/ingest/{_ID}/(successfulResults|failedResults|unprocessedrecords)", bulk_ingest.results),
    ("DELETE", rf"/jobs/ingest/{_ID}", bulk_ingest.delete),
    ("GET", "/tooling/query", shape.tooling),
    ("POST", "/actions/standard/customNotificationAction", shape.ring),
    ("POST", "/metadata/deployRequest", shape.deploy),
    ("GET", r"/metadata/deployRequest/(\w+)", shape.deployment),
)

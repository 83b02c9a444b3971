"""Resources that tell of the organisation itself: its limits, its objects, what is deployed to it."""

from __future__ import annotations

from connector.sandbox.salesforce import describe as shape
from connector.sandbox.salesforce.call import Call, reply
from connector.sandbox.salesforce.moments import from_http_date, http_date
from connector.sandbox.wire import Response

_FIXED_LIMITS = {"DailyBulkV2QueryJobs": 10000, "DailyBulkApiBatches": 15000, "DataStorageMB": 1024}


def index(call: Call) -> Response:
    names = ("sobjects", "query", "queryAll", "limits", "composite", "metadata")
    return reply(200, {name: f"{call.base}/{name}" for name in names})


def limits(call: Call) -> Response:
    used, most = call.desk.usage()
    daily = {"DailyApiRequests": {"Max": most, "Remaining": max(0, most - used)}}
    return reply(200, daily | {name: {"Max": each, "Remaining": each} for name, each in _FIXED_LIMITS.items()})


def record_count(call: Call) -> Response:
    """How many records there are; objects without any are left out, as recorded."""
    wanted = call.listed("sObjects")
    known = [call.sight.find(name) for name in wanted] if wanted else [*call.sight.objects.values()]
    counts = []
    for thing in filter(None, known):
        living = ' WHERE "IsDeleted" = 0' if "IsDeleted" in thing.fields else ""
        (count,) = call.org.database.run(f'SELECT count(*) FROM "{thing.name}"{living}').fetchone()
        if count:
            counts.append({"count": count, "name": thing.name})
    return reply(200, {"sObjects": counts})


def objects(call: Call) -> Response:
    known = [shape.brief(each, call.base) for _, each in sorted(call.sight.objects.items())]
    return reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": known})


def one_object(call: Call) -> Response:
    return reply(200, {"objectDescribe": shape.brief(call.thing, call.base), "recentItems": []})


def describe(call: Call) -> Response:
    thing, changed_at = call.thing, call.desk.shape_changed_at
    since = from_http_date(call.request.headers.get("if-modified-since", ""))
    if since is not None and changed_at.replace(microsecond=0) <= since:
        return Response(304)
    host = call.request.headers.get("host", "localhost")
    return reply(200, shape.whole(thing, call.sight, call.base, host), **{"Last-Modified": http_date(changed_at)})


def deploy(call: Call) -> Response:
    with call.org.database.transaction():
        started = call.desk.deployments.start(call.request, call.viewer.user)
    call.desk.shape_changed_at = call.org.now()
    return reply(201, started)


def deployment(call: Call) -> Response:
    return reply(200, call.desk.deployments.look(call.names[0], details=call.asks_for("includeDetails")))

"""Resources that tell of the organisation itself: its limits, its objects, what is deployed to it."""

from __future__ import annotations

import re

from connector.sandbox.salesforce import describe as shape
from connector.sandbox.salesforce.call import Call, reply
from connector.sandbox.salesforce.ids import record_id
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.wire import Response, from_http_date, http_date

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


_NOTIFICATIONS = re.compile(r"SELECT Id FROM CustomNotificationType WHERE DeveloperName = '(\w+)'")


def tooling(call: Call) -> Response:
    """As much of the Tooling API as somebody needs who rings the bell."""
    match = _NOTIFICATIONS.fullmatch(call.request.param("q"))
    if match is None:
        raise Refused("INVALID_TYPE", "This stand-in answers for CustomNotificationType only")
    kinds = sorted(name for kind, name in call.org.schema.parts if kind == "CustomNotificationType")
    found = [{"Id": _kind_id(kinds, name)} for name in kinds if name == match[1]]
    return reply(200, {"size": len(found), "totalSize": len(found), "done": True, "records": found})


def ring(call: Call) -> Response:
    """Source: Salesforce, "Custom Notification Actions": a result for each input, in order.

    The permission that it names is needed; in what words it is missed no source says.
    """
    if not call.org.schema.allows(call.viewer, "SendCustomNotifications"):
        raise Refused("INSUFFICIENT_ACCESS", "insufficient access rights: Send Custom Notifications", status=403)
    kinds = sorted(name for kind, name in call.org.schema.parts if kind == "CustomNotificationType")
    known = {_kind_id(kinds, name) for name in kinds}
    inputs = call.record().get("inputs") or []
    if not inputs or any(each.get("customNotifTypeId") not in known for each in inputs):
        raise Refused("INVALID_CUSTOM_NOTIF_TYPE", "The custom notification type is missing or unknown")
    call.org.rung.extend(inputs)
    name = "customNotificationAction"
    return reply(200, [{"actionName": name, "errors": None, "isSuccess": True, "outputValues": {}} for _ in inputs])


def _kind_id(kinds: list[str], name: str) -> str:
    return record_id("0ML", kinds.index(name) + 1)


def deploy(call: Call) -> Response:
    with call.org.database.transaction():
        started = call.desk.deployments.start(call.request, call.viewer.user)
    call.desk.shape_changed_at = call.org.now()
    return reply(201, started)


def deployment(call: Call) -> Response:
    return reply(200, call.desk.deployments.look(call.names[0], details=call.asks_for("includeDetails")))

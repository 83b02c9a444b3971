"""The REST resources below /services/data/vNN.N, for a user who has logged in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connector.sandbox.salesforce import describe, replication
from connector.sandbox.salesforce.batches import Batches
from connector.sandbox.salesforce.composite import composite
from connector.sandbox.salesforce.deployments import Deployments
from connector.sandbox.salesforce.faults import Faults
from connector.sandbox.salesforce.fields import SObject
from connector.sandbox.salesforce.ids import canonical
from connector.sandbox.salesforce.moments import from_http_date, http_date
from connector.sandbox.salesforce.organisation import Organisation
from connector.sandbox.salesforce.query import Queries
from connector.sandbox.salesforce.records import Records
from connector.sandbox.salesforce.refusal import Refused, no_such_resource
from connector.sandbox.salesforce.schema import Viewer
from connector.sandbox.salesforce.soql_compile import World
from connector.sandbox.wire import Request, Response

JSON = {"Content-Type": "application/json;charset=UTF-8"}


def reply(status: int, body: object, **headers: str) -> Response:
    """A JSON response; a string is JSON already."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(status, {**JSON, **headers}, text.encode())


@dataclass(frozen=True, slots=True)
class Call:
    """A request on its way through one resource."""

    request: Request
    viewer: Viewer
    base: str  # "/services/data/v66.0"
    names: tuple[str, ...]  # what the path named

    @property
    def is_true(self) -> Callable[[str], bool]:
        return lambda name: self.request.param(name).lower() == "true"

    def json(self) -> Any:  # noqa: ANN401 - whatever the client sent
        try:
            return self.request.json()
        except ValueError:
            raise Refused("JSON_PARSER_ERROR", "Unexpected character or end of input") from None


class Api:
    """One handler per resource; `routes` below says which."""

    def __init__(self, org: Organisation, faults: Faults) -> None:
        self.org, self.faults = org, faults
        self.queries = Queries(org.database)
        self.deployments = Deployments(org)
        self.changed_at = org.now()  # the shape's, for If-Modified-Since
        self.usage: Callable[[], tuple[int, int]] = lambda: (0, 0)

    def answer(self, request: Request, viewer: Viewer, base: str, path: str) -> Response:
        """Raises Refused."""
        allowed = []
        for methods, pattern, name in ROUTES:
            match = re.fullmatch(pattern, path)
            if match is None:
                continue
            if request.method in methods:
                handler: Callable[[Call], Response] = getattr(self, name)
                return handler(Call(request, viewer, base, match.groups()))
            allowed.append(methods)
        if allowed:
            message = f"HTTP Method '{request.method}' not allowed. Allowed are {','.join(' '.join(allowed).split())}"
            raise Refused("METHOD_NOT_ALLOWED", message, status=405)
        raise no_such_resource()

    # The organisation

    def resources(self, call: Call) -> Response:
        names = ("sobjects", "query", "queryAll", "limits", "composite", "metadata")
        return reply(200, {name: f"{call.base}/{name}" for name in names})

    def limits(self, _call: Call) -> Response:
        used, most = self.usage()
        fixed = {
            "DailyBulkV2QueryJobs": 10000,
            "DailyBulkApiBatches": 15000,
            "DataStorageMB": 1024,
            "FileStorageMB": 1024,
        }
        limits = {"DailyApiRequests": {"Max": most, "Remaining": max(0, most - used)}}
        return reply(200, limits | {name: {"Max": each, "Remaining": each} for name, each in fixed.items()})

    def record_count(self, call: Call) -> Response:
        sight = self.org.schema.seen_by(call.viewer)
        wanted = [name for name in call.request.param("sObjects").split(",") if name]
        counts = []
        for thing in filter(None, map(sight.find, wanted)) if wanted else sight.objects.values():
            living = ' WHERE "IsDeleted" = 0' if "IsDeleted" in thing.fields else ""
            (count,) = self.org.database.run(f'SELECT count(*) FROM "{thing.name}"{living}').fetchone()
            if count:
                counts.append({"count": count, "name": thing.name})
        return reply(200, {"sObjects": counts})

    def objects(self, call: Call) -> Response:
        sight = self.org.schema.seen_by(call.viewer)
        known = [describe.brief(each, call.base) for each in sorted(sight.objects.values(), key=lambda each: each.name)]
        return reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": known})

    def object(self, call: Call) -> Response:
        thing = self._object(call)
        return reply(200, {"objectDescribe": describe.brief(thing, call.base), "recentItems": []})

    def describe(self, call: Call) -> Response:
        thing, sight = self._object(call), self.org.schema.seen_by(call.viewer)
        since = from_http_date(call.request.headers.get("if-modified-since", ""))
        if since is not None and self.changed_at.replace(microsecond=0) <= since:
            return Response(304)
        whole = describe.whole(thing, sight, call.base, call.request.headers.get("host", "localhost"))
        return reply(200, whole, **{"Last-Modified": http_date(self.changed_at)})

    # Queries

    def query(self, call: Call) -> Response:
        return self._query(call, deleted=False)

    def query_all(self, call: Call) -> Response:
        return self._query(call, deleted=True)

    def _query(self, call: Call, *, deleted: bool) -> Response:
        options = call.request.headers.get("sforce-query-options", "")
        text = call.request.param("q")
        if not text:
            raise Refused("MALFORMED_QUERY", "SOQL statements can only be made via the q parameter")
        return reply(200, self.queries.answer(text, self._world(call), options, deleted=deleted, base=call.base))

    def more(self, call: Call) -> Response:
        return reply(200, self.queries.more(call.names[0], call.base))

    # Single records

    def create(self, call: Call) -> Response:
        records = self._records(call)
        with self.org.database.transaction():
            id = records.create(self._object(call), self._record(call))
        body = {"id": id, "success": True, "errors": []}
        return reply(201, body, Location=f"{call.base}/sobjects/{self._object(call).name}/{id}")

    def get(self, call: Call) -> Response:
        thing = self._object(call)
        row = self._records(call).row(thing, call.names[1])
        return self._show(call, thing, row["Id"])

    def update(self, call: Call) -> Response:
        given = self._record(call)
        if any(name.lower() == "id" for name in given):
            raise Refused("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
        with self.org.database.transaction():
            self._records(call).update(self._object(call), call.names[1], given)
        return Response(204)

    def delete(self, call: Call) -> Response:
        with self.org.database.transaction():
            self._records(call).delete(self._object(call), call.names[1])
        return Response(204)

    def get_by_key(self, call: Call) -> Response:
        thing, found = self._by_key(call)
        if not found:
            raise no_such_resource()
        return self._several(call, thing, found) if len(found) > 1 else self._show(call, thing, found[0])

    def delete_by_key(self, call: Call) -> Response:
        thing, found = self._by_key(call)
        if not found:
            raise no_such_resource()
        if len(found) > 1:
            return self._several(call, thing, found)
        with self.org.database.transaction():
            self._records(call).delete(thing, found[0])
        return Response(204)

    def upsert(self, call: Call) -> Response:
        thing, found = self._by_key(call)
        records, given, key = self._records(call), self._record(call), call.names[1]
        if any(name.lower() in {"id", key.lower()} for name in given):
            message = f"The {key} field should not be specified in the sobject data."
            raise Refused("INVALID_FIELD", message)
        if len(found) > 1:
            return self._several(call, thing, found)
        with self.org.database.transaction():
            if found:
                records.update(thing, found[0], given)
            id = found[0] if found else records.create(thing, {**given, key: call.names[2]})
        body = {"id": id, "success": True, "errors": [], "created": not found}
        return reply(200 if found else 201, body)

    def _by_key(self, call: Call) -> tuple[SObject, list[str]]:
        thing = self._object(call)
        return thing, self._records(call).by_external_id(thing, call.names[1], call.names[2])

    def _several(self, call: Call, thing: SObject, ids: list[str]) -> Response:
        return reply(300, [f"{call.base}/sobjects/{thing.name}/{id}" for id in ids])

    def _show(self, call: Call, thing: SObject, id: str) -> Response:
        names = [name for name in call.request.param("fields").split(",") if name] or list(thing.fields)
        found = self.queries.by_ids(thing.name, names, [id], self._world(call, late=False))
        return reply(200, found[id])

    # Many records

    def create_many(self, call: Call) -> Response:
        return reply(200, self._batches(call).create(call.json()))

    def update_many(self, call: Call) -> Response:
        return reply(200, self._batches(call).update(call.json()))

    def delete_many(self, call: Call) -> Response:
        ids = [id for id in call.request.param("ids").split(",") if id]
        return reply(200, self._batches(call).delete(ids, all_or_none=call.is_true("allOrNone")))

    def upsert_many(self, call: Call) -> Response:
        return reply(200, self._batches(call).upsert(call.json(), *call.names))

    def read_many(self, call: Call) -> Response:
        """A record or null for each id, in order."""
        body = call.json() if call.request.method == "POST" else {}
        ids = body.get("ids") or [id for id in call.request.param("ids").split(",") if id]
        names = body.get("fields") or [name for name in call.request.param("fields").split(",") if name]
        if not (ids and names):
            raise Refused("MISSING_ARGUMENT", "ids and fields are required")
        sought = [canonical(str(id)) or str(id) for id in ids]
        found = self.queries.by_ids(self._object(call).name, names, sought, self._world(call, late=False))
        return reply(200, f"[{','.join(found.get(id, 'null') for id in sought)}]")

    def composite(self, call: Call) -> Response:
        body = call.json()
        answer: Callable[[Request], Response] = lambda part: self._part(part, call)  # noqa: E731
        if not body.get("allOrNone"):
            return reply(200, composite(call.request, answer))
        try:
            with self.org.database.transaction():
                done = composite(call.request, answer)
                _Undone.unless_well(done)
        except _Undone as undone:
            return reply(200, undone.reply())
        return reply(200, done)

    def _part(self, request: Request, call: Call) -> Response:
        _, _, path = request.path.partition(call.base)
        try:
            return self.answer(request, call.viewer, call.base, path.rstrip("/"))
        except Refused as refused:
            return reply(refused.status, refused.request_error())

    # Replication and metadata

    def updated(self, call: Call) -> Response:
        return reply(200, replication.updated(self.org, self._object(call), call.request))

    def deleted(self, call: Call) -> Response:
        return reply(200, replication.deleted(self.org, self._object(call), call.request))

    def deploy(self, call: Call) -> Response:
        with self.org.database.transaction():
            done = self.deployments.start(call.request, call.viewer.user)
        self.changed_at = self.org.now()
        return reply(201, done)

    def deployment(self, call: Call) -> Response:
        return reply(200, self.deployments.look(call.names[0], details=call.is_true("includeDetails")))

    # What the handlers share

    def _object(self, call: Call) -> SObject:
        return self._records(call).object(call.names[0])

    def _records(self, call: Call) -> Records:
        return Records(self.org, call.viewer)

    def _record(self, call: Call) -> dict[str, Any]:
        body = call.json()
        if not isinstance(body, dict):
            raise Refused("JSON_PARSER_ERROR", "The request body is not a record")
        return body

    def _batches(self, call: Call) -> Batches:
        return Batches(self._records(call), self.faults.next_row_is_locked)

    def _world(self, call: Call, *, late: bool = True) -> World:
        """What a query reads; without `late`, also what queries do not see yet."""
        now = self.org.stamp
        table: Callable[[str], str] = lambda name: self.org.database.seen(name, now)  # noqa: E731
        sight = self.org.schema.seen_by(call.viewer)
        plain: Callable[[str], str] = '"{}"'.format
        return World(sight, table if late else plain, self.org.today, self.org.fiscal_starts, f"{call.base}/sobjects")


class _Undone(Exception):
    """A composite of which a part failed, when all or none was asked for."""

    def __init__(self, done: dict[str, Any]) -> None:
        self.done = done
        super().__init__()

    @classmethod
    def unless_well(cls, done: dict[str, Any]) -> None:
        """Raise it when a part failed."""
        if any(each["httpStatusCode"] >= 300 for each in done["compositeResponse"]):
            raise cls(done)

    def reply(self) -> dict[str, Any]:
        """The parts that failed as they did, the others as halted."""
        halted = [
            {
                "errorCode": "PROCESSING_HALTED",
                "message": "The transaction was rolled back since another operation in the same transaction failed.",
            }
        ]
        for each in self.done["compositeResponse"]:
            if each["httpStatusCode"] < 300:
                each |= {"body": halted, "httpHeaders": {}, "httpStatusCode": 400}
        return self.done


_NAME, _ID = r"(\w+)", r"([0-9A-Za-z]{15}|[0-9A-Za-z]{18})"
ROUTES = (
    ("GET", "", "resources"),
    ("GET", "/limits", "limits"),
    ("GET", "/limits/recordCount", "record_count"),
    ("GET", "/query", "query"),
    ("GET", "/queryAll", "query_all"),
    ("GET", r"/(?:query|queryAll)/([\w-]+)", "more"),
    ("GET", "/sobjects", "objects"),
    ("GET", f"/sobjects/{_NAME}", "object"),
    ("POST", f"/sobjects/{_NAME}", "create"),
    ("GET", f"/sobjects/{_NAME}/describe", "describe"),
    ("GET", f"/sobjects/{_NAME}/updated", "updated"),
    ("GET", f"/sobjects/{_NAME}/deleted", "deleted"),
    ("GET", f"/sobjects/{_NAME}/{_ID}", "get"),
    ("PATCH", f"/sobjects/{_NAME}/{_ID}", "update"),
    ("DELETE", f"/sobjects/{_NAME}/{_ID}", "delete"),
    ("GET", f"/sobjects/{_NAME}/{_NAME}/(.+)", "get_by_key"),
    ("PATCH", f"/sobjects/{_NAME}/{_NAME}/(.+)", "upsert"),
    ("DELETE", f"/sobjects/{_NAME}/{_NAME}/(.+)", "delete_by_key"),
    ("POST", "/composite", "composite"),
    ("POST", "/composite/sobjects", "create_many"),
    ("PATCH", "/composite/sobjects", "update_many"),
    ("DELETE", "/composite/sobjects", "delete_many"),
    ("POST GET", f"/composite/sobjects/{_NAME}", "read_many"),
    ("PATCH", f"/composite/sobjects/{_NAME}/{_NAME}", "upsert_many"),
    ("POST", "/metadata/deployRequest", "deploy"),
    ("GET", r"/metadata/deployRequest/(\w+)", "deployment"),
)

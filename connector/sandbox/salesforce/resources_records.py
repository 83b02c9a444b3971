"""Resources for one record at a time: by id, and by external id."""

from __future__ import annotations

from collections.abc import Sequence

from connector.sandbox.salesforce.call import Call, reply
from connector.sandbox.salesforce.refusal import Refused, no_such_resource
from connector.sandbox.wire import Response


def create(call: Call) -> Response:
    with call.org.database.transaction():
        id = call.records.create(call.thing, call.record())
    body = {"id": id, "success": True, "errors": []}
    return reply(201, body, Location=f"{call.base}/sobjects/{call.thing.name}/{id}")


def get(call: Call) -> Response:
    return _show(call, call.records.row(call.thing, call.names[1])["Id"])


def update(call: Call) -> Response:
    given = call.record()
    _refuse_key("Id", given)
    with call.org.database.transaction():
        call.records.update(call.thing, call.names[1], given)
    return Response(204)


def delete(call: Call) -> Response:
    with call.org.database.transaction():
        call.records.delete(call.thing, call.names[1])
    return Response(204)


def get_by_key(call: Call) -> Response:
    found = _existing(call)
    return _several(call, found) if len(found) > 1 else _show(call, found[0])


def delete_by_key(call: Call) -> Response:
    found = _existing(call)
    if len(found) > 1:
        return _several(call, found)
    with call.org.database.transaction():
        call.records.delete(call.thing, found[0])
    return Response(204)


def upsert(call: Call) -> Response:
    """201 when it created, 200 when it updated, 300 when several records bear the key."""
    key, value, given = call.names[1], call.names[2], call.record()
    found = call.records.by_external_id(call.thing, key, value)
    _refuse_key(key, given)
    if len(found) > 1:
        return _several(call, found)
    with call.org.database.transaction():
        if found:
            call.records.update(call.thing, found[0], given)
        id = found[0] if found else call.records.create(call.thing, {**given, key: value})
    return reply(200 if found else 201, {"id": id, "success": True, "errors": [], "created": not found})


def _refuse_key(key: str, given: dict[str, object]) -> None:
    """What the path says, the body must not."""
    if any(name.lower() in {"id", key.lower()} for name in given):
        raise Refused("INVALID_FIELD", f"The {key} field should not be specified in the sobject data.")


def _existing(call: Call) -> list[str]:
    found = call.records.by_external_id(call.thing, call.names[1], call.names[2])
    if not found:
        raise no_such_resource()
    return found


def _several(call: Call, ids: Sequence[str]) -> Response:
    return reply(300, [f"{call.base}/sobjects/{call.thing.name}/{id}" for id in ids])


def _show(call: Call, id: str) -> Response:
    names = call.listed("fields") or list(call.thing.fields)
    return reply(200, call.desk.queries.by_ids(call.thing.name, names, [id], call.world(late=False))[id])

"""Property definitions and their groups, over the wire."""

from __future__ import annotations

import json
from collections.abc import Sequence

from connector.sandbox.hubspot import definitions
from connector.sandbox.hubspot.batch import inputs_of
from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.portal import Portal, body_of
from connector.sandbox.hubspot.replies import Json, Refused, batch, error, invalid, no_page, row_error, said
from connector.sandbox.wire import Request, Response


def answer(portal: Portal, kind: Kind, path: Sequence[str], request: Request) -> Response:
    """The reply for what stands behind `/crm/properties/<version>/<kind>`."""
    match (request.method, *path):
        case ("GET",):
            return said(200, {"results": _all(portal, kind, "definitions")})
        case ("POST",):
            return _create(portal, kind, body_of(request))
        case ("GET", "groups"):
            return said(200, {"results": _all(portal, kind, "groups")})
        case ("POST", "groups"):
            return _create_group(portal, kind, body_of(request))
        case ("GET", "groups", name):
            return said(200, _one(portal, kind, "groups", name))
        case ("POST", "batch", "create"):
            return _create_all(portal, kind, inputs_of(body_of(request), 100))
        case ("POST", "batch", "archive"):
            for each in inputs_of(body_of(request), 100):
                if _kept(portal, kind, "definitions", str(each.get("name"))) is not None:
                    _drop(portal, kind, str(each["name"]))
            return Response(204)
        case ("POST", "batch", "read"):
            return _read_all(portal, kind, inputs_of(body_of(request), 100))
        case ("GET", name):
            return said(200, _one(portal, kind, "definitions", name))
        case ("DELETE", name):
            return _drop(portal, kind, name)
    raise no_page()


def _all(portal: Portal, kind: Kind, table: str) -> list[Json]:
    rows = portal.store.rows(f"SELECT body FROM {table} WHERE kind = ? ORDER BY name", (kind.number,))
    return [json.loads(body) for (body,) in rows]


def _kept(portal: Portal, kind: Kind, table: str, name: str) -> Json | None:
    row = portal.store.one(f"SELECT body FROM {table} WHERE kind = ? AND name = ?", (kind.number, name))
    if row is None:
        return None
    body: Json = json.loads(row[0])
    return body


def _one(portal: Portal, kind: Kind, table: str, name: str) -> Json:
    body = _kept(portal, kind, table, name)
    if body is None:
        what = "Property group" if table == "groups" else "Property"
        raise Refused(404, error(f"{what} {name} does not exist", "OBJECT_NOT_FOUND", context={"name": [name]}))
    return body


def _create(portal: Portal, kind: Kind, body: Json) -> Response:
    definition = _definition(portal, kind, body)
    if _kept(portal, kind, "definitions", definition["name"]) is not None:
        exists = f"A property named '{definition['name']}' already exists."
        context = {"name": [definition["name"]]}
        raise Refused(
            409,
            error(exists, "OBJECT_ALREADY_EXISTS", subCategory="Properties.PROPERTY_WITH_NAME_EXISTS", context=context),
        )
    portal.define(kind, definition)
    return said(201, definition)


def _create_all(portal: Portal, kind: Kind, inputs: Sequence[Json]) -> Response:
    """A definition that is wrong refuses them all; one that exists fails alone."""
    started = portal.stamp()
    wanted = [_definition(portal, kind, each) for each in inputs]
    results, errors = [], []
    for definition in wanted:
        name = definition["name"]
        if _kept(portal, kind, "definitions", name) is None:
            portal.define(kind, definition)
            results.append(definition)
        else:
            exists = f"A property named '{name}' already exists."
            errors.append(
                row_error("OBJECT_ALREADY_EXISTS", exists, {"name": [name]}, "Properties.PROPERTY_WITH_NAME_EXISTS")
            )
    return batch(results, errors, started, portal.stamp(), 201)


def _read_all(portal: Portal, kind: Kind, inputs: Sequence[Json]) -> Response:
    started = portal.stamp()
    names = [str(each.get("name")) for each in inputs]
    found = {name: _kept(portal, kind, "definitions", name) for name in names}
    errors = [
        row_error(
            "OBJECT_NOT_FOUND", f"Property {name} does not exist", {"name": [name]}, "Properties.PROPERTY_NOT_FOUND"
        )
        for name, body in found.items()
        if body is None
    ]
    return batch([body for body in found.values() if body is not None], errors, started, portal.stamp())


def _definition(portal: Portal, kind: Kind, body: Json) -> Json:
    if kind.number in portal.closed:
        raise invalid(f"Cannot create properties for object type {kind.type_id}")
    groups = {group["name"]: group for group in _all(portal, kind, "groups")}
    return definitions.created(body, groups, portal.stamp())


def _create_group(portal: Portal, kind: Kind, body: Json) -> Response:
    name, label = body.get("name"), body.get("label")
    if not isinstance(name, str) or not isinstance(label, str) or not name:
        raise invalid("Invalid input JSON: Some required fields were not set: [name, label]")
    if _kept(portal, kind, "groups", name) is not None:
        raise Refused(
            409,
            error(
                f"A property group named '{name}' already exists.", "OBJECT_ALREADY_EXISTS", context={"name": [name]}
            ),
        )
    group = {"name": name, "label": label, "displayOrder": body.get("displayOrder", -1), "archived": False}
    portal.store.run("INSERT INTO groups VALUES (?, ?, ?)", (kind.number, name, json.dumps(group)))
    return said(201, group)


def _drop(portal: Portal, kind: Kind, name: str) -> Response:
    """Remove a property that a client created; its values stay where they are, out of sight."""
    if _one(portal, kind, "definitions", name).get("hubspotDefined"):
        raise invalid(f"Property {name} is defined by HubSpot and cannot be archived")
    portal.undefine(kind, name)
    return Response(204)

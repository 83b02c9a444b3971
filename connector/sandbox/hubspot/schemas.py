"""Custom objects of an Enterprise portal: made, listed, archived, purged.

As github.com/scopiousdigital/kalup saw it in live accounts in October 2026: the name of an archived object is free
again, an object with records cannot be archived, and only an archived one can be purged. Reads do not lag here as they
do there, and a definition cannot be changed afterwards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from connector.sandbox.hubspot import definitions
from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.portal import Portal, body_of
from connector.sandbox.hubspot.replies import Json, Refused, error, invalid, no_page, said
from connector.sandbox.wire import Request, Response

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
_FIRST = 51_000_001  # number of the first custom object of a portal


def answer(portal: Portal, path: Sequence[str], request: Request) -> Response:
    """The reply for what stands behind `/crm-object-schemas/<version>/schemas`."""
    gone = request.param("archived").lower() == "true"
    match (request.method, *path):
        case ("GET",):
            return said(
                200, {"results": [_shown(portal, body) for body in _kept(portal) if gone or not body["archived"]]}
            )
        case ("GET", name):
            return said(200, _shown(portal, _named(portal, name)))
        case ("POST",):
            return _create(portal, body_of(request))
        case ("DELETE", name):
            return _purge(portal, name) if gone else _archive(portal, _named(portal, name))
    raise no_page()


def _kept(portal: Portal) -> list[Json]:
    return [json.loads(body) for (body,) in portal.store.rows("SELECT body FROM schemas ORDER BY number")]


def _keep(portal: Portal, body: Json) -> None:
    number, archived = int(body["objectTypeId"].partition("-")[2]), int(body["archived"])
    portal.store.run("INSERT OR REPLACE INTO schemas VALUES (?, ?, ?)", (number, json.dumps(body), archived))


def _named(portal: Portal, name: str, *, archived: bool = False) -> Json:
    for body in _kept(portal):
        if body["archived"] is archived and name.lower() in (
            body["objectTypeId"],
            body["fullyQualifiedName"],
            body["name"].lower(),
        ):
            return body
    raise Refused(404, error(f"Unable to find object schema {name}", "OBJECT_NOT_FOUND"))


def _kind(portal: Portal, body: Json) -> Kind:
    kind = portal.custom_kind(body["objectTypeId"])
    assert kind is not None
    return kind


def _shown(portal: Portal, body: Json) -> Json:
    """With the properties that there are by now; an archived one shows none."""
    if body["archived"]:
        return {**body, "properties": []}
    kind = _kind(portal, body)
    rows = portal.store.rows("SELECT body FROM definitions WHERE kind = ? ORDER BY name", (kind.number,))
    return {**body, "properties": [json.loads(each) for (each,) in rows]}


def _create(portal: Portal, body: Json) -> Response:
    name, labels = str(body.get("name") or ""), body.get("labels") or {}
    if not _NAME.fullmatch(name) or not labels.get("singular") or not labels.get("plural"):
        raise invalid("Invalid input JSON: Some required fields were not set: [name, labels]")
    others = [each for each in _kept(portal) if not each["archived"]]
    if any(each["name"].lower() == name.lower() for each in others):
        raise Refused(409, error(f"Object schema {name} already exists", "CONFLICT"))
    if len(others) >= portal.objects_allowed:
        raise invalid(f"Portal has reached the limit of {portal.objects_allowed} custom objects")
    schema = _schema(portal, name, body)
    kind = portal.add_kind(schema)
    try:
        _define(portal, kind, body, schema)
    except Refused:
        portal.remove_kind(kind)
        raise
    portal.store.run("DELETE FROM schemas WHERE archived = 1 AND json_extract(body, '$.name') = ?", (name,))
    _keep(portal, schema)
    return said(201, _shown(portal, schema))


def _define(portal: Portal, kind: Kind, body: Json, schema: Json) -> None:
    """The properties that came along; whatever is displayed must be one of them, or HubSpot's."""
    groups = {kind.group: {"name": kind.group}}
    for each in body.get("properties") or ():
        portal.define(kind, definitions.created({"groupName": kind.group, **each}, groups, portal.stamp()))
    displayed = [schema["primaryDisplayProperty"], *schema["secondaryDisplayProperties"], *schema["requiredProperties"]]
    for name in (*displayed, *schema["searchableProperties"]):
        if name not in portal.definitions(kind):
            raise invalid(f"Property {name} does not exist", context={"propertyName": [name]})


def _schema(portal: Portal, name: str, body: Json) -> Json:
    if not body.get("primaryDisplayProperty"):
        raise invalid("A primary display property is required", subCategory="PRIMARY_DISPLAY_PROPERTY_REQUIRED")
    if len(body.get("secondaryDisplayProperties") or ()) > 2:
        raise invalid("At most two secondary display properties are allowed")
    row = portal.store.one("SELECT max(number) FROM schemas")
    number = (row[0] if row and row[0] else _FIRST - 1) + 1
    given = {key: list(body.get(key) or ()) for key in ("requiredProperties", "secondaryDisplayProperties")}
    return {
        "id": str(number),
        "objectTypeId": f"2-{number}",
        "fullyQualifiedName": f"p{portal.number}_{name.lower()}",
        "name": name,
        "labels": {key: body["labels"][key] for key in ("singular", "plural")},
        "description": str(body.get("description") or ""),
        "primaryDisplayProperty": body["primaryDisplayProperty"],
        "searchableProperties": list(body.get("searchableProperties") or ("hs_object_id",)),
        "associations": [],
        "allowsSensitiveProperties": True,
        "archived": False,
        "createdAt": portal.stamp(),
        "updatedAt": portal.stamp(),
        **given,
    }


def _archive(portal: Portal, body: Json) -> Response:
    kind = _kind(portal, body)
    if portal.store.one(f"SELECT 1 FROM {kind.table} WHERE archived IS NULL") is not None:
        message = f"Cannot delete object type {kind.type_id}: it has existing records"
        raise invalid(message, subCategory="EXISTING_OBJECT_RECORDS")
    _keep(portal, {**body, "archived": True})
    portal.remove_kind(kind)
    return Response(204)


def _purge(portal: Portal, name: str) -> Response:
    if not any(each["archived"] for each in _kept(portal)):
        raise invalid(f"Object schema {name} is not archived")
    number = _named(portal, name, archived=True)["objectTypeId"].partition("-")[2]
    portal.store.run("DELETE FROM schemas WHERE number = ?", (int(number),))
    return Response(204)

"""Records one at a time: list, read, create, change, archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from connector.sandbox.hubspot import associations, links, merging, records, rules, scopes
from connector.sandbox.hubspot.kinds import Kind, kind_called
from connector.sandbox.hubspot.portal import Portal, names_in
from connector.sandbox.hubspot.records import Record, View
from connector.sandbox.hubspot.replies import Json, Refused, error, invalid, no_page, said
from connector.sandbox.wire import Request, Response

_API = "https://api.hubapi.com"


def kind_named(portal: Portal, name: str) -> Kind:
    """The kind that a path names. Raises Refused: 400 without a category, as HubSpot has it; 403 for one that is withheld."""
    kind = kind_called(name) or portal.custom_kind(name)
    if kind is not None:
        return kind
    scopes.withheld(name)
    numbered = name.partition("-")[0].isdigit() and "-" in name
    message = f"Invalid object or event type id: {name}" if numbered else f"Unable to infer object type from: {name}"
    raise Refused(400, error(message))


def view_of(portal: Portal, request: Request) -> View:
    asked = names_in(request, "properties")
    return View(
        tuple(asked) if asked else None,
        tuple(names_in(request, "propertiesWithHistory")),
        tuple(kind_named(portal, name) for name in names_in(request, "associations")),
    )


def wants_archived(request: Request) -> bool:
    """`true` in any case means archived ones; everything else means living ones."""
    return request.param("archived").lower() == "true"


def list_page(portal: Portal, kind: Kind, request: Request) -> Response:
    """One page in order of id; `after` is the lowest id that the next page may have."""
    view, archived = view_of(portal, request), wants_archived(request)
    if archived and not kind.lists_archived:
        raise Refused(
            400,
            error(f"Paging through deleted objects is not yet supported for object type {kind.type_id} ({kind.label})"),
        )
    limit = _limit(request, 50 if view.with_history else 100)
    after = records.numbered(request.param("after") or "0")
    if after is None:
        raise invalid(f"after is not a paging cursor: {request.param('after')}")
    rows = portal.store.rows(
        f"SELECT id FROM {kind.table} WHERE id >= ? AND archived IS {'NOT NULL' if archived else 'NULL'} ORDER BY id LIMIT ?",
        (after, limit + 1),
    )
    ids = [row[0] for row in rows[:limit]]
    kept = records.found(portal, kind, ids, archived=archived)
    body: Json = {"results": records.shown(portal, kind, [kept[each] for each in ids], view)}
    if len(rows) > limit:
        body["paging"] = {"next": _next(request, str(ids[-1] + 1))}
    return said(200, body)


def _next(request: Request, after: str) -> Json:
    asked = [(key, value) for key, value in request.query if key != "after"]
    return {"after": after, "link": f"{_API}{request.path}?{urlencode([*asked, ('after', after)])}"}


def _limit(request: Request, most: int) -> int:
    limit = records.numbered(request.param("limit") or "10")
    if limit is None or not 1 <= limit <= most:
        raise invalid(f"Number of items to return must be from 1 to {most}; {request.param('limit')} was asked for")
    return limit


def read(portal: Portal, kind: Kind, name: str, request: Request) -> Response:
    record = named(portal, kind, name, request.param("idProperty"), archived=wants_archived(request))
    return said(200, records.shown(portal, kind, [record], view_of(portal, request))[0])


def create(portal: Portal, kind: Kind, body: Json, request: Request) -> Response:
    values = portal.accepted(kind, body.get("properties"))
    require(kind, values)
    rules.hold(portal, kind, request, values, None)
    joined = wanted_links(portal, kind, body)
    if (taken := records.clash(portal, kind, values)) is not None:
        raise Refused(409, error(conflict_message(kind, taken[1]), "CONFLICT"))
    record = records.create(portal, kind, values)
    link(portal, record, joined)
    return said(201, records.shown_after_write(portal, kind, record, values))


def change(portal: Portal, kind: Kind, name: str, request: Request, body: Json) -> Response:
    values = portal.accepted(kind, body.get("properties"))
    record = named(portal, kind, name, request.param("idProperty"))
    rules.hold(portal, kind, request, values, record.properties)
    if (taken := records.clash(portal, kind, values, record.id)) is not None:
        raise Refused(409, error(conflict_message(kind, taken[1]), "CONFLICT"))
    changed = records.change(portal, kind, record, values)
    return said(200, records.shown_after_write(portal, kind, changed, values))


def archive(portal: Portal, kind: Kind, name: str) -> Response:
    """204 whether or not there was anything to archive."""
    number = records.numbered(name)
    record = None if number is None else records.found(portal, kind, [number]).get(number)
    if record is not None:
        records.archive(portal, kind, record)
    return Response(204)


def merge(portal: Portal, kind: Kind, body: Json) -> Response:
    """Two records become one."""
    ids = [records.numbered(body.get(name)) for name in ("primaryObjectId", "objectIdToMerge")]
    kept = records.found(portal, kind, [each for each in ids if each is not None])
    if None in ids or len(kept) != 2:
        raise invalid(f"Unable to merge {kind.plural} that do not exist, or one with itself")
    winner, loser = (kept[each] for each in ids if each is not None)
    merged = merging.merge(portal, kind, winner, loser)
    return said(200, records.shown_after_write(portal, kind, merged, {}))


def named(portal: Portal, kind: Kind, name: str, id_property: str, *, archived: bool = False) -> Record:
    """The record that a path names, by id or by a unique property. Raises Refused (404)."""
    if id_property:
        unique(portal, kind, id_property)
        number = records.holder(portal, kind, id_property, name)
    else:
        number = records.numbered(name)
        if number is None:
            message = "Object not found.  objectId are usually numeric."
            raise Refused(404, error(message, "OBJECT_NOT_FOUND", context={"id": [name]}))
    number = None if number is None else records.winner_of(portal, kind, number)
    record = None if number is None else records.found(portal, kind, [number], archived=archived).get(number)
    if record is None:
        raise no_page()
    return record


def unique(portal: Portal, kind: Kind, property_name: str, deed: str = "read") -> None:
    """Raises Refused where the property cannot name a record."""
    definition = portal.definitions(kind).get(property_name)
    if definition is None or not definition.unique:
        raise invalid(f"Unable to perform {deed} by non-unique {kind.type_id} property {property_name}")


def require(kind: Kind, values: Mapping[str, str]) -> None:
    """Raises Refused where a property is missing without which nothing of this kind is created."""
    missing = [name for name in kind.required if not values.get(name)]
    if missing:
        raise invalid(
            f"Error creating {kind.label}. Some required properties were not set.",
            context={"properties": missing},
            errors=[
                {
                    "message": f"Required property {name} was not set",
                    "code": "MISSING_REQUIRED_PROPERTY",
                    "context": {"properties": [name]},
                }
                for name in missing
            ],
        )


def conflict_message(kind: Kind, existing: int) -> str:
    return f"{kind.singular.capitalize()} already exists. Existing ID: {existing}"


def wanted_links(portal: Portal, kind: Kind, body: Mapping[str, Any]) -> list[tuple[links.LinkType, int]]:
    """The associations that a create asks for. Raises Refused where one cannot be."""
    wanted = []
    for each in body.get("associations") or ():
        target_id = records.numbered((each.get("to") or {}).get("id"))
        for spec in each.get("types") or ():
            link_type = links.TYPES.get(spec.get("associationTypeId"))
            if link_type is None or link_type.source is not kind:
                raise invalid(f"{spec.get('associationTypeId')} is not an association type of {kind.label}")
            if target_id is None or not records.found(portal, link_type.target, [target_id]):
                raise invalid(
                    f"No {link_type.target.singular} with ID {target_id} exists", context={"id": [str(target_id)]}
                )
            wanted.append((link_type, target_id))
    return wanted


def link(portal: Portal, record: Record, wanted: list[tuple[links.LinkType, int]]) -> None:
    for kind, target in wanted:
        associations.join(portal, kind, record.id, target)

"""Associations over the wire: many at once, in today's form and in the numbered ones."""

from __future__ import annotations

from connector.sandbox.hubspot import links, records
from connector.sandbox.hubspot.batch import inputs_of
from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.links import LinkType
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.replies import Json, batch, invalid, row_error, said
from connector.sandbox.wire import Request, Response

MOST_READ = 1000
MOST_CREATED = 2000
PER_RECORD = 500


def read_all(portal: Portal, source: Kind, target: Kind, body: Json) -> Response:
    """What many records are linked to; one without links is a row in `errors`."""
    started = portal.stamp()
    results, errors = [], []
    for each in inputs_of(body, MOST_READ):
        name = str(each.get("id"))
        number = records.numbered(name)
        linked = {} if number is None else links.targets(portal.store, source, number, target)
        if number is None:
            errors.append(_not_an_id(name))
        elif not linked:
            message = f"No {target.singular} is associated with {source.singular} {name}."
            context = {"fromObjectId": [name], "fromObjectType": [source.singular], "toObjectType": [target.singular]}
            errors.append(row_error("OBJECT_NOT_FOUND", message, context, "crm.associations.NO_ASSOCIATIONS_FOUND"))
        else:
            to, paging = _paged(linked, str(each.get("after") or "0"))
            results.append({"from": {"id": name}, "to": to, **paging})
    return batch(results, errors, started, portal.stamp())


def of_record(portal: Portal, source: Kind, name: str, target: Kind, request: Request) -> Response:
    """What one record is linked to."""
    number = records.numbered(name)
    linked = {} if number is None else links.targets(portal.store, source, number, target)
    to, paging = _paged(linked, request.param("after") or "0")
    return said(200, {"results": to, **paging})


def _paged(linked: dict[int, list[LinkType]], after: str) -> tuple[list[Json], Json]:
    start = records.numbered(after)
    if start is None:
        raise invalid(f"after is not a paging cursor: {after}")
    rest = [each for each in linked if each >= start]
    to = [
        {"toObjectId": each, "associationTypes": [_spec(kind) for kind in linked[each]]} for each in rest[:PER_RECORD]
    ]
    return to, {"paging": {"next": {"after": str(rest[PER_RECORD])}}} if len(rest) > PER_RECORD else {}


def _spec(kind: LinkType) -> Json:
    return {"category": "HUBSPOT_DEFINED", "typeId": kind.id, "label": kind.label}


def create_all(portal: Portal, source: Kind, target: Kind, body: Json) -> Response:
    """Link many pairs by the types that each input names."""
    started = portal.stamp()
    results, errors = [], []
    for each in inputs_of(body, MOST_CREATED):
        pair, wrong = _pair(portal, source, target, each)
        if pair is None:
            errors.append(wrong)
            continue
        types = [_type(source, target, spec.get("associationTypeId")) for spec in each.get("types") or ()]
        for kind in types or links.default_types(source, target)[-1:]:
            join(portal, kind, *pair)
        results.append(
            {
                "fromObjectTypeId": source.type_id,
                "fromObjectId": pair[0],
                "toObjectTypeId": target.type_id,
                "toObjectId": pair[1],
                "labels": [],
            }
        )
    return batch(results, errors, started, portal.stamp(), 201)


def join(portal: Portal, link: LinkType, one: int, other: int) -> None:
    """Link two records, which moves the stamp of neither. Source: airbyte issues 27199 and 44554."""
    links.join(portal.store, links.rows_of(link, one, other))
    if portal.told:
        portal.told.linked(link, one, other, portal.now())


def archive_all(portal: Portal, source: Kind, target: Kind, body: Json) -> Response:
    """Unlink pairs of records, whatever they are linked by; 204 whether or not they were."""
    for each in inputs_of(body, MOST_CREATED):
        one = records.numbered((each.get("from") or {}).get("id"))
        for to in each.get("to") or ():
            other = records.numbered(to.get("id"))
            if one is None or other is None:
                continue
            for link in links.cut(portal.store, source, one, target, other):
                if portal.told:
                    portal.told.linked(link, one, other, portal.now(), removed=True)
    return Response(204)


def create_all_by_name(portal: Portal, source: Kind, target: Kind, body: Json) -> Response:
    """The oldest form: `type` is a name, and the reply has both directions of every link."""
    started = portal.stamp()
    results: list[Json] = []
    errors = []
    for each in inputs_of(body, MOST_CREATED):
        pair, wrong = _pair(portal, source, target, each)
        if pair is None:
            errors.append(wrong)
            continue
        named = [kind for kind in links.default_types(source, target) if each.get("type") in (kind.name, str(kind.id))]
        if not named:
            raise invalid(f"{each.get('type')} is no association from {source.singular} to {target.singular}")
        join(portal, named[0], *pair)
        here, there = {"id": str(pair[0])}, {"id": str(pair[1])}
        back = links.TYPES[named[0].opposite]
        results += [{"from": here, "to": there, "type": named[0].name}, {"from": there, "to": here, "type": back.name}]
    return batch(results, errors, started, portal.stamp(), 201)


def _pair(portal: Portal, source: Kind, target: Kind, given: Json) -> tuple[tuple[int, int] | None, Json]:
    """The ids that an input links, or the error of its row."""
    names = [str((given.get(side) or {}).get("id")) for side in ("from", "to")]
    numbers = [records.numbered(name) for name in names]
    for name, number, kind in zip(names, numbers, (source, target), strict=True):
        if number is None or not records.found(portal, kind, [number]):
            return None, _not_an_id(name)
    assert numbers[0] is not None
    assert numbers[1] is not None
    if source is target and numbers[0] == numbers[1]:
        message = f"Object {names[0]} cannot be associated to itself ({names[0]})"
        return None, {"status": "error", "category": "VALIDATION_ERROR", "message": message}
    return (numbers[0], numbers[1]), {}


def _not_an_id(name: str) -> Json:
    return row_error(
        "VALIDATION_ERROR", f"{name} is not a valid ID", {"id": [name]}, "crm.associations.INVALID_IDENTIFIER"
    )


def _type(source: Kind, target: Kind, type_id: object) -> LinkType:
    for kind in links.default_types(source, target):
        if kind.id == type_id:
            return kind
    raise invalid(f"{type_id} is not an association type from {source.singular} to {target.singular}")

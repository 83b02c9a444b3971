"""Batches of records: what refuses them as a whole, and what fails row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connector.sandbox.hubspot import objects, records, rules
from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import View
from connector.sandbox.hubspot.replies import Json, Refused, batch, error, invalid, row_error
from connector.sandbox.wire import Request, Response

INPUTS = 100
INPUTS_WITH_HISTORY = 50


def answer(portal: Portal, kind: Kind, verb: str, request: Request, body: Json) -> Response:
    """The reply to POST …/batch/<verb>."""
    deed = _DEEDS[verb]
    history = body.get("propertiesWithHistory") if verb == "read" else None
    inputs = inputs_of(body, INPUTS_WITH_HISTORY if history else INPUTS)
    return deed(portal, kind, inputs, body, request)


def inputs_of(body: Mapping[str, Any], most: int) -> list[Json]:
    """The inputs. Raises Refused where there are none or too many."""
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(each, dict) for each in inputs):
        raise invalid("Invalid input JSON: Some required fields were not set: [inputs]")
    if len(inputs) > most:
        raise invalid(
            f"The maximum number of inputs supported in a batch request is {most}; {len(inputs)} were received"
        )
    return inputs


def _read(portal: Portal, kind: Kind, inputs: Sequence[Json], body: Json, request: Request) -> Response:
    started = portal.stamp()
    names = list(dict.fromkeys(str(each.get("id")) for each in inputs))
    ids = {name: _id(portal, kind, name, body.get("idProperty"), "read") for name in names}
    kept = records.found(
        portal, kind, [each for each in ids.values() if each is not None], archived=objects.wants_archived(request)
    )
    asked, past = body.get("properties"), body.get("propertiesWithHistory")
    view = View(tuple(map(str, asked)) if asked else None, tuple(map(str, past or ())))
    present = [kept[number] for number in ids.values() if number in kept]
    errors = [
        row_error(
            "OBJECT_NOT_FOUND",
            f"Could not get some {kind.plural}. Some of the ids provided were not found.",
            {"id": [name]},
        )
        for name, number in ids.items()
        if number not in kept
    ]
    return batch(records.shown(portal, kind, present, view), errors, started, portal.stamp())


def _create(portal: Portal, kind: Kind, inputs: Sequence[Json], _body: Json, request: Request) -> Response:
    """Rows fail one by one only where every input can be told from the others by its objectWriteTraceId."""
    started = portal.stamp()
    rows = portal.accepted_rows(kind, [each.get("properties") for each in inputs])
    for values in rows:
        objects.require(kind, values)
        rules.hold(portal, kind, request, values, None)
    joined = [objects.wanted_links(portal, kind, each) for each in inputs]
    traced = all(each.get("objectWriteTraceId") for each in inputs)
    if not traced and any(records.clash(portal, kind, values) for values in rows):
        raise Refused(409, error(f"{kind.singular.capitalize()} already exists", "CONFLICT"))
    results, errors = [], []
    for given, values, wanted in zip(inputs, rows, joined, strict=True):
        if (taken := records.clash(portal, kind, values)) is not None:
            context = {"objectWriteTraceId": [str(given.get("objectWriteTraceId"))], "existingId": [str(taken[1])]}
            errors.append(row_error("CONFLICT", objects.conflict_message(kind, taken[1]), context))
            continue
        record = records.create(portal, kind, values)
        objects.link(portal, record, wanted)
        results.append(_traced(portal, given, records.shown_after_write(portal, kind, record, values)))
    return batch(results, errors, started, portal.stamp(), 201)


def _update(portal: Portal, kind: Kind, inputs: Sequence[Json], _body: Json, request: Request) -> Response:
    started = portal.stamp()
    _refuse_twins(inputs)
    rows = portal.accepted_rows(kind, [each.get("properties") for each in inputs])
    ids = [_id(portal, kind, str(each.get("id")), each.get("idProperty"), "update") for each in inputs]
    kept = records.found(portal, kind, [each for each in ids if each is not None])
    for values, number in zip(rows, ids, strict=True):
        if number in kept:
            rules.hold(portal, kind, request, values, kept[number].properties)
    results, errors = [], []
    for given, values, number in zip(inputs, rows, ids, strict=True):
        if number is None or number not in kept:
            message = (
                f"Could not get some {kind.label} objects, they may be deleted or not exist. Check that ids are valid."
            )
            errors.append(row_error("OBJECT_NOT_FOUND", message, {"ids": [str(given.get("id"))]}))
        elif (taken := records.clash(portal, kind, values, number)) is not None:
            context = {"ids": [str(given.get("id"))], "existingId": [str(taken[1])]}
            errors.append(row_error("CONFLICT", objects.conflict_message(kind, taken[1]), context))
        else:
            changed = records.change(portal, kind, kept[number], values)
            results.append(_traced(portal, given, records.shown_after_write(portal, kind, changed, values)))
    return batch(results, errors, started, portal.stamp())


def _upsert(portal: Portal, kind: Kind, inputs: Sequence[Json], _body: Json, request: Request) -> Response:
    """Create or change by a unique property; a row without `idProperty` names no record."""
    started = portal.stamp()
    _refuse_twins(inputs)
    for each in inputs:
        objects.unique(portal, kind, str(each.get("idProperty") or "hs_object_id"), "update/upsert")
    rows = portal.accepted_rows(kind, [each.get("properties") for each in inputs])
    results, errors = [], []
    for given, rest in zip(inputs, rows, strict=True):
        name, key = str(given["idProperty"]), str(given.get("id"))
        number = records.holder(portal, kind, name, key)
        values = {name: key, **rest}
        known = None if number is None else records.found(portal, kind, [number])[number]
        rules.hold(portal, kind, request, values, known.properties if known else None)
        if (taken := records.clash(portal, kind, values, number)) is not None:
            context = {"objectWriteTraceId": [str(given.get("objectWriteTraceId"))], "existingId": [str(taken[1])]}
            errors.append(row_error("CONFLICT", objects.conflict_message(kind, taken[1]), context))
            continue
        if known is None:
            objects.require(kind, values)
            record = records.create(portal, kind, values)
        else:
            record = records.change(portal, kind, known, values)
        # Replies show what changed: the unique value of a record that was there only where it was sent as a property too.
        shown = records.shown_after_write(portal, kind, record, rest if known else values)
        results.append(_traced(portal, given, shown | {"new": number is None}))
    return batch(results, errors, started, portal.stamp())


def _archive(portal: Portal, kind: Kind, inputs: Sequence[Json], _body: Json, _request: Request) -> Response:
    for each in inputs:
        objects.archive(portal, kind, str(each.get("id")))
    return Response(204)


def _id(portal: Portal, kind: Kind, name: str, id_property: object, deed: str) -> int | None:
    if not id_property:
        number = records.numbered(name)
        return None if number is None else records.winner_of(portal, kind, number)
    objects.unique(portal, kind, str(id_property), deed)
    return records.holder(portal, kind, str(id_property), name)


def _refuse_twins(inputs: Sequence[Json]) -> None:
    """The same id twice refuses the whole batch."""
    twins = [name for name, times in Counter(str(each.get("id")) for each in inputs).items() if times > 1]
    if twins:
        raise invalid(
            f"Duplicate IDs found in batch input: [{', '.join(twins)}]. IDs must be unique", context={"ids": twins}
        )


def _traced(portal: Portal, given: Json, shown: Json) -> Json:
    """A row that worked: documented to carry its trace, and recorded without, where the error beside it has one."""
    trace = given.get("objectWriteTraceId") if portal.traces else None
    return shown if trace is None else shown | {"objectWriteTraceId": str(trace)}


_DEEDS: Mapping[str, Callable[[Portal, Kind, Sequence[Json], Json, Request], Response]] = {
    "read": _read,
    "create": _create,
    "update": _update,
    "upsert": _upsert,
    "archive": _archive,
}
VERBS = frozenset(_DEEDS)

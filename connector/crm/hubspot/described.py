"""Replies in which HubSpot describes an account: properties, pipelines, people, rates; checked as in `wire`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.crm.hubspot import wire
from connector.crm.hubspot.transport import Garbled


@dataclass(frozen=True, slots=True)
class Definition:
    """A property as HubSpot describes it."""

    name: str
    label: str
    type: str  # string, number, enumeration …
    options: tuple[str, ...]
    writable: bool
    unique: bool
    calculated: bool


@dataclass(frozen=True, slots=True)
class Schema:
    """A custom object."""

    name: str
    type_id: str  # "2-51000001"


@dataclass(frozen=True, slots=True)
class PipelineStage:
    """A stage of a pipeline; what HubSpot says of it is text."""

    pipeline: str
    id: str
    label: str
    closed: bool
    probability: float | None
    pipeline_label: str = ""


def definitions(body: Any) -> dict[str, Definition]:  # noqa: ANN401 - a parsed body
    """Properties by name."""
    return {each.name: each for each in map(_definition, wire.rows(body))}


def _definition(row: Mapping[str, Any]) -> Definition:
    bounds = wire.document(row.get("modificationMetadata") or {})
    calculated = row.get("calculated") is True
    # Options that live elsewhere are owners, teams or stages: people come and go. Source: recorded definitions.
    options = [] if row.get("externalOptions") is True else wire.listed(row.get("options") or [], "options")
    return Definition(
        name=str(row.get("name")),
        label=str(row.get("label") or row.get("name")),
        type=str(row.get("type")),
        options=tuple(str(wire.document(each).get("value")) for each in options),
        writable=not calculated and bounds.get("readOnlyValue") is not True,
        unique=row.get("hasUniqueValue") is True,
        calculated=calculated,
    )


def schemas(body: Any) -> list[Schema]:  # noqa: ANN401
    """Custom objects that are not archived."""
    return [schema(each) for each in wire.rows(body) if each.get("archived") is not True]


def schema(body: Any) -> Schema:  # noqa: ANN401
    """One custom object."""
    whole = wire.document(body)
    if not whole.get("name") or not whole.get("objectTypeId"):
        raise Garbled("an object without a name or type id")
    return Schema(str(whole["name"]), str(whole["objectTypeId"]))


def usage(body: Any) -> tuple[int, int]:  # noqa: ANN401
    """Used and allowed."""
    whole = wire.document(body)
    used, most = whole.get("usage"), whole.get("limit")
    if not (isinstance(used, int) and isinstance(most, int)):
        raise Garbled("a limit without numbers")
    return used, most


def validations(body: Any) -> dict[str, tuple[str, ...]]:  # noqa: ANN401
    """Types of rules by property."""
    return {
        str(each.get("propertyName")): tuple(
            str(wire.document(rule).get("ruleType"))
            for rule in wire.listed(each.get("propertyValidationRules"), "propertyValidationRules")
        )
        for each in wire.rows(body)
    }


def stages(body: Any) -> list[PipelineStage]:  # noqa: ANN401
    """Stages of every pipeline, in the order of the screen."""
    return [
        _stage(pipeline, stage)
        for pipeline in sorted(wire.rows(body), key=_order)
        for stage in sorted(map(wire.document, wire.listed(pipeline.get("stages"), "stages")), key=_order)
    ]


def _stage(pipeline: Mapping[str, Any], stage: Mapping[str, Any]) -> PipelineStage:
    metadata = wire.document(stage.get("metadata") or {})
    return PipelineStage(
        pipeline=str(pipeline.get("id")),
        pipeline_label=str(pipeline.get("label") or pipeline.get("id")),
        id=str(stage.get("id")),
        label=str(stage.get("label") or stage.get("id")),
        closed=str(metadata.get("isClosed", "")).lower() == "true",
        probability=_number(metadata.get("probability")),
    )


def identified(body: Any) -> tuple[tuple[dict[str, Any], ...], str | None]:  # noqa: ANN401
    """A page of rows that each have an id, and the token of the next page."""
    rows = wire.rows(body)
    for each in rows:
        wire.id_of(each)
    return tuple(rows), wire.next_page(body)


def _order(part: Mapping[str, Any]) -> int:
    order = part.get("displayOrder")
    return order if isinstance(order, int) else 0


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def limits(body: Any) -> dict[str, tuple[int, int]]:  # noqa: ANN401 - a parsed body
    """Used and allowed, by type id; `` is over all objects. What is not told is absent."""
    whole = wire.document(body)
    found = {"": (whole.get("overallUsage"), whole.get("overallLimit"))}
    for each in map(wire.document, wire.listed(whole.get("byObjectType"), "byObjectType")):
        found[str(each.get("objectTypeId"))] = each.get("usage"), each.get("limit")
    return {
        name: (used, most) for name, (used, most) in found.items() if isinstance(used, int) and isinstance(most, int)
    }

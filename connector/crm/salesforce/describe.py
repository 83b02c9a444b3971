"""What the org says about itself: objects, fields, and which of them we may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from connector.crm.salesforce.org import Org
from connector.errors import CrmDenied, CrmUnavailable, SchemaDrifted
from connector.ports import World

# Source: Salesforce, "Standard Field Types": the first three characters of an id name its object.
_PREFIXES = {"001": "Account", "003": "Contact", "005": "User", "006": "Opportunity", "00G": "Group", "00Q": "Lead"}
DECIMALS = frozenset({"currency", "double", "percent"})  # types of fields that hold decimals
_FRESH_FOR = timedelta(hours=1)  # a field granted by an admin shows up within this


@dataclass(frozen=True, slots=True)
class FieldShape:
    """A field as describe shows it; one that we may not read is not shown at all."""

    name: str
    label: str
    type: str  # "currency", "percent", "reference", "picklist" …
    scale: int
    length: int
    createable: bool
    updateable: bool
    calculated: bool
    unique: bool
    external_id: bool
    filterable: bool
    aggregatable: bool
    permissionable: bool  # a permission set may show or hide it
    points_at: tuple[str, ...]  # of a reference: the objects it may lead to
    relationship: str | None  # "What" for WhatId
    choices: tuple[str, ...]
    retired: tuple[str, ...]  # values that were deactivated: records keep them

    @property
    def polymorphic(self) -> bool:
        """It may lead to more than one object."""
        return len(self.points_at) > 1


@dataclass(frozen=True, slots=True)
class Shape:
    """An object as describe shows it."""

    name: str
    fields: Mapping[str, FieldShape]
    replicateable: bool  # whether the service keeps a list of its deletions
    createable: bool = True  # whether we may make such records, and change some; False where either is not granted
    updateable: bool = True

    def by_relationship(self, relationship: str) -> FieldShape | None:
        """The reference that a dotted name goes through."""
        return next((each for each in self.fields.values() if each.relationship == relationship), None)


@dataclass(frozen=True, slots=True)
class Listing:
    """Every object we may see, and how to tell one from the other by id."""

    names: frozenset[str]
    prefixes: Mapping[str, str]  # "006" → "Opportunity"

    def object_of(self, record_id: object) -> str | None:
        """The object that an id belongs to, by its first three characters."""
        return self.prefixes.get(record_id[:3]) if isinstance(record_id, str) else None


class Describer:
    """Describes objects, remembering the answers for an hour."""

    def __init__(self, org: Org, world: World) -> None:
        self._org, self._world = org, world
        self._shapes: dict[str, tuple[datetime, Shape]] = {}
        self._listing: tuple[datetime, Listing] | None = None

    def shape(self, obj: str) -> Shape:
        """One object. Raises SchemaDrifted when it is not there, or not for us."""
        known = self._shapes.get(obj)
        if known and self._world.now() - known[0] < _FRESH_FOR:
            return known[1]
        if obj not in self.listing().names:
            raise SchemaDrifted(_missing_object(self._org.connection, obj))
        try:
            found = _shape(self._org.connection, self._org.get(f"sobjects/{quote(obj, safe='')}/describe"))
        except CrmDenied as error:
            raise SchemaDrifted(_missing_object(self._org.connection, obj)) from error
        self._shapes[obj] = (self._world.now(), found)
        return found

    def listing(self) -> Listing:
        """All objects."""
        if self._listing is None or self._world.now() - self._listing[0] >= _FRESH_FOR:
            self._listing = (self._world.now(), _listing(self._org.connection, self._org.get("sobjects")))
        return self._listing[1]

    def field(self, obj: str, name: str) -> FieldShape | None:
        """A field of the object, or of one that a dotted name leads to; None when it is not shown."""
        head, _, rest = name.partition(".")
        shape = self.shape(obj)
        if not rest:
            return shape.fields.get(head)
        via = shape.by_relationship(head)
        if via is None:
            return None
        found = (self.field(target, rest) for target in via.points_at if target in self.listing().names)
        return next((each for each in found if each is not None), None)

    def shows(self, obj: str, *names: str) -> bool:
        """Whether we may see the object, and all of these fields of it."""
        return obj in self.listing().names and all(self.field(obj, each) is not None for each in names)

    def forget(self) -> None:
        """Ask anew next time: something was installed, or turned out to be different."""
        self._shapes.clear()
        self._listing = None


def missing_field(connection: str, obj: str, name: str) -> str:
    """The sentence for a mapped field that describe does not show."""
    return (
        f"{connection}: {obj}.{name} is mapped, but Salesforce does not show it\n"
        f"  either it was renamed or removed, or the integration user may not read it: run `attain install`, which grants "
        f"that, or grant it in a permission set of your own (Object Settings > {obj})"
    )


def _missing_object(connection: str, obj: str) -> str:
    return (
        f"{connection}: the object {obj} is mapped, but Salesforce does not show it\n"
        f"  either the feature is switched off, or the integration user lacks Read and View All on {obj}"
    )


def _shape(connection: str, body: Any) -> Shape:  # noqa: ANN401 - a raw reply
    if not isinstance(body, Mapping) or not isinstance(body.get("fields"), list):
        raise CrmUnavailable(connection, "answered a describe without fields")
    fields = {str(each["name"]): _field(each) for each in body["fields"]}
    may = (bool(body.get(each, False)) for each in ("replicateable", "createable", "updateable"))
    return Shape(str(body["name"]), fields, *may)


def _field(raw: Mapping[str, Any]) -> FieldShape:
    choices = raw.get("picklistValues") or ()
    return FieldShape(
        name=str(raw["name"]),
        label=str(raw.get("label") or raw["name"]),
        type=str(raw["type"]),
        scale=int(raw.get("scale") or 0),
        length=int(raw.get("length") or 0),
        createable=bool(raw.get("createable")),
        updateable=bool(raw.get("updateable")),
        calculated=bool(raw.get("calculated")),
        unique=bool(raw.get("unique")),
        external_id=bool(raw.get("externalId")),
        filterable=bool(raw.get("filterable", True)),
        aggregatable=bool(raw.get("aggregatable")),
        permissionable=bool(raw.get("permissionable")),
        points_at=tuple(raw.get("referenceTo") or ()),
        relationship=raw.get("relationshipName") or None,
        choices=tuple(str(each["value"]) for each in choices if each.get("active", True)),
        retired=tuple(str(each["value"]) for each in choices if not each.get("active", True)),
    )


def _listing(connection: str, body: Any) -> Listing:  # noqa: ANN401 - a raw reply
    if not isinstance(body, Mapping) or not isinstance(body.get("sobjects"), list):
        raise CrmUnavailable(connection, "answered a list of objects without any")
    objects = body["sobjects"]
    prefixes = {str(each["keyPrefix"]): str(each["name"]) for each in objects if each.get("keyPrefix")}
    return Listing(frozenset(str(each["name"]) for each in objects), _PREFIXES | prefixes)

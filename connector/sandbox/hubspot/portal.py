"""The portal itself: its records' home, its clock, and what it knows about its own properties."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.sandbox.hubspot.definitions import Definition, built_in
from connector.sandbox.hubspot.events import Subscription
from connector.sandbox.hubspot.kinds import CUSTOM, KINDS, Kind
from connector.sandbox.hubspot.moments import milliseconds, stamp_text
from connector.sandbox.hubspot.replies import Fault, Json, bad_json, bad_values, invalid
from connector.sandbox.hubspot.store import Store
from connector.sandbox.hubspot.values import accepted, text_of
from connector.sandbox.wire import Clock, Request

if TYPE_CHECKING:
    from connector.sandbox.hubspot.rules import Rule

APP_ID = "19083"  # the app in whose name every client writes; it shows in history and in hs_object_source_id


@dataclass(slots=True)
class Portal:
    """Everything a request handler needs to know."""

    store: Store
    clock: Clock
    number: int
    currency: str  # the company's own
    search_lag: timedelta
    told: Subscription | None = None  # an app that hears of changes
    properties_allowed: int = 1_000  # custom ones, of each kind
    objects_allowed: int = 0  # custom ones; none without Enterprise
    closed: set[int] = field(default_factory=set)  # kinds that take no custom properties
    traces: bool = False  # whether rows that worked carry the objectWriteTraceId that came with them
    merges: bool = False  # whether any record was ever merged
    keeps_primary: bool = False  # whether merging keeps the primary record's id, as it did before 2025
    rules: list[Rule] = field(default_factory=list)  # what admins require of people
    validations: dict[int, dict[str, dict[str, Json]]] = field(default_factory=dict)  # by kind, property, type of rule
    _definitions: dict[int, dict[str, Definition]] = field(default_factory=dict)
    _custom: dict[int, Kind] = field(default_factory=dict)

    def now(self) -> int:
        """Epoch milliseconds."""
        return milliseconds(self.clock())

    def stamp(self) -> str:
        return stamp_text(self.now())

    def furnish(self) -> None:
        """Give every kind its built-in properties and their group, and SQL the portal's day."""
        self.store.teach("today", lambda: self.clock().date().isoformat())
        self.merges = self.store.one("SELECT 1 FROM merged") is not None
        self.store.run("INSERT OR IGNORE INTO settings VALUES ('currency', ?)", (self.currency,))
        for kind in KINDS:
            self.furnish_kind(kind)
        for (body,) in self.store.rows("SELECT body FROM schemas WHERE archived = 0"):
            self.add_kind(json.loads(body))

    def furnish_kind(self, kind: Kind) -> None:
        group = {"name": kind.group, "label": kind.group.capitalize(), "displayOrder": 0, "archived": False}
        self.store.run("INSERT OR IGNORE INTO groups VALUES (?, ?, ?)", (kind.number, kind.group, json.dumps(group)))
        known = [(kind.number, body["name"], json.dumps(body)) for body in built_in(kind)]
        self.store.many("INSERT OR IGNORE INTO definitions VALUES (?, ?, ?)", known)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """HubSpot's own, and those that were made here."""
        return (*KINDS, *self._custom.values())

    def custom_kind(self, name: str) -> Kind | None:
        """By type id, name, or the name with the portal's number before it."""
        names = {key: kind for kind in self._custom.values() for key in (kind.type_id, kind.singular, kind.plural)}
        return names.get(name.lower())

    def add_kind(self, schema: Json) -> Kind:
        """Room for the records of a custom object."""
        number, name = int(schema["objectTypeId"].partition("-")[2]), schema["name"].lower()
        group = f"{name}_information"
        kind = Kind(number, name, f"p{self.number}_{name}", name.upper(), group=group, meta=CUSTOM)
        self.store.house(kind)
        self.furnish_kind(kind)
        self._custom[number] = kind
        return kind

    def remove_kind(self, kind: Kind) -> None:
        """Out of every path; what it held stays in its tables."""
        self._custom.pop(kind.number, None)

    def definitions(self, kind: Kind) -> dict[str, Definition]:
        """What the kind's properties are called and what they take."""
        if kind.number not in self._definitions:
            rows = self.store.rows("SELECT body FROM definitions WHERE kind = ?", (kind.number,))
            self._definitions[kind.number] = {
                each.name: each for each in (Definition.of(json.loads(body)) for (body,) in rows)
            }
        return self._definitions[kind.number]

    def define(self, kind: Kind, body: Json) -> None:
        """Add a definition, or put it in the place of the one with its name."""
        self.store.run(
            "INSERT OR REPLACE INTO definitions VALUES (?, ?, ?)", (kind.number, body["name"], json.dumps(body))
        )
        self._definitions.pop(kind.number, None)

    def undefine(self, kind: Kind, name: str) -> None:
        self.store.run("DELETE FROM definitions WHERE kind = ? AND name = ?", (kind.number, name))
        self._definitions.pop(kind.number, None)

    def accepted(self, kind: Kind, given: Any) -> dict[str, str]:  # noqa: ANN401 - what the client sent
        """The values as they will be kept. Raises Refused that names every wrong one."""
        return self.accepted_rows(kind, [given])[0]

    def accepted_rows(self, kind: Kind, rows: list[Any]) -> list[dict[str, str]]:
        """The same for a batch: one wrong value anywhere refuses all rows."""
        definitions = self.definitions(kind)
        faults: list[Fault] = []
        kept: list[dict[str, str]] = []
        for row in rows:
            if not isinstance(row, dict):
                raise invalid("Invalid input JSON: Some required fields were not set: [properties]")
            values = {
                name: accepted(definitions.get(name), name, text_of(name, value), self._elsewhere)
                for name, value in row.items()
            }
            faults += [value for value in values.values() if isinstance(value, Fault)]
            kept.append({name: value for name, value in values.items() if isinstance(value, str)})
        if faults:
            raise bad_values(faults)
        return kept

    def _elsewhere(self, name: str, text: str) -> Fault | None:
        """Judge options that the portal's settings know and the definition does not."""
        if name == "hubspot_owner_id":
            known = text.isdigit() and self._has("SELECT 1 FROM owners WHERE id = ?", int(text))
            return None if known else Fault(name, f"Owner {text} does not exist", "INVALID_OWNER_ID", text)
        if name == "dealstage":
            known = self._has("SELECT 1 FROM stages WHERE id = ?", text)
        elif name == "pipeline":
            known = text == "default"
        elif name == "deal_currency_code":
            known = text == self.currency or self._has("SELECT 1 FROM rates WHERE currency = ?", text)
        else:
            return None
        return None if known else Fault(name, f"{text} was not one of the allowed options", "INVALID_OPTION", text)

    def _has(self, sql: str, value: str | int) -> bool:
        return self.store.one(sql, (value,)) is not None


def body_of(request: Request) -> Json:
    """The body as an object, its numbers exactly as they were written. Raises Refused (400)."""
    try:
        body = json.loads(request.body, parse_float=Decimal)
    except ValueError:
        raise bad_json() from None
    if not isinstance(body, dict):
        raise bad_json()
    return body


def names_in(request: Request, parameter: str) -> list[str]:
    """A list parameter: given once with commas, several times, or both."""
    given = (value for key, value in request.query if key in (parameter, f"{parameter}[]"))
    return [name for value in given for name in value.split(",") if name]

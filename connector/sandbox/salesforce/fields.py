"""What a field is, and the small notation in which the standard ones are listed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

# One letter each, as the tables in standard_*.py use them.
LETTERS = """
C createable      U updateable     N may be null      D has a default
P permissionable  I finds records  n is the name      x cannot be sorted, filtered or grouped
r no relationship R restricted     s searchable first  a numbered by itself
"""
NUMBERS = frozenset({"currency", "double", "percent"})
TEXTS = frozenset({"string", "textarea", "picklist", "combobox", "url", "email", "phone", "multipicklist"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object, as describe would tell of it."""

    name: str
    type: str
    label: str
    flags: str = ""  # see LETTERS
    length: int = 0
    precision: int = 0
    scale: int = 0
    to: tuple[str, ...] = ()  # a reference's objects
    relationship: str | None = None  # "Owner"
    choices: tuple[tuple[str, str], ...] = ()  # value and label of a picklist
    custom: bool = False
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    required: bool = False  # universally, so that no permission can hide it
    formula: str | None = None
    default: Any = None
    pattern: str = ""  # of an auto number: "A-{0000}"

    def may(self, letter: str) -> bool:
        """Whether the flag is set."""
        return letter in self.flags

    @property
    def is_long(self) -> bool:
        """Long texts are kept apart: no filter, no order, no group."""
        return self.type == "textarea" and self.length > 255

    @property
    def is_filterable(self) -> bool:
        return not self.is_long and not self.may("x")

    @property
    def is_groupable(self) -> bool:
        return not self.is_long and self.type not in NUMBERS | {"datetime", "combobox"}

    @property
    def is_aggregatable(self) -> bool:
        return self.is_filterable and self.type != "boolean"

    @property
    def affinity(self) -> str:
        """The kind of SQLite column that holds it."""
        if self.type in NUMBERS:
            return "REAL"
        return "INTEGER" if self.type in {"boolean", "int"} else "TEXT"


@dataclass(frozen=True, slots=True)
class SObject:
    """One object with its fields, in describe's order."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: dict[str, Field] = field(default_factory=dict)
    writable: str = "CUD"  # may be created, updated, deleted
    custom: bool = False
    activity: bool = False  # Task and Event take the custom fields of Activity

    def find(self, name: str) -> Field | None:
        """A field by its name in any case, which is how the API looks for it."""
        return self.fields.get(name) or self._lowered().get(name.lower())

    def by_relationship(self, name: str) -> Field | None:
        """The reference behind `Owner` in `Owner.Name`."""
        lowered = name.lower()
        return next((each for each in self.fields.values() if (each.relationship or "").lower() == lowered), None)

    def _lowered(self) -> dict[str, Field]:
        return {name.lower(): each for name, each in self.fields.items()}


_LINE = re.compile(r"(?P<name>\w+)\s+(?P<type>\w+)(?:\((?P<size>[^)]*)\))?(?:\s+:(?P<flags>\w*))?\s+(?P<label>\S.*)")


def listed(table: str) -> dict[str, Field]:
    """Fields from lines of `Name  type(size)  :flags  Label`."""
    found = [_from_line(line) for line in table.strip().splitlines()]
    return {each.name: each for each in found}


def _from_line(line: str) -> Field:
    match = _LINE.fullmatch(line.strip())
    assert match is not None, line
    name, kind, size = match["name"], match["type"], match["size"] or ""
    flags = match["flags"] or ""
    if kind == "reference":
        related = None if "r" in flags else name.removesuffix("Id")
        targets = tuple(size.split())
        return Field(name, kind, match["label"], flags, 18, to=targets, relationship=related)
    numbers = [int(each) for each in size.split(",") if each]
    if kind in NUMBERS:
        return Field(name, kind, match["label"], flags, precision=numbers[0], scale=numbers[1])
    if kind == "boolean":
        return Field(name, kind, match["label"], flags, default=False)
    return Field(name, kind, match["label"], flags, 18 if kind == "id" else (numbers or [0])[0])

"""What an organisation consists of, and how much of it each user may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from connector.sandbox.salesforce.fields import Field, SObject


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose token a request carries."""

    user: str  # the User's id
    admin: bool  # a human at the screen sees everything; the integration user what it was granted


@dataclass(frozen=True, slots=True)
class Grants:
    """What one permission set gives."""

    objects: frozenset[str] = frozenset()  # custom objects that may be read and written
    readable: frozenset[tuple[str, str]] = frozenset()  # (object, custom field)
    editable: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Sight:
    """The organisation as one user sees it: what is not granted is not there."""

    objects: dict[str, SObject]
    locked: frozenset[tuple[str, str]] = frozenset()  # fields that may be read but not written
    lowered: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> SObject | None:
        """An object by its name in any case."""
        return self.objects.get(self.lowered.get(name.lower(), ""))


@dataclass(slots=True)
class Schema:
    """All objects with all fields, the permission sets, and who holds which."""

    objects: dict[str, SObject] = field(default_factory=dict)
    grants: dict[str, Grants] = field(default_factory=dict)  # by the permission set's name
    held: dict[str, frozenset[str]] = field(default_factory=dict)  # user id → permission sets
    parts: dict[tuple[str, str], str] = field(default_factory=dict)  # of everything else: kind and name → digest
    _seen: dict[Viewer, Sight] = field(default_factory=dict)

    def copy(self) -> Schema:
        """To try a deployment on; objects are replaced, never changed, so this is cheap."""
        return Schema(dict(self.objects), dict(self.grants), dict(self.held), dict(self.parts))

    def add(self, each: SObject) -> None:
        self.objects[each.name] = each
        self._seen.clear()

    def add_fields(self, name: str, fields: Iterable[Field]) -> None:
        """New fields, or new versions of known ones; those of Activity go to Task and Event."""
        for target in [each.name for each in self.objects.values() if each.activity] if name == "Activity" else [name]:
            known = self.objects[target]
            self.add(replace(known, fields=known.fields | {each.name: each for each in fields}))

    def offer(self, name: str, field_name: str, values: Iterable[str]) -> None:
        """Set a picklist's values, in order."""
        choices = tuple((value, value) for value in dict.fromkeys(values))
        self.add_fields(name, [replace(self.objects[name].fields[field_name], choices=choices)])

    def grant(self, permission_set: str, grants: Grants) -> None:
        self.grants[permission_set] = grants
        self._seen.clear()

    def hold(self, held: dict[str, frozenset[str]]) -> None:
        """Set who holds which permission sets."""
        self.held = held
        self._seen.clear()

    def seen_by(self, viewer: Viewer) -> Sight:
        """Standard fields are for everybody; a custom one must be granted by a permission set one holds.

        Source: Salesforce, "Deploying custom fields": without field permissions nobody sees them.
        """
        if viewer not in self._seen:
            self._seen[viewer] = self._sight(viewer)
        return self._seen[viewer]

    def _sight(self, viewer: Viewer) -> Sight:
        held = [self.grants[name] for name in sorted(self.held.get(viewer.user, ())) if name in self.grants]
        seen, locked = {}, set()
        for name, each in self.objects.items():
            if each.custom and not viewer.admin and not any(name in grants.objects for grants in held):
                continue
            fields = {}
            for one in each.fields.values():
                key = (name, one.name)
                if viewer.admin or not one.custom or one.required or any(key in grants.readable for grants in held):
                    fields[one.name] = one
                    if one.custom and not viewer.admin and not one.required:
                        locked |= set() if any(key in grants.editable for grants in held) else {key}
            seen[name] = replace(each, fields=fields)
        return Sight(seen, frozenset(locked), {name.lower(): name for name in seen})

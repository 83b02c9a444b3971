"""What an organisation consists of, and how much of it each user may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from connector.sandbox.salesforce.fields import Field, SObject

# Standard objects that a user of the least profile may not write, and what opens them. Source: Salesforce, "User
# Permissions": tasks and events have no object permissions, but Edit Tasks and Edit Events.
_BY_OBJECT = {"Account", "Opportunity"}
_BY_USER = {"Task": "EditTask", "Event": "EditEvent"}
_LETTERS = {"allowCreate": "C", "allowEdit": "U", "allowDelete": "D"}


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
    powers: frozenset[tuple[str, str]] = frozenset()  # object and what may be done with it: "allowEdit"
    user: frozenset[str] = frozenset()  # "EditTask"


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
    minimum: bool = False  # the integration user may do no more than it was granted; otherwise write standard objects
    hidden: frozenset[tuple[str, str]] = frozenset()  # standard fields that it sees only once they are granted
    _seen: dict[Viewer, Sight] = field(default_factory=dict)

    def copy(self) -> Schema:
        """To try a deployment on; objects are replaced, never changed, so this is cheap."""
        known = dict(self.objects), dict(self.grants), dict(self.held), dict(self.parts)
        return Schema(*known, self.minimum, self.hidden)

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

    def restrict(self, hidden: Iterable[tuple[str, str]]) -> None:
        """From now on the integration user has the least profile, without these standard fields."""
        self.minimum, self.hidden = True, frozenset(hidden)
        self._seen.clear()

    def granted(self, viewer: Viewer) -> list[Grants]:
        """What the permission sets give that a user holds."""
        return [self.grants[name] for name in sorted(self.held.get(viewer.user, ())) if name in self.grants]

    def allows(self, viewer: Viewer, permission: str) -> bool:
        """Whether a user has a user permission: "SendCustomNotifications"."""
        free = viewer.admin or not self.minimum
        return free or any(permission in grants.user for grants in self.granted(viewer))

    def hold(self, held: dict[str, frozenset[str]]) -> None:
        """Set who holds which permission sets."""
        self.held = held
        self._seen.clear()

    def seen_by(self, viewer: Viewer) -> Sight:
        """Standard fields are for everybody unless they are hidden; a custom one must be granted by a permission set.

        Source: Salesforce, "Deploying custom fields": without field permissions nobody sees them.
        """
        if viewer not in self._seen:
            self._seen[viewer] = self._sight(viewer)
        return self._seen[viewer]

    def _sight(self, viewer: Viewer) -> Sight:
        if viewer.admin:
            return Sight(dict(self.objects), frozenset(), {name.lower(): name for name in self.objects})
        held, seen, locked = self.granted(viewer), {}, set()
        for name, each in self.objects.items():
            if each.custom and not any(name in grants.objects for grants in held):
                continue
            fields = {one.name: one for one in each.fields.values() if self._shows(each, one, held)}
            own = {(name, one.name) for one in fields.values() if one.custom and not one.required}
            locked |= {key for key in own if not any(key in grants.editable for grants in held)}
            seen[name] = replace(each, fields=fields, writable=self._writable(each, held))
        return Sight(seen, frozenset(locked), {name.lower(): name for name in seen})

    def _shows(self, each: SObject, one: Field, held: list[Grants]) -> bool:
        key = (each.name, one.name)
        needed = key in self.hidden or (one.custom and not one.required)
        return not needed or any(key in grants.readable for grants in held)

    def _writable(self, each: SObject, held: list[Grants]) -> str:
        if not self.minimum or each.name not in _BY_OBJECT | _BY_USER.keys():
            return each.writable
        if each.name in _BY_USER:
            return each.writable if any(_BY_USER[each.name] in grants.user for grants in held) else ""
        given = {power for grants in held for name, power in grants.powers if name == each.name}
        return "".join(letter for power, letter in _LETTERS.items() if power in given)

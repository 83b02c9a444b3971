"""`destructiveChanges.xml`: what a deployment takes away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from connector.sandbox.salesforce.metadata_xml import Invalid
from connector.sandbox.salesforce.organisation import Organisation
from connector.sandbox.salesforce.parts import Key
from connector.sandbox.salesforce.schema import Schema

# Salesforce: an object takes its own fields, lists and layouts along.
_WITH_OBJECT = frozenset({"CustomField", "ListView", "CompactLayout", "FieldSet"})


def remove(org: Organisation, schema: Schema, key: Key) -> bool:
    """Take one component out of a schema; False where there is none. Raises Invalid where something holds it."""
    kind, name = key
    obj, _, field = name.partition(".")
    match kind:
        case "CustomObject":
            if schema.objects.get(name) is None:
                return False
            del schema.objects[name]
            schema.parts = {each: it for each, it in schema.parts.items() if not _of(each, name)}
        case "CustomField":
            holders = ("Task", "Event") if obj == "Activity" else (obj,)
            found = [each for each in holders if each in schema.objects and field in schema.objects[each].fields]
            for each in found:
                known = schema.objects[each]
                schema.add(replace(known, fields={one: it for one, it in known.fields.items() if one != field}))
            return bool(found)
        case "PermissionSet":
            if name not in schema.grants:
                return False
            if any(name in each for each in org.schema.held.values()):
                raise Invalid(f"You can't delete this permission set because it's assigned to users: {name}")
            del schema.grants[name]
        case _:
            return schema.parts.pop(key, None) is not None
    return True


def _of(part: Key, obj: str) -> bool:
    kind, name = part
    return (kind in _WITH_OBJECT and name.startswith(f"{obj}.")) or (kind == "Layout" and name.startswith(f"{obj}-"))


def swept(org: Organisation, gone: list[Key]) -> Iterator[str]:
    """Statements that empty what was taken away, so that nothing comes back with a later installation."""
    for kind, name in gone:
        obj, _, field = name.partition(".")
        if kind == "CustomObject":
            yield f'DELETE FROM "{name}"'
        elif kind == "CustomField" and obj in org.schema.objects:
            yield f'UPDATE "{obj}" SET "{field}" = NULL'
        elif kind == "CustomField" and obj == "Activity":
            yield from (f'UPDATE "{each}" SET "{field}" = NULL' for each in ("Task", "Event"))
        elif kind == "PermissionSet":
            yield f'DELETE FROM "PermissionSet" WHERE "Name" = \'{name}\''

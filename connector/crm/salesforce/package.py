"""What we deploy: our objects, our fields and the permission set, as a metadata zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from connector.model.changes import Wanted, WantedField

PERMISSION_SET = "Attain_Integration"
_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
# Custom fields of tasks and events live on a common object, though permissions name the task.
_DEPLOYED_ON = {"Task": "Activity", "Event": "Activity"}
_LONG_TEXT = 32_768
# A fixed moment: the same wishes give the same bytes.
_EPOCH = (2026, 1, 1, 0, 0, 0)

Node = tuple[str, "str | list[Node]"]


def package(version: str, wanted: Wanted, fields: Sequence[WantedField], objects: Sequence[tuple[str, str]]) -> bytes:
    """The zip that creates `objects` and `fields`, and grants everything `wanted` to the permission set."""
    files = {"package.xml": _manifest(version, fields, objects)}
    for obj in dict.fromkeys([name for name, _ in objects] + [deployed_on(each.object) for each in fields]):
        label = dict(objects).get(obj)
        own = [each for each in fields if deployed_on(each.object) == obj]
        files[f"objects/{obj}.object"] = _object(label, own)
    files[f"permissionsets/{PERMISSION_SET}.permissionset"] = _permission_set(wanted)
    return _zipped(files)


def deployed_on(obj: str) -> str:
    """The object that carries a field's definition: tasks and events share theirs."""
    return _DEPLOYED_ON.get(obj, obj)


def _manifest(version: str, fields: Sequence[WantedField], objects: Sequence[tuple[str, str]]) -> str:
    members = {
        "CustomObject": [name for name, _ in objects],
        "CustomField": list(dict.fromkeys(f"{deployed_on(each.object)}.{each.name}" for each in fields)),
        "PermissionSet": [PERMISSION_SET],
    }
    types: list[Node] = [
        ("types", [*(("members", each) for each in names), ("name", kind)]) for kind, names in members.items() if names
    ]
    return _document("Package", [*types, ("version", version)])


def _object(label: str | None, fields: Sequence[WantedField]) -> str:
    """An object of ours, or only our fields on one that exists; elements of one name stand together."""
    nodes: list[Node] = [("deploymentStatus", "Deployed"), ("enableReports", "true")] if label else []
    seen = set()
    for each in fields:
        if each.name not in seen:
            nodes.append(("fields", _field(each)))
            seen.add(each.name)
    if label:
        nodes += [
            ("label", label),
            ("nameField", [("displayFormat", "A-{000000}"), ("label", f"{label} number"), ("type", "AutoNumber")]),
            ("pluralLabel", f"{label}s"),
            ("sharingModel", "ReadWrite"),
        ]
    return _document("CustomObject", nodes)


def _field(field: WantedField) -> list[Node]:
    nodes: dict[str, str | list[Node]] = {"fullName": field.name, "label": field.label, "required": "false"}
    nodes |= _shape(field)
    if field.unique:
        nodes |= {"externalId": "true", "unique": "true", "caseSensitive": "true"}
    return sorted(nodes.items())


def _shape(field: WantedField) -> Mapping[str, str | list[Node]]:
    match field.type:
        case "text":
            return {"type": "Text", "length": str(min(field.length, 255))}
        case "long_text":
            return {"type": "LongTextArea", "length": str(max(field.length, _LONG_TEXT)), "visibleLines": "5"}
        case "number" | "money":
            # Not Currency: in an org with several currencies that would mean the record's own, not the company's.
            return {"type": "Number", "precision": "18", "scale": "2"}
        case "ratio":
            return {"type": "Percent", "precision": "18", "scale": "4"}
        case "date":
            return {"type": "Date"}
        case "moment":
            return {"type": "DateTime"}
        case "choice":
            return {"type": "Picklist", "valueSet": [("restricted", "false"), ("valueSetDefinition", _choices(field))]}
        case "person":
            return {
                "type": "Lookup",
                "referenceTo": field.points_at or "User",
                "relationshipName": f"{field.object}_{field.name}".replace("__c", ""),
            }
    raise ValueError(f"`{field.type}` is no type of a wanted field")


def _choices(field: WantedField) -> list[Node]:
    values: list[Node] = [
        ("value", [("fullName", each), ("default", "false"), ("label", each)]) for each in field.choices
    ]
    return [("sorted", "false"), *values]


def _permission_set(wanted: Wanted) -> str:
    fields: list[Node] = [
        ("fieldPermissions", [("editable", "true"), ("field", each), ("readable", "true")])
        for each in sorted({f"{field.object}.{field.name}" for field in wanted.fields})
    ]
    objects: list[Node] = [("objectPermissions", _object_permission(name)) for name, _ in wanted.objects]
    says = "What Attain needs to keep attainment and alerts up to date."
    head: list[Node] = [("description", says)]
    tail: list[Node] = [("hasActivationRequired", "false"), ("label", "Attain Integration")]
    return _document("PermissionSet", [*head, *fields, *tail, *objects])


def _object_permission(name: str) -> list[Node]:
    granted = ("allowCreate", "allowDelete", "allowEdit", "allowRead")
    nodes: list[Node] = [(each, "true") for each in granted]
    return [*nodes, ("modifyAllRecords", "false"), ("object", name), ("viewAllRecords", "true")]


def _document(root: str, nodes: Iterable[Node]) -> str:
    body = "\n".join(_lines(nodes, 1))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{body}\n</{root}>\n'


def _lines(nodes: Iterable[Node], depth: int) -> Iterable[str]:
    indent = "    " * depth
    for name, content in nodes:
        if isinstance(content, str):
            yield f"{indent}<{name}>{escape(content)}</{name}>"
        else:
            yield f"{indent}<{name}>"
            yield from _lines(content, depth + 1)
            yield f"{indent}</{name}>"


def _zipped(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), text)
    return buffer.getvalue()

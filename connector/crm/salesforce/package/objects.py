"""Our objects and our fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connector.crm.salesforce.package.metadata import Node, Part
from connector.crm.salesforce.package.words import Words
from connector.model.changes import WantedField

# Custom fields of tasks and events live on a common object, though permissions name the task.
_DEPLOYED_ON = {"Task": "Activity", "Event": "Activity"}
_LONG_TEXT = 32_768


def deployed_on(obj: str) -> str:
    """The object that carries a field's definition: tasks and events share theirs."""
    return _DEPLOYED_ON.get(obj, obj)


def own_object(name: str, label: str, compact: str | None) -> Part:
    """An object of ours: private, so that a rep sees the rows that they own, and managers those of their people."""
    nodes: list[Node] = [
        *([("compactLayoutAssignment", compact)] if compact else []),
        ("deploymentStatus", "Deployed"),
        ("enableReports", "true"),
        ("enableSearch", "false"),
        ("externalSharingModel", "Private"),
        ("label", label),
        ("nameField", [("displayFormat", "A-{000000}"), ("label", f"{label} number"), ("type", "AutoNumber")]),
        ("pluralLabel", f"{label}s"),
        ("sharingModel", "Private"),
    ]
    return Part("CustomObject", name, nodes)


def own_fields(fields: Sequence[WantedField], words: Words) -> Iterator[Part]:
    """Each field once, with a line of help for whoever hovers over its label."""
    seen = set()
    for each in fields:
        name = f"{deployed_on(each.object)}.{each.name}"
        if name not in seen:
            seen.add(name)
            yield Part("CustomField", name, _field(each, words.help(each)))


def _field(field: WantedField, says: str) -> list[Node]:
    nodes: dict[str, str | Sequence[Node]] = {"label": field.label, **_shape(field)}
    if field.type != "long_text":  # a long text can never be required, and says nothing of it
        nodes["required"] = "false"
    if says:
        nodes["inlineHelpText"] = says
    if field.unique:
        nodes |= {"externalId": "true", "unique": "true", "caseSensitive": "true"}
    return sorted(nodes.items())


def _shape(field: WantedField) -> Mapping[str, str | Sequence[Node]]:
    match field.type:
        case "text":
            return {"type": "Text", "length": str(min(field.length, 255))}
        case "long_text":
            return {"type": "LongTextArea", "length": str(max(field.length, _LONG_TEXT)), "visibleLines": "5"}
        case "number" | "money":
            # Not Currency: in an org with several currencies that would mean the record's own, not the company's.
            # Four decimals: of a win rate of 32.8 % two would leave 33 %.
            return {"type": "Number", "precision": "18", "scale": "4"}
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

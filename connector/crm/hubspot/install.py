"""Creating the properties that our results go to, in a group of their own, and an object of ours where the mapping has one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connector.crm.hubspot import custom
from connector.crm.hubspot.described import Definition
from connector.crm.hubspot.errors import MissingScope, Refused
from connector.crm.hubspot.fields import USERS
from connector.crm.hubspot.portal import Portal
from connector.errors import CrmDenied
from connector.model.changes import Wanted, WantedField
from connector.ports import InstallReport, Removal

AT_ONCE = 100
ELSEWHERE = (
    "in an Enterprise account, let `scores:` in the mapping's `write:` keep them in an object of our own "
    "(`object: attain_rep_period`, as mappings/hubspot.yaml shows)."
)
WITHOUT_NUMBERS = "Else take `scores:` out of the mapping's `write:`: health and alerts stay, and people's numbers are shown by Attain itself."
ENTERPRISE = (
    "Objects of one's own need an Enterprise account, and a token with crm.schemas.custom.read, crm.schemas.custom.write, "
    "crm.objects.custom.read and crm.objects.custom.write."
)
GROUP = {"name": "attain", "label": "Attain", "displayOrder": -1}

# our type → (HubSpot's type, how it is edited, what else the definition says)
SHAPES: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "text": ("string", "text", {}),
    "long_text": ("string", "textarea", {}),
    "number": ("number", "number", {"numberDisplayHint": "formatted"}),
    # Not the hint "currency": it would put the account's own sign on amounts in the company's currency.
    "money": ("number", "number", {"numberDisplayHint": "formatted"}),
    "ratio": ("number", "number", {"numberDisplayHint": "percentage"}),  # 0.62 is shown as 62 %
    "date": ("date", "date", {}),
    "moment": ("datetime", "date", {}),
    "choice": ("enumeration", "select", {}),
    "person": ("string", "text", {}),  # an owner's id; a property that shows owners needs options of HubSpot's making
}


def install(connection: str, portal: Portal, wanted: Wanted, *, check: bool) -> InstallReport:
    """Create what is missing; with `check`, only say what that is.

    Raises CrmDenied when a property of that name exists but cannot hold what we would write, and where an account may
    not have an object of ours.
    """
    created: list[str] = []
    present: list[str] = []
    missing: list[str] = []
    labels = dict(wanted.objects)
    for obj in dict.fromkeys((*labels, *(each.object for each in wanted.fields))):
        fields = [each for each in wanted.fields if each.object == obj]
        if not _has(connection, portal, obj):
            if not check:
                _make(connection, portal, obj, labels.get(obj, obj), fields)
            (missing if check else created).extend((obj, *map(_name, fields)))
            continue
        present += [obj] if obj in labels else []
        known = portal.definitions(obj)
        absent = [each for each in fields if each.name not in known]
        _refuse_unfit(connection, fields, known)
        present += [_name(each) for each in fields if each.name in known]
        if check:
            missing += map(_name, absent)
        elif absent:
            _add_group(portal, obj)
            for each in absent:
                (created if _add(connection, portal, each) else present).append(_name(each))
    return InstallReport(connection, tuple(created), tuple(present), tuple(missing))


def _has(connection: str, portal: Portal, obj: str) -> bool:
    try:
        return portal.has(obj)
    except MissingScope as denied:
        raise _no_object(connection, obj, denied.problem) from denied


def _make(connection: str, portal: Portal, obj: str, label: str, fields: Sequence[WantedField]) -> None:
    try:
        portal.make_object(custom.schema(obj, label, fields, [definition(each) for each in fields]))
    except MissingScope as denied:
        raise _no_object(connection, obj, denied.problem) from denied
    except Refused as refused:
        if refused.status != 409 or not portal.has(obj):  # else somebody else was quicker
            raise _no_object(connection, obj, refused.said.text) from refused


def _no_object(connection: str, obj: str, why: str) -> CrmDenied:
    problem = f"the object {obj} cannot be made or found: {why}"
    return CrmDenied(connection, problem, f"{ENTERPRISE} {WITHOUT_NUMBERS}")


def uninstall(connection: str, portal: Portal, wanted: Wanted, *, check: bool) -> Removal:
    """Archive our properties, with all that they hold; HubSpot keeps them for 90 days. With `check`, only say which.

    An object of ours goes as a whole, its records first.
    """
    gone: list[str] = []
    ours = dict(wanted.objects)
    for obj in dict.fromkeys((*ours, *(each.object for each in wanted.fields))):
        if not _has(connection, portal, obj):
            continue
        if obj in ours:
            gone.append(_taken(connection, portal, obj, check=check))
            continue
        known = portal.definitions(obj)
        names = [each.name for each in wanted.fields if each.object == obj and each.name in known]
        gone += (f"{obj}.{each}" for each in names)
        for start in range(0, 0 if check else len(names), AT_ONCE):
            portal.drop_properties(obj, names[start : start + AT_ONCE])
    return Removal(connection, tuple(gone))


def _taken(connection: str, portal: Portal, obj: str, *, check: bool) -> str:
    ids = custom.records(portal, obj)
    try:
        if not check:
            custom.take_away(portal, obj, ids)
    except Refused as refused:
        text = f"HubSpot does not take {obj} away yet: {refused.said.text}"
        raise CrmDenied(connection, text, "Its records may take a minute to go: run it again.") from refused
    return f"{obj}, with {len(ids)} records"


def _add_group(portal: Portal, obj: str) -> None:
    if GROUP["name"] in portal.group_names(obj):
        return
    try:
        portal.add_group(obj, GROUP)
    except Refused as refused:
        if refused.status != 409:  # somebody else was quicker
            raise


def _add(connection: str, portal: Portal, field: WantedField) -> bool:
    """Whether we made it; a property that turns out to exist is held against what we need."""
    try:
        portal.add_property(field.object, definition(field))
    except Refused as refused:
        if refused.status != 409:
            raise _refusal(connection, field, refused) from refused
        known = portal.definitions(field.object)
        if field.name not in known:
            raise _hidden(connection, field, refused) from refused
        _refuse_unfit(connection, [field], known)
        return False
    return True


def _hidden(connection: str, field: WantedField, refused: Refused) -> CrmDenied:
    """The name is taken, and no property has it: it was archived, by `uninstall` perhaps, and is kept for 90 days."""
    problem = f"HubSpot does not make {_name(field)}, and does not show it either: {refused.said.text}"
    cure = "Restore it in HubSpot under Settings > Properties > Archived properties, then run `attain install` again."
    return CrmDenied(connection, problem, cure)


def _refusal(connection: str, field: WantedField, refused: Refused) -> CrmDenied:
    """Some accounts take no properties on users: then numbers of people need another place."""
    cure = "Look at the property's definition in HubSpot."
    if field.object == USERS:
        cure = f"Where this account takes no properties on users: {ELSEWHERE} {WITHOUT_NUMBERS}"
    return CrmDenied(connection, f"HubSpot does not make {_name(field)}: {refused.said.text}", cure)


def definition(field: WantedField) -> dict[str, Any]:
    """The property as HubSpot is asked to make it."""
    kind, edited, more = SHAPES[field.type]
    made: dict[str, Any] = {
        "name": field.name,
        "label": field.label,
        "groupName": GROUP["name"],
        "type": kind,
        "fieldType": edited,
        "description": "Kept up to date by Attain; edits are overwritten.",
        "hidden": False,
        "formField": False,
        **more,
    }
    if field.unique:
        made["hasUniqueValue"] = True  # cannot be changed later
    if field.type == "choice":
        made["options"] = [_option(at, each) for at, each in enumerate(field.choices)]
    return made


def _option(at: int, choice: str) -> dict[str, Any]:
    return {"label": choice.replace("_", " ").capitalize(), "value": choice, "displayOrder": at, "hidden": False}


def _refuse_unfit(connection: str, fields: Iterable[WantedField], known: Mapping[str, Definition]) -> None:
    for field in fields:
        problem = unfit(field, known.get(field.name))
        if problem:
            raise CrmDenied(
                connection,
                f"the property {_name(field)} {problem}",
                "Archive it under Settings > Properties, then run `attain install` again.",
            )


def unfit(field: WantedField, found: Definition | None) -> str:
    """Why an existing property cannot serve, or an empty text."""
    if found is None:
        return ""
    kind = SHAPES[field.type][0]
    if found.type != kind:
        return f"is of type {found.type}, but must be {kind}"
    if field.unique and not found.unique:
        return "must have unique values; that is only possible for a new property"
    absent = [each for each in field.choices if each not in found.options] if field.type == "choice" else []
    return f"lacks the option {', '.join(absent)}" if absent else ""


def _name(field: WantedField) -> str:
    return f"{field.object}.{field.name}"

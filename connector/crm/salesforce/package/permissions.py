"""Who may do what: the integration user, reps, managers, and whoever looks after it all.

A permission set grants what a deployed field does not have by itself: to be seen. Source: Salesforce, "PermissionSet";
required fields and master-detail fields must not be named, and none of ours is either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from connector.crm.salesforce.package.metadata import Node, Part
from connector.model.changes import Wanted

INTEGRATION = "Attain_Integration"
BYPASS = "Attain_Bypass_Automation"
_OURS_SAYS = "Attain's own objects and fields. Every `attain install` replaces it: grant anything else in a permission set of yours."
_ALL = ("allowCreate", "allowDelete", "allowEdit", "allowRead", "modifyAllRecords", "viewAllRecords")


@dataclass(frozen=True, slots=True)
class Role:
    """A permission set for people."""

    name: str
    label: str
    says: str
    may: tuple[str, ...]  # of an attainment; everybody who has one reads
    may_note: tuple[str, ...]


ROLES = (
    Role(
        "Attain_Rep",
        "Attain Rep",
        "Sees their own numbers, and may say something about them.",
        ("allowRead",),
        ("allowCreate", "allowEdit", "allowRead"),
    ),
    Role(
        "Attain_Manager",
        "Attain Manager",
        "Sees the numbers of their people by the role hierarchy, and may say something about them.",
        ("allowRead",),
        ("allowCreate", "allowEdit", "allowRead"),
    ),
    Role(
        "Attain_Admin",
        "Attain Admin",
        "Sees and mends everything of Attain; for sales operations and whoever looks after the connector.",
        _ALL,
        _ALL,
    ),
)


@dataclass(frozen=True, slots=True)
class Notes:
    """Where people type: an object of ours, and the field that only we and admins fill."""

    object: str = ""
    answer: str = ""


def permission_sets(wanted: Wanted, notes: Notes, tabs: Sequence[str], app: str) -> Iterator[Part]:
    """One for each role; `tabs` and `app` are those of the pages, if there are any."""
    for role in ROLES:
        objects = [
            ("objectPermissions", object_grant(name, role.may_note if name == notes.object else role.may))
            for name, _ in wanted.objects
        ]
        nodes: list[Node] = [
            *([("applicationVisibilities", [("application", app), ("visible", "true")])] if app else []),
            ("description", role.says),
            *_fields(wanted, role, notes),
            ("hasActivationRequired", "false"),
            ("label", role.label),
            *objects,
            *(("tabSettings", [("tab", each), ("visibility", "Visible")]) for each in tabs),
        ]
        yield Part("PermissionSet", role.name, nodes)


def integration(wanted: Wanted) -> Part:
    """What the connector itself holds: its rows belong to reps, so it needs all of them."""
    nodes: list[Node] = [
        ("description", _OURS_SAYS),
        *(("fieldPermissions", field_grant(each, edit=True)) for each in _named(wanted)),
        ("hasActivationRequired", "false"),
        ("label", "Attain Integration"),
        *(("objectPermissions", object_grant(name, _ALL)) for name, _ in wanted.objects),
    ]
    return Part("PermissionSet", INTEGRATION, nodes)


def bypass() -> Iterator[Part]:
    """A flag that an org's own flows and validation rules may ask for: `$Permission.Attain_Bypass_Automation`."""
    says = "Held by Attain's integration user: automation that must not react to its writes asks for it."
    yield Part(
        "CustomPermission", BYPASS, [("description", says), ("isLicensed", "false"), ("label", "Attain: bypass")]
    )
    grant: list[Node] = [
        ("customPermissions", [("enabled", "true"), ("name", BYPASS)]),
        ("description", "Lets Attain's writes pass automation that asks for it."),
        ("hasActivationRequired", "false"),
        ("label", "Attain Bypass Automation"),
    ]
    yield Part("PermissionSet", BYPASS, grant)


def _named(wanted: Wanted) -> list[str]:
    return sorted({f"{field.object}.{field.name}" for field in wanted.fields})


def _fields(wanted: Wanted, role: Role, notes: Notes) -> Iterator[Node]:
    """Everybody reads what their records show, and edits their notes, but for our answer; ours alone are other objects'."""
    for name in _named(wanted):
        obj, _, field = name.partition(".")
        edit = "allowEdit" in (role.may_note if obj == notes.object else role.may)
        ours = field == notes.answer and "modifyAllRecords" not in role.may_note
        yield "fieldPermissions", field_grant(name, edit=edit and not ours and obj in dict(wanted.objects))


def field_grant(name: str, *, edit: bool) -> Sequence[Node]:
    """A field that may be read, or written as well."""
    return [("editable", "true" if edit else "false"), ("field", name), ("readable", "true")]


def object_grant(name: str, may: Iterable[str]) -> list[Node]:
    """What may be done with the records of an object: "allowRead", "viewAllRecords"."""
    granted = frozenset(may)
    nodes: list[Node] = [(each, "true" if each in granted else "false") for each in _ALL]
    return sorted([*nodes, ("object", name)])

"""What the integration user needs of the org's own objects and fields, as the mapping uses them, and no more.

It is a permission set of its own beside that for our objects: a licence that does not allow some of it refuses this one
alone. Since API 40 a deployed set replaces the one that was there, so it always says all of it. Source: Salesforce,
"PermissionSet" metadata, read 2026-11-30.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connector.crm.salesforce.package.metadata import Node, Part
from connector.crm.salesforce.package.permissions import field_grant, object_grant
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping

ACCESS = "Attain_Access"
SEND = "SendCustomNotifications"
ACTIVITIES = ("Task", "Event")
_SHARED = (RecordKind.ACCOUNT, RecordKind.DEAL)  # records that belong to people, and of which we count all
_READ = ("allowRead", "viewAllRecords")
_SAYS = (
    "What Attain reads and writes of this org's own. Every `attain install` replaces it: grant more in a set of yours."
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a mapping gives a use to."""

    objects: Mapping[str, tuple[str, ...]]  # "Opportunity" → ("allowRead", "viewAllRecords")
    user: tuple[str, ...] = ()  # permissions that hang on no object: "EditTask"


def needs(mapping: CrmMapping, *, bell: bool = False) -> Needs:
    """Read and View All on accounts and deals, Edit where they get fields of ours, what tasks need, and the bell.

    Whoever may read opportunities must be able to read accounts. Activities have no object permissions, but Access
    Activities and Edit Tasks. Source: Salesforce, "User Permissions", read 2026-11-30.
    """
    objects = {each.object: set(_READ) for each in mapping.sources if each.kind in _SHARED}
    for name in mapping.write.people_own:
        objects.setdefault(name, set()).update(("allowRead", "allowEdit"))
    if "Opportunity" in objects:
        objects.setdefault("Account", set()).add("allowRead")
    user = {"ActivitiesAccess"} if any(each.object in ACTIVITIES for each in mapping.sources) else set()
    if mapping.write.alerts and mapping.write.alerts.object == "Task":
        user |= {"ActivitiesAccess", "EditTask"}
    if bell and mapping.write.alerts:
        user.add(SEND)
    return Needs({name: tuple(sorted(may)) for name, may in sorted(objects.items())}, tuple(sorted(user)))


def access(found: Needs, fields: Iterable[str] = ()) -> Part:
    """The permission set; `fields` are those that are to be readable: "Account.Industry"."""
    nodes: list[Node] = [
        ("description", _SAYS),
        *(("fieldPermissions", field_grant(each, edit=False)) for each in sorted(fields)),
        ("hasActivationRequired", "false"),
        ("label", "Attain Access"),
        *(("objectPermissions", object_grant(name, may)) for name, may in found.objects.items()),
        *(("userPermissions", [("enabled", "true"), ("name", each)]) for each in found.user),
    ]
    return Part("PermissionSet", ACCESS, nodes)

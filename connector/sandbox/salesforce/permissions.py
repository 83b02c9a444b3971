"""Permission sets as records: what a query of PermissionSet and ObjectPermissions tells of them.

Source: Salesforce, Object Reference and Field Reference of both, read 2026-11-30.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from connector.sandbox.salesforce.fields import SObject, listed
from connector.sandbox.salesforce.metadata_xml import POWERS, USER_PERMISSIONS, PermissionFile

if TYPE_CHECKING:
    from connector.sandbox.salesforce.organisation import Organisation

OBJECTS = "ObjectPermissions"
_COLUMNS = {
    each: f"Permissions{each.removeprefix('allow')[0].upper()}{each.removeprefix('allow')[1:]}" for each in POWERS
}
_OBJECTS = f"""
Id id :DI Object Permissions ID
ParentId reference(PermissionSet) :Cs Parent ID
SobjectType picklist(40) :CR Sobject Type Name
{chr(10).join(f"{each} boolean :CUD {each}" for each in _COLUMNS.values())}
SystemModstamp datetime :D System Modstamp
"""


def switch_on(org: Organisation, hidden: Iterable[tuple[str, str]]) -> None:
    """Let the integration user have the least profile, and let queries tell what it was granted."""
    org.add(SObject(OBJECTS, "Object Permissions", "Object Permissions", "110", listed(_OBJECTS), ""))
    told = "\n".join(f"Permissions{each} boolean :CUD {each}" for each in USER_PERMISSIONS)
    org.add_fields("PermissionSet", list(listed(told).values()))
    org.schema.restrict(hidden)


def save(org: Organisation, file: PermissionFile) -> None:
    """Keep a deployed permission set as records, in the place of what it was before."""
    thing = org.schema.objects["PermissionSet"]
    found = org.database.find(thing, "Name", file.name)
    told = {f"Permissions{each}": int(each in file.user) for each in USER_PERMISSIONS}
    shown = {name: value for name, value in told.items() if name in thing.fields}
    if found:
        id = str(found[0]["Id"])
        org.database.update(thing, id, {"Label": file.label, "SystemModstamp": org.stamp, **shown})
    else:
        row = {"Name": file.name, "Label": file.label, "IsOwnedByProfile": 0, "IsCustom": 1, "Type": "Regular"}
        id = org.database.insert(thing, row | shown | org.audit(org.integration_user))
    if OBJECTS not in org.schema.objects:
        return
    org.database.run(f'DELETE FROM "{OBJECTS}" WHERE "ParentId" = ?', (id,))
    for each in file.objects:
        given = {column: int((each, power) in file.powers) for power, column in _COLUMNS.items()}
        row = {"ParentId": id, "SobjectType": each, "SystemModstamp": org.stamp, **given}
        org.database.insert(org.schema.objects[OBJECTS], row)

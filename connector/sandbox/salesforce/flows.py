"""Flows as a query tells of them, and whether they run.

Source: Salesforce, Object Reference and Field Reference of FlowDefinitionView, and help, "Deploy Processes and Flows as
Active": outside production a flow arrives as its file says, in production inactive unless a setting is on. Read 2026-11-30.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.salesforce.fields import SObject, listed
from connector.sandbox.salesforce.ids import record_id

if TYPE_CHECKING:
    from connector.sandbox.salesforce.organisation import Organisation

VIEW = "FlowDefinitionView"
_FLOW = """
Id id :DI Flow Definition View ID
DurableId string(255) :N Durable ID
ApiName string(255) :N Flow API Name
Label string(255) :N Flow Label
ActiveVersionId string(255) :N Active Flow Version API Name or ID
LatestVersionId string(255) :N Latest Flow Version API Name or ID
IsActive boolean :D Active
"""


def flow_objects() -> list[SObject]:
    """What every organisation has. Its prefix is our own: no source names it."""
    return [SObject(VIEW, "Flow Definition View", "Flow Definition Views", "4fV", listed(_FLOW), "")]


def follow(org: Organisation) -> None:
    """After a deployment: flows that came, and flows that went."""
    thing = org.schema.objects[VIEW]
    deployed = sorted(name for kind, name in org.schema.parts if kind == "Flow")
    known = {name for (name,) in org.database.run(f'SELECT "ApiName" FROM "{VIEW}"')}
    for name in known - set(deployed):
        org.database.run(f'DELETE FROM "{VIEW}" WHERE "ApiName" = ?', (name,))
    for name in deployed:
        if name not in known:
            version = record_id("301", len(known) + deployed.index(name) + 1)
            active = None if org.flows_arrive_inactive else version
            row = {
                "ApiName": name,
                "LatestVersionId": version,
                "ActiveVersionId": active,
                "IsActive": int(bool(active)),
            }
            org.database.insert(thing, row)


def activate(org: Organisation, name: str) -> None:
    """As a person does under Setup > Flows."""
    org.database.run(
        f'UPDATE "{VIEW}" SET "ActiveVersionId" = "LatestVersionId", "IsActive" = 1 WHERE "ApiName" = ?', (name,)
    )

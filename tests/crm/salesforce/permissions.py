"""Permission sets as an admin makes them, by hand, in the org of a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from connector.crm.salesforce import soql
from connector.crm.salesforce.adapter import SalesforceCrm
from connector.crm.salesforce.assignments import hold
from connector.crm.salesforce.deploy import Deployed, deploy
from connector.crm.salesforce.package.metadata import Node, Part, Project
from connector.crm.salesforce.package.permissions import field_grant, object_grant
from tests.crm.salesforce.company import Place


def grants(
    place: Place,
    name: str,
    *fields: str,
    objects: Mapping[str, Sequence[str]] | None = None,
    user: Sequence[str] = (),
) -> Deployed:
    """A permission set with these fields to read, objects and user permissions, held by the integration user."""
    nodes: list[Node] = [
        *(("fieldPermissions", field_grant(each, edit=False)) for each in fields),
        ("label", name),
        *(("objectPermissions", object_grant(each, may)) for each, may in (objects or {}).items()),
        *(("userPermissions", [("enabled", "true"), ("name", each)]) for each in user),
    ]
    org = cast("SalesforceCrm", place.crm).org
    done = deploy(org, place.time.world, Project("66.0", (Part("PermissionSet", name, nodes),)).archive(), check=False)
    if done.succeeded:
        hold(org, [name])
    return done


def takes(place: Place, name: str) -> None:
    """An admin takes a permission set from whoever holds it."""
    org = cast("SalesforceCrm", place.crm).org
    query = soql.select(("Id",), "PermissionSetAssignment", where=[soql.equals("PermissionSet.Name", name)])
    for each in org.all_rows(query):
        assert place.human("DELETE", f"sobjects/PermissionSetAssignment/{each['Id']}").status == 204

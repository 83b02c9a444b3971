"""Who holds our permission sets."""

from __future__ import annotations

from collections.abc import Sequence

from connector.crm.salesforce import soql
from connector.crm.salesforce.org import Org
from connector.errors import CrmDenied


def hold(org: Org, names: Sequence[str]) -> None:
    """Give the running user these permission sets, once; one that is not there is passed over. Raises CrmDenied."""
    query = soql.select(("Id", "Name"), "PermissionSet", where=[soql.one_of("Name", names)])
    for each in sorted(str(row["Id"]) for row in org.all_rows(query)):
        _hold_one(org, each)


def _hold_one(org: Org, permission_set: str) -> None:
    where = [soql.equals("PermissionSetId", permission_set), soql.equals("AssigneeId", org.user_id)]
    if org.all_rows(soql.select(("Id",), "PermissionSetAssignment", where=where)):
        return
    try:
        body = {"AssigneeId": org.user_id, "PermissionSetId": permission_set}
        org.send("POST", "sobjects/PermissionSetAssignment", body)
    except CrmDenied as error:
        # A first answer that was lost on the way: the repetition finds it done.
        if "DUPLICATE_VALUE" not in error.problem:
            raise

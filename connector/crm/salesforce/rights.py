"""What the integration user was granted, by all permission sets that it holds, its profile's among them.

Source: Salesforce, Object Reference of PermissionSet and ObjectPermissions, read 2026-11-23.
"""

from __future__ import annotations

from functools import cached_property

from connector.crm.salesforce import soql
from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.org import Org

_SETS, _OBJECTS = "PermissionSet", "ObjectPermissions"


class Rights:
    """One look at one org."""

    def __init__(self, org: Org, describer: Describer) -> None:
        self._org, self._describer = org, describer

    def has(self, name: str) -> bool | None:
        """Whether it has a user permission: "ViewAllData"; None where the org does not tell."""
        column = f"Permissions{name}"
        if not self._describer.shows(_SETS, column):
            return None
        return any(
            self._org.all_rows(
                soql.select(("Id",), _SETS, where=[soql.one_of("Id", some), soql.truth(column, is_set=True)])
            )
            for some in soql.chunks(self._sets)
        )

    def objects(self, flag: str) -> frozenset[str] | None:
        """Where it may do something with all records: "ViewAllRecords"; None where the org does not tell."""
        column = f"Permissions{flag}"
        if not self._describer.shows(_OBJECTS, column):
            return None
        found: set[str] = set()
        for some in soql.chunks(self._sets):
            where = [soql.one_of("ParentId", some), soql.truth(column, is_set=True)]
            rows = self._org.all_rows(soql.select(("SobjectType",), _OBJECTS, where=where))
            found |= {str(each["SobjectType"]) for each in rows}
        return frozenset(found)

    @cached_property
    def _sets(self) -> list[str]:
        where = [soql.equals("AssigneeId", self._org.user_id)]
        rows = self._org.all_rows(soql.select(("PermissionSetId",), "PermissionSetAssignment", where=where))
        return [str(each["PermissionSetId"]) for each in rows]

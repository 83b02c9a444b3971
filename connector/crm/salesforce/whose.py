"""Which organisation a login leads to."""

from __future__ import annotations

from connector.crm.salesforce import soql
from connector.crm.salesforce.org import Org
from connector.errors import CrmUnavailable

# Ids are told with fifteen characters or with eighteen, of which the last three only repeat which letters are capitals.
# Setup shows fifteen. Source: Salesforce, "Primitive Data Types", ID.
_TELLING = 15


def organisation_of(org: Org) -> str:
    """Its id, in fifteen characters; the login tells it, or else one query. Raises CrmUnavailable where neither does."""
    told = org.organisation or _asked(org)
    if not told:
        raise CrmUnavailable(org.connection, "Salesforce does not say which organisation this is")
    return told[:_TELLING]


def _asked(org: Org) -> str:
    rows = org.all_rows(soql.select(("Id",), "Organization"))
    return str(rows[0].get("Id") or "") if rows else ""

"""The doctor on where people's numbers go: the users object, an object of our own, or nowhere in HubSpot.

HubSpot's documentation names the scope to make properties of users, and only built-in ones of them; whether an account
takes ours shows when they are made. Objects of one's own need Enterprise.
"""

from __future__ import annotations

from collections.abc import Iterator

from connector.crm.hubspot.address import TYPE_IDS
from connector.crm.hubspot.errors import Refused
from connector.crm.hubspot.fields import USERS
from connector.crm.hubspot.install import ELSEWHERE, WITHOUT_NUMBERS
from connector.crm.hubspot.portal import Portal
from connector.errors import CrmDenied
from connector.model.changes import Wanted
from connector.normalise.mapping import CrmMapping, ScoreProperties, ScoreRows
from connector.ports import Finding, Severity

SUBJECT = "people's numbers"


def whereabouts(connection: str, portal: Portal, mapping: CrmMapping, wanted: Wanted) -> Iterator[Finding]:
    """One line: which of the three holds, and what to change where it cannot."""
    match mapping.write.scores:
        case ScoreProperties() as where:
            severity, text, cure = _on_users(portal, where.object, wanted)
        case ScoreRows() as rows:
            severity, text, cure = _in_an_object(portal, rows.object)
        case None:
            severity, text, cure = Severity.NOTE, "shown by Attain itself; HubSpot has health and alerts only", ""
    yield Finding(connection, SUBJECT, severity, text, cure)


def _on_users(portal: Portal, obj: str, wanted: Wanted) -> tuple[Severity, str, str]:
    known = portal.definitions(obj)
    if obj != USERS or any(each.name in known for each in wanted.fields if each.object == obj):
        return Severity.OK, f"in properties of {obj}, on each person's own record", ""
    if _takes_properties(portal):
        return Severity.OK, "will go to properties of users; whether this account has them, `attain install` shows", ""
    text = "HubSpot counts no properties of ours on users: this account may not take any"
    return Severity.WARNING, text, f"Try `attain install`; where it is refused, {_alternative(portal)}"


def _takes_properties(portal: Portal) -> bool:
    """Whether the limits speak of users; an account that tells no limits may well take them."""
    try:
        limits = portal.property_limits()
    except (CrmDenied, Refused):
        return True
    return TYPE_IDS[USERS] in limits or not limits.keys() - {""}


def _alternative(portal: Portal) -> str:
    """What remains, as far as the account says."""
    try:
        used, most = portal.object_limits()
    except (CrmDenied, Refused):
        return f"{ELSEWHERE} {WITHOUT_NUMBERS}"
    if used < most:
        return f"{ELSEWHERE} This one has room for {most - used} more."
    return f"this account has no room for an object of our own. {WITHOUT_NUMBERS}"


def _in_an_object(portal: Portal, obj: str) -> tuple[Severity, str, str]:
    try:
        if portal.has(obj):
            return Severity.OK, f"in {obj}, an object of our own: a record for each person, metric and period", ""
        used, most = portal.object_limits()
    except CrmDenied as denied:
        text = f"they are to go to {obj}, an object of our own, and {denied.problem}"
        cure = f"{denied.cure} Only an Enterprise account has it to give. {WITHOUT_NUMBERS}".strip()
        return Severity.ERROR, text, cure
    if used < most:
        return Severity.WARNING, f"{obj}, an object of our own, is not there yet", "Run `attain install`."
    text = f"{obj} is not there, and of {most} custom objects that this account may have {used} are in use"
    return Severity.ERROR, text, WITHOUT_NUMBERS

"""What an account's own rules ask of a write, and where an admin finds them.

From version 2026-09 on HubSpot holds every write against what an admin asks of people: properties that are required
because of another one's value (a stage's, say), the create form's required fields, and, for tokens of a single user, the
permission to edit associations. An update that touches none of these properties is refused as well.
Source: https://developers.hubspot.com/changelog/crm-api-write-validation-enforcement, read November 2026.

No call tells these rules beforehand. Property validations tell formats, of every version
(https://developers.hubspot.com/docs/api-reference/latest/crm/property-validations/guide), and `requiredProperties` of a
schema are those of the object's definition, not of its form. So the rules are learned from what was refused. We make no
write to find out: the doctor only reads, also where `write: off` promises that nobody writes; to write a value again
would move the record's stamp and may start workflows; and it would speak for one record in one stage, while every
refused row is parked alone and says the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.crm.hubspot.address import VERSION
from connector.crm.hubspot.errors import Said

SINCE = "2026-09"
CONDITIONAL, ON_CREATE = "MISSING_CONDITIONAL_REQUIRED_PROPERTY", "MISSING_REQUIRED_PROPERTY"
ASSOCIATIONS = "edit associations"
PIN = f"say `write_version: {VERSION}` in the connection, which asks for none of this"
# Where an admin finds them. Source: HubSpot Knowledge Base, "Set up conditional logic for enumeration properties".
CONDITIONAL_AT = "Settings > Properties > {object} > Conditional logic (a deal stage's also under Settings > Objects > Deals > Pipelines)"
CREATE_AT = "Settings > Objects > {object} > Create record"
EDIT_AT = "Settings > Users & Teams > the user who installed the app > Permissions > Edit associations"


def enforced(version: str) -> bool:
    """Whether HubSpot holds writes of this API version against the account's rules."""
    return version.removesuffix("-beta") >= SINCE


def explained(obj: str, said: Said, version: str) -> str:
    """HubSpot's words; of a rule of the account's, also what to click."""
    where = _where(obj, said) if enforced(version) else ""
    return f"{said.text.rstrip('.')}. Fill it in, or change the rule: {where}; or {PIN}." if where else said.text


def _where(obj: str, said: Said) -> str:
    codes = {each.code for each in said.details}
    found: Mapping[str, bool] = {
        CONDITIONAL_AT: CONDITIONAL in codes,
        CREATE_AT: ON_CREATE in codes,
        EDIT_AT: ASSOCIATIONS in said.text.lower(),
    }
    return " and ".join(place for place, asked in found.items() if asked).format(object=obj.capitalize())

"""Rules of the portal's own: what admins require of people, which writes of 2026-09 must obey, and formats of values.

Wording and codes: https://developers.hubspot.com/changelog/crm-api-write-validation-enforcement, read November 2026.
Property validations are kept and told; values are not held against them here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.portal import Portal, body_of
from connector.sandbox.hubspot.replies import Json, Refused, error, invalid, no_page, said
from connector.sandbox.wire import Request, Response

_ENFORCED = "/2026-09/"


@dataclass(frozen=True, slots=True)
class Rule:
    """A property that must have a value: while another one has one of some values, or whenever a record is made."""

    kind: Kind
    name: str
    on: str = ""  # the controlling property; empty: a rule of the create form
    values: frozenset[str] = frozenset()

    def broken(self, values: Mapping[str, str], *, creating: bool) -> Json | None:
        """What is said about a record that would have these values; None: nothing."""
        if values.get(self.name) or not (values.get(self.on) in self.values if self.on else creating):
            return None
        if not self.on:
            return _fault(f"A value for {self.name} must be provided", "MISSING_REQUIRED_PROPERTY", self.name)
        message = f"{self.name} is required because of a conditional property rule based on [{self.on}]"
        return _fault(message, "MISSING_CONDITIONAL_REQUIRED_PROPERTY", self.name)


def _fault(message: str, code: str, name: str) -> Json:
    return {"message": message, "code": code, "context": {"propertyName": [name]}}


def hold(
    portal: Portal, kind: Kind, request: Request, values: Mapping[str, str], before: Mapping[str, str] | None
) -> None:
    """Raises Refused (400) where a record would break a rule; `before`: what it holds, None for one that is made."""
    if _ENFORCED not in request.path:
        return
    after = {**(before or {}), **values}
    faults = [rule.broken(after, creating=before is None) for rule in portal.rules if rule.kind is kind]
    if any(faults):
        raise invalid("The property values provided are invalid", errors=[each for each in faults if each])


def validations(portal: Portal, kind: Kind, path: Sequence[str], request: Request) -> Response:
    """The reply for what stands behind `/crm/property-validations/<version>/<type id>`."""
    kept = portal.validations.setdefault(kind.number, {})
    match (request.method, *path):
        case ("GET",):
            told = [
                {"propertyName": name, "propertyValidationRules": list(each.values())} for name, each in kept.items()
            ]
            return said(200, {"results": told})
        case ("GET", name):
            return said(200, {"results": list(kept.get(name, {}).values())})
        case ("PUT", name, "rule-type", rule):
            if name not in portal.definitions(kind):
                raise Refused(404, error(f"Property {name} does not exist", "OBJECT_NOT_FOUND"))
            arguments = body_of(request).get("ruleArguments")
            kept.setdefault(name, {})[rule] = {"ruleType": rule, "ruleArguments": arguments}
            return Response(204)
    raise no_page()

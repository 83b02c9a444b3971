"""Scopes: what a token must have been granted for a call, any one of each set."""

from __future__ import annotations

from collections.abc import Iterable

from connector.sandbox.hubspot.kinds import ACTIVITIES, EMAILS, Kind
from connector.sandbox.hubspot.replies import Refused, error

Needs = tuple[frozenset[str], ...]
_MESSAGE = (
    "This app hasn't been granted all required scopes to make this call. "
    "Read more about required scopes here: https://developers.hubspot.com/scopes."
)


def records(kind: Kind, deed: str) -> Needs:
    """To `read` or `write` records of a kind; activities go with contacts, or by scopes of their own.

    E-mails ask for one more besides, whatever is read of them. Source: HubSpot, "Activities | Email", read November 2026.
    """
    own = f"crm.objects.{kind.granted}.{deed}"
    records_of = frozenset({own, f"crm.objects.contacts.{deed}"} if kind.singular in ACTIVITIES else {own})
    return (records_of, frozenset({"sales-email-read"})) if kind is EMAILS else (records_of,)


def properties(kind: Kind, deed: str) -> Needs:
    """To read or write property definitions."""
    if kind.plural == "users":
        return (frozenset({f"crm.objects.users.{deed}"}),)
    schema = f"crm.schemas.{'contacts' if kind.singular in ACTIVITIES else kind.granted}.{deed}"
    return (frozenset({schema}) if deed == "write" else frozenset({schema}) | records(kind, "read")[0],)


def schemas(deed: str) -> Needs:
    """To read or write definitions of custom objects; an account that is not Enterprise cannot grant them."""
    return (frozenset({f"crm.schemas.custom.{deed}"}),)


SPLITS: Needs = (frozenset({"crm.dealsplits.read_write"}),)
OWNERS: Needs = (frozenset({"crm.objects.owners.read"}),)
PIPELINES: Needs = (frozenset({"crm.objects.deals.read", "crm.schemas.deals.read"}),)
CURRENCIES: Needs = (frozenset({"settings.currencies.read"}),)
ACCOUNT: Needs = ()
WITHHELD = frozenset(
    {"leads", "line_items", "communications", "postal_mail"}
)  # HubSpot has them, this portal grants none


def withheld(name: str) -> None:
    """Raises Refused (403) for a kind of record that no token here has a scope for."""
    if name.lower() in WITHHELD:
        demand(frozenset(), (frozenset({f"crm.objects.{name.lower()}.read"}),))


def demand(granted: frozenset[str] | None, needs: Iterable[frozenset[str]]) -> None:
    """Raises Refused (403) that names what is missing; granted None: everything."""
    missing = [] if granted is None else [sorted(any_of) for any_of in needs if not any_of & granted]
    if missing:
        context = {"requiredGranularScopes": [scope for any_of in missing for scope in any_of]}
        detail = {"message": "One or more of the following scopes are required.", "context": context}
        links = {"scopes": "https://developers.hubspot.com/scopes"}
        raise Refused(403, error(_MESSAGE, "MISSING_SCOPES", context=context, errors=[detail], links=links))

"""The scopes that a mapping needs, and no other. Source: HubSpot, "Scopes", read November 2026.

E-mails need one more than other activities. HubSpot's guide of the e-mail object lists `sales-email-read` as required,
and portals are reported to refuse every call without it; another page says that all but bodies can be read without. It
is asked for, though we read no body.
"""

from __future__ import annotations

from collections.abc import Iterator

from connector.crm.hubspot.fields import OURS, OWNERS, RATES, SPLITS, USERS, object_of, reads_users
from connector.model.changes import Wanted
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping

GRANTED_WITH_CONTACTS = frozenset(
    {"calls", "meetings", "emails", "tasks", "notes"}
)  # activities have no schema of their own
EMAILS, MAIL = "emails", "sales-email-read"


def scopes(mapping: CrmMapping, wanted: Wanted) -> tuple[str, ...]:
    """What the app must be granted to read, write and install what the mapping names; sorted, each once."""
    return tuple(sorted({"oauth", *_read(mapping), *_written(mapping), *_installed(wanted)}))


def _read(mapping: CrmMapping) -> Iterator[str]:
    for source in mapping.sources:
        obj = object_of(source)
        if obj == OWNERS:
            yield from ("crm.objects.owners.read", "settings.users.teams.read")
        elif obj == RATES:
            yield "settings.currencies.read"
        elif source.object == SPLITS:
            yield "crm.dealsplits.read_write"
        elif obj == "goal_targets":
            yield "crm.objects.goals.read"
        else:
            yield f"crm.objects.{_granted(obj)}.read"
        if obj == EMAILS:
            yield MAIL
        if source.kind is RecordKind.DEAL:
            yield f"crm.schemas.{_granted(obj)}.read"  # stages of the pipelines
    if reads_users(mapping):
        yield f"crm.objects.{USERS}.read"


def _written(mapping: CrmMapping) -> Iterator[str]:
    for obj in mapping.write.objects:
        yield f"crm.objects.{_granted(obj)}.write"
        yield f"crm.objects.{_granted(obj)}.read"  # drifts and outcomes are read back
        if obj.startswith(OURS):
            yield "crm.schemas.custom.read"  # the id that the account gave it


def _installed(wanted: Wanted) -> Iterator[str]:
    for obj in {each.object for each in wanted.fields}:
        # HubSpot lets properties of users be made with the scope of their records.
        yield f"crm.objects.{USERS}.write" if obj == USERS else f"crm.schemas.{_granted(obj)}.write"


def _granted(obj: str) -> str:
    """The name that an object has in scopes."""
    if obj in GRANTED_WITH_CONTACTS:
        return "contacts"
    return "custom" if obj.startswith(("2-", OURS)) else obj

"""Reading owners, who are what deals point at, with what the users object adds to each.

Three ids are at play: the owner's (deals carry it), the platform user's, and that of the user's
record, on which properties can be written. Source: HubSpot, "Owners" and "Users", read November 2026.

Whoever is deactivated stays, as an archived owner. Whoever is removed loses the profile as well, and an account that is
deleted is "fully removed from HubSpot systems"; which of them the archived list goes on to show is not documented. One who
is in neither list, and whom neither answers for by id, is gone for good.
Sources: https://developers.hubspot.com/docs/api-reference/latest/crm/owners/guide (`archived`) and
https://knowledge.hubspot.com/user-management/deactivate-hubspot-users, "Remove HubSpot users", read December 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connector.crm.hubspot.fields import OF_USER, OWNERS, USERS, known_only, reads_users, user_properties
from connector.crm.hubspot.portal import Portal
from connector.crm.hubspot.window import walk_list
from connector.crm.hubspot.wire import Found, moment, text
from connector.errors import CrmDenied
from connector.model.records import RawRecord, RecordKind, Ref
from connector.normalise.mapping import CrmMapping
from connector.ports import Stamp

PLATFORM_USER, OWNER = "hs_internal_user_id", "hubspot_owner_id"


@dataclass(frozen=True, slots=True)
class Users:
    """The users' records, found by either of the two ids that an owner has."""

    names: tuple[str, ...]
    by_platform_user: Mapping[str, Found]
    by_owner: Mapping[str, Found]

    def of(self, owner: Mapping[str, Any]) -> Found | None:
        """The record of an owner; one who left has only `userIdIncludingInactive`."""
        platform_user = owner.get("userId") or owner.get("userIdIncludingInactive")
        return self.by_platform_user.get(str(platform_user)) or self.by_owner.get(str(owner.get("id")))


def owner_records(connection: str, portal: Portal, mapping: CrmMapping) -> Iterator[tuple[RawRecord, ...]]:
    """All owners, page by page; those who left come last, and as archived."""
    users = _users(connection, portal, mapping)
    for page in portal.owners():
        yield tuple(_owner(connection, each, users) for each in page)


def owner_stamps(connection: str, portal: Portal) -> Iterator[Sequence[Stamp]]:
    """Id and stamp of every owner, active and archived.

    Raises CrmDenied where no active one is listed: an account has the one at least who set us up, so that such a list is
    withheld from us and tells of nobody that they were deleted.
    """
    active = 0
    for page in portal.owners():
        active += sum(each.get("archived") is not True for each in page)
        yield [Stamp(str(each["id"]), _modified(each)) for each in page]
    if not active:
        raise CrmDenied(
            connection,
            "HubSpot lists no active owner, and there is one in every account: nobody is taken for deleted",
            "See in HubSpot whether the token still has the scope crm.objects.owners.read.",
        )


def some_owners(
    connection: str, portal: Portal, mapping: CrmMapping, ids: Sequence[str], now: datetime
) -> tuple[RawRecord, ...]:
    """These owners as they are now; one whom HubSpot knows neither as active nor as archived comes as deleted.

    Asked one by one: whoever became active again between the two lists was in neither, and is not gone.
    """
    found = {each: portal.owner(each) for each in ids}
    users = _users(connection, portal, mapping) if any(found.values()) else Users((), {}, {})
    return tuple(
        RawRecord(RecordKind.USER, Ref(connection, OWNERS, each), now, {}, deleted=True)
        if owner is None
        else _owner(connection, owner, users)
        for each, owner in found.items()
    )


def owners_of_users(portal: Portal) -> Mapping[str, str]:
    """Platform user → owner, of those who left too."""
    found: dict[str, str] = {}
    for page in portal.owners():
        for each in page:
            user = each.get("userId") or each.get("userIdIncludingInactive")
            if user is not None:
                found.setdefault(str(user), str(each["id"]))
    return found


def _users(connection: str, portal: Portal, mapping: CrmMapping) -> Users:
    if not reads_users(mapping):
        return Users((), {}, {})
    known = portal.definitions(USERS)
    names = known_only(connection, USERS, user_properties(mapping), known)
    asked = (*names, *(each for each in (PLATFORM_USER, OWNER) if each in known))
    pages = walk_list(lambda after: portal.listed(USERS, asked, after=after), "")
    found = [each for leaf, _ in pages for each in leaf.records]
    return Users(names, _index(found, PLATFORM_USER), _index(found, OWNER))


def _index(users: list[Found], name: str) -> dict[str, Found]:
    return {value: each for each in users if (value := each.properties.get(name))}


def _owner(connection: str, owner: Mapping[str, Any], users: Users) -> RawRecord:
    fields: dict[str, str | None] = {
        name: None if value is None else text(value) for name, value in owner.items() if name != "teams"
    }
    fields["teams.primary"] = _team(owner)
    user = users.of(owner)
    fields["users.id"] = user.id if user else None
    fields |= {f"{OF_USER}{name}": user.properties.get(name) if user else None for name in users.names}
    ref = Ref(connection, OWNERS, str(owner["id"]))
    return RawRecord(RecordKind.USER, ref, _modified(owner), fields, deleted=owner.get("archived") is True)


def _team(owner: Mapping[str, Any]) -> str | None:
    teams = [each for each in owner.get("teams") or () if isinstance(each, dict)]
    primary = next((each for each in teams if each.get("primary") is True), None)
    return text(primary["name"]) if primary and primary.get("name") else None


def _modified(owner: Mapping[str, Any]) -> datetime:
    return moment(owner.get("updatedAt")) or moment(owner.get("createdAt")) or datetime.fromtimestamp(0, UTC)

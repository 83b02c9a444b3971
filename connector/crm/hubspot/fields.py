"""Which properties are asked for, and whether HubSpot knows them all.

HubSpot ignores unknown names without a word, so a renamed property would read as empty for ever:
every configured name is held against the definitions first. Source: HubSpot, "CRM search", read
November 2026.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from connector.errors import SchemaDrifted
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, SourceMap

OWNERS, USERS, RATES, HISTORY = "owners", "users", "exchange-rates", "deals.history"
LINK = "associations."  # `associations.companies`: the id of the primary or first company
OF_USER = "users."  # `users.hs_job_title`: a property of the owner's record among the users
OURS = "attain_"  # made by `install`, so they may be missing before

OWNER_FIELDS = (
    "id",
    "email",
    "type",
    "firstName",
    "lastName",
    "userId",
    "userIdIncludingInactive",
    "archived",
    "createdAt",
    "updatedAt",
    "teams.primary",
)
RATE_FIELDS = (
    "id",
    "fromCurrencyCode",
    "toCurrencyCode",
    "conversionRate",
    "effectiveAt",
    "createdAt",
    "updatedAt",
    "visibleInUI",
    "companyCurrencyCode",
)
NOTED = ".notes"  # `deals.notes`: what people type for us into properties of a record
SPLITS = "deals.splits"
SPLIT_FIELDS = ("deal", "hs_deal_split_percentage", "hubspot_owner_id")
HISTORY_FIELDS = ("deal", "timestamp")  # beside the property whose history it is
NOTE_FIELDS = ("updatedByUserId", "timestamp", "record")  # beside the properties that hold a note: by whom, when, where


def object_of(source: SourceMap) -> str:
    """The CRM object behind a source."""
    return source.object.partition(".")[0]


def properties_of(source: SourceMap, mapping: CrmMapping) -> tuple[str, ...]:
    """Names of properties that a source needs from its object; links and joined users left out."""
    if source.object in (OWNERS, RATES, SPLITS):
        return ()
    names = [*source.names(), *(mapping.outcome.names() if source.kind is RecordKind.DEAL else ())]
    if source.object.endswith(".history"):
        names = [each for each in names if each not in HISTORY_FIELDS]
    if source.object.endswith(NOTED):
        names = [each for each in names if each not in NOTE_FIELDS]
    return tuple(dict.fromkeys(each for each in names if not each.startswith((LINK, OF_USER))))


def user_properties(mapping: CrmMapping) -> tuple[str, ...]:
    """Names of users' properties that owners are given."""
    names = [name for each in mapping.sources if each.object == OWNERS for name in each.names()]
    return tuple(dict.fromkeys(each.removeprefix(OF_USER) for each in names if each.startswith(OF_USER)))


def reads_users(mapping: CrmMapping) -> bool:
    """Whether owners must be joined with users: for their properties, or to know where to write."""
    return bool(user_properties(mapping)) or (mapping.write.scores is not None and mapping.write.scores.object == USERS)


def unknown(names: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """Names that HubSpot has no property for; ours are forgiven until they are installed."""
    return tuple(each for each in names if each not in known and not each.startswith(OURS))


def known_only(connection: str, obj: str, names: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """The names to ask for. Raises SchemaDrifted when one of them is gone."""
    missing = unknown(names, known)
    if missing:
        raise SchemaDrifted(
            f"{connection}: {obj} has no property " + ", ".join(f"`{each}`{hint(each, known)}" for each in missing)
        )
    return tuple(each for each in names if each in known)


def hint(name: str, known: Collection[str]) -> str:
    """` (did you mean …?)`, or nothing."""
    near = get_close_matches(name, known, n=1)
    return f" (did you mean `{near[0]}`?)" if near else ""

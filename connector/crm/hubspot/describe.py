"""HubSpot's own description of itself: properties, stages, currencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connector.crm.hubspot.described import Definition
from connector.crm.hubspot.errors import Refused
from connector.crm.hubspot.fields import (
    HISTORY_FIELDS,
    LINK,
    NOTE_FIELDS,
    NOTED,
    OF_USER,
    OWNER_FIELDS,
    OWNERS,
    RATE_FIELDS,
    RATES,
    SPLIT_FIELDS,
    SPLITS,
    USERS,
    object_of,
    reads_users,
)
from connector.crm.hubspot.portal import Portal
from connector.crm.hubspot.read import links_of
from connector.errors import CrmDenied
from connector.model.schema import CrmField, CrmSchema, Stage
from connector.normalise.mapping import CrmMapping, SourceMap

Fields = Mapping[str, CrmField]


def schema(portal: Portal, mapping: CrmMapping) -> CrmSchema:
    """Every object that the mapping reads or writes, under the names that the mapping uses."""
    wanted = dict.fromkeys((*(object_of(each) for each in mapping.sources), *mapping.write.objects))
    wanted |= dict.fromkeys((USERS,) if reads_users(mapping) else ())
    known: dict[str, Fields] = {each: _properties(portal, each) for each in wanted if each not in (OWNERS, RATES)}
    described = {each.object: _described(each, known) for each in mapping.sources}
    return CrmSchema({**known, **described}, tuple(stages(portal)), currencies(portal))


def _properties(portal: Portal, obj: str) -> Fields:
    """Empty for an object of ours that nobody has made yet."""
    return {name: field_of(each) for name, each in portal.definitions(obj).items()} if portal.has(obj) else {}


def _described(source: SourceMap, known: Mapping[str, Fields]) -> Fields:
    """A source's fields: properties, and what we put beside them."""
    if source.object == OWNERS:
        users = known.get(USERS, {})
        return {**_fixed(OWNER_FIELDS), **{f"{OF_USER}{name}": each for name, each in users.items()}}
    if source.object == RATES:
        return _fixed(RATE_FIELDS)
    beside = [f"{LINK}{each}" for each in links_of(source)]
    if source.object.endswith(".history"):
        beside += HISTORY_FIELDS
    if source.object == SPLITS:
        return _fixed(SPLIT_FIELDS)
    if source.object.endswith(NOTED):
        beside += NOTE_FIELDS
    return {**known[object_of(source)], **_fixed(beside)}


def _fixed(names: Iterable[str]) -> Fields:
    return {each: CrmField(each, each, "string", writable=False) for each in names}


def field_of(definition: Definition) -> CrmField:
    """A property in the words of the port; HubSpot's options hold the hidden ones too."""
    return CrmField(
        name=definition.name,
        label=definition.label,
        type=definition.type,
        choices=definition.options,
        writable=definition.writable,
        unique=definition.unique,
        calculated=definition.calculated,
    )


def stages(portal: Portal) -> list[Stage]:
    """Stages of every deal pipeline.

    HubSpot flags no win: a closed stage at 100 % is one, any other closed stage a loss.
    """
    return [
        Stage(
            name=each.id,
            label=each.label,
            pipeline=each.pipeline,
            outcome="open" if not each.closed else "won" if each.probability == 1 else "lost",
            probability=each.probability,
        )
        for each in portal.stages("deals")
    ]


def currencies(portal: Portal) -> tuple[str, ...]:
    """The account's own currency first, then those it trades in; empty where the token may not know."""
    try:
        account = portal.account()
    except (CrmDenied, Refused):
        return ()
    named = [account.get("companyCurrency"), *_listed(account.get("additionalCurrencies"))]
    return tuple(dict.fromkeys(str(each) for each in named if each))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []

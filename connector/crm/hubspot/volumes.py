"""How much there is: records of each source, calls of a first pull, fields that are filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from connector.crm.hubspot.fields import HISTORY, NOTED, OWNERS, RATES, SPLITS, reads_users
from connector.crm.hubspot.people import owner_records
from connector.crm.hubspot.portal import BATCH_WITH_HISTORY, LIST_PAGE, LIST_PAGE_WITH_HISTORY, SEARCH_PAGE, Portal
from connector.crm.hubspot.rates import rate_records
from connector.normalise.mapping import CrmMapping
from connector.ports import Source, Volume


def volumes(portal: Portal, mapping: CrmMapping, sources: Sequence[Source]) -> list[Volume]:
    """One line per source. Archived records are not counted: no call tells how many there are."""
    return [_volume(portal, mapping, each) for each in sources]


def filled(portal: Portal, mapping: CrmMapping, obj: str, fields: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Records of an object, and how many have a value in each field; fields that cannot be searched are left out."""
    if obj in (OWNERS, RATES):
        read = owner_records if obj == OWNERS else rate_records
        records = [each.fields for page in read("", portal, mapping) for each in page]
        return len(records), {name: sum(each.get(name) not in (None, "") for each in records) for name in fields}
    obj = obj.partition(".")[0]
    known = portal.definitions(obj)
    counts = {name: _count(portal, obj, _has(name)) for name in fields if name in known}
    return _count(portal, obj), counts


def _has(name: str) -> tuple[dict[str, str], ...]:
    return ({"propertyName": name, "operator": "HAS_PROPERTY"},)


def _count(portal: Portal, obj: str, filters: Sequence[Mapping[str, str]] = ()) -> int:
    return portal.searched(obj, filters, (), limit=1).total or 0


def _volume(portal: Portal, mapping: CrmMapping, source: Source) -> Volume:
    if source.object == OWNERS:
        return _owners(portal, mapping, source)
    if source.object == RATES:
        records = sum(len(each) for each in portal.exchange_rates())
        return Volume(source, records, 1 + _pages(records, LIST_PAGE))  # 1: the home currency
    obj = source.object.partition(".")[0]
    if source.object.endswith(NOTED):
        return _notes(portal, mapping, source, obj)
    records = _count(portal, obj)
    if source.object == SPLITS:
        return Volume(source, records, 2 * _pages(records, LIST_PAGE))  # a list of ids, and what is read by them
    history = source.object == HISTORY
    pages = _pages(records, LIST_PAGE_WITH_HISTORY if history else LIST_PAGE)
    definitions = 0 if history else 1  # a history takes over those of its object
    return Volume(source, records, definitions + pages)


def _owners(portal: Portal, mapping: CrmMapping, source: Source) -> Volume:
    """Owners cannot be counted without reading them; there are few."""
    pages = list(portal.owners())
    records = sum(len(each) for each in pages)
    users = 1 + _pages(_count(portal, "users"), LIST_PAGE) if reads_users(mapping) else 0
    return Volume(source, records, len(pages) + users)


def _notes(portal: Portal, mapping: CrmMapping, source: Source, obj: str) -> Volume:
    """Where a text is filled in; each page of a search is read again, with its versions."""
    text = mapping.source(source.kind, source.object).fields["text"]
    known = portal.definitions(obj)
    records = _count(portal, obj, _has(text)) if text in known else 0
    searched, read = _pages(records, SEARCH_PAGE), ceil(records / BATCH_WITH_HISTORY)
    return Volume(source, records, 1 + searched + read)


def _pages(records: int, size: int) -> int:
    return max(1, ceil(records / size))

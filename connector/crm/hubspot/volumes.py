"""How much a first pull brings, and how many calls it takes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from connector.crm.hubspot.fields import HISTORY, OWNERS, RATES, reads_users
from connector.crm.hubspot.objects import NO_ARCHIVE
from connector.crm.hubspot.portal import LIST_PAGE, LIST_PAGE_WITH_HISTORY, Portal
from connector.normalise.mapping import CrmMapping
from connector.ports import Source, Volume


def volumes(portal: Portal, mapping: CrmMapping, sources: Sequence[Source]) -> list[Volume]:
    """One line per source. Archived records are not counted: no call tells how many there are."""
    return [_volume(portal, mapping, each) for each in sources]


def _volume(portal: Portal, mapping: CrmMapping, source: Source) -> Volume:
    if source.object == OWNERS:
        return _owners(portal, mapping, source)
    if source.object == RATES:
        records = sum(len(each) for each in portal.exchange_rates())
        return Volume(source, records, 1 + _pages(records, LIST_PAGE))  # 1: the home currency
    obj = source.object.removesuffix(".history")
    records = portal.searched(obj, (), (), limit=1).total or 0
    history = source.object == HISTORY
    pages = _pages(records, LIST_PAGE_WITH_HISTORY if history else LIST_PAGE)
    archive = 0 if history or obj in NO_ARCHIVE else 1
    return Volume(source, records, 1 + pages + archive)  # 1: the definitions


def _owners(portal: Portal, mapping: CrmMapping, source: Source) -> Volume:
    """Owners cannot be counted without reading them; there are few."""
    pages = list(portal.owners())
    records = sum(len(each) for each in pages)
    users = 1 + _pages(portal.searched("users", (), (), limit=1).total or 0, LIST_PAGE) if reads_users(mapping) else 0
    return Volume(source, records, len(pages) + users)


def _pages(records: int, size: int) -> int:
    return max(1, ceil(records / size))

"""Reading who shares a deal: of the deals that changed, every share that they have now.

Splits have no list and no search of their own; one that was replaced is gone without a trace, so each answer is all that
its deals have. Source: HubSpot, "Deal splits" (Sales Hub Enterprise, scope crm.dealsplits.read_write), read November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.crm.hubspot.portal import BATCH
from connector.crm.hubspot.window import LISTING, SEARCHING, View, Window, walk_ids, walk_list
from connector.crm.hubspot.wire import Found
from connector.model.records import RawRecord, Ref
from connector.ports import Page

SHARE, OWNER = "hs_deal_split_percentage", "hubspot_owner_id"


def split_pages(view: View, window: Window, ids: Sequence[str] | None = None) -> Iterator[Page]:
    """The shares of every deal of the window; `ids` are its deals, in order, where they are known already."""
    if window.since is None:
        phase, groups = LISTING, _listed(view, window)
    else:
        phase, groups = SEARCHING, walk_ids(view, window, window.since, ids)
    for deals, token in groups:
        records = [_raw(view, window, deal, each) for deal, shares in _read(view, deals) for each in shares]
        page = window.page(records, phase, token)
        yield page.with_parts_of(Ref(view.connection, view.object, each) for each in deals)


def _listed(view: View, window: Window) -> Iterator[tuple[Sequence[str], str]]:
    for leaf, after in walk_list(lambda at: view.portal.listed(view.object, (), after=at), window.token):
        yield [each.id for each in leaf.records], after or ""


def _read(view: View, deals: Sequence[str]) -> Iterator[tuple[str, tuple[Found, ...]]]:
    for start in range(0, len(deals), BATCH):
        yield from view.portal.shares(deals[start : start + BATCH]).items()


def _raw(view: View, window: Window, deal: str, share: Found) -> RawRecord:
    ref = Ref(view.connection, window.source.object, share.id)
    fields = {name: share.properties.get(name) for name in (SHARE, OWNER)}
    return RawRecord(window.source.kind, ref, share.updated_at, {**fields, "deal": deal}, deleted=share.archived)

"""Reading how deals stood, moment by moment, from the versions that HubSpot keeps of their properties.

HubSpot keeps some twenty versions and no more, so what has been read once stays in the store. What a first read finds
cut off, the properties of stage timing tell as far as they go: when a deal came into each stage, once per stage. Sources:
HubSpot's knowledge base, "Understand stage calculated properties" (Professional and Enterprise only); that they do not
stand among an object's definitions, and are answered all the same: dlt-hub/verified-sources#647. Read November 2026.
Of two deals that are merged HubSpot makes a third, which has the versions of both: the read that finds it brings all of
them, old as they are. Source: HubSpot's changelog, "Deals now support merging".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connector.crm.hubspot.portal import BATCH, BATCH_WITH_HISTORY, LIST_PAGE_WITH_HISTORY
from connector.crm.hubspot.window import LISTING, MERGED, SEARCHING, View, Window, news_from, walk_ids, walk_list
from connector.crm.hubspot.wire import Found, Leaf, Version, moment
from connector.model.records import RawRecord, Ref
from connector.ports import Page

STAGE, ENTERED = "dealstage", "hs_v2_date_entered_"
CUT_OFF = 20  # versions: of a deal with so many there may have been more


def history_pages(view: View, window: Window, ids: Sequence[str] | None = None) -> Iterator[Page]:
    """How the deals stood at each change; `view.names` says which properties are followed.

    `ids` are the deals of the window, in order, where they are known already.
    """
    if window.since is None:
        return _listed(view, window)
    return _read(view, window, walk_ids(view, window, window.since, ids))


def _listed(view: View, window: Window) -> Iterator[Page]:
    def page(after: str) -> Leaf:
        return view.portal.listed(view.object, (), after=after, history=view.names, limit=LIST_PAGE_WITH_HISTORY)

    timing = _Timing(view)
    for leaf, after in walk_list(page, window.token):
        yield window.page(_versions(view, window, timing.completed(leaf.records)), LISTING, after or "")


class _Timing:
    """When deals came into stages, asked for where their versions were cut off."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._stages: dict[str, str] | None = None  # property → stage; None: not asked yet

    def completed(self, deals: Sequence[Found]) -> Iterable[Found]:
        """The same deals; those whose stages were cut off have the ones before, by the moment that HubSpot says of each."""
        view = self._view
        if STAGE not in view.names or not (cut := [each.id for each in deals if len(_stages(each)) >= CUT_OFF]):
            return deals
        if self._stages is None:
            self._stages = {f"{ENTERED}{each.id}": each.id for each in view.portal.stages(view.object)}
        told: dict[str, Mapping[str, str | None]] = {}
        for start in range(0, len(cut), BATCH):
            found = view.portal.read(view.object, cut[start : start + BATCH], tuple(self._stages)).records
            told |= {each.id: each.properties for each in found}
        return [_with_earlier(each, told.get(each.id, {}), self._stages) for each in deals]


def _with_earlier(deal: Found, timing: Mapping[str, str | None], stages: Mapping[str, str]) -> Found:
    oldest = min((each.at for each in _stages(deal)), default=None)
    earlier = [
        Version(stages[name], str(said), at)
        for name, said in timing.items()
        if name in stages and oldest and (at := moment(said)) and at < oldest
    ]
    return replace(deal, history={**deal.history, STAGE: (*_stages(deal), *earlier)}) if earlier else deal


def _stages(deal: Found) -> tuple[Version, ...]:
    return deal.history.get(STAGE, ())


def _read(view: View, window: Window, groups: Iterable[tuple[Sequence[str], str]]) -> Iterator[Page]:
    """Groups of deals, each with the id to go on after."""
    merged = (MERGED,) if view.merges else ()
    for ids, last in groups:
        found: list[Found] = []
        for start in range(0, len(ids), BATCH_WITH_HISTORY):
            part = ids[start : start + BATCH_WITH_HISTORY]
            found += view.portal.read(view.object, part, merged, history=(*view.names, *merged)).records
        yield window.page(_versions(view, window, found), SEARCHING, last)


def _versions(view: View, window: Window, deals: Iterable[Found]) -> Iterator[RawRecord]:
    """Newest first; several properties that change at one moment make one record."""
    for deal in deals:
        moments, since = _moments(deal, view.names), news_from(deal, window.since)
        for at, (timestamp, state) in reversed(moments.items()):
            if since is not None and at < since:
                break
            ref = Ref(view.connection, window.source.object, f"{deal.id}-{int(at.timestamp() * 1000)}")
            yield RawRecord(window.source.kind, ref, at, {**state, "deal": deal.id, "timestamp": timestamp})


def _moments(deal: Found, names: Sequence[str]) -> dict[datetime, tuple[str, dict[str, str | None]]]:
    """Every property as of each moment, oldest first; before its oldest kept version a property is None."""
    versions = [(each.at, each.timestamp, name, each.value) for name in names for each in deal.history.get(name, ())]
    state: dict[str, str | None] = dict.fromkeys(names)
    found: dict[datetime, tuple[str, dict[str, str | None]]] = {}
    for at, timestamp, name, value in sorted(versions, key=lambda each: each[0]):
        state[name] = value
        found[at] = (timestamp, dict(state))
    return found

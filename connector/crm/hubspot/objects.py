"""Reading the records of one object: what lives, what changed, what was archived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from connector.crm.hubspot.archive import Archive
from connector.crm.hubspot.errors import Refused
from connector.crm.hubspot.fields import LINK
from connector.crm.hubspot.portal import BATCH, LINKS_BATCH, SEARCH_PAGE
from connector.crm.hubspot.window import ARCHIVED, LISTING, MERGED, SEARCHING, View, Window, walk_list, walk_search
from connector.crm.hubspot.wire import Found, Leaf
from connector.model.records import RawRecord, Ref
from connector.ports import Page, Source, Stamp

# "Paging through deleted objects is not yet supported for object type 0-47": deletions of these are only
# found by comparing all ids, which is the nightly reconcile's work. Source: HubSpot's own 400, 2026. No document lists
# the types: of any other one the 400 itself tells.
UNLISTED = "paging through deleted objects is not yet supported"
NO_ARCHIVE = frozenset({"meetings", "0-47", "communications", "0-18", "deal_splits", "0-72", "quote_templates", "0-64"})


LONGEST_LIST = 4_000  # characters of `properties=`; others were cut off at 5 KiB of address


def object_pages(view: View, window: Window, archive: Archive, now: datetime) -> Iterator[Page]:
    """From wherever the window stands to its end. Who holds nothing yet need not hear of what was archived."""
    begun = window.phase == ARCHIVED
    if not begun:
        yield from _listed(view, window) if window.since is None else _searched(view, window, window.since)
    if begun or (window.since is not None and archive.is_due(now)):
        try:
            yield from _archived(view, window, archive, now)
        except Refused as refused:
            if refused.status != 400 or UNLISTED not in refused.said.text.lower():
                raise
            archive.silent = True


def _listed(view: View, window: Window) -> Iterator[Page]:
    for leaf, after in walk_list(lambda at: _list_page(view, at), window.token):
        links = {each.id: each.linked for each in leaf.records}
        links |= _links(view, [each.id for each in leaf.records if each.cut])
        yield window.page(_raws(view, window, leaf.records, links), LISTING, after or "")


def _list_page(view: View, after: str) -> Leaf:
    """A page of the list; properties that would not fit its address are read by a second call."""
    if sum(map(len, view.asked)) + len(view.asked) < LONGEST_LIST:
        return view.portal.listed(view.object, view.asked, after=after, links=view.links)
    leaf = view.portal.listed(view.object, (), after=after, links=view.links)
    read = view.portal.read(view.object, [each.id for each in leaf.records], view.asked) if leaf.records else None
    values = {each.id: each.properties for each in read.records} if read else {}
    # Who was archived between the two calls is absent here, and told of as archived later.
    whole = (replace(each, properties=values[each.id]) for each in leaf.records if each.id in values)
    return replace(leaf, records=tuple(whole))


def _searched(view: View, window: Window, since: datetime) -> Iterator[Page]:
    leaves, total = walk_search(view, view.asked, window, since), None
    while group := tuple(islice(leaves, LINKS_BATCH // SEARCH_PAGE)):
        links = _links(view, [each.id for leaf, _ in group for each in leaf.records])
        for leaf, last in group:
            total = leaf.total if total is None else total
            records = _raws(view, window, leaf.records, links)
            yield window.page(records, SEARCHING, last, total)


def _links(view: View, ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Of each record the ids it is associated with: a search cannot tell them."""
    found: dict[str, dict[str, str]] = {each: {} for each in ids}
    for to in view.links if ids else ():
        for one, other in view.portal.linked(view.object, to, ids).items():
            found.setdefault(one, {})[to] = other
    return found


def _archived(view: View, window: Window, archive: Archive, now: datetime) -> Iterator[Page]:
    """Tombstones of those archived since, though every one must be looked at; with those that had been merged into them."""
    token, since = window.token if window.phase == ARCHIVED else "", archive.since(window.since)
    asked = (MERGED,) if view.merges else ()
    leaves = walk_list(lambda at: view.portal.listed(view.object, asked, after=at, archived=True), token)
    for number, (leaf, after) in enumerate(leaves, start=1):
        if after is None:
            archive.was_read(now, 0 if token else number)
        gone = [each for each in leaf.records if _left_since(each, since)]
        tombstones = (
            found for each in gone for found in (_tombstone(view, window, each), *_merged(view, window, each))
        )
        yield window.page(tombstones, ARCHIVED, after or "")


def _left_since(record: Found, since: datetime | None) -> bool:
    return since is None or record.archived_at is None or record.archived_at >= since


def listing(view: View, links: Mapping[str, str]) -> Iterator[Sequence[Stamp]]:
    """Stamps of everything that is not archived, page by page. `links`: our name → object, of which ids are wanted beside.

    An association that is made or taken away later moves no stamp of an activity, so no search finds it. Sources: airbyte
    issues 27199 and 44554.
    """
    asked = tuple(dict.fromkeys(links.values()))
    for leaf, _ in walk_list(lambda at: view.portal.listed(view.object, (), after=at, links=asked), ""):
        yield [
            Stamp(
                each.id,
                each.updated_at,
                {name: each.linked.get(to) for name, to in links.items() if to not in each.cut},
            )
            for each in leaf.records
        ]


def some(view: View, source: Source, ids: Sequence[str], now: datetime) -> tuple[RawRecord, ...]:
    """These records as they are now; those that are archived or merged away come as deleted, as of now."""
    window = Window(source, None, None, now)
    found: dict[str, Found] = {}
    for start in range(0, len(ids), BATCH):
        batch = view.portal.read(view.object, ids[start : start + BATCH], view.asked)
        found |= {each.id: each for each in batch.records if not each.archived}
    links = _links(view, list(found))
    alive = list(_raws(view, window, list(found.values()), links))
    told = {each.ref.id for each in alive}  # what was merged into one of them too
    gone = (Ref(view.connection, view.object, each) for each in ids if each not in told)
    return (*alive, *(RawRecord(source.kind, ref, now, {}, deleted=True) for ref in gone))


def _raws(
    view: View, window: Window, found: Sequence[Found], links: Mapping[str, Mapping[str, str]]
) -> Iterator[RawRecord]:
    """The records; and those that were merged into them as gone, because nothing else tells of these."""
    for each in found:
        yield _raw(view, window, each, links.get(each.id, {}))
        yield from _merged(view, window, each)


def _merged(view: View, window: Window, record: Found) -> Iterator[RawRecord]:
    """Tombstones of what was merged into a record."""
    for loser in (record.properties.get(MERGED) or "").split(";"):
        if loser.strip().isdigit():
            ref = Ref(view.connection, view.object, loser.strip())
            yield RawRecord(window.source.kind, ref, record.updated_at, {}, deleted=True, into=_ref(view, record))


def _raw(view: View, window: Window, record: Found, links: Mapping[str, str]) -> RawRecord:
    fields: dict[str, str | None] = {name: record.properties.get(name) for name in view.names}
    fields |= {f"{LINK}{to}": links.get(to) for to in view.links}
    return RawRecord(window.source.kind, _ref(view, record), record.updated_at, fields)


def _tombstone(view: View, window: Window, record: Found) -> RawRecord:
    at = record.archived_at or record.updated_at
    return RawRecord(window.source.kind, _ref(view, record), at, {}, deleted=True)


def _ref(view: View, record: Found) -> Ref:
    return Ref(view.connection, view.object, record.id)

"""Walking through one read: where it stands, the pages of a list, the pages of a search.

A window is frozen: records that change while it is read leave it and belong to the next. Its pages
are cut by record id and not by offset, because an offset would skip one record for each that leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from connector.crm.hubspot.portal import SEARCH_PAGE, SEARCH_REACH, Portal, stamp
from connector.crm.hubspot.wire import Found, Leaf
from connector.errors import CrmUnavailable
from connector.model.records import RawRecord
from connector.ports import Cursor, Page, Source

MERGED = "hs_merged_object_ids"
LISTING, SEARCHING, ARCHIVED = "list", "search", "archived"  # first word of a cursor's `after`
MODIFIED = {"contacts": "lastmodifieddate", "0-1": "lastmodifieddate"}  # everything else: hs_lastmodifieddate


@dataclass(frozen=True, slots=True)
class Window:
    """What one read of a source covers, and where in it we are."""

    source: Source
    covered: datetime | None
    since: datetime | None  # the overlap included; None: everything
    until: datetime
    phase: str = ""
    token: str = ""
    memo: str = ""  # of the read before

    def page(self, records: Iterable[RawRecord], phase: str, token: str, total: int | None = None) -> Page:
        """A page whose cursor says where to go on."""
        return Page(self.source, tuple(records), Cursor(self.covered, self.until, f"{phase}:{token}", self.memo), total)


@dataclass(frozen=True, slots=True)
class View:
    """Which part of an object is read."""

    connection: str
    portal: Portal
    object: str
    names: Sequence[str]  # properties, each of which exists
    links: Sequence[str] = ()  # objects whose ids are wanted beside
    merges: bool = False  # whether records say which others were merged into them

    @property
    def asked(self) -> Sequence[str]:
        """What is asked for: the fields, and what was merged."""
        return (*self.names, MERGED) if self.merges and MERGED not in self.names else self.names


def news_from(record: Found, since: datetime | None) -> datetime | None:
    """From when on a record's past is news; None: all of it, at a first read and where it was made of others since then.

    Of two deals HubSpot makes a third, with a new id and the versions of both, which are as old as they were. When, the
    versions of what it names them in tell; where there are none, it may have been since.
    """
    named = record.history.get(MERGED, ())
    is_made = since is not None and record.properties.get(MERGED) and (not named or named[0].at >= since)
    return None if is_made else since


def walk_list(read: Callable[[str], Leaf], token: str) -> Iterator[tuple[Leaf, str | None]]:
    """Pages of a list from a page token on, each with the token of the next one."""
    after: str | None = token
    while after is not None:
        leaf = read(after)
        after = leaf.after
        yield leaf, after


def walk_search(
    view: View, names: Sequence[str], window: Window, since: datetime, *, also: Sequence[Mapping[str, str]] = ()
) -> Iterator[tuple[Leaf, str]]:
    """Pages of everything modified in the window (that other filters leave), each with the id to go on after.

    Ends only where HubSpot names no next page: short and even empty pages may have one
    (source: airbyte issue 80745). Raises CrmUnavailable when order or reach of the search
    would make us miss a record.
    """
    modified = MODIFIED.get(view.object, "hs_lastmodifieddate")
    stamps: list[Mapping[str, str]] = [
        _filter(modified, "GTE", stamp(since)),
        _filter(modified, "LTE", stamp(window.until)),
        *also,
    ]
    last, offset, ordered = window.token, "", True
    while True:
        filters = [*stamps, _filter("hs_object_id", "GT", last)] if last else stamps
        leaf = view.portal.searched(view.object, filters, names, limit=SEARCH_PAGE, after=offset)
        ordered = ordered and _ascending(last, leaf.records)
        if ordered and leaf.records:
            last, offset = leaf.records[-1].id, ""
        else:
            offset = leaf.after or ""  # an empty page, or ids that are not in order of number
        yield leaf, last
        if leaf.after is None:
            return
        if offset and not (offset.isdigit() and int(offset) <= SEARCH_REACH):
            raise CrmUnavailable(view.connection, f"the search for {view.object} goes on beyond HubSpot's 10,000 rows")


def walk_ids(
    view: View, window: Window, since: datetime, ids: Sequence[str] | None
) -> Iterator[tuple[Sequence[str], str]]:
    """Ids of everything modified in the window, in groups, each with the id to go on after; `ids`: known already, in order."""
    if ids is not None:
        parts = (ids[at : at + SEARCH_PAGE] for at in range(0, len(ids), SEARCH_PAGE))
        yield from ((part, part[-1]) for part in parts)
        return
    for leaf, last in walk_search(view, (), window, since):
        yield [each.id for each in leaf.records], last


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}


def _ascending(last: str, records: Sequence[Found]) -> bool:
    ids = [int(each) if each.isdigit() else -1 for each in (last or "0", *(each.id for each in records))]
    return all(one < other for one, other in pairwise(ids))


def ending(source: Source, pages: Iterable[Page], covered: datetime, memo: Callable[[], str] = str) -> Iterator[Page]:
    """The pages, the last one marked and its cursor closed; an empty one when there was none. `memo` is asked for then."""
    held: Page | None = None
    for page in pages:
        if held is not None:
            yield held
        held = page
    closed = Cursor(covered, memo=memo())
    yield replace(held, cursor=closed, last=True) if held else Page(source, (), closed, last=True)

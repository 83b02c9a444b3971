"""Reads what changed: windows by the server's clock, pages by key, deletions beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connector.crm.salesforce import backfill, soql, wide
from connector.crm.salesforce.bulk import FEWEST_READ, Lost, Unsuited
from connector.crm.salesforce.describe import Listing
from connector.crm.salesforce.errors import Forgotten, TooSlow
from connector.crm.salesforce.gone import gone
from connector.crm.salesforce.listing import but_ourselves, more
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.streams import MASTER, Stream
from connector.crm.salesforce.window import Window, moment_of
from connector.errors import CrmUnavailable
from connector.model.records import RawRecord, Ref
from connector.ports import Cursor, Page, World


def changed(org: Org, world: World, stream: Stream, listing: Listing, window: Window) -> Iterator[Page]:
    """The pages of a window; the last one carries what was deleted for good, and the closing cursor.

    A first pull of many rows is read in bulk; where that cannot be, by queries, which also tell what is wrong.
    """
    jobs = window.lo is None and not stream.whole
    if window.job:
        try:
            yield from _in_bulk(org, world, stream, listing, window, None)
        except Unsuited as error:
            # Salesforce keeps a job for seven days; one that failed, or that somebody aborted, is not begun again.
            window, jobs = Window(window.lo, window.hi, window.covered), jobs and isinstance(error, Lost)
        else:
            return
    place, moved = window, True
    while True:
        try:
            fewest = FEWEST_READ if jobs and place.after is None else None
            for page in _pages(org, stream, listing, place, fewest):
                yield page
                place, moved = window.behind(page.cursor.after), True
        except _Much as much:
            try:
                yield from _in_bulk(org, world, stream, listing, window, much.total)
            except Unsuited:
                jobs = False
            else:
                return
        except Forgotten as error:
            # A query stands for two days at most; the key stands for ever.
            if not moved:
                raise CrmUnavailable(org.connection, str(error)) from error
            moved = False
        except TooSlow as error:
            yield from _in_parts(org, world, stream, listing, place, error)
            return
        else:
            return


def _in_parts(  # noqa: PLR0917
    org: Org, world: World, stream: Stream, listing: Listing, window: Window, error: TooSlow
) -> Iterator[Page]:
    """A window that takes too long to read as one: its halves, one after the other; or, from the very beginning, a job."""
    halves = window.halves()
    if halves is None and window.lo is None:
        try:
            yield from _in_bulk(org, world, stream, listing, replace(window, after=None), None)
        except Unsuited as also:
            raise CrmUnavailable(org.connection, f"{error.problem}; in bulk: {also}") from error
        return
    if halves is None:
        raise CrmUnavailable(org.connection, f"{error.problem}; even for less than a minute of changes") from error
    for each in halves:
        for page in changed(org, world, stream, listing, each):
            yield page if each is halves[-1] else replace(page, last=False)


def some(org: Org, stream: Stream, shapes: Listing, ids: Sequence[str]) -> tuple[RawRecord, ...]:
    """These records as they are now; those that are gone for good come as deleted, by the server's clock."""
    found: dict[str, RawRecord] = {}
    first, *rest = wide.parts(stream, ())
    for chunk in soql.chunks(ids):
        reply = org.query(stream.select([soql.one_of("Id", chunk)], names=first), deleted=stream.deletable)
        while True:
            rows = wide.completed(org, stream, reply.rows, rest)
            records = (_record(org.connection, stream, shapes, row) for row in rows)
            found |= {each.ref.id: each for each in records}
            if reply.next is None:
                break
            reply = more(org, reply)
    lost = (Ref(org.connection, stream.source.object, each) for each in ids if each not in found)
    return (*found.values(), *(RawRecord(stream.source.kind, ref, org.now(), {}, deleted=True) for ref in lost))


class _Much(Exception):
    """The first page told that a job is the better way to read all of it."""

    def __init__(self, total: int) -> None:
        self.total = total
        super().__init__(f"{total} rows")


def _pages(org: Org, stream: Stream, listing: Listing, window: Window, fewest: int | None) -> Iterator[Page]:
    """Page by page. Raises _Much where `fewest` rows and more wait behind the first page, before anything of it is told."""
    where = [] if stream.whole else window.conditions(stream.stamp, stream.parents)
    where += but_ourselves(org, stream)
    first, *rest = wide.parts(stream, where)
    reply = org.query(stream.select(where, names=first), deleted=stream.deletable)
    if fewest is not None and reply.total >= fewest:
        raise _Much(reply.total)
    told: dict[Ref, RawRecord] = {}
    while True:
        rows = wide.completed(org, stream, reply.rows, rest)
        records = tuple(_record(org.connection, stream, listing, row) for row in rows)
        told |= {each.ref: each for each in records} if window.lo else {}
        if reply.next is None:
            left = tuple(each for each in gone(org, stream, window) if _is_news(each, told.get(each.ref)))
            yield Page(stream.source, records + left, Cursor(window.hi), reply.total, last=True, whole=stream.whole)
            return
        if records:
            yield Page(stream.source, records, window.cursor(records[-1]), reply.total, whole=stream.whole)
        reply = more(org, reply)


def _is_news(tombstone: RawRecord, told: RawRecord | None) -> bool:
    """Not of what lies in the bin, which says more of itself, nor of what was taken out of it: the list is a log."""
    return told is None or not (told.deleted or told.modified_at >= tombstone.modified_at)


def _in_bulk(  # noqa: PLR0917
    org: Org, world: World, stream: Stream, listing: Listing, window: Window, total: int | None
) -> Iterator[Page]:
    where = [*window.conditions(stream.stamp), *but_ourselves(org, stream)]
    # Without an order: that lets Salesforce cut the query into parts by itself.
    job = window.job or backfill.begun(org, stream, stream.select(where, ordered=False))
    if window.job is None:
        # A job may take longer than anybody waits: the next read finds it by its place, and begins no other.
        yield Page(stream.source, (), Cursor(window.covered, window.hi, backfill.place(*job)), total)
    for rows, rest in backfill.rows(org, world, stream, job):
        records = tuple(_record(org.connection, stream, listing, row) for row in rows)
        cursor = Cursor(window.covered, window.hi, rest) if rest else Cursor(window.hi)
        yield Page(stream.source, records, cursor, total, last=not rest)


def _record(connection: str, stream: Stream, listing: Listing, row: Mapping[str, Any]) -> RawRecord:
    try:
        ref = Ref(connection, stream.source.object, str(row["Id"]))
        modified_at = moment_of(row[stream.stamp])
    except (KeyError, TypeError, ValueError):
        raise CrmUnavailable(connection, f"answered a row of {stream.source.object} without id or stamp") from None
    deleted = row.get("IsDeleted") is True
    master = row.get(MASTER) if deleted else None
    return RawRecord(
        kind=stream.source.kind,
        ref=ref,
        modified_at=modified_at,
        fields=_fields(stream, listing, row),
        deleted=deleted,
        into=Ref(connection, stream.source.object, str(master)) if master else None,
    )


def _fields(stream: Stream, listing: Listing, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row by the mapping's names. Runs for every record of a first pull: each kind of field has its own loop."""
    found: dict[str, Any] = {name: row.get(name) for name in stream.plain}
    for name, first, second in stream.dotted:
        # A missing parent is null, and so is everything behind it.
        parent = row.get(first)
        found[name] = parent.get(second) if isinstance(parent, dict) else None
    for name in stream.numbers:
        value = found[name]
        if type(value) is int:
            found[name] = Decimal(value)
    for name in stream.percents:
        if found[name] is not None:
            found[name] = Decimal(found[name]) / 100
    for name, target in stream.leads:
        found[target] = listing.object_of(found[name])
    return found

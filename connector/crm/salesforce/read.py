"""Reads what changed: windows by the server's clock, pages by key, deletions beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connector.crm.salesforce import backfill, soql, wide
from connector.crm.salesforce.backfill import placed
from connector.crm.salesforce.bulk import FEWEST_READ, Unsuited
from connector.crm.salesforce.describe import Listing
from connector.crm.salesforce.errors import Forgotten, TooSlow
from connector.crm.salesforce.org import Org, Reply
from connector.crm.salesforce.streams import Stream
from connector.errors import CrmUnavailable
from connector.model.records import RawRecord, RecordKind, Ref
from connector.ports import Cursor, Page, Stamp, World

# Salesforce keeps its list of deletions for 15 days and wants more than a minute between the ends.
# Source: Salesforce, "Get Deleted", read 2026-11-23.
_DELETIONS_KEPT = timedelta(days=15) - timedelta(minutes=5)  # their clock runs on while we ask
_SHORTEST_DELETIONS = timedelta(minutes=2)
_SHORTEST_HALF = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of stamps that is read as one: from `lo` (None: from the beginning) to just before `hi`."""

    lo: datetime | None
    hi: datetime
    covered: datetime | None  # what had been read before
    after: tuple[datetime, str] | None = None  # stamp and id of the last record that was kept
    job: tuple[str, str] | None = None  # the bulk job that reads this window, and where it stands

    @classmethod
    def of(cls, since: Cursor | None, now: datetime, overlap: timedelta, settle: timedelta) -> Window:
        """The window that a cursor asks for.

        Its end stays behind the server's clock, and its start before what was covered: rows of a long
        transaction appear late under the stamp they were written at. Stamps are whole seconds, and so are its ends:
        half a second would cut the overlap short for a stamp at its very edge.
        """
        covered = since.covered if since else None
        lo = covered - overlap if covered else None
        if since and since.until:
            return cls(lo, since.until, covered, _place(since.after), placed(since.after))
        hi = (now - settle).replace(microsecond=0)
        return cls(lo, max(hi, covered) if covered else hi, covered)

    def cursor(self, last: RawRecord) -> Cursor:
        """The place behind a record."""
        return Cursor(self.covered, self.hi, f"{soql.moment(last.modified_at)}|{last.ref.id}")

    def behind(self, after: str) -> Window:
        """The rest of the window."""
        return Window(self.lo, self.hi, self.covered, _place(after))

    def conditions(self, stamp: str, parents: Sequence[str] = ()) -> list[str]:
        """The window in SOQL; a record whose parent changed inside it counts as changed."""
        found = []
        if self.lo is None:
            found.append(f"{stamp} < {soql.moment(self.hi)}")
        elif parents:
            found.append(soql.either([self._stretch(each) for each in (stamp, *parents)]))
        else:
            found += self._stretch(stamp)
        if self.after is not None:
            found.append(soql.after(stamp, *self.after))
        return found

    def halves(self) -> list[Window] | None:
        """The same in two; None for a window without a beginning, or too short to be cut."""
        if self.lo is None or self.hi - self.lo < _SHORTEST_HALF:
            return None
        middle = self.lo + (self.hi - self.lo) / 2
        second = Window(middle, self.hi, middle, self.after)
        return (
            [second]
            if self.after and self.after[0] >= middle
            else [replace(self, hi=middle), replace(second, after=None)]
        )

    def _stretch(self, stamp: str) -> list[str]:
        assert self.lo is not None
        return [f"{stamp} >= {soql.moment(self.lo)}", f"{stamp} < {soql.moment(self.hi)}"]


def _place(after: str) -> tuple[datetime, str] | None:
    stamp, _, record_id = after.partition("|")
    return (moment_of(stamp), record_id) if record_id else None


def moment_of(text: str) -> datetime:
    """`2026-05-01T07:25:37.000+0000`, or with a Z, as aware UTC. Raises ValueError."""
    return datetime.fromisoformat(text).astimezone(UTC)


def changed(org: Org, world: World, stream: Stream, listing: Listing, window: Window) -> Iterator[Page]:
    """The pages of a window; the last one carries what was deleted for good, and the closing cursor.

    A first pull of many rows is read in bulk; where that cannot be, by queries, which also tell what is wrong.
    """
    jobs = window.lo is None and not stream.whole
    if window.job:
        try:
            yield from _in_bulk(org, world, stream, listing, window, None)
        except Unsuited:
            window, jobs = Window(window.lo, window.hi, window.covered), False
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


def listing(org: Org, stream: Stream) -> Iterator[Sequence[Stamp]]:
    """Ids and stamps of everything that is not deleted, page by page."""
    where = [*stream.leave_out, *_but_ourselves(org, stream)]
    reply = org.query(soql.select(("Id", stream.stamp), stream.source.object, where=where, order_by=("Id",)))
    while True:
        try:
            yield [Stamp(str(row["Id"]), moment_of(row[stream.stamp])) for row in reply.rows]
        except (KeyError, TypeError, ValueError):
            raise CrmUnavailable(org.connection, f"listed {stream.source.object} without id or stamp") from None
        if reply.next is None:
            return
        reply = _more(org, reply)


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
            reply = _more(org, reply)
    gone = (Ref(org.connection, stream.source.object, each) for each in ids if each not in found)
    return (*found.values(), *(RawRecord(stream.source.kind, ref, org.now(), {}, deleted=True) for ref in gone))


def _but_ourselves(org: Org, stream: Stream) -> list[str]:
    """Our own log-in is nobody."""
    return [soql.other_than("Id", org.user_id)] if stream.source.kind is RecordKind.USER and org.user_id else []


class _Much(Exception):
    """The first page told that a job is the better way to read all of it."""

    def __init__(self, total: int) -> None:
        self.total = total
        super().__init__(f"{total} rows")


def _pages(org: Org, stream: Stream, listing: Listing, window: Window, fewest: int | None) -> Iterator[Page]:
    """Page by page. Raises _Much where `fewest` rows and more wait behind the first page, before anything of it is told."""
    where = [] if stream.whole else window.conditions(stream.stamp, stream.parents)
    where += _but_ourselves(org, stream)
    first, *rest = wide.parts(stream, where)
    reply = org.query(stream.select(where, names=first), deleted=stream.deletable)
    if fewest is not None and reply.total >= fewest:
        raise _Much(reply.total)
    in_bin: set[Ref] = set()
    while True:
        rows = wide.completed(org, stream, reply.rows, rest)
        records = tuple(_record(org.connection, stream, listing, row) for row in rows)
        in_bin.update(each.ref for each in records if each.deleted)
        if reply.next is None:
            gone = tuple(each for each in _gone(org, stream, window) if each.ref not in in_bin)
            yield Page(stream.source, records + gone, Cursor(window.hi), reply.total, last=True, whole=stream.whole)
            return
        if records:
            yield Page(stream.source, records, window.cursor(records[-1]), reply.total, whole=stream.whole)
        reply = _more(org, reply)


def _in_bulk(  # noqa: PLR0917
    org: Org, world: World, stream: Stream, listing: Listing, window: Window, total: int | None
) -> Iterator[Page]:
    where = [*window.conditions(stream.stamp), *_but_ourselves(org, stream)]
    # Without an order: that lets Salesforce cut the query into parts by itself.
    for rows, rest in backfill.rows(org, world, stream, stream.select(where, ordered=False), window.job):
        records = tuple(_record(org.connection, stream, listing, row) for row in rows)
        cursor = Cursor(window.covered, window.hi, rest) if rest else Cursor(window.hi)
        yield Page(stream.source, records, cursor, total, last=not rest)


def _more(org: Org, reply: Reply) -> Reply:
    assert reply.next is not None
    return org.more(reply.next)


def _record(connection: str, stream: Stream, listing: Listing, row: Mapping[str, Any]) -> RawRecord:
    try:
        ref = Ref(connection, stream.source.object, str(row["Id"]))
        modified_at = moment_of(row[stream.stamp])
    except (KeyError, TypeError, ValueError):
        raise CrmUnavailable(connection, f"answered a row of {stream.source.object} without id or stamp") from None
    return RawRecord(
        kind=stream.source.kind,
        ref=ref,
        modified_at=modified_at,
        fields=_fields(stream, listing, row),
        deleted=row.get("IsDeleted") is True,
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


def _gone(org: Org, stream: Stream, window: Window) -> list[RawRecord]:
    """What was deleted since the last read, also for good: the recycle bin no longer shows that.

    The service's list reaches back 15 days at most, less in a busy org. What was purged before that
    leaves no trace, and only a comparison of all ids would find it.
    """
    if window.lo is None or stream.whole or not stream.replicateable:
        return []
    start = max(min(window.lo, window.hi - _SHORTEST_DELETIONS), org.now() - _DELETIONS_KEPT)
    path = f"sobjects/{quote(stream.source.object, safe='')}/deleted/"
    span = {"start": start.isoformat(timespec="seconds"), "end": window.hi.isoformat(timespec="seconds")}
    try:
        body = org.get(path, span)
        return [_tombstone(org.connection, stream, row) for row in body["deletedRecords"]]
    except Forgotten:
        return []
    except (KeyError, TypeError, ValueError):
        raise CrmUnavailable(org.connection, f"answered the deletions of {stream.source.object} badly") from None


def _tombstone(connection: str, stream: Stream, row: Mapping[str, Any]) -> RawRecord:
    ref = Ref(connection, stream.source.object, str(row["id"]))
    return RawRecord(stream.source.kind, ref, moment_of(row["deletedDate"]), {}, deleted=True)

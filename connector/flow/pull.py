"""Pull: what changed in one CRM since the last time, page by page, each with its cursor.

Reading is at-least-once and idempotent: a page and the cursor that makes it past tense are one
commit, so that a kill between two pages repeats at most the page that was under way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from connector.errors import ConnectorError, TooManyRejected
from connector.flow import drifting
from connector.flow.drifting import SPARE
from connector.flow.hinted import Hinted, read_hinted
from connector.flow.house import House
from connector.flow.keep import Sorted, is_systematic, keep, read_again, sort
from connector.flow.pausing import Pauses
from connector.model.records import Ref
from connector.ports import Crm, Cursor, Page, Source
from connector.store import records, streams
from connector.store.streams import Tally
from connector.transport import Priority, working_on


@dataclass(slots=True)
class Pulled:
    """What one connection brought in."""

    connection: str
    read: Counter[str] = field(default_factory=Counter)  # by kind, repeats inside the overlap included
    stored: Counter[str] = field(default_factory=Counter)  # new or changed
    removed: int = 0
    set_aside: int = 0
    mended: int = 0  # records that had been set aside, and are stored by now
    hinted: int = 0  # records that the CRM itself said had changed, and that had
    pages: int = 0
    troubles: list[ConnectorError] = field(default_factory=list)  # sources that pause; the others went on

    @property
    def changed(self) -> int:
        """Records that are not as they were before."""
        return sum(self.stored.values()) + self.removed + self.hinted


def pull(house: House, crm: Crm, epoch: int, today: date) -> Pulled:
    """Bring in everything that changed. Raises CrmUnavailable or Fenced, and CrmDenied where we are not let in at all.

    A source that is denied, whose fields drifted, or too much of which cannot be read, pauses by itself: what was read of
    it before stays, and is scored. Too much is too much of a window, in however many cycles that is read.
    """
    return _Pull(house, crm, epoch, today).run()


class _Pull:
    """One connection being pulled."""

    def __init__(self, house: House, crm: Crm, epoch: int, today: date) -> None:
        self._house, self._crm, self._epoch, self._today = house, crm, epoch, today
        self._context = house.context(crm.name)
        self._report, self._pauses = Pulled(crm.name), Pauses()
        self._astray = 0  # records that belonged to one which was merged into another

    def run(self) -> Pulled:
        drifting.expect(self._house, self._crm)
        hinted = read_hinted(self._house, self._crm, self._today)
        self._report.hinted = hinted.changed
        for source in self._crm.sources():
            with self._pauses.alone():
                self._source(source)
        for source in self._crm.sources():  # when everything is up to date: this may take days
            with self._pauses.alone():
                self._once_more(source)
        self._note_whole()
        self._again()
        again = read_hinted(self._house, self._crm, self._today) if self._astray else Hinted(0)
        self._report.hinted += again.changed
        for trouble in (*hinted.troubles, *again.troubles):
            self._pauses.note(trouble)
        self._report.troubles = self._pauses.troubles
        return self._report

    def _note_whole(self) -> None:
        """Whether every source that numbers are made of was read to its end once, and by one mapping.

        A source that never was holds nothing, or a part: nobody is to be judged by that. One that pauses later, denied or
        drifted, is only as old as its last read.
        """
        name, counted = self._crm.name, [each for each in self._crm.sources() if each.kind not in SPARE]
        with self._house.store.writing() as tx:
            cursors = (streams.cursor(tx, name, str(each)) for each in counted)
            whole = all(each is not None and each.covered is not None for each in cursors)
            whole = whole and not any(drifting.is_wanted(tx, self._crm, each) for each in counted)
            if whole != streams.is_whole(tx, name):
                streams.note_whole(tx, name, whole=whole)

    def _source(self, source: Source) -> None:
        """Everything until now, also where a read was broken off: its window ends where it was cut, and may be old."""
        drifting.hold(self._house, self._crm, source)
        cursor = self._cursor(str(source))
        was_open = cursor is not None and cursor.until is not None
        cursor = self._window(source, cursor, str(source))
        if was_open:
            self._window(source, cursor, str(source))

    def _once_more(self, source: Source) -> None:
        """All of it, by the mapping of today; where that was broken off, it goes on.

        What is read in full each time was read so already. Of a history HubSpot keeps a part only: what has been read of
        it stays as it is, since a second read would know less.
        """
        with self._house.store.reading() as tx:
            if not drifting.is_wanted(tx, self._crm, source):
                return
        drifting.stop_if_paused(self._house, self._crm, source)
        if self._crm.listing(source) is None:
            with self._house.store.writing() as tx:
                drifting.settle(tx, self._house, self._crm, source)
            return
        stream = drifting.anew(source)
        self._window(source, self._cursor(stream), stream)

    def _cursor(self, stream: str) -> Cursor | None:
        with self._house.store.reading() as tx:
            return streams.cursor(tx, self._crm.name, stream)

    def _window(self, source: Source, cursor: Cursor | None, stream: str) -> Cursor | None:
        """One read to its end; where the stream stands then.

        Once a page was refused, each cycle begins with that page, and counts what the window brought before: else a page or
        two would pass in each. Those of them that were mended meanwhile, and read again, are counted no longer.
        """
        first = cursor is None or cursor.covered is None
        tally, seen = self._tally(cursor, stream), list[Ref]()
        with working_on(Priority.BACKFILL if first else Priority.INCREMENTAL):
            pages = self._crm.changed(source, cursor)
            for page in self._house.watch(pages, f"{self._crm.name}: {source.object}", _size):
                found = sort(page.records, self._context)
                tally = tally.plus(len(page.records), len(found.bad))
                if found.bad and is_systematic(tally.bad, tally.read):
                    raise TooManyRejected(self._crm.name, source.object, tally.bad, tally.read, found.bad[-1].reason)
                seen += (each.ref for each in page.records) if page.whole else ()
                self._commit(page, found, stream, cursor, seen if page.whole and page.last else None, tally.read)
                if _closes(page, cursor):
                    tally = Tally()
                cursor = page.cursor
        return cursor

    def _tally(self, cursor: Cursor | None, stream: str) -> Tally:
        """What an open window brought in earlier cycles."""
        if cursor is None or cursor.until is None:
            return Tally()
        with self._house.store.reading() as tx:
            return streams.tally(tx, self._crm.name, stream)

    def _commit(  # noqa: PLR0917
        self, page: Page, found: Sorted, stream: str, before: Cursor | None, whole: Sequence[Ref] | None, judged: int
    ) -> None:
        """One transaction: the page, and the cursor that makes it past tense; after a `whole` read, what is gone with it.

        What goes on at this place, where it is broken off, goes on with what was `judged`; a whole read begins anew.
        """
        source, goes_on = page.source, page.cursor.until is not None and not page.whole
        with self._house.store.writing() as tx:
            now = self._house.world.now()
            kept = keep(tx, self._house, found, self._today)
            if whole is not None:
                gone = records.replace_all(tx, self._crm.name, source.kind, source.object, whole, now)
                self._report.removed += gone
            if page.parts_of:
                refs = [each.ref for each in found.good]
                self._report.removed += records.keep_only(tx, source.kind, page.parts_of, refs, now)
            bad = [each.raw.ref for each in found.bad]
            judged = judged if goes_on else 0
            streams.move(tx, self._crm.name, stream, before, page.cursor, self._epoch, judged=judged, bad=bad)
            if page.last and stream == drifting.anew(source):
                drifting.settle(tx, self._house, self._crm, source)
        kind = str(source.kind)
        self._report.read[kind] += len(page.records)
        self._report.stored[kind] += kept.stored
        self._report.removed += kept.removed
        self._report.set_aside += len(found.bad)
        self._astray += kept.astray
        self._report.pages += 1

    def _again(self) -> None:
        """Records that were set aside under another mapping, or some time ago, are read once more."""
        with self._house.store.reading() as tx:
            now, version = self._house.world.now(), self._house.rules.version
            waiting = records.to_read_again(tx, self._crm.name, version, now)
        sources = {(each.kind, each.object): each for each in self._crm.sources()}
        for key in dict.fromkeys((kind, ref.object) for kind, ref in waiting):
            ids = [ref.id for kind, ref in waiting if (kind, ref.object) == key]
            with self._pauses.alone():
                if key in sources and self._crm.listing(sources[key]) is not None:
                    self._report.mended += read_again(self._house, self._crm, sources[key], ids, self._today)


def _closes(page: Page, before: Cursor | None) -> bool:
    """Whether the cursor covers more than it did: what comes after that, if anything, is a window of its own."""
    covered = None if before is None else before.covered
    return page.cursor.until is None and page.cursor.covered != covered


def _size(page: Page) -> tuple[int, int | None]:
    return len(page.records), page.total

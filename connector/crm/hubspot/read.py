"""Pulling: every source of the mapping, from a cursor on.

A first pull reads list pages, at any size, and not the exports API (`POST /crm/exports/{V}/export/async`), though an
export costs a few calls where a million records cost 10,000 pages of 100. Weighed in November 2026:

- What it would save: of a million deals 10,000 calls of 30,000, since the history of stages (20,000 pages of 50) is in no
  export; that is 16 % of what a first load may use of a Professional account's day (half of 20 % of 625,000), once.
- What a row would lack: the record's stamp. List replies carry `updatedAt` in milliseconds; of an export neither zone nor
  precision of moments is documented. The weekly sweep holds stamps against each other: a coarser one reads every record
  again, at 100 a call, which is what was saved.
- What else is not documented: how empty values and several choices are written with `exportInternalValuesOptions`; which association is the primary one; whether activities, the largest objects, can be
  exported by this call; as of which moment a file is, and whether the search index, which trails, makes it.
  An emulator of ours could only repeat our guesses, so equal rows in a test would prove nothing.
- What it costs: scope `crm.export`, which lets a token take out everything; an address that anybody may fetch from for
  five minutes, on another host; one of the account's 30 exports in 24 hours, one at a time, queued with people's own;
  super admins may be notified of large ones; zipped parts of a million rows.

Source: https://developers.hubspot.com/docs/api-reference/legacy/crm/exports/guide, and the knowledge base on exports. It
is worth another look with an account at hand whose activities are many millions. Until then `share_of_calls` makes a
first load faster: 10 million activities are 100,000 calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.crm.hubspot.archive import Archive
from connector.crm.hubspot.described import Definition
from connector.crm.hubspot.fields import (
    HISTORY,
    LINK,
    NOTED,
    OWNERS,
    RATES,
    SPLITS,
    known_only,
    object_of,
    properties_of,
)
from connector.crm.hubspot.history import history_pages
from connector.crm.hubspot.home import Home
from connector.crm.hubspot.noted import Form, noted_pages
from connector.crm.hubspot.objects import NO_ARCHIVE, listing, object_pages, some
from connector.crm.hubspot.people import owner_records, owner_stamps, owners_of_users, some_owners
from connector.crm.hubspot.portal import Portal
from connector.crm.hubspot.rates import rate_records
from connector.crm.hubspot.splits import split_pages
from connector.crm.hubspot.window import MERGED, View, Window, ending
from connector.model.records import POINTERS, RawRecord, RecordKind
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.ports import Cursor, Page, Source, Stamp, World

OVERLAP = timedelta(minutes=30)
SETTLE = timedelta(minutes=2)  # the search index trails the records
ACTIVITY_LINKS = ("deals", "companies")
FOLLOWING = {HISTORY: history_pages, SPLITS: split_pages}  # read for the deals that were just found
_FIRST = ("user", "account", "deal", "stage_change", "split", "activity", "rate", "reading", "note")
ORDER = tuple(dict.fromkeys([*map(RecordKind, _FIRST), *RecordKind]))  # of what else a mapping may ask for, the last


@dataclass(frozen=True, slots=True)
class Walked:
    """Which records of an object a window brought."""

    since: datetime
    until: datetime
    ids: tuple[str, ...]  # in order of number

    def covers(self, window: Window) -> bool:
        """Whether another read of the object, begun afresh, would find the same records and no more."""
        if window.since is None or window.covered is None or window.phase:
            return False
        return self.since <= window.since and window.covered <= self.until


class Reader:
    """Reads every source of one connection."""

    def __init__(
        self,
        connection: str,
        portal: Portal,
        mapping: CrmMapping,
        world: World,
        *,
        assumed: str,
        overlap: timedelta,
        settle: timedelta,
    ) -> None:
        """`assumed`: the currency that amounts without one are taken for."""
        self.connection, self.portal, self.mapping, self.world = connection, portal, mapping, world
        self.overlap, self.settle = overlap, settle
        self.home = Home(connection, portal, assumed)
        # For each source that follows an object and is still to come: what was walked, and the definitions.
        self._walked: dict[str, Walked] = {}
        self._known: dict[str, dict[str, Definition]] = {}
        self._silent = {OWNERS, *NO_ARCHIVE}  # and what HubSpot has told of since

    def sources(self) -> tuple[Source, ...]:
        """Users first, so that owners are known before their deals."""
        ranked = sorted(self.mapping.sources, key=lambda each: ORDER.index(each.kind))
        return tuple(Source(each.kind, each.object) for each in ranked)

    def described(self, source: Source) -> dict[str, Definition]:
        """The properties that a source reads, by name; the read that follows takes these definitions over.

        Raises SchemaDrifted when one is gone. Empty for what has no properties of an object: owners, rates and splits.
        """
        given = self.mapping.source(source.kind, source.object)
        wanted, obj = properties_of(given, self.mapping), object_of(given)
        if not wanted:
            return {}
        if source.object == obj or not any(each.object == obj for each in self.sources()):
            self._known.pop(source.object, None)  # of a read that never came about: asked anew
        known = self._definitions(source, obj)
        found = {name: known[name] for name in known_only(self.connection, obj, wanted, known)}
        self._known[source.object] = known
        return found | self._stages(given, obj, found)

    def _stages(self, given: SourceMap, obj: str, found: Mapping[str, Definition]) -> dict[str, Definition]:
        """Stages live in pipelines; they are asked for where the mapping says by them which deals are closed."""
        name = self.mapping.outcome.field
        if given.kind is not RecordKind.DEAL or name is None or name not in found or found[name].options:
            return {}
        return {name: replace(found[name], options=tuple(each.id for each in self.portal.stages(obj)))}

    def changed(self, source: Source, since: Cursor | None) -> Iterator[Page]:
        """Pages of what changed, the last one with a cursor that covers the window.

        Owners and rates are read in full each time: neither tells reliably when it changed.
        """
        if source.object in (OWNERS, RATES):
            return self._full(source, since)
        given = self.mapping.source(source.kind, source.object)
        return self.home.watched(given, self._windowed(given, source, since))

    def tells_of_deletions(self, source: Source) -> bool:
        """Whether HubSpot lists what was archived of it, as far as we know by now."""
        return source.object not in self._silent

    def listing(self, source: Source) -> Iterator[Sequence[Stamp]] | None:
        """Stamps and links; None for rates, which are read in full, and for what follows a record.

        Owners are read in full as well, but whoever is missing is only held to be gone once HubSpot says so of their id.
        """
        if source.object == OWNERS:
            return owner_stamps(self.connection, self.portal)
        if source.object == RATES or "." in source.object:
            return None
        return listing(self._view(source), pointers(self.mapping.source(source.kind, source.object), self.mapping))

    def some(self, source: Source, ids: Sequence[str]) -> tuple[RawRecord, ...]:
        """These records as they are now."""
        now = self.portal.transport.server_time or self.world.now()
        if source.object == OWNERS:
            return some_owners(self.connection, self.portal, self.mapping, ids, now)
        found = some(self._view(source), source, ids, now)
        self.home.hold(self.mapping.source(source.kind, source.object), found)
        return found

    def _view(self, source: Source) -> View:
        given = self.mapping.source(source.kind, source.object)
        obj = object_of(given)
        return self._seen(given, obj, self.portal.definitions(obj))

    def _seen(self, given: SourceMap, obj: str, known: Mapping[str, Definition]) -> View:
        names = known_only(self.connection, obj, properties_of(given, self.mapping), known)
        return View(self.connection, self.portal, obj, names, links_of(given), MERGED in known)

    def _full(self, source: Source, since: Cursor | None) -> Iterator[Page]:
        covered = since.covered if since else None
        until = self.world.now() - self.settle
        read = owner_records if source.object == OWNERS else rate_records
        # A rate that was deleted is told by its absence only; an owner is asked for by id before that counts (`listing`).
        whole = source.object == RATES
        given = read(self.connection, self.portal, self.mapping)
        pages = (Page(source, each, Cursor(covered), whole=whole) for each in given)
        kept = self.home.hold_rates(pages) if source.object == RATES else pages
        return ending(source, kept, max(until, covered or until))

    def _windowed(self, given: SourceMap, source: Source, since: Cursor | None) -> Iterator[Page]:
        obj = object_of(given)
        known = self._definitions(source, obj)
        view = self._seen(given, obj, known)
        window = self._window(source, since)
        if source.object.endswith(NOTED):
            yield from ending(source, self._notes(given, view, window), window.until)
        elif source.object in FOLLOWING:
            walked = self._walked.pop(source.object, None)
            ids = walked.ids if walked and walked.covers(window) else None
            window = replace(window, until=walked.until) if walked and ids is not None else window
            yield from ending(source, FOLLOWING[source.object](view, window, ids), window.until)
        else:
            archive = Archive.of(window.memo, silent=obj in self._silent)
            pages = object_pages(view, window, archive, self.world.now())
            yield from ending(source, self._noted(obj, window, pages), window.until, lambda: archive.memo)
            if archive.silent:
                self._silent.add(obj)

    def _notes(self, given: SourceMap, view: View, window: Window) -> Iterator[Page]:
        form = Form.of(given)
        if form.text in view.names:  # before `install` there is nothing to type into
            form = replace(form, names=tuple(each for each in form.names if each in view.names))
            yield from noted_pages(view, window, form, lambda: owners_of_users(self.portal))

    def _definitions(self, source: Source, obj: str) -> dict[str, Definition]:
        """Once per run, which also brings HubSpot's clock; whatever follows its object takes them over."""
        known = self._known.pop(source.object, None)
        if known is None:
            known = self.portal.definitions(obj)
        if source.object == obj:
            self._known |= dict.fromkeys(self._followers(obj), known)
        return known

    def _followers(self, obj: str) -> list[str]:
        """Sources that read what belongs to an object's records."""
        return [each.object for each in self.sources() if each.object.startswith(f"{obj}.")]

    def _noted(self, obj: str, window: Window, pages: Iterable[Page]) -> Iterator[Page]:
        """The same pages; once all are read, which records they held: whatever follows need not search again."""
        following = [each for each in self._followers(obj) if each in FOLLOWING]
        if window.since is None or window.phase or not following:
            yield from pages
            return
        ids: list[str] = []
        for page in pages:
            ids += [each.ref.id for each in page.records if not each.deleted]
            yield page
        walked = Walked(window.since, window.until, tuple(sorted(dict.fromkeys(ids), key=_number)))
        self._walked |= dict.fromkeys(following, walked)

    def _window(self, source: Source, since: Cursor | None) -> Window:
        since = since or Cursor(None)
        until = since.until
        if until is None:
            until = (self.portal.transport.server_time or self.world.now()) - self.settle
            until = max(until, since.covered or until)  # never backwards, whatever the clocks say
        phase, _, token = since.after.partition(":")
        begins = since.covered - self.overlap if since.covered else None
        return Window(source, since.covered, begins, until, phase, token, since.memo)


def links_of(given: SourceMap) -> tuple[str, ...]:
    """Objects whose ids a source's records are given."""
    named = [each.removeprefix(LINK) for each in given.names() if each.startswith(LINK)]
    always = ACTIVITY_LINKS if given.kind is RecordKind.ACTIVITY else ()
    return tuple(dict.fromkeys((*always, *named)))


def pointers(given: SourceMap, mapping: CrmMapping) -> dict[str, str]:
    """Our name → object, of the records that those of a source are kept to belong to by association."""
    return {
        name: given.fields[name].removeprefix(LINK)
        for name, kind in POINTERS.items()
        if given.fields.get(name, "").startswith(LINK) and mapping.object_of(kind)
    }


def _number(record_id: str) -> tuple[int, str]:
    """Sorts ids as the numbers they are, whatever they turn out to be."""
    return len(record_id), record_id

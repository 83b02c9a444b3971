"""Reading what people type for us into properties of a record: feedback, a dispute, a check-in.

A record has room for one note at a time, so the versions that HubSpot keeps of its text are the notes: each says when
it was typed and by whom. An answer that is older than the text belongs to an earlier note. On people's own records it
is we who write, for whoever sent it from the app's page: there the author is the person whose record it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from connector.crm.hubspot.fields import NOTE_FIELDS, NOTED, USERS
from connector.crm.hubspot.people import PLATFORM_USER
from connector.crm.hubspot.portal import BATCH_WITH_HISTORY
from connector.crm.hubspot.window import MERGED, SEARCHING, View, Window, news_from, walk_search
from connector.crm.hubspot.wire import Found, Version
from connector.model.records import RawRecord, Ref
from connector.normalise.mapping import SourceMap
from connector.ports import Page

AUTHOR, AT, RECORD = NOTE_FIELDS
EVER = datetime(2006, 1, 1, tzinfo=UTC)  # HubSpot is no older


@dataclass(frozen=True, slots=True)
class Form:
    """Which properties hold a note."""

    text: str
    answer: str | None
    names: tuple[str, ...]  # all of them

    @classmethod
    def of(cls, source: SourceMap) -> Form:
        fields = source.fields
        names = tuple(each for each in source.names() if each not in NOTE_FIELDS)
        return cls(fields["text"], fields.get("answer"), names)


def noted_pages(view: View, window: Window, form: Form, owners: Callable[[], Mapping[str, str]]) -> Iterator[Page]:
    """Notes of each record that changed and has one. `owners`: platform user → owner, asked for once if at all."""
    known: Mapping[str, str] = {}
    filled = {"propertyName": form.text, "operator": "HAS_PROPERTY"}
    for leaf, last in walk_search(view, (), window, window.since or EVER, also=(filled,)):
        found = list(_read(view, [each.id for each in leaf.records], form))
        known = known or (owners() if found else {})
        records = [note for each in found for note in _notes(view, window, each, form, known)]
        yield window.page(records, SEARCHING, last, leaf.total)


def _read(view: View, ids: Sequence[str], form: Form) -> Iterator[Found]:
    merged = (MERGED,) if view.merges else ()
    names = (*form.names, PLATFORM_USER) if view.object == USERS else (*form.names, *merged)
    for start in range(0, len(ids), BATCH_WITH_HISTORY):
        part = ids[start : start + BATCH_WITH_HISTORY]
        yield from map(_as_typed, view.portal.read(view.object, part, names, history=(*form.names, *merged)).records)


def _as_typed(record: Found) -> Found:
    """Without what a merge has set: that repeats, with another moment, what somebody typed into one of the records."""
    history, properties = dict(record.history), dict(record.properties)
    for name, versions in record.history.items():
        typed = tuple(each for each in versions if not each.merged)
        if name != MERGED and len(typed) < len(versions):
            history[name], properties[name] = typed, typed[0].value if typed else None
    return replace(record, history=history, properties=properties)


def _notes(view: View, window: Window, record: Found, form: Form, owners: Mapping[str, str]) -> Iterator[RawRecord]:
    """The newest one, and those before it that were typed within the window: nobody's words are lost to the next one's.

    Of a record that was made of others since, all of them: what was read of those leaves with them.
    """
    since = news_from(record, window.since)
    later: Version | None = None
    for typed in record.history.get(form.text, ()):
        if later is not None and since is not None and typed.at < since:
            return
        if typed.value:
            yield _note(view, window, form, _Spell(record, typed, later), owners)
        later = typed


@dataclass(frozen=True, slots=True)
class _Spell:
    """The time in which one text stood: what was chosen beside it, and answered to it, belongs to it."""

    record: Found
    typed: Version
    later: Version | None  # the text that took its place; None: it stands

    def value(self, name: str) -> str | None:
        if self.later is None:
            return self.record.properties.get(name)
        versions = self.record.history.get(name, ())
        return next((each.value for each in versions if each.at < self.later.at), None)

    def answer(self, name: str) -> str | None:
        """An answer that is older than the text is not its."""
        until = self.later.at if self.later else None
        mine = (each for each in self.record.history.get(name, ()) if until is None or each.at < until)
        newest = next(mine, None)
        return newest.value if newest and newest.at >= self.typed.at else None


def _note(view: View, window: Window, form: Form, spell: _Spell, owners: Mapping[str, str]) -> RawRecord:
    record, typed = spell.record, spell.typed
    fields = {name: spell.value(name) for name in form.names} | {form.text: typed.value}
    if form.answer:
        fields[form.answer] = spell.answer(form.answer)
    author = record.properties.get(PLATFORM_USER) if view.object == USERS else typed.user
    about = {RECORD: record.id, AT: typed.timestamp, AUTHOR: owners.get(author or "")}
    ref = Ref(view.connection, f"{view.object}{NOTED}", f"{record.id}-{int(typed.at.timestamp() * 1000)}")
    return RawRecord(window.source.kind, ref, record.updated_at, {**fields, **about})

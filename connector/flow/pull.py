"""Pull: what changed in one CRM since the last time, page by page, each with its cursor.

Reading is at-least-once and idempotent: a page and the cursor that makes it past tense are one
commit, so that a kill between two pages repeats at most the page that was under way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from connector.flow.house import House
from connector.model.records import RawRecord, Record, RecordKind, Ref, Rejection
from connector.normalise.fields import Context
from connector.normalise.records import normalise
from connector.ports import Crm, Cursor, Page, Source
from connector.store import records, streams


@dataclass(slots=True)
class Pulled:
    """What one connection brought in."""

    connection: str
    read: Counter[str] = field(default_factory=Counter)  # by kind, repeats inside the overlap included
    stored: Counter[str] = field(default_factory=Counter)  # new or changed
    removed: int = 0
    set_aside: int = 0
    pages: int = 0

    @property
    def changed(self) -> int:
        """Records that are not as they were before."""
        return sum(self.stored.values()) + self.removed


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A page's records, told apart by what is to be done with them."""

    good: list[Record]
    past: list[Record]  # deals that were deleted, and are kept as they last were
    gone: dict[Ref, datetime]  # with the moment
    bad: list[Rejection]


def pull(house: House, crm: Crm, epoch: int, today: date) -> Pulled:
    """Bring in everything that changed. Raises CrmUnavailable, CrmDenied, SchemaDrifted or Fenced."""
    return _Pull(house, crm, epoch, today).run()


class _Pull:
    """One connection being pulled."""

    def __init__(self, house: House, crm: Crm, epoch: int, today: date) -> None:
        self._house, self._crm, self._epoch, self._today = house, crm, epoch, today
        self._context = house.context(crm.name)
        self._report = Pulled(crm.name)

    def run(self) -> Pulled:
        for source in self._crm.sources():
            self._source(source)
        return self._report

    def _source(self, source: Source) -> None:
        with self._house.store.reading() as tx:
            cursor = streams.cursor(tx, self._crm.name, str(source))
        for page in self._house.watch(self._crm.changed(source, cursor), f"{self._crm.name}: {source.object}", _size):
            self._commit(page, cursor)
            cursor = page.cursor

    def _commit(self, page: Page, before: Cursor | None) -> None:
        """One transaction: the page, and the cursor that makes it past tense."""
        found = _sort(page, self._context)
        now = self._house.world.now()
        with self._house.store.writing() as tx:
            saved = records.save(tx, found.good, self._today)
            removed = records.save(tx, found.past, self._today).stored + records.remove(tx, found.gone)
            records.set_aside(tx, found.bad, now)
            streams.move(tx, self._crm.name, str(page.source), before, page.cursor, self._epoch)
        kind = str(page.source.kind)
        self._report.read[kind] += len(page.records)
        self._report.stored[kind] += saved.stored
        self._report.removed += removed
        self._report.set_aside += len(found.bad)
        self._report.pages += 1


def _size(page: Page) -> tuple[int, int | None]:
    return len(page.records), page.total


def _sort(page: Page, context: Context) -> _Sorted:
    found = _Sorted([], [], {}, [])
    for raw in page.records:
        if _is_gone(raw):
            found.gone[raw.ref] = raw.modified_at
            continue
        outcome = normalise(raw, context)
        if not isinstance(outcome, Rejection):
            (found.past if raw.deleted and raw.kind is RecordKind.DEAL else found.good).extend(outcome)
        elif raw.deleted and raw.kind is RecordKind.DEAL:
            found.gone[raw.ref] = raw.modified_at
        else:
            found.bad.append(outcome)
    return found


def _is_gone(raw: RawRecord) -> bool:
    """Deleted records leave. Users who were archived stay, as people who have left.

    The past does not change: a deal stays where the CRM still shows how it was, and so do its versions.
    """
    if raw.kind is RecordKind.DEAL and raw.fields:
        return False
    return raw.deleted and raw.kind not in (RecordKind.USER, RecordKind.STAGE_CHANGE)

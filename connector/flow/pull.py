"""Pull: what changed in one CRM since the last time, page by page, each with its cursor.

Reading is at-least-once and idempotent: a page and the cursor that makes it past tense are one
commit, so that a kill between two pages repeats at most the page that was under way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from connector.flow.house import House
from connector.model.records import RawRecord, Record, Ref, Rejection
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
    gone: list[Ref]
    bad: list[Rejection]


def pull(house: House, crm: Crm, epoch: int, today: date) -> Pulled:
    """Bring in everything that changed. Raises CrmUnavailable, CrmDenied, SchemaDrifted or Fenced."""
    report = Pulled(crm.name)
    for source in crm.sources():
        _pull_source(house, crm, source, epoch, today, report)
    return report


def _pull_source(house: House, crm: Crm, source: Source, epoch: int, today: date, report: Pulled) -> None:
    with house.store.reading() as tx:
        cursor = streams.cursor(tx, crm.name, str(source))
    pages = house.watch(crm.changed(source, cursor), f"{crm.name}: {source.object}", _size)
    for page in pages:
        sorted_page = _sort(page, house.context(crm.name))
        cursor = _commit(house, crm, page, sorted_page, cursor, epoch, today, report)


def _size(page: Page) -> tuple[int, int | None]:
    return len(page.records), page.total


def _sort(page: Page, context: Context) -> _Sorted:
    found = _Sorted([], [], [])
    for raw in page.records:
        if _is_gone(raw):
            found.gone.append(raw.ref)
            continue
        outcome = normalise(raw, context)
        if isinstance(outcome, Rejection):
            found.bad.append(outcome)
        else:
            found.good.extend(outcome)
    return found


def _is_gone(raw: RawRecord) -> bool:
    """Deleted records leave; users who were archived stay, as people who have left."""
    return raw.deleted and raw.kind != "user"


def _commit(
    house: House,
    crm: Crm,
    page: Page,
    found: _Sorted,
    before: Cursor | None,
    epoch: int,
    today: date,
    report: Pulled,
) -> Cursor:
    now = house.world.now()
    with house.store.writing() as tx:
        saved = records.save(tx, found.good, today)
        removed = records.remove(tx, found.gone, now)
        records.set_aside(tx, found.bad, now)
        streams.move(tx, crm.name, str(page.source), before, page.cursor, epoch)
    kind = str(page.source.kind)
    report.read[kind] += len(page.records)
    report.stored[kind] += saved.stored
    report.removed += removed
    report.set_aside += len(found.bad)
    report.pages += 1
    return page.cursor

"""The sweep: every id, stamp and link held against the CRM's, and whatever differs pulled again.

The net under everything else: deletions that left no trace, changes that surfaced later than any overlap, and records that
were linked to others without a stamp.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from connector.errors import ConnectorError
from connector.flow.belonging import make_sure
from connector.flow.drifting import stop_if_paused
from connector.flow.house import House
from connector.flow.keep import keep, read_again, sort
from connector.flow.pausing import Pauses
from connector.model.periods import months_before
from connector.model.records import RecordKind, Ref
from connector.ports import Crm, Source, Stamp
from connector.store import records
from connector.transport import Priority, working_on


@dataclass(frozen=True, slots=True)
class Swept:
    """What comparing one source came to."""

    connection: str
    object: str
    compared: int
    differing: int  # new to us, changed since we read them, or linked to others
    gone: int  # held by us, and by the CRM no more
    mended: int  # of those, the ones that are right by now; our own tasks and other records left out are none of them


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing one connection came to."""

    swept: Sequence[Swept]
    troubles: Sequence[ConnectorError]  # sources that pause; the others were compared


def sweep(house: House, crm: Crm, today: date, *, silent: bool = False) -> Comparison:
    """Compare and mend every source that is not read in full anyway. Raises CrmUnavailable, and CrmDenied as a pull does.

    `silent`: only those of whose deletions the CRM tells nothing.
    """
    found, pauses = list[Swept](), Pauses()
    with working_on(Priority.RECONCILE):
        make_sure(house, crm)
        for source in crm.sources():
            with pauses.alone():
                if not (silent and crm.tells_of_deletions(source)):
                    found += _swept(house, crm, source, today)
    return Comparison(found, pauses.troubles)


def _swept(house: House, crm: Crm, source: Source, today: date) -> Iterator[Swept]:
    stop_if_paused(house, crm, source)
    listing = crm.listing(source)
    if listing is None:
        return
    with house.store.reading() as tx:
        held = records.stamps(tx, crm.name, source.kind, source.object)
        aside = {each.ref.id for each in records.set_aside_list(tx) if each.ref.object == source.object}
    oldest = _oldest(house, source, today)
    compared, differing = 0, []
    for page in house.watch(listing, f"{crm.name}: comparing {source.object}", lambda some: (len(some), None)):
        astray = _astray(house, crm, source, page)
        for each in page:
            compared += 1
            known = held.pop(each.id, None)
            is_news = each.modified_at >= oldest if known is None else each.modified_at > known or each.id in astray
            if is_news and each.id not in aside:
                differing.append(each.id)
    mended = read_again(house, crm, source, [*differing, *held], today)
    yield Swept(crm.name, source.object, compared, len(differing), len(held), mended)


def _astray(house: House, crm: Crm, source: Source, page: Sequence[Stamp]) -> frozenset[str]:
    """Ids of those that point elsewhere by now than what we hold of them."""
    told = {Ref(crm.name, source.object, each.id): each.points_at for each in page if each.points_at}
    if not told:
        return frozenset()
    with house.store.reading() as tx:
        held = records.pointing(tx, source.kind, told)
    return frozenset(
        ref.id for ref, ours in held.items() if any(ours.get(name, other) != other for name, other in told[ref].items())
    )


def _oldest(house: House, source: Source, today: date) -> datetime:
    """Whoever was not touched since then is missing here because it is not kept so long, and is not read every week again.

    A year is allowed for what was entered long before it happened.
    """
    months = house.settings.privacy.keep.get("activities") if source.kind is RecordKind.ACTIVITY else None
    if months is None:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.combine(months_before(today, months + 12), time.min, UTC)


@dataclass(frozen=True, slots=True)
class Recalculation:
    """What reading formulas once more came to."""

    changed: int  # records
    troubles: Sequence[ConnectorError]  # sources that pause


def recalculate(house: House, crm: Crm, today: date) -> Recalculation:
    """Read sources with formulas once more from the beginning, cursors as they are. Raises as `sweep` does."""
    changed, pauses = 0, Pauses()
    with working_on(Priority.RECONCILE):
        make_sure(house, crm)
        for source in crm.sources():
            with pauses.alone():
                changed += _recalculated(house, crm, source, today) if crm.calculates(source) else 0
    return Recalculation(changed, pauses.troubles)


def _recalculated(house: House, crm: Crm, source: Source, today: date) -> int:
    stop_if_paused(house, crm, source)
    changed = 0
    for page in crm.changed(source, None):
        found = sort(page.records, house.context(crm.name))
        with house.store.writing() as tx:
            changed += keep(tx, house, found, today).stored
    return changed

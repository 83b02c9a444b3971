"""The sweep: every id and stamp held against the CRM's, and whatever differs pulled again.

The net under everything else: deletions that left no trace, changes that surfaced later than any overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connector.flow.belonging import make_sure
from connector.flow.house import House
from connector.flow.keep import keep, read_again, sort
from connector.ports import Crm, Source
from connector.store import records
from connector.transport import Priority, working_on


@dataclass(frozen=True, slots=True)
class Swept:
    """What comparing one source came to."""

    connection: str
    object: str
    compared: int
    differing: int  # new to us, or changed since we read them
    gone: int  # held by us, and by the CRM no more
    mended: int  # of those, the ones that are right by now; our own tasks and other records left out are none of them


def sweep(house: House, crm: Crm, today: date, *, silent: bool = False) -> list[Swept]:
    """Compare and mend every source that is not read in full anyway. Raises CrmUnavailable and CrmDenied.

    `silent`: only those of whose deletions the CRM tells nothing.
    """
    with working_on(Priority.RECONCILE):
        make_sure(house, crm)
        chosen = [each for each in crm.sources() if not (silent and crm.tells_of_deletions(each))]
        return [each for source in chosen if (each := _swept(house, crm, source, today)) is not None]


def _swept(house: House, crm: Crm, source: Source, today: date) -> Swept | None:
    listing = crm.listing(source)
    if listing is None:
        return None
    with house.store.reading() as tx:
        held = records.stamps(tx, crm.name, source.kind, source.object)
        aside = {each.ref.id for each in records.set_aside_list(tx) if each.ref.object == source.object}
    compared, differing = 0, []
    for page in house.watch(listing, f"{crm.name}: comparing {source.object}", lambda some: (len(some), None)):
        for each in page:
            compared += 1
            known = held.pop(each.id, None)
            if (known is None or each.modified_at > known) and each.id not in aside:
                differing.append(each.id)
    mended = read_again(house, crm, source, [*differing, *held], today)
    return Swept(crm.name, source.object, compared, len(differing), len(held), mended)


def recalculate(house: House, crm: Crm, today: date) -> int:
    """Read sources with formulas once more from the beginning, cursors as they are; returns how many records had changed."""
    changed = 0
    with working_on(Priority.RECONCILE):
        make_sure(house, crm)
        for source in crm.sources():
            for page in crm.changed(source, None) if crm.calculates(source) else ():
                found = sort(page.records, house.context(crm.name))
                with house.store.writing() as tx:
                    changed += keep(tx, house, found, today).stored
    return changed

"""Reading what a CRM said has changed, record by record, before its turn in the next poll comes."""

from __future__ import annotations

from datetime import date

from connector.flow.house import House
from connector.flow.keep import read_again
from connector.ports import Crm
from connector.store import hints
from connector.transport import Priority, working_on


def read_hinted(house: House, crm: Crm, today: date) -> int:
    """Returns how many records are new, changed or gone. Raises CrmUnavailable and CrmDenied; then the hints wait on.

    Bodies are fresh where a search index trails. What an object's own history tells comes with the next poll.
    """
    with house.store.reading() as tx:
        waiting = hints.waiting(tx, crm.name)
    changed = 0
    with working_on(Priority.INCREMENTAL):
        for source in crm.sources() if waiting else ():
            ids = [each.hint.id for each in waiting if each.hint.object == source.object]
            if ids:
                changed += read_again(house, crm, source, ids, today)
    if waiting:
        with house.store.writing() as tx:
            hints.settle(tx, crm.name, waiting)
    return changed

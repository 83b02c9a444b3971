"""Reading what a CRM said has changed, record by record, before its turn in the next poll comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from connector.errors import ConnectorError
from connector.flow.house import House
from connector.flow.keep import read_again
from connector.flow.pausing import Pauses
from connector.ports import Crm
from connector.store import hints
from connector.transport import Priority, working_on


@dataclass(frozen=True, slots=True)
class Hinted:
    """What came of hints."""

    changed: int  # records that are new, changed or gone
    troubles: Sequence[ConnectorError] = ()  # sources that pause; the hints of the others were read


def read_hinted(house: House, crm: Crm, today: date) -> Hinted:
    """Raises CrmUnavailable, and CrmDenied where the login is refused; then the hints wait on.

    Those of a source that pauses do not wait: its cursor stands still, so that it finds the same once it goes on, and
    they would only keep the hints of others from their turn. Bodies are fresh where a search index trails. What an
    object's own history tells comes with the next poll.
    """
    with house.store.reading() as tx:
        waiting = hints.waiting(tx, crm.name)
    changed, pauses = 0, Pauses(shut_out=None)
    with working_on(Priority.INCREMENTAL):
        for source in crm.sources() if waiting else ():
            ids = [each.hint.id for each in waiting if each.hint.object == source.object]
            if ids:
                with pauses.alone():
                    changed += read_again(house, crm, source, ids, today)
    if waiting:
        with house.store.writing() as tx:
            hints.settle(tx, crm.name, waiting)
    return Hinted(changed, pauses.troubles)

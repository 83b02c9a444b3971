"""A plan out of a file, before it is carried out: what of it still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from connector.flow.appraise import people_of, plan_day
from connector.flow.house import House
from connector.flow.proposed import Proposal
from connector.flow.unshown import unshown
from connector.model.changes import Row
from connector.store import ledger

NOT_ASKED_FOR = "today's plan does not ask for it: what it tells is so no more, or its reader has a quiet hour"


@dataclass(frozen=True, slots=True)
class Given:
    """What of a plan is carried out, and what is not."""

    proposals: tuple[Proposal, ...]
    refused: Mapping[Row, str] = field(default_factory=dict)  # records that are left out, and why


def still_asked_for(house: House, proposals: Sequence[Proposal], today: date) -> Given:
    """The plan without alerts that nobody would raise today, and without numbers of people who are held back since.

    A row of another kind is refused where its record has moved; an alert has none yet that could. One that was told
    already stays in, since the outbox never tells it twice.
    """
    refused = {**_held_back(house, proposals, today), **_not_raised(house, proposals, today)}
    kept = [replace(each, rows=tuple(row for row in each.rows if row.change.row not in refused)) for each in proposals]
    return Given(tuple(kept), refused)


def _held_back(house: House, proposals: Sequence[Proposal], today: date) -> dict[Row, str]:
    roster = people_of(house)
    with house.store.reading() as tx:
        nobody = unshown(tx, house, roster, today)
    changes = [change for each in proposals if each.connection in house.rules.mappings for change in each.changes()]
    return {change.row: why for change in changes if (why := nobody.why_not(change, house.rules))}


def _not_raised(house: House, proposals: Sequence[Proposal], today: date) -> dict[Row, str]:
    alerts = [row.change.row for each in proposals for row in each.rows if row.change.once and not row.undoes]
    if not alerts:
        return {}
    wanted = {change.row for each in plan_day(house, today) for change in each.changes}
    with house.store.reading() as tx:
        told = ledger.known(tx, alerts).keys()
    return {row: NOT_ASKED_FOR for row in alerts if row not in wanted and row not in told}

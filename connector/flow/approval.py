"""What a human lets pass before it is written: the first plan of a connection, and any that changes too much."""

from __future__ import annotations

from sqlalchemy import Connection

from connector.flow.house import House
from connector.flow.plan import Plan
from connector.model.records import RecordKind
from connector.model.settings import Approve, ConnectionSettings
from connector.store import decisions, records


def waits(tx: Connection, house: House, settings: ConnectionSettings, plan: Plan) -> str:
    """Why this plan waits for `attain apply`; empty: it may leave."""
    if not plan.rows:
        return ""
    if not decisions.approved(tx, settings.name):
        return "the first plan of a connection is approved by a human"
    if settings.approve is Approve.ALWAYS:
        return "every plan of this connection is approved by a human"
    return _too_much(tx, house, settings, plan)


def _too_much(tx: Connection, house: House, settings: ConnectionSettings, plan: Plan) -> str:
    """Records of our own do not count: creating and updating them is what we are here for."""
    theirs = house.rules.mappings[settings.name].write.people_own
    touched = sum(row.change.row.object in theirs for row in plan.rows)
    if touched > settings.at_most:
        return f"{touched} records of people would change, and at most {settings.at_most} may at once"
    if touched <= SMALL:
        return ""
    counted = records.counts(tx, (RecordKind.DEAL, RecordKind.ACCOUNT))
    held = sum(count for (connection, _), count in counted.items() if connection == settings.name)
    if held and touched > held * settings.at_most_share:
        share = f"{settings.at_most_share * 100:.0f} %"
        return f"{touched} of {held} deals and accounts would change, and at most {share} may at once"
    return ""


SMALL = 20  # records that may always change: of few, any are a large share

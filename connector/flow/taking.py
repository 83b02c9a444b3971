"""A note that somebody sends from a page of ours: queued for their own record in the CRM, from where it is pulled as any note."""

from __future__ import annotations

from enum import Enum
from uuid import uuid4

from connector.decide.health import OWN_IDS
from connector.decide.home import own_record
from connector.flow.appraise import people_of
from connector.flow.house import House
from connector.model.changes import Change, Row
from connector.model.notes import BY_PAGE, Typed
from connector.model.people import Person
from connector.normalise.mapping import SourceMap
from connector.ports import Crm
from connector.store import decisions, outbox, wishes
from connector.store.decisions import Decision
from connector.store.entries import Terms

WHAT = "note"  # among decisions: whoever types it lets it pass, and nothing else with it


class Taken(Enum):
    """What became of it."""

    QUEUED = "queued"
    WAIT = "an earlier note has not arrived yet, and would be lost"
    NOBODY = "nobody with this login has a record to note it on"
    NOWHERE = "the mapping has no place for it, or nothing may be written"


def take(house: House, crm: Crm, typed: Typed) -> Taken:
    """Queue it, in one transaction: afterwards it is delivered once, whatever happens. Raises StoreBusy."""
    mapping = house.rules.mappings[crm.name]
    if not house.may_write(crm.name):
        return Taken.NOWHERE
    person = _whoever(house, crm.name, typed.email)
    own = own_record(person, crm.name) if person else None
    if person is None or own is None:
        return Taken.NOBODY
    place = mapping.notes_on(own.object)
    if place is None:
        return Taken.NOWHERE
    row = Row(crm.name, own.object, OWN_IDS[mapping.type], own.id)
    change = Change(row, _fields(place, typed), because=BY_PAGE, subject=f"note of {person.name}")
    return _queued(house, crm.name, change, place.fields["text"])


def _whoever(house: House, connection: str, email: str) -> Person | None:
    """The person with this login in that connection."""
    wanted = email.casefold()
    return next(
        (
            each
            for each in people_of(house).people
            if each.active
            and wanted in map(str.casefold, each.addresses_today)
            and any(identity.connection == connection for identity in each.identities)
        ),
        None,
    )


def _fields(place: SourceMap, typed: Typed) -> dict[str, str | None]:
    """All of the note, so that nothing of an earlier one stays beside it; its answer is still to come."""
    said = {"kind": typed.kind, "text": typed.text, "metric": typed.metric, "period": typed.period, "deal": typed.deal}
    return {place.fields[name]: value or None for name, value in {**said, "answer": ""}.items() if name in place.fields}


def _queued(house: House, connection: str, change: Change, text: str) -> Taken:
    """Whoever typed it lets it pass; one that is still on its way is not written over."""
    act, now = uuid4().hex, house.world.now()
    with house.store.writing() as tx:
        under_way = (each.change for each in outbox.open_entries(tx, connection) if each.change.row == change.row)
        if any(text in each.fields for each in under_way):
            return Taken.WAIT
        found = wishes.enqueue(tx, [change], act, now, Terms(approval=act))
        if not (found.new or found.replaced):
            return Taken.WAIT  # the record is being written this very moment
        decisions.note(tx, Decision(act, connection, WHAT, "", 1, now))
    return Taken.QUEUED

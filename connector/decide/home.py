"""Which connections show a person's numbers, and which one gets their alerts."""

from __future__ import annotations

from collections.abc import Iterable

from connector.model.people import Person, Roster
from connector.model.records import Ref


def home(person: Person, connections: Iterable[str]) -> str | None:
    """The connection that a person is alerted in; None: they have no user anywhere.

    Their own choice, else the first in the config's order where they have a user. Where they were credited most is
    not looked at.
    """
    known = {each.connection for each in person.identities}
    order = [each for each in connections if each in known]
    return person.home if person.home in order else next(iter(order), None)


def user(person: Person, connection: str) -> str | None:
    """The remote id of a person's user in a connection."""
    return next((each.id for each in person.identities if each.connection == connection), None)


def manager(roster: Roster, person: Person, connection: str) -> str | None:
    """The remote id of the user of their manager today; None: nobody, somebody who left, or somebody without a user there."""
    found = roster.get(person.manager) if person.manager else None
    return user(found, connection) if found and found.active else None


def own_record(person: Person, connection: str) -> Ref | None:
    """The record that carries a person's numbers, where it is not the user itself."""
    return next((each for each in person.scores_on if each.connection == connection), None)


def record(person: Person, connection: str) -> str | None:
    """Its remote id."""
    found = own_record(person, connection)
    return found.id if found else None

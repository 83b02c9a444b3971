"""People as rows of file tables call them: by id, e-mail address or name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.model.people import Person, Roster
from connector.model.records import Reading

Handles = Mapping[str, Sequence[Person]]


def by_handle(roster: Roster) -> Handles:
    """People by everything a row may call them, in lower case."""
    found: dict[str, list[Person]] = {}
    for each in roster.people:
        users = {str(user).lower() for user in each.identities}  # as a CRM's own quotas name them
        for handle in {each.id, each.name.lower(), *users}:
            found.setdefault(handle, []).append(each)
    for address, people in roster.by_address.items():
        known = found.setdefault(address, [])
        known += [each for each in people if each not in known]
    return found


def person_of(reading: Reading, named: Handles) -> Person:
    """Whose row it is. Raises ValueError where the column `person` names nobody, or several people."""
    handle = str(reading.values.get("person") or "").strip()
    found = named.get(handle.lower(), ())
    if not handle or not found:
        raise ValueError(f"`{handle}` is nobody we know")
    if len(found) > 1:
        raise ValueError(f"`{handle}` is {len(found)} people: write an e-mail address")
    return found[0]


def rows_of(tables: Mapping[str, Sequence[Reading]], name: str) -> Sequence[Reading]:
    """The rows of a table, under `files.quotas` or plain `quotas`, in the order of their references."""
    found = tables.get(name) or tables.get(name.removeprefix("files.")) or ()
    return sorted(found, key=lambda each: each.ref)

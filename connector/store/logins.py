"""Logins on their way into the store, with what it keeps of them: whose they are, where else they were reached, their name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, select

from connector.model.records import Ref, User
from connector.normalise.people import person_id
from connector.store import tables
from connector.store.pseudonyms import stands_in
from connector.store.rows import addresses, lines


@dataclass(frozen=True, slots=True)
class _Held:
    """What the store has of a login."""

    person: str
    email: str | None
    name: str
    former: tuple[str, ...]
    former_names: tuple[str, ...]
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class _People:
    """Whose login a new one may be."""

    by_address: Mapping[str, Collection[str]]  # who has an address today
    ids: set[str] = field(default_factory=set)

    def first_seen(self, user: User) -> str:
        """Whoever has its address today. An id that was made of the address by somebody who has moved on stays theirs."""
        found = self.by_address.get(user.email or "", ())
        if len(found) == 1:
            return next(iter(found))
        made = person_id(user.email, user.ref)
        return person_id(None, user.ref) if made in self.ids and made not in found else made


def as_known(tx: Connection, users: Sequence[User]) -> list[User]:
    """The same logins, each with its person; addresses and names that change are kept as former ones.

    A login stays who it was first seen as. Its address tells only at first sight whose it is: one that becomes
    somebody else's later makes no two people one. A name that the CRM has emptied (HubSpot does so for owners who
    left) stays as we last knew it.
    """
    held = _held(tx)
    now = {ref: each.email for ref, each in held.items()}
    now |= {each.ref: each.email for each in users if _is_news(each, held.get(each.ref))}
    by_address = defaultdict[str, set[str]](set)
    for ref, each in held.items():
        if email := now[ref]:
            by_address[email].add(each.person)
    people = _People(by_address, {each.person for each in held.values()})
    found: list[User] = []
    for user in users:
        if before := held.get(user.ref):
            found.append(_again(user, before))
            continue
        person = user.person or people.first_seen(user)  # of whoever was forgotten it is known
        new = replace(user, person=person)
        found.append(new)
        held[user.ref] = _Held(person, user.email, user.name, (), (), user.modified_at)
        people.ids.add(person)
        if user.email:
            by_address[user.email].add(person)
    return found


def _is_news(user: User, before: _Held | None) -> bool:
    """Whether we had it, and it is no older than what we have."""
    return before is not None and user.modified_at >= before.modified_at


def _again(user: User, before: _Held) -> User:
    former = [each for each in (*before.former, before.email) if each and each != user.email]
    nameless = user.name.lower() in (user.email, user.ref.id.lower())
    name = before.name if nameless else user.name
    names = [each for each in (*before.former_names, before.name) if each != name and not stands_in(each)]
    return replace(
        user,
        person=before.person,
        former=tuple(dict.fromkeys(former)),
        name=name,
        former_names=tuple(dict.fromkeys(" ".join(each.split()) for each in names)),
    )


def _held(tx: Connection) -> dict[Ref, _Held]:
    u = tables.users.c
    chosen = select(u.ref, u.person, u.email, u.name, u.former, u.former_names, u.modified_at)
    return {
        Ref.parse(each.ref): _Held(
            each.person, each.email, each.name, addresses(each.former), lines(each.former_names), each.modified_at
        )
        for each in tx.execute(chosen)
    }

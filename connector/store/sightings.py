"""Users as they are, and as they were seen: a CRM shows today only, so we keep the days before."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, select

from connector.model.people import Sighting
from connector.model.records import Ref, User
from connector.store import tables
from connector.store.rows import addresses, lines
from connector.store.typed import load_all
from connector.store.upsert import insert_into

LOOK = ("levels", "manager", "active")


def users(tx: Connection) -> list[User]:
    """Every login we ever saw, by reference; one that the CRM deleted is inactive, its deals remain."""
    rows = tx.execute(select(tables.users).order_by(tables.users.c.ref)).all()
    return [
        User(
            ref=Ref.parse(each.ref),
            modified_at=each.modified_at,
            email=each.email,
            name=each.name,
            active=each.active and each.deleted_at is None,
            human=each.human,
            manager=_ref(each.manager),
            levels=_levels(each.levels),
            scores_on=_ref(each.scores_on),
            person=each.person or None,
            former=addresses(each.former),
            former_names=lines(each.former_names),
        )
        for each in rows
    ]


def sightings(tx: Connection) -> list[Sighting]:
    """How users looked, each from a day on; per user oldest first."""
    s = tables.sightings.c
    return [
        Sighting(Ref.parse(each.user), each.seen_on, _levels(each.levels), _ref(each.manager), each.active)
        for each in tx.execute(select(tables.sightings).order_by(s.user, s.seen_on))
    ]


def note(tx: Connection, seen_on: date) -> None:
    """Append a sighting for every user whose levels, manager or status are not as last seen.

    Within one day the last look counts; a look never goes before an earlier one.
    """
    u, s = tables.users.c, tables.sightings.c
    ordered = select(s.user, s.seen_on, s.levels, s.manager, s.active).order_by(s.user, s.seen_on)
    last = {user: (day, look) for user, day, *look in tx.execute(ordered)}
    now = select(u.ref, u.levels, u.manager, u.active, u.deleted_at)
    new = []
    for ref, levels, manager, active, gone in tx.execute(now):
        day, before = last.get(ref, (seen_on, None))
        look = [levels, manager, active and gone is None]
        if look != before:
            new.append({"user": ref, "seen_on": max(day, seen_on)} | dict(zip(LOOK, look, strict=True)))
    if new:
        insert = insert_into(tx, tables.sightings)
        looks = {name: insert.excluded[name] for name in LOOK}
        tx.execute(insert.on_conflict_do_update(index_elements=["user", "seen_on"], set_=looks), new)


def _levels(text: str) -> dict[str, str]:
    return {name: str(value) for name, value in load_all(text).items()}


def _ref(text: str | None) -> Ref | None:
    return None if text is None else Ref.parse(text)

"""Everything that the store keeps of a person: where they are named, where their login stands, and what we said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, false, or_, select

from connector.model.people import Person
from connector.store import forgetting, tables, written
from connector.store.forgetting import Found

# Columns in which a login stands, by table; `team` of deals holds several, set apart by semicolons.
_LOGINS: Mapping[str, tuple[str, ...]] = {
    "users": ("ref", "manager"),
    "sightings": ("user", "manager"),
    "deals": ("owner", "closed_owner"),
    "stage_changes": ("owner",),
    "splits": ("user",),
    "team_members": ("user",),
    "accounts": ("owner",),
    "activities": ("performer",),
    "rejections": ("ref",),
    "unreadable": ("ref",),
}
_BY_HAND = ("by", "note")  # of closings: typed by whoever closed a period
_REMOTE = ("ledger", "outbox", "journal")  # what we wrote into a CRM, by the record that it stands in


def everything(tx: Connection, person: Person) -> list[Found]:
    """Every row of theirs by table, each once, tables in alphabetical order; those without a row are left out.

    The mirror is a copy of these, and is not asked.
    """
    rows: dict[str, dict[str, Mapping[str, Any]]] = {}
    for found in forgetting.about(tx, person):
        rows[found.table] = {repr(row): row for row in found.rows}
    for table, theirs in _carrying(tx, person):
        for row in tx.execute(select(table).where(theirs)).mappings():
            rows.setdefault(table.name, {})[repr(dict(row))] = dict(row)
    return [Found(name, tuple(rows[name].values())) for name in sorted(rows) if rows[name]]


def _carrying(tx: Connection, person: Person) -> list[tuple[Table, ColumnElement[bool]]]:
    """Each table that may hold something of theirs without naming them, and which of its rows do."""
    refs = [str(each) for each in person.identities]
    found = [
        (table, or_(*(table.c[name].in_(refs) for name in columns)))
        for table, columns in ((getattr(tables, name), columns) for name, columns in _LOGINS.items())
    ]
    team = (";" + tables.deals.c.team + ";").contains
    found.append((tables.deals, or_(false(), *(team(f";{each};", autoescape=True) for each in refs))))
    words = [each for each in (person.name, *person.addresses) if each]
    typed = (tables.closings.c[name].contains(each, autoescape=True) for name in _BY_HAND for each in words)
    found.append((tables.closings, or_(false(), *typed)))
    hints = tables.hints.c
    heard = (
        and_(hints.connection == r.connection, hints.object == r.object, hints.id == r.id) for r in person.identities
    )
    found.append((tables.hints, or_(false(), *heard)))
    own = written.own_records(tx, person)
    found += [(table, written.about(table, person, own)) for table in (getattr(tables, name) for name in _REMOTE)]
    return found

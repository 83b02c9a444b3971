"""Associations between records: the types that HubSpot defines, and the links of this portal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from connector.sandbox.hubspot.kinds import (
    BY_NUMBER,
    CALLS,
    COMPANIES,
    CONTACTS,
    DEALS,
    EMAILS,
    MEETINGS,
    NOTES,
    TASKS,
    Kind,
)
from connector.sandbox.hubspot.replies import Json
from connector.sandbox.hubspot.store import Row, Store


@dataclass(frozen=True, slots=True)
class LinkType:
    """One direction of one way in which two kinds can be linked."""

    id: int
    source: Kind
    target: Kind
    opposite: int
    label: str | None = None

    @property
    def primary(self) -> bool:
        return self.label == "Primary"

    @property
    def name(self) -> str:
        """As lists and the numbered API call it: `deal_to_company`, `deal_to_company_unlabeled`."""
        suffix = "" if self.label or not _has_primary(self.source, self.target) else "_unlabeled"
        relation = {13: "parent_to_child_company", 14: "child_to_parent_company"}.get(self.id)
        return relation or f"{self.source.singular}_to_{self.target.singular}{suffix}"


def _has_primary(source: Kind, target: Kind) -> bool:
    return COMPANIES in (source, target) and {source, target} <= {COMPANIES, CONTACTS, DEALS}


# Source: the constants of hubspot-api-client 12.0.0; 341/342 and 279/280 are the unlabelled twins of the primaries.
_PAIRS: Sequence[tuple[int, Kind, int, Kind, str | None]] = (
    (1, CONTACTS, 2, COMPANIES, "Primary"),
    (279, CONTACTS, 280, COMPANIES, None),
    (3, DEALS, 4, CONTACTS, None),
    (5, DEALS, 6, COMPANIES, "Primary"),
    (341, DEALS, 342, COMPANIES, None),
    *(
        (first, kind, first - 1, CONTACTS, None)
        for first, kind in ((204, TASKS), (202, NOTES), (194, CALLS), (198, EMAILS), (200, MEETINGS))
    ),
    *(
        (first, kind, first - 1, COMPANIES, None)
        for first, kind in ((192, TASKS), (190, NOTES), (182, CALLS), (186, EMAILS), (188, MEETINGS))
    ),
    *(
        (first, kind, first - 1, DEALS, None)
        for first, kind in ((216, TASKS), (214, NOTES), (206, CALLS), (210, EMAILS), (212, MEETINGS))
    ),
    (14, COMPANIES, 13, COMPANIES, None),
)
TYPES = {
    each.id: each
    for first, source, second, target, label in _PAIRS
    for each in (LinkType(first, source, target, second, label), LinkType(second, target, source, first, label))
}


@cache
def default_types(source: Kind, target: Kind) -> tuple[LinkType, ...]:
    """The types between two kinds, the primary one first; empty: they cannot be linked."""
    between = [each for each in TYPES.values() if each.source is source and each.target is target]
    return tuple(sorted(between, key=lambda each: (not each.primary, each.id)))


def rows_of(link: LinkType, source_id: int, target_id: int) -> Iterator[Row]:
    """Both directions of a link as rows; a primary link is at the same time an unlabelled one."""
    for each in (
        link,
        *(other for other in default_types(link.source, link.target) if link.primary and not other.label),
    ):
        yield (each.source.number, source_id, each.target.number, target_id, each.id)
        yield (each.target.number, target_id, each.source.number, source_id, each.opposite)


def join(store: Store, rows: Iterable[Row]) -> None:
    store.many("INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?)", list(rows))


def move_all(store: Store, kind: Kind, record_id: int, other: int) -> None:
    """Link everything to another record in its place, both ways."""
    for end in ("from", "to"):
        store.run(
            f"UPDATE OR IGNORE links SET {end}_id = ? WHERE {end}_kind = ? AND {end}_id = ?",
            (other, kind.number, record_id),
        )
    cut_all(store, kind, record_id)


def has_primary(store: Store, kind: Kind, record_id: int) -> bool:
    """Whether a record has a primary company."""
    marks = [each.id for each in default_types(kind, COMPANIES) if each.primary]
    query = "SELECT 1 FROM links WHERE from_kind = ? AND from_id = ? AND type = ?"
    return any(store.one(query, (kind.number, record_id, each)) is not None for each in marks)


def unmark_primary(store: Store, kind: Kind, record_id: int) -> None:
    """Leave a record linked to its company, which is the primary one no longer."""
    for link in (each for each in default_types(kind, COMPANIES) if each.primary):
        for end, mark in (("from", link.id), ("to", link.opposite)):
            store.run(
                f"DELETE FROM links WHERE {end}_kind = ? AND {end}_id = ? AND type = ?", (kind.number, record_id, mark)
            )


def cut(store: Store, kind: Kind, record_id: int, target: Kind, other: int) -> list[LinkType]:
    """Unlink two records, both ways; by what they were linked."""
    between = targets(store, kind, record_id, target).get(other, [])
    for one, its, two, theirs in (
        (kind.number, record_id, target.number, other),
        (target.number, other, kind.number, record_id),
    ):
        store.run(
            "DELETE FROM links WHERE from_kind = ? AND from_id = ? AND to_kind = ? AND to_id = ?",
            (one, its, two, theirs),
        )
    return between


def cut_all(store: Store, kind: Kind, record_id: int) -> None:
    """Unlink a record from everything, both ways."""
    for to_kind, to_id in store.rows(
        "SELECT to_kind, to_id FROM links WHERE from_kind = ? AND from_id = ?", (kind.number, record_id)
    ):
        store.run(
            "DELETE FROM links WHERE from_kind = ? AND from_id = ? AND to_kind = ? AND to_id = ?",
            (to_kind, to_id, kind.number, record_id),
        )
    store.run("DELETE FROM links WHERE from_kind = ? AND from_id = ?", (kind.number, record_id))


def targets(store: Store, source: Kind, source_id: int, target: Kind) -> dict[int, list[LinkType]]:
    """What a record is linked to, by the other's id, in order of id."""
    rows = store.rows(
        "SELECT to_id, type FROM links WHERE from_kind = ? AND from_id = ? AND to_kind = ? ORDER BY to_id, type",
        (source.number, source_id, target.number),
    )
    linked: dict[int, list[LinkType]] = {}
    for to_id, type_id in rows:
        linked.setdefault(to_id, []).append(TYPES[type_id])
    return linked


def shown(store: Store, kind: Kind, ids: Sequence[int], wanted: Sequence[Kind]) -> dict[int, Json]:
    """Links as a list of records shows them, by record id: one entry per id and type."""
    linked: dict[int, Json] = {}
    for record_id in ids if wanted else ():
        for target in wanted:
            entries = [
                {"id": str(to_id), "type": link.name}
                for to_id, types in targets(store, kind, record_id, target).items()
                for link in types
            ]
            if entries:
                linked.setdefault(record_id, {})[BY_NUMBER[target.number].plural] = {"results": entries}
    return linked

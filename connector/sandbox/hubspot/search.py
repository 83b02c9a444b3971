"""Search: filters over an index that may trail the records, bodies always fresh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.sandbox.hubspot.computed import text_sql
from connector.sandbox.hubspot.filters import Condition, condition
from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import ID_STEP, View, found, milliseconds_of, numbered, shown
from connector.sandbox.hubspot.replies import Json, invalid

CAP = 10_000  # results that one query can page through
PER_PAGE = 200
_SPARSE = 20  # a window this many times smaller than the table is cheaper to sort than to look for


@dataclass(slots=True)
class Totals:
    """How many a query finds, remembered until its kind is written to: a client asks for page after page."""

    _known: dict[tuple[object, ...], int]

    def of(self, portal: Portal, kind: Kind, source: str, where: Condition) -> int:
        key = (kind.number, portal.store.versions[kind.number], source, where.sql, where.values)
        if key not in self._known:
            if len(self._known) > 100:
                self._known.clear()
            row = portal.store.one(
                f"SELECT count(*) FROM {source} r WHERE r.archived IS NULL AND ({where.sql})", where.values
            )
            self._known[key] = 0 if row is None else int(row[0])
        return self._known[key]


def search(portal: Portal, kind: Kind, body: Json, totals: Totals) -> Json:
    """One page of what the index finds, in the order of the first sort, else by id."""
    limit, offset = _page(body)
    where = _with_query(kind, condition(portal, kind, body), body.get("query"))
    source = _source(portal, kind)
    total = totals.of(portal, kind, source, where)
    order, by_id = _order(portal, kind, body.get("sorts"))
    index = _index(portal, kind, total) if source == kind.table and where.indexed and by_id else ""
    ids = [
        row[0]
        for row in portal.store.rows(
            f"SELECT r.id FROM {source} r {index} WHERE r.archived IS NULL AND ({where.sql}) ORDER BY {order} LIMIT ? OFFSET ?",
            (*where.values, limit, offset),
        )
    ]
    reply: Json = {"total": total, "results": _bodies(portal, kind, body.get("properties"), ids)}
    reached = offset + len(ids)
    return reply | ({"paging": {"next": {"after": str(reached)}}} if ids and reached < total else {})


def _bodies(portal: Portal, kind: Kind, asked: object, ids: list[int]) -> list[Json]:
    """What was found, as it is now; a record archived since the index saw it is no longer there to show."""
    view = View(tuple(map(str, asked)) if isinstance(asked, list) and asked else None)
    records = found(portal, kind, ids)
    return shown(portal, kind, [records[each] for each in ids if each in records], view)


def _page(body: Mapping[str, Any]) -> tuple[int, int]:
    limit = 10 if body.get("limit") in (None, "") else numbered(body["limit"])
    offset = 0 if body.get("after") in (None, "") else numbered(body["after"])
    if limit is None or not 0 <= limit <= PER_PAGE:
        raise invalid(f"limit must be a number from 0 to {PER_PAGE}, not {body['limit']}")
    if offset is None:
        raise invalid(f"after must be a number, not {body['after']}")
    if offset + limit > CAP:
        raise invalid(f"A search pages through its first {CAP} results; after {offset} with limit {limit} goes beyond")
    return limit, offset


def _with_query(kind: Kind, where: Condition, query: object) -> Condition:
    if not query:
        return where
    wanted = f"%{str(query).lower()}%"
    searched = " OR ".join(f"lower({text_sql(kind, name)}) LIKE ?" for name in kind.searched)
    return Condition(f"({where.sql}) AND ({searched})", (*where.values, *(wanted for _ in kind.searched)))


def _order(portal: Portal, kind: Kind, sorts: object) -> tuple[str, bool]:
    """The SQL order, and whether it is plain order of id; only the first sort counts."""
    first = sorts[0] if isinstance(sorts, list) and sorts else "hs_object_id"
    if isinstance(first, dict):
        name, down = str(first.get("propertyName")), str(first.get("direction", "ASCENDING")).upper().startswith("DESC")
    else:
        name, down = str(first).removeprefix("-"), str(first).startswith("-")
    direction = " DESC" if down else ""
    if name == "hs_object_id":
        return f"r.id{direction}", not down
    stamps = {kind.modified: "r.modified", kind.created: "r.created"}
    if name in stamps:
        return f"{stamps[name]}{direction}, r.id", False
    definition = portal.definitions(kind).get(name)
    if definition is None:
        raise invalid(f'Property "{name}" does not exist, so nothing can be sorted by it')
    text = f"NULLIF({text_sql(kind, name)}, '')"
    return f"{f'CAST({text} AS REAL)' if definition.type == 'number' else text}{direction}, r.id", False


def _source(portal: Portal, kind: Kind) -> str:
    """What the index knows: the records, or their earlier states while the lag lasts."""
    lag = milliseconds_of(portal)
    seen = portal.now() - lag  # writes up to this moment have reached the index
    if not lag or portal.store.one(f"SELECT 1 FROM {kind.shadow} WHERE replaced > ? LIMIT 1", (seen,)) is None:
        return kind.table
    return f"""(
        SELECT id, created, modified, archived, properties FROM {kind.table}
            WHERE id NOT IN (SELECT id FROM {kind.shadow} WHERE replaced > {seen})
        UNION ALL
        SELECT id, created, modified, archived, properties FROM {kind.shadow} s
            WHERE properties IS NOT NULL AND replaced =
                (SELECT min(replaced) FROM {kind.shadow} e WHERE e.id = s.id AND e.replaced > {seen}))"""


def _index(portal: Portal, kind: Kind, total: int) -> str:
    """Which index to walk: SQLite cannot know how many records changed in the window, and we just counted."""
    row = portal.store.one(f"SELECT max(id) - min(id) FROM {kind.table}")
    size = int(row[0] or 0) // ID_STEP if row else 0
    return f"INDEXED BY {kind.table}_by_modified" if total * _SPARSE < size else f"INDEXED BY {kind.table}_by_id"

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
    """How many records a condition meets, remembered until their kind is written to: clients ask page after page."""

    _known: dict[tuple[object, ...], int]

    def of(self, portal: Portal, kind: Kind, where: Condition) -> int:
        key = (kind.number, portal.store.versions[kind.number], where.sql, where.values)
        if key not in self._known:
            if len(self._known) > 100:
                self._known.clear()
            few = where.indexed and _above(portal, kind, where.floor) * _SPARSE < _above(portal, kind, 0)
            self._known[key] = _count(portal, kind.table, where, f"INDEXED BY {kind.table}_by_id" if few else "")
        return self._known[key]


@dataclass(frozen=True, slots=True)
class Order:
    """What results are sorted by; ties go by id."""

    key: str
    down: bool = False

    @property
    def plain(self) -> bool:
        """Rising ids: the order that an index has ready."""
        return self.key == "r.id" and not self.down

    def sql(self, key: str, number: str) -> str:
        return f"ORDER BY {key}{' DESC' if self.down else ''}, {number}"


def search(portal: Portal, kind: Kind, body: Json, totals: Totals) -> Json:
    """One page of what the index finds, in the order of the first sort, else by id."""
    limit, offset = _page(body)
    where = _with_query(kind, condition(portal, kind, body), body.get("query"))
    order = _order(portal, kind, body.get("sorts"))
    known = totals.of(portal, kind, where)
    index = _index(portal, kind, where, known) if where.indexed and order.plain else ""
    stale = _stale(portal, kind)
    if stale is None:
        total = known
        ids = _ids(
            portal, _found(kind.table, index, where, order), (*where.values, offset + limit), order, (limit, offset)
        )
    else:
        untrue = Condition(f"r.id IN {stale.ids} AND ({where.sql})", where.values)
        total = known - _count(portal, kind.table, untrue) + _count(portal, stale.states, where)
        fresh = Condition(f"r.id NOT IN {stale.ids} AND ({where.sql})", where.values)
        both = f"{_found(kind.table, index, fresh, order)} UNION ALL {_found(stale.states, '', where, order)}"
        ids = _ids(portal, both, (*where.values, offset + limit) * 2, order, (limit, offset))
    reached = offset + len(ids)
    reply: Json = {"total": total, "results": _bodies(portal, kind, body.get("properties"), ids)}
    return reply | ({"paging": {"next": {"after": str(reached)}}} if ids and reached < total else {})


def _found(source: str, index: str, where: Condition, order: Order) -> str:
    """SQL for the first so many ids of a source with their sort keys."""
    condition = f"r.archived IS NULL AND ({where.sql})"
    selected = f"SELECT r.id AS number, {order.key} AS sorted FROM {source} r {index} WHERE {condition}"
    return f"SELECT * FROM ({selected} {order.sql(order.key, 'r.id')} LIMIT ?)"


def _ids(portal: Portal, found: str, values: tuple[Any, ...], order: Order, page: tuple[int, int]) -> list[int]:
    rows = portal.store.rows(
        f"SELECT number FROM ({found}) {order.sql('sorted', 'number')} LIMIT ? OFFSET ?", (*values, *page)
    )
    return [row[0] for row in rows]


def _count(portal: Portal, source: str, where: Condition, index: str = "") -> int:
    row = portal.store.one(
        f"SELECT count(*) FROM {source} r {index} WHERE r.archived IS NULL AND ({where.sql})", where.values
    )
    return 0 if row is None else int(row[0])


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


def _order(portal: Portal, kind: Kind, sorts: object) -> Order:
    """Only the first sort counts."""
    first = sorts[0] if isinstance(sorts, list) and sorts else "hs_object_id"
    if isinstance(first, dict):
        name, down = str(first.get("propertyName")), str(first.get("direction", "ASCENDING")).upper().startswith("DESC")
    else:
        name, down = str(first).removeprefix("-"), str(first).startswith("-")
    columns = {"hs_object_id": "r.id", kind.modified: "r.modified", kind.created: "r.created"}
    if name in columns:
        return Order(columns[name], down)
    definition = portal.definitions(kind).get(name)
    if definition is None:
        raise invalid(f'Property "{name}" does not exist, so nothing can be sorted by it')
    text = f"NULLIF({text_sql(kind, name)}, '')"
    return Order(f"CAST({text} AS REAL)" if definition.type == "number" else text, down)


@dataclass(frozen=True, slots=True)
class Stale:
    """SQL for the records of which the index is out of date, and for what it believes of them."""

    ids: str
    states: str


def _stale(portal: Portal, kind: Kind) -> Stale | None:
    """None: the index has caught up."""
    lag = milliseconds_of(portal)
    seen = portal.now() - lag  # writes up to this moment have reached the index
    if not lag or portal.store.one(f"SELECT 1 FROM {kind.shadow} WHERE replaced > ? LIMIT 1", (seen,)) is None:
        return None
    return Stale(
        f"(SELECT id FROM {kind.shadow} WHERE replaced > {seen})",
        f"""(SELECT id, created, modified, archived, properties, min(replaced) FROM {kind.shadow}
            WHERE replaced > {seen} GROUP BY id HAVING properties IS NOT NULL)""",
    )


def _index(portal: Portal, kind: Kind, where: Condition, total: int) -> str:
    """Which index to walk: SQLite cannot know how many records changed in the window, and we just counted."""
    sparse = total * _SPARSE < _above(portal, kind, where.floor)
    return f"INDEXED BY {kind.table}_by_{'modified' if sparse else 'id'}"


def _above(portal: Portal, kind: Kind, floor: int) -> int:
    """About how many records have an id from this one on."""
    row = portal.store.one(f"SELECT (SELECT max(id) FROM {kind.table}), (SELECT min(id) FROM {kind.table})")
    return 0 if row is None or row[0] is None else max(row[0] - max(row[1], floor), 0) // ID_STEP + 1

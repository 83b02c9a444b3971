"""Queries answered, page by page."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from connector.sandbox.salesforce.database import Database
from connector.sandbox.salesforce.ids import record_id
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.salesforce.soql_compile import Compiled, World, compile_query
from connector.sandbox.salesforce.soql_parse import parse

PAGE = 2000
OPEN_CURSORS = 40  # the real one keeps them for two days; we keep the latest
_BATCH = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Cursor:
    compiled: Compiled
    table: str  # of the row numbers, in order
    total: int
    page: int


class Queries:
    """Runs queries and keeps the rows of those that need more than one page."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._cursors: OrderedDict[str, _Cursor] = OrderedDict()
        self._kept: dict[str, _Cursor] = {}
        self._opened = 0

    def answer(self, text: str, world: World, options: str, *, deleted: bool, base: str) -> str:
        """The first page as JSON. Raises Refused."""
        compiled = compile_query(parse(text), world, deleted=deleted)
        if compiled.kind == "count":
            (total,) = self.database.run(compiled.find, compiled.values).fetchone()
            return f'{{"totalSize":{total},"done":true,"records":[]}}'
        if compiled.kind == "aggregate":
            rows = [row for (row,) in self.database.run(compiled.find, compiled.values)]
            return f'{{"totalSize":{len(rows)},"done":true,"records":[{",".join(rows)}]}}'
        return self._first_page(compiled, page_size(options), base)

    def more(self, locator: str, base: str) -> str:
        """A further page, by its locator: `0r8…-2000`. Raises Refused."""
        name, _, offset = locator.rpartition("-")
        cursor = self._cursors.get(name)
        if cursor is None or not offset.isdigit():
            raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(name, cursor, int(offset), base)

    def keep(self, text: str, world: World, *, deleted: bool) -> tuple[str, int]:
        """The rows of a query as they are now, for as long as somebody asks: their name, and how many. Raises Refused."""
        compiled = compile_query(parse(text), world, deleted=deleted)
        if compiled.kind != "records":
            raise Refused("API_ERROR", "Aggregate queries are not supported by the Bulk API 2.0")
        self._opened += 1
        name = f"kept_{self._opened}"
        self.database.run(f"CREATE TEMP TABLE {name} (place INTEGER PRIMARY KEY, row INTEGER)")
        total = self.database.run(f"INSERT INTO {name} (row) {compiled.find}", compiled.values).rowcount
        self._kept[name] = _Cursor(compiled, name, total, total)
        return name, total

    def kept(self, name: str, offset: int, many: int) -> list[str]:
        """Some of them, each as JSON."""
        one = self._kept[name].compiled
        sql = (
            f"SELECT {one.json} FROM {name} AS found CROSS JOIN {one.base} ON t.row = found.row{one.joins} "
            "WHERE found.place > ? AND found.place <= ? ORDER BY found.place"
        )
        return [row for (row,) in self.database.run(sql, (offset, offset + many))]

    def drop(self, name: str) -> None:
        """Nobody asks any more."""
        if self._kept.pop(name, None) is not None:
            self.database.run(f"DROP TABLE {name}")

    def by_ids(self, entity: str, names: Sequence[str], ids: Sequence[str], world: World) -> dict[str, str]:
        """The JSON of living records by id; those that do not exist are absent. Raises Refused."""
        compiled = compile_query(parse(f"SELECT {', '.join(names)} FROM {entity}"), world, deleted=False)
        living = ' AND t."IsDeleted" = 0' if "IsDeleted" in world.sight.objects[entity].fields else ""
        sql = f'SELECT {compiled.json} FROM {compiled.base}{compiled.joins} WHERE t."Id" = ?{living}'
        found = ((id, self.database.run(sql, (id,)).fetchone()) for id in dict.fromkeys(ids))
        return {id: row[0] for id, row in found if row is not None}

    def _first_page(self, compiled: Compiled, size: int, base: str) -> str:
        self._opened += 1
        table = f"found_{self._opened}"
        self.database.run(f"CREATE TEMP TABLE {table} (place INTEGER PRIMARY KEY, row INTEGER)")
        total = self.database.run(f"INSERT INTO {table} (row) {compiled.find}", compiled.values).rowcount
        name = record_id("0r8", self._opened)
        cursor = _Cursor(compiled, table, total, size)
        if total <= size:
            page = self._page(name, cursor, 0, base)
            self.database.run(f"DROP TABLE {table}")
            return page
        self._cursors[name] = cursor
        if len(self._cursors) > OPEN_CURSORS:
            _, oldest = self._cursors.popitem(last=False)
            self.database.run(f"DROP TABLE {oldest.table}")
        return self._page(name, cursor, 0, base)

    def _page(self, name: str, cursor: _Cursor, offset: int, base: str) -> str:
        one = cursor.compiled
        sql = (
            f"SELECT {one.json} FROM {cursor.table} AS found CROSS JOIN {one.base} ON t.row = found.row{one.joins} "
            "WHERE found.place > ? AND found.place <= ? ORDER BY found.place"
        )
        records = ",".join(row for (row,) in self.database.run(sql, (offset, offset + cursor.page)))
        after = offset + cursor.page
        if after >= cursor.total:
            return f'{{"totalSize":{cursor.total},"done":true,"records":[{records}]}}'
        following = f'"nextRecordsUrl":"{base}/query/{name}-{after}"'
        return f'{{"totalSize":{cursor.total},"done":false,{following},"records":[{records}]}}'


def page_size(options: str) -> int:
    """From the header `Sforce-Query-Options: batchSize=500`; between 200 and 2,000."""
    match = _BATCH.search(options)
    return PAGE if match is None else min(PAGE, max(200, int(match[1])))

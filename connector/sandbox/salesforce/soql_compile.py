"""SOQL turned into SQLite's SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from connector.sandbox.salesforce.fields import Field
from connector.sandbox.salesforce.json_sql import aggregate_json, object_json, quoted, value_json
from connector.sandbox.salesforce.schema import Sight
from connector.sandbox.salesforce.soql_columns import Column, Columns, Parent, entity_of
from connector.sandbox.salesforce.soql_filter import Filter
from connector.sandbox.salesforce.soql_tree import Call, Item, Order, Path, Query, Unanswered
from connector.sandbox.salesforce.soql_words import malformed

_NUMBER, _COUNT = Field("", "double", ""), Field("", "int", "")
GATHERS = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})
_DATE_PARTS = {
    "CALENDAR_YEAR": "CAST(substr({0}, 1, 4) AS INTEGER)",
    "CALENDAR_QUARTER": "(CAST(substr({0}, 6, 2) AS INTEGER) + 2) / 3",
    "CALENDAR_MONTH": "CAST(substr({0}, 6, 2) AS INTEGER)",
    "DAY_IN_MONTH": "CAST(substr({0}, 9, 2) AS INTEGER)",
    "DAY_ONLY": "substr({0}, 1, 10)",
}
MOST_OFFSET = 2000


@dataclass(frozen=True, slots=True)
class World:
    """What a query is asked of."""

    sight: Sight
    table: Callable[[str], str]  # an object's name → what to read it from
    today: date
    fiscal_starts: int
    url: str  # "/services/data/v66.0/sobjects"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query ready to run. Rows are found first and written out page by page afterwards."""

    entity: str
    kind: str  # records | aggregate | count
    find: str  # row numbers in order; for an aggregate the JSON rows themselves; for a count the number
    values: tuple[object, ...]
    json: str = ""  # one record as JSON, read from `base` and its `joins`
    base: str = ""
    joins: str = ""


def compile_query(query: Query, world: World, *, deleted: bool) -> Compiled:
    """Raises Refused for what the entity does not have, the types do not allow, or we do not answer."""
    return _Compiler(query, world, "t", deleted=deleted or query.all_rows).compiled()


class _Compiler:
    def __init__(
        self, query: Query, world: World, alias: str, *, deleted: bool, values: list[object] | None = None
    ) -> None:
        self.query, self.world, self.deleted = query, world, deleted
        self.entity = entity_of(world.sight, query.entity, query.text, query.entity_at)
        self.columns = Columns(world.sight, self.entity, query.text, alias, world.table)
        self.filter = Filter(
            query.text,
            self.operand,
            self.member_query,
            world.today,
            world.fiscal_starts,
            values if values is not None else [],
        )

    def compiled(self) -> Compiled:
        items = [self._answerable(each) for each in self.query.items]
        if len(items) == 1 and items[0].of == Call("COUNT", None, items[0].of.at):
            find = f"SELECT count(*) {self._tail()}"
            return Compiled(self.entity.name, "count", find, tuple(self.filter.values))
        if self.query.group or any(isinstance(each.of, Call) and each.of.name in GATHERS for each in items):
            return self._aggregate(items)
        return self._records(items)

    def _answerable(self, item: Item | Unanswered) -> Item:
        if isinstance(item, Unanswered):
            raise malformed(self.query.text, item.at, f"this stand-in does not answer {item.what}")
        return item

    # Records

    def _records(self, items: list[Item]) -> Compiled:
        paths = [path for item in items for path in self._paths(item)]
        columns = [self.columns.resolve(path) for path in paths]
        names = [_full_name(column).lower() for column in columns]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise malformed(self.query.text, paths[place].at, f"duplicate field selected: {paths[place]}")
        written = self._json(self.entity.name, quoted(self.entity.name), f'{self.columns.alias}."Id"', columns, 0)
        base, joins = self.columns.base(), self.columns.join_clause()
        self.columns.joins.clear()  # finding needs joins of its own, for WHERE and ORDER BY only
        find = f"SELECT {self.columns.alias}.row {self._tail()}{self._limit()}"
        return Compiled(self.entity.name, "records", find, tuple(self.filter.values), written, base, joins)

    def _paths(self, item: Item) -> Iterator[Path]:
        if item.alias is not None:
            raise malformed(self.query.text, item.of.at, "only aggregate expressions use field aliasing")
        if isinstance(item.of, Path):
            yield item.of
        elif item.of.name == "FIELDS" and item.of.argument is not None:
            yield from self._all_fields(str(item.of.argument).upper(), item.of.at)
        else:
            raise malformed(self.query.text, item.of.at, f"this stand-in does not answer {item.of.name.lower()}()")

    def _all_fields(self, which: str, at: int) -> Iterator[Path]:
        if which != "STANDARD" and (self.query.limit is None or self.query.limit > 200):
            reason = "The SOQL FIELDS function must have a LIMIT of at most 200"
            raise malformed(self.query.text, at, reason)
        for each in self.entity.fields.values():
            if which == "ALL" or each.custom == (which == "CUSTOM"):
                yield Path((each.name,), at)

    def _json(self, kind: str, table_sql: str, id_sql: str, columns: list[Column], depth: int) -> str:
        """The JSON of one object, its parents nested where they are first selected."""
        members: list[tuple[str, str]] = []
        done: set[str] = set()
        for column in columns:
            if len(column.parents) == depth:
                members.append((column.field.name, value_json(column.sql, column.field)))
                continue
            up: Parent = column.parents[depth]
            if up.relationship not in done:
                done.add(up.relationship)
                inner = [
                    each
                    for each in columns
                    if len(each.parents) > depth and each.parents[depth].relationship == up.relationship
                ]
                nested = self._json(up.kind, up.table_sql, up.id_sql, inner, depth + 1)
                members.append((up.relationship, f"iif({up.id_sql} IS NULL, 'null', {nested})"))
        return object_json(kind, self.world.url, table_sql, id_sql, members)

    # Aggregates

    def _aggregate(self, items: list[Item]) -> Compiled:
        groups = [self.operand(each) for each in self.query.group]
        for (_, found), each in zip(groups, self.query.group, strict=True):
            if not found.is_groupable:
                raise malformed(self.query.text, each.at, f"field '{found.name}' can not be grouped in a query call")
        grouped = [sql for sql, _ in groups]
        members, unnamed = [], 0
        for item in items:
            sql, found = self.operand(item.of)
            gathers = isinstance(item.of, Call) and item.of.name in GATHERS
            if not gathers and sql not in grouped:
                raise malformed(self.query.text, item.of.at, f"Field must be grouped or aggregated: {item.of}")
            name = item.alias
            if name is None and isinstance(item.of, Call):
                name, unnamed = f"expr{unnamed}", unnamed + 1
            members.append((name or found.name, value_json(sql, found)))
        group = f" GROUP BY {', '.join(grouped)}" if grouped else ""
        where = self._where()
        having = f" HAVING {self.filter.sql(self.query.having)}" if self.query.having else ""
        order = self._order() or (f" ORDER BY {', '.join(grouped)}" if grouped else "")
        head = f"SELECT {aggregate_json(members)} FROM {self.columns.base()}{self.columns.join_clause()}"
        find = f"{head}{where}{group}{having}{order}{self._limit()}"
        return Compiled(self.entity.name, "aggregate", find, tuple(self.filter.values))

    def operand(self, of: Path | Call) -> tuple[str, Field]:
        """A field, an aggregate or a part of a date, as SQL, with what it holds."""
        if isinstance(of, Path):
            column = self.columns.resolve(of)
            return column.sql, column.field
        if of.argument is None:
            raise malformed(self.query.text, of.at, f"unexpected token: '{of.name}'")
        column = self.columns.resolve(of.argument)
        if of.name in _DATE_PARTS and column.field.type in {"date", "datetime"}:
            kind = Field(column.field.name, "date" if of.name == "DAY_ONLY" else "int", "")
            return _DATE_PARTS[of.name].format(column.sql), kind
        if of.name not in GATHERS:
            raise malformed(self.query.text, of.at, f"this stand-in does not answer {of.name.lower()}()")
        return self._gathered(of, column)

    def _gathered(self, of: Call, column: Column) -> tuple[str, Field]:
        numeric = column.field.affinity in {"REAL", "INTEGER"} and column.field.type != "boolean"
        if not column.field.is_aggregatable or (of.name in {"SUM", "AVG"} and not numeric):
            reason = f"field {column.field.name} does not support aggregate operator {of.name}"
            raise malformed(self.query.text, of.at, reason)
        if of.name == "COUNT":
            return f"count({column.sql})", _COUNT
        if of.name == "COUNT_DISTINCT":
            return f"count(DISTINCT {column.sql})", _COUNT
        if of.name == "SUM":  # doubles are added as decimals there
            return f"round(sum({column.sql}), {column.field.scale})", _NUMBER
        return f"{of.name.lower()}({column.sql})", _NUMBER if of.name == "AVG" else column.field

    # The common tail

    def _tail(self) -> str:
        """FROM, WHERE and ORDER BY; the latter two first, because they ask for joins."""
        where, order = self._where(), self._order()
        return f"FROM {self.columns.base()}{self.columns.join_clause()}{where}{order}"

    def _where(self) -> str:
        conditions = []
        if not self.deleted and "IsDeleted" in self.entity.fields:
            conditions.append(f'{self.columns.alias}."IsDeleted" = 0')
        if not self.deleted and "IsArchived" in self.entity.fields:
            conditions.append(f'{self.columns.alias}."IsArchived" = 0')
        if self.query.where is not None:
            conditions.append(self.filter.sql(self.query.where))
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _order(self) -> str:
        keys = [self._order_key(each) for each in self.query.order]
        return f" ORDER BY {', '.join(keys)}" if keys else ""

    def _order_key(self, order: Order) -> str:
        sql, found = self.operand(order.by)
        if not found.is_filterable:
            raise malformed(self.query.text, order.by.at, f"field '{found.name}' can not be sorted in a query call")
        collate = " COLLATE NOCASE" if found.type in {"string", "combobox", "email", "url"} else ""
        direction = "DESC" if order.descending else "ASC"
        return f"{sql}{collate} {direction} NULLS {'LAST' if order.nulls_last else 'FIRST'}"

    def _limit(self) -> str:
        if self.query.offset > MOST_OFFSET:
            reason = f"Maximum SOQL offset allowed is {MOST_OFFSET}"
            raise malformed(self.query.text, self.query.entity_at, reason)
        limit = -1 if self.query.limit is None else self.query.limit
        return f" LIMIT {limit} OFFSET {self.query.offset}" if limit >= 0 or self.query.offset else ""

    def member_query(self, query: Query) -> str:
        """The query inside IN ( … ): one id field."""
        inner = _Compiler(query, self.world, f"{self.columns.alias}i", deleted=self.deleted, values=self.filter.values)
        item = query.items[0]
        if len(query.items) != 1 or not isinstance(item, Item) or not isinstance(item.of, Path):
            raise malformed(self.query.text, query.entity_at, "a semi join selects one field")
        sql, _ = inner.operand(item.of)
        return f"SELECT {sql} {inner._tail()}"


def _full_name(column: Column) -> str:
    return ".".join([*(each.relationship for each in column.parents), column.field.name])

"""Records one by one: whether conditions hold for each, and some of its fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from connector.language.expression import Expression
from connector.measure.sql import literal, quoted, table
from connector.model.catalogue import Relation

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

AT_ONCE = 10_000  # rows held in memory


@dataclass(frozen=True, slots=True)
class Fact:
    """One record as it was asked about."""

    ref: str
    name: str
    owner: str | None  # a person id
    holds: tuple[bool, ...]  # in the order of the conditions; unknown is False
    values: tuple[object, ...]  # in the order of the fields


@dataclass(frozen=True, slots=True)
class Weighty:
    """A deal that is worth a look."""

    ref: str
    name: str
    amount: int | None  # minor units


def facts(
    mirror: DuckDBPyConnection,
    relation: Relation,
    conditions: Sequence[Expression],
    fields: Sequence[str],
    *,
    chosen: Expression | None,
    as_of: date,
) -> Iterator[Fact]:
    """Every record of a relation that `chosen` chooses (None: all), by ref, in one statement."""
    holds = [f"coalesce({each.sql(as_of)}, false)" for each in conditions]
    values = [relation.fields[name].sql.replace("{today}", f"date '{as_of}'") for name in fields]
    columns = ", ".join([quoted("ref"), quoted("name"), quoted("owner"), *holds, *values])
    where = f" where {chosen.sql(as_of)}" if chosen else ""
    found = mirror.execute(f"select {columns} from {table(relation.name)}{where} order by ref")
    width = 3 + len(holds)
    while rows := found.fetchmany(AT_ONCE):
        yield from (Fact(row[0], row[1] or "", row[2], row[3:width], row[width:]) for row in rows)


def heaviest(
    mirror: DuckDBPyConnection,
    chosen: Expression | None,
    owners: Sequence[str],
    *,
    since: date,
    as_of: date,
    each: int = 3,
) -> dict[str, list[Weighty]]:
    """The largest deals of each owner that `chosen` chooses, at most `each`: open ones, and those closed since a day."""
    listed = ", ".join(literal(owner) for owner in owners)
    where = f"owner in ({listed}) and (outcome = 'open' or closed_on >= date '{since}')" if owners else "false"
    if chosen:
        where += f" and {chosen.sql(as_of)}"
    place = "row_number() over (partition by owner order by amount desc nulls last, ref)"
    sql = f"select owner, ref, name, amount from {table('deals')} where {where} qualify {place} <= {int(each)}"
    found: dict[str, list[Weighty]] = {}
    for owner, ref, name, amount in mirror.execute(f"{sql} order by owner, {place}").fetchall():
        found.setdefault(owner, []).append(Weighty(ref, name or ref, amount))
    return found

"""A dry run of every metric over the mirror: how many records a rule would choose, and words that no record carries."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from connector.errors import Place
from connector.language.expression import Expression
from connector.language.tree import Constant, Name, Node, Operation, below
from connector.measure.metric import Metric
from connector.measure.sql import table
from connector.model.catalogue import Catalogue, Type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a metric's condition chooses, in all of time."""

    metric: str
    relation: str
    chosen: int
    records: int
    strange: tuple[str, ...]  # "`stage`: no deal says 'Propsal'; did you mean 'Proposal'?"
    place: Place  # of the definition


def dry_run(
    mirror: DuckDBPyConnection, metrics: Sequence[Metric], catalogue: Catalogue, as_of: date
) -> Iterator[Chosen]:
    """Each metric over records as it is and was defined, formulas aside. A relation that the mirror has no table for is passed over."""
    known = {name for (name,) in mirror.execute("select table_name from duckdb_tables()").fetchall()}
    for metric in (each for now in metrics for each in (now, *now.before)):
        if metric.inputs or table(metric.of).strip('"') not in known:
            continue
        condition = metric.where.sql(as_of) if metric.where else "true"
        row = mirror.execute(f"select count(*) filter (where {condition}), count(*) from {table(metric.of)}").fetchone()
        chosen, records = row or (0, 0)
        strange = tuple(_strange(mirror, metric.where, catalogue)) if metric.where else ()
        yield Chosen(metric.name, metric.of, chosen, records, strange, metric.place)


def _strange(mirror: DuckDBPyConnection, where: Expression, catalogue: Catalogue) -> Iterator[str]:
    """Words compared with a choice that no record carries."""
    relation = catalogue.relations[where.relation]
    for name, words in _compared(where):
        field = relation.fields.get(name)
        if field is None or field.type is not Type.CHOICE:
            continue
        said = [
            str(value)
            for (value,) in mirror.execute(
                f"select distinct {field.sql} from {table(where.relation)} where {field.sql} is not null limit 2000"
            ).fetchall()
        ]
        for word in words:
            if said and word not in said and word not in field.choices:
                near = difflib.get_close_matches(word, said, 1)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                yield f"`{name}` is never `{word}`{hint}"


def _compared(where: Expression) -> Iterator[tuple[str, list[str]]]:
    """Each field that is compared with words, and the words: `stage = 'x'`, `stage in ('x', 'y')`."""
    waiting: list[Node] = [where.tree]
    while waiting:
        node = waiting.pop()
        waiting += below(node)
        if isinstance(node, Operation) and node.word in ("=", "<>", "in"):
            names = [each.name for each in node.operands if isinstance(each, Name)]
            words = [each.value for each in node.operands if isinstance(each, Constant)]
            if len(names) == 1:
                yield names[0], [word for word in words if isinstance(word, str)]

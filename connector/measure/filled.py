"""How often the fields that a metric is made of are filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connector.measure.metric import Metric
from connector.measure.sql import quoted, table
from connector.model.calendar import Period
from connector.model.catalogue import Relation

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


def filled(mirror: DuckDBPyConnection, metric: Metric, relation: Relation, period: Period) -> Mapping[str, float]:
    """The share of a period's records in which each field of the metric has a value, 0 to 1; empty without records.

    Of a metric of records: those that its condition looks at, and those that it adds up or counts.
    """
    if metric.date is None or metric.inputs:
        return {}
    expressions = [metric.where, *(part for each in metric.measure.aggregates for part in (each.value, each.condition))]
    names = sorted({name for each in expressions if each for name in each.fields if relation.fields[name].nullable})
    if not names:
        return {}
    day = f"date '{period.last_day}'"
    columns = ", ".join(f"count({relation.fields[name].sql.replace('{today}', day)})" for name in names)
    row = mirror.execute(
        f"select count(*), {columns} from {table(relation.name)} where {quoted(metric.date)} between ? and ?",
        [period.starts_on, period.last_day],
    ).fetchone()
    if row is None or not row[0]:
        return {}
    return {name: count / row[0] for name, count in zip(names, row[1:], strict=True)}

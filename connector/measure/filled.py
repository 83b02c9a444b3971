"""How often the fields that a metric is made of are filled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from connector.language.expression import Expression
from connector.measure.lines import PERIOD
from connector.measure.metric import Metric
from connector.measure.sql import quoted, table
from connector.model.calendar import Period
from connector.model.catalogue import Relation

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


def filled(mirror: DuckDBPyConnection, metric: Metric, relation: Relation, period: Period) -> Mapping[str, float]:
    """The share of records in which each field of the metric has a value, 0 to 1; a field that no record needs is absent.

    Records of a period that the metric may look at: what a condition rules out needs no value. One that is undecided
    (its fields are empty) is not ruled out.
    """
    if metric.date is None or metric.inputs:
        return {}
    needed = {name: where for name, where in _needed(metric, period.last_day).items() if relation.fields[name].nullable}
    if not needed:
        return {}
    day = f"date '{period.last_day}'"
    columns = ", ".join(
        f"count(*) filter ({where}), count({relation.fields[name].sql.replace('{today}', day)}) filter ({where})"
        for name, where in needed.items()
    )
    dated = quoted("starts_on" if metric.date == PERIOD else metric.date)
    row = mirror.execute(
        f"select {columns} from {table(relation.name)} where {dated} between ? and ?",
        [period.starts_on, period.last_day],
    ).fetchone()
    if row is None:
        return {}
    pairs = zip(row[::2], row[1::2], strict=True)
    return {name: has / many for name, (many, has) in zip(needed, pairs, strict=True) if many}


def _needed(metric: Metric, today: date) -> Mapping[str, str]:
    """The fields that a metric is made of, each with the records that it is needed in, as SQL."""
    chosen = _open(today, metric.where)
    found: dict[str, dict[str, None]] = {}
    uses = [(metric.where, chosen)]
    for each in metric.measure.aggregates:
        uses += [(each.condition, chosen), (each.value, _open(today, metric.where, each.condition))]
    for used, where in uses:
        for name in used.fields if used else ():
            found.setdefault(name, {})[where] = None
    return {name: " or ".join(f"({each})" for each in found[name]) for name in sorted(found)}


def _open(today: date, *conditions: Expression | None) -> str:
    """Whether no condition rules a record out."""
    return " and ".join(f"({each.sql(today)}) is distinct from false" for each in conditions if each) or "true"

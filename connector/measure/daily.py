"""What the company reached on each day: how periods filled up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.measure.compile import scans
from connector.measure.lines import Scan
from connector.measure.metric import Metric
from connector.model.calendar import Period

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


def daily(
    mirror: DuckDBPyConnection, metrics: Sequence[Metric], span: Period, as_of: date
) -> Mapping[str, Mapping[date, Decimal]]:
    """Per metric, the company's number of each day of a stretch on which there was any.

    Only for metrics that build up over records of days; a formula, and what has rows per period, is passed over. Something
    counted once (an account with two wins) counts on each of its days.
    """
    found: dict[str, dict[date, Decimal]] = {}
    for group in scans([each for each in metrics if each.accumulates and not each.inputs]):
        scan = Scan.of(group, as_of, [span])
        if scan.period:
            continue
        for metric in group:
            rows = mirror.execute(_sql(scan, metric)).fetchall()
            numbers = {row[0]: metric.measure.combine([_decimal(each) for each in row[1:]]).value for row in rows}
            found[metric.name] = {day: value for day, value in numbers.items() if value is not None}
    return found


def _sql(scan: Scan, metric: Metric) -> str:
    """Every record once, whoever it is credited to."""
    columns = []
    for each in metric.measure.aggregates:
        met = scan.wanted(metric) + (f" and {scan.condition(each)}" if each.condition else "")
        function = {"count_if": "count", "sum_if": "sum"}.get(each.function, each.function)
        value = scan.value(each) or "*"
        what = f"distinct {value}" if function == "count_distinct" else value
        columns.append(f"{function.removesuffix('_distinct')}({what}) filter ({met})")
    return f"with {scan.ctes()} select _day, {', '.join(columns)} from picked group by _day"


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))

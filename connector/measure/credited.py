"""What each record brings to a number that adds up record by record, for everybody it counts for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.measure.compile import weighs
from connector.measure.crediting import WHOLE
from connector.measure.evidence import called
from connector.measure.lines import Scan
from connector.measure.metric import Metric
from connector.measure.seating import sits_twice
from connector.model.calendar import Period
from connector.model.results import Subject

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

_ONE_BY_ONE = frozenset({"sum", "sum_if", "count", "count_if"})


@dataclass(frozen=True, slots=True)
class Credited:
    """What a record brings to a person's, a unit's or the company's number, in the metric's unit; never nothing."""

    subject: Subject
    ref: str
    name: str
    happened_on: date
    amount: Decimal  # minor units where it is money


def one_by_one(metric: Metric) -> bool:
    """Whether the number is the sum of what each record brings to it."""
    functions = {each.function for each in metric.measure.aggregates}
    return metric.accumulates and not metric.inputs and functions <= _ONE_BY_ONE


def credited(
    mirror: DuckDBPyConnection, metric: Metric, period: Period, levels: Sequence[str], as_of: date
) -> Iterator[Credited]:
    """All of them, by the definition in force when the period began; they add up to what `measure` says.

    Of a record whose value is unknown, whose condition is not met, or whose credit is refused, nothing is said. None
    where that definition does not add up record by record.
    """
    standing = metric.on(period.starts_on)
    if standing is None or not one_by_one(standing):
        return
    scan = Scan.of([standing], as_of, [period], besides=sits_twice(mirror, levels))
    parts = [_part(scan, standing, at) for at in range(len(standing.measure.aggregates))]
    columns = ", ".join(sql for sql, _ in parts)
    rows = mirror.execute(
        f"with {scan.ctes()}, lines as ({scan.lines(levels)}) "
        f"select l.kind, l.subject, l._ref, {called(standing)}, l._day, {columns} from lines l "
        f"join {scan.source} r on r.ref = l._ref where l._ok and l.{scan.wanted(standing)} "
        "order by l.kind, l.subject, l._day, l._ref"
    ).fetchall()
    for kind, subject, ref, name, day, *values in rows:
        brought = [Decimal(value or 0) / of for value, (_, of) in zip(values, parts, strict=True)]
        amount = standing.measure.combine(brought).value
        if amount:
            yield Credited(Subject(kind, subject), ref, name, day, amount)


def _part(scan: Scan, metric: Metric, at: int) -> tuple[str, int]:
    """What a line brings to one aggregate, in so many parts of one: weighed as where lines are added up."""
    aggregate, of = metric.measure.aggregates[at], 1
    if not aggregate.value:
        worth, of = ("l._share", WHOLE) if metric.weighted else ("1", 1)
    elif not weighs(metric):
        worth = f"l.{scan.value(aggregate)}"
    elif scan.is_money(aggregate):
        worth = f"l.{scan.credited(aggregate)}"
    else:
        worth, of = f"l.{scan.value(aggregate)} * l._share::decimal(7, 0)", WHOLE
    return (f"case when l.{scan.condition(aggregate)} then {worth} end" if aggregate.condition else worth), of

"""Metrics of one relation, date and credit in; the SQL that measures them in one scan out.

Every record that at least one metric wants is picked once, with one flag per metric and one column per value.
A record credited to one person alone is counted per person and day first, and those partial sums are rolled up
to units, the company and periods; records that are shared, overlaid or refused are few, and laid out line by
line. Numbers that cannot be added up from parts (medians, distinct counts) are taken from the lines themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from connector.language.expression import Aggregate
from connector.measure.lines import Scan, literal, quoted
from connector.measure.metric import Metric
from connector.model.calendar import Period


@dataclass(frozen=True, slots=True)
class Cell:
    """Where an aggregate's value stands in a result row, and how it is read.

    `at` counts the result columns after kind, subject and period; `over` is the column it is divided by,
    once, in Decimal; `millionths` says that it was weighed, and counts in millionths.
    """

    at: int
    over: int | None = None
    millionths: bool = False
    holistic: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A metric's place in the result rows."""

    metric: Metric
    records: int
    left_out: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """One scan, compiled: a statement that adds up, and one for what does not add up (empty: none is needed)."""

    slots: tuple[Slot, ...]
    additive: str
    holistic: str


@dataclass(slots=True)
class _Columns:
    """Result columns as they are collected, each expression once."""

    sql: list[str] = field(default_factory=list)

    def add(self, sql: str) -> int:
        if sql not in self.sql:
            self.sql.append(sql)
        return self.sql.index(sql)

    def named(self, prefix: str) -> list[tuple[str, str]]:
        return [(f"{prefix}{at}", sql) for at, sql in enumerate(self.sql)]


def scans(metrics: Sequence[Metric]) -> list[tuple[Metric, ...]]:
    """Metrics that can share a scan, together: one relation, one date, one way to credit. Formulas are left out."""
    groups: dict[tuple[str, str | None, str], list[Metric]] = {}
    for metric in metrics:
        if not metric.inputs:
            groups.setdefault((metric.of, metric.date, metric.credit), []).append(metric)
    return [tuple(each) for each in groups.values()]


def weighs(metric: Metric) -> bool:
    """Whether its sums of money count by share: money that is added up, not divided by anything."""
    return metric.weighted or (metric.is_money and metric.accumulates)


def compile_scan(metrics: Sequence[Metric], periods: Sequence[Period], levels: Sequence[str], as_of: date) -> Compiled:
    """The statements that measure all of them at once, for every subject and period.

    Result columns: kind, subject, period, then the cells'. A subject with no record has no row.
    """
    scan = Scan.of(metrics, as_of, min(each.starts_on for each in periods), max(each.ends_before for each in periods))
    sums, others = _Columns(), _Columns()
    slots = tuple(_slot(scan, metric, sums, others) for metric in metrics)
    asked = _asked(periods)
    additive = _additive(scan, sums.named("_a"), levels, asked)
    holistic = _holistic(scan, others.named("_h"), levels, asked) if others.sql else ""
    return Compiled(slots, additive, holistic)


def _slot(scan: Scan, metric: Metric, sums: _Columns, others: _Columns) -> Slot:
    wanted, countable = scan.wanted(metric), scan.countable(metric)
    counted = f"{wanted} and _ok" + (f" and {countable}" if countable else "")
    # Where every record that is chosen is counted, nothing has to be looked for.
    left_out = f"count(*) filter ({wanted} and not ({counted}))" if countable or scan.refuses else "0"
    return Slot(
        metric,
        sums.add(f"count(*) filter ({counted})"),
        sums.add(left_out),
        tuple(_cell(scan, metric, each, sums, others) for each in metric.measure.aggregates),
    )


def _cell(scan: Scan, metric: Metric, aggregate: Aggregate, sums: _Columns, others: _Columns) -> Cell:
    """One aggregate as columns; a median or a distinct count never weighs."""
    met = f"{scan.wanted(metric)} and _ok" + (f" and {scan.condition(aggregate)}" if aggregate.condition else "")
    value = scan.value(aggregate)
    match aggregate.function:
        case "count" | "count_if":
            if metric.weighted:
                return Cell(sums.add(f"coalesce(sum(_share) filter ({met}), 0)"), millionths=True)
            return Cell(sums.add(f"count(*) filter ({met})"))
        case "sum" | "sum_if":
            at, millionths = _sum(scan, metric, aggregate, met, sums)
            return Cell(at, millionths=millionths)
        case "avg":
            at, millionths = _sum(scan, metric, aggregate, met, sums)
            if metric.weighted:
                return Cell(at, sums.add(f"sum(_share) filter ({met} and {value} is not null)"), not millionths)
            return Cell(at, sums.add(f"count(*) filter ({met} and {value} is not null)"))
        case "count_distinct":
            return Cell(others.add(f"count(distinct {value}) filter ({met})"), holistic=True)
        case "median" | "min" | "max" as function:
            return Cell(others.add(f"{function}({value}) filter ({met})"), holistic=True)
    raise ValueError(f"{metric.place}: `{aggregate.function}` cannot be measured")


def _sum(scan: Scan, metric: Metric, aggregate: Aggregate, met: str, sums: _Columns) -> tuple[int, bool]:
    """A sum's column, and whether it is in millionths. Money weighs to the minor unit, by largest remainder."""
    if not weighs(metric):
        return sums.add(f"sum({scan.value(aggregate)}) filter ({met})"), False
    if scan.is_money(aggregate):
        return sums.add(f"sum({scan.credited(aggregate)}) filter ({met})"), False
    return sums.add(f"sum({scan.value(aggregate)} * _share::decimal(7, 0)) filter ({met})"), True


def _asked(periods: Sequence[Period]) -> str:
    rows = ", ".join(f"({literal(each.id)}, date '{each.starts_on}', date '{each.ends_before}')" for each in periods)
    return f"asked(period, lower, upper) as (values {rows})"


def _additive(scan: Scan, columns: Sequence[tuple[str, str]], levels: Sequence[str], asked: str) -> str:
    """Partial sums per person and day, rolled up."""
    computed = ", ".join(f"{sql} as {name}" for name, sql in columns)
    names = ", ".join(name for name, _ in columns)
    parts = [
        f"select 'person' as kind, _person as subject, _day, {names} from partial where _person is not null",
        f"select 'company', 'company', _day, {names} from partial",
    ]
    for level in levels:
        unit = f"r.{quoted(level)}"
        parts.append(
            f"select {literal(level)}, {unit}, _day, {names} from partial join roster r on r.person = _person "
            f"and _day >= r.starts_on and _day < r.ends_before where {unit} is not null"
        )
    parts += [
        f"select kind, subject, _day, {computed} from ({lines}) group by kind, subject, _day"
        for lines in scan.special_lines(levels)
    ]
    rolled = ", ".join(f"sum({name}) as {name}" for name, _ in columns)
    return (
        f"with {scan.ctes()}, {asked}, "
        f"partial as materialized (select _person, _day, {computed} from alone group by _person, _day), "
        f"parts as ({' union all '.join(parts)}) "
        f"select kind, subject, period, {rolled} from parts join asked on _day >= lower and _day < upper "
        "group by kind, subject, period"
    )


def _holistic(scan: Scan, columns: Sequence[tuple[str, str]], levels: Sequence[str], asked: str) -> str:
    """Numbers that need every line."""
    computed = ", ".join(f"{sql} as {name}" for name, sql in columns)
    return (
        f"with {scan.ctes()}, {asked}, lines as ({scan.lines(levels)}) "
        f"select kind, subject, period, {computed} from lines join asked on _day >= lower and _day < upper "
        "group by kind, subject, period"
    )

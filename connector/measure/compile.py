"""Metrics of one relation, date and credit in; the SQL that measures them in one scan out.

Every record that at least one metric wants is picked once, with one flag per metric and one column per value.
A record credited to one person alone is counted per person and day first, and those partial sums are rolled up
to units, the company and periods; records that are shared, overlaid or refused are few, and laid out line by
line. Numbers that cannot be added up from parts (medians, distinct counts) are gathered from the lines themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connector.language.expression import Aggregate
from connector.measure.lines import Scan
from connector.measure.metric import Metric
from connector.measure.seating import besides, named_subjects, seats, subjects
from connector.measure.sql import literal, quoted
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


@dataclass(frozen=True, slots=True)
class Slot:
    """A metric's place in the result rows."""

    metric: Metric
    records: int
    left_out: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """One scan, compiled to a statement."""

    slots: tuple[Slot, ...]
    sql: str


@dataclass(slots=True)
class _Columns:
    """Result columns as they are collected, each expression once."""

    sql: list[str] = field(default_factory=list)
    unsummed: dict[str, str] = field(default_factory=dict)  # those that do not add up, and the flag of their metric
    distinct: dict[str, tuple[str, str]] = field(default_factory=dict)  # value and condition of those counted once each

    def add(self, sql: str) -> int:
        if sql not in self.sql:
            self.sql.append(sql)
        return self.sql.index(sql)

    def gather(self, sql: str, wanted: str) -> int:
        """A column that needs every line of its metric."""
        self.unsummed[sql] = wanted
        return self.add(sql)

    def tell_apart(self, value: str, met: str) -> int:
        """A column that counts each different value once."""
        sql = f"count(distinct {value}) filter ({met})"
        self.distinct[sql] = value, met
        return self.add(sql)

    @property
    def names(self) -> list[str]:
        return [f"_c{at}" for at in range(len(self.sql))]

    def computed(self, *, sums: bool) -> dict[str, str]:
        """Names and expressions of the columns that add up, or of those that do not."""
        named = zip(self.names, self.sql, strict=True)
        return {name: sql for name, sql in named if sql not in self.distinct and (sql not in self.unsummed) is sums}

    @property
    def told_apart(self) -> dict[str, tuple[str, str]]:
        """Names of the columns that count different values, each with its value and condition."""
        return {
            name: self.distinct[sql] for name, sql in zip(self.names, self.sql, strict=True) if sql in self.distinct
        }

    def selected(self) -> str:
        """All of them, in order; who has no value to tell apart has none."""
        apart = self.told_apart
        return ", ".join(f"coalesce({name}, 0) as {name}" if name in apart else name for name in self.names)


def scans(metrics: Sequence[Metric]) -> list[tuple[Metric, ...]]:
    """Metrics that can share a scan, together: one relation, one date, one way to credit. Formulas are left out."""
    groups: dict[tuple[str, str | None, str], list[Metric]] = {}
    for metric in metrics:
        if not metric.inputs:
            groups.setdefault((metric.of, metric.date, metric.credited_by), []).append(metric)
    return [tuple(each) for each in groups.values()]


def weighs(metric: Metric) -> bool:
    """Whether its sums of money count by share: money that is added up, not divided by anything."""
    return metric.weighted or (metric.is_money and metric.accumulates)


def compile_scan(
    metrics: Sequence[Metric], periods: Sequence[Period], levels: Sequence[str], as_of: date, *, besides: bool = False
) -> Compiled:
    """The statement that measures all of them at once, for every subject and period.

    Result columns: kind, subject, period, then the cells'. A subject with no record has no row. `besides` says that
    the mirror's `memberships` have rows.
    """
    scan = Scan.of(metrics, as_of, periods, besides=besides)
    columns = _Columns()
    slots = tuple(_slot(scan, metric, columns) for metric in metrics)
    ctes = [scan.ctes(), _asked(periods), *_added(scan, columns.computed(sums=True), levels, periods)]
    rows = "added"
    if columns.unsummed:
        ctes.append(_gathered(scan, columns, levels))
        rows += " left join gathered using (kind, subject, period)"
    for name, (value, met) in columns.told_apart.items():
        ctes += _told_apart(scan, name, value, met, levels, periods)
        rows += f" left join apart{name} using (kind, subject, period)"
    return Compiled(slots, f"with {', '.join(ctes)} select kind, subject, period, {columns.selected()} from {rows}")


def _slot(scan: Scan, metric: Metric, columns: _Columns) -> Slot:
    wanted, countable = scan.wanted(metric), scan.countable(metric)
    counted = f"{wanted} and _ok" + (f" and {countable}" if countable else "")
    # Where every record that is chosen is counted, nothing has to be looked for.
    left_out = f"count(*) filter ({wanted} and not ({counted}))" if countable or scan.shared else "0"
    return Slot(
        metric,
        columns.add(f"count(*) filter ({counted})"),
        columns.add(left_out),
        tuple(_cell(scan, metric, each, columns) for each in metric.measure.aggregates),
    )


def _cell(scan: Scan, metric: Metric, aggregate: Aggregate, columns: _Columns) -> Cell:
    """One aggregate as columns; a median or a distinct count never weighs."""
    met = f"{scan.wanted(metric)} and _ok" + (f" and {scan.condition(aggregate)}" if aggregate.condition else "")
    value = scan.value(aggregate)
    match aggregate.function:
        case "count" | "count_if":
            if metric.weighted:
                return Cell(columns.add(f"coalesce(sum(_share) filter ({met}), 0)"), millionths=True)
            return Cell(columns.add(f"count(*) filter ({met})"))
        case "sum" | "sum_if":
            at, millionths = _sum(scan, metric, aggregate, met, columns)
            return Cell(at, millionths=millionths)
        case "avg" | "avg_if":
            at, millionths = _sum(scan, metric, aggregate, met, columns)
            if metric.weighted:
                return Cell(at, columns.add(f"sum(_share) filter ({met} and {value} is not null)"), not millionths)
            return Cell(at, columns.add(f"count(*) filter ({met} and {value} is not null)"))
        case "count_distinct":
            return Cell(columns.tell_apart(value, met))
        case "median" | "min" | "max" as function:
            return Cell(columns.gather(f"{function}({value}) filter ({met})", scan.wanted(metric)))
        case "percentile":
            sql = f"round(quantile_cont({value}::double, {aggregate.share:f}) filter ({met}), 6)"
            return Cell(columns.gather(sql, scan.wanted(metric)))
    raise ValueError(f"{metric.place}: `{aggregate.function}` cannot be measured")


def _sum(scan: Scan, metric: Metric, aggregate: Aggregate, met: str, columns: _Columns) -> tuple[int, bool]:
    """A sum's column, and whether it is in millionths. Money weighs to the minor unit, by largest remainder."""
    if not weighs(metric):
        return columns.add(f"sum({scan.value(aggregate)}) filter ({met})"), False
    if scan.is_money(aggregate):
        return columns.add(f"sum({scan.credited(aggregate)}) filter ({met})"), False
    return columns.add(f"sum({scan.value(aggregate)} * _share::decimal(7, 0)) filter ({met})"), True


def _asked(periods: Sequence[Period]) -> str:
    rows = ", ".join(f"({literal(each.id)}, date '{each.starts_on}', date '{each.ends_before}')" for each in periods)
    return f"asked(period, lower, upper) as (values {rows})"


def _since(periods: Sequence[Period]) -> str:
    """The last day up to `_day` on which a period starts or ends: days that share it are in the same periods."""
    bounds = sorted({day for each in periods for day in (each.starts_on, each.ends_before)}, reverse=True)
    cases = " ".join(f"when _day >= date '{day}' then date '{day}'" for day in bounds)
    return f"case {cases} end"


def _added(scan: Scan, columns: Mapping[str, str], levels: Sequence[str], periods: Sequence[Period]) -> list[str]:
    """Partial sums per person and day, then per seat and stretch of days, at last rolled up to `added`.

    Each step leaves few rows for the dearer one after it: finding the seat, and laying out subjects and periods.
    """
    computed = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    names, summed = ", ".join(columns), ", ".join(f"sum({name}) as {name}" for name in columns)
    since = _since(periods)
    placed = scan.seated(levels)
    places = "".join(f", r.{quoted(level)}" for level in placed)
    parts = [f"select {subjects(placed, of='seated')}, _since, {names} from seated"]
    if scan.besides and placed:
        more = f"select m.level as kind, m.unit as subject, {since} as _since, {names} from daily {besides(placed)}"
        parts.append(more)
    parts += [
        f"select kind, subject, {since} as _since, {computed} from ({lines}) group by kind, subject, _since"
        for lines in scan.special_lines(levels)
    ]
    return [
        f"daily as (select _person, _day, {computed} from alone group by _person, _day)",
        (
            f"seated as (select _person{places}, {since} as _since, {summed} from daily {seats(placed)} "
            f"group by _person{places}, _since)"
        ),
        f"parts as ({' union all '.join(parts)})",
        (
            f"added as (select kind, subject, period, {summed} from parts join asked on _since >= lower "
            "and _since < upper where subject is not null group by kind, subject, period)"
        ),
    ]


def _told_apart(  # noqa: PLR0917
    scan: Scan, name: str, value: str, met: str, levels: Sequence[str], periods: Sequence[Period]
) -> list[str]:
    """How many different values: each kept once per seat and stretch of days, then told apart kind by kind.

    Laid out for every kind at once, there would be four times as many rows to tell apart.
    """
    since = _since(periods)
    placed = scan.seated(levels)
    places = "".join(f", r.{quoted(level)}" for level in placed)
    within = "join asked on _since >= lower and _since < upper"
    ctes = [
        (
            f"seats{name} as (select distinct _person{places}, {since} as _since, {value} as _value "
            f"from alone {seats(placed)} where {met} and {value} is not null)"
        ),
        f"when{name} as (select seats{name}.*, period from seats{name} {within})",
    ]
    more = ""
    if special := scan.special_lines(levels):
        lines = [
            f"select kind, subject, {since} as _since, {value} as _value from ({each}) where {met}" for each in special
        ]
        ctes.append(f"more{name} as (select kind, subject, period, _value from ({' union all '.join(lines)}) {within})")
        more = f" union all select subject, period, _value from more{name} where kind = "
    told = [
        f"select {literal(kind)} as kind, subject, period, count(distinct _value) as {name} "
        f"from (select {place} as subject, period, _value from when{name}{more and more + literal(kind)}) "
        "where subject is not null group by subject, period"
        for kind, place in (
            named_subjects(placed, of=f"when{name}") | {each: "null::varchar" for each in levels if each not in placed}
        ).items()
    ]
    return [*ctes, f"apart{name} as ({' union all '.join(told)})"]


def _gathered(scan: Scan, columns: _Columns, levels: Sequence[str]) -> str:
    """Numbers that need every line."""
    computed = ", ".join(f"{sql} as {name}" for name, sql in columns.computed(sums=False).items())
    wanted = " or ".join(dict.fromkeys(columns.unsummed.values()))
    return (
        f"gathered as (select kind, subject, period, {computed} from ({scan.lines(levels)}) "
        f"join asked on _day >= lower and _day < upper where {wanted} group by kind, subject, period)"
    )

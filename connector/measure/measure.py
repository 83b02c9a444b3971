"""Measure many metrics for everybody at once: people, units and the company."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.measure.compile import Cell, Slot, compile_scan, scans
from connector.measure.metric import Metric
from connector.model.calendar import Period
from connector.model.results import COMPANY, Measurement, Subject

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

Key = tuple[str, Subject, str]  # metric name, subject, period id


@dataclass(frozen=True, slots=True)
class Measurements:
    """Every number that was measured, by metric, subject and period."""

    values: Mapping[Key, Measurement] = field(default_factory=dict)

    def get(self, metric: str, subject: Subject, period: str) -> Measurement | None:
        """The measurement; None: there was nothing to measure."""
        return self.values.get((metric, subject, period))

    def __getitem__(self, key: Key) -> Measurement:
        return self.values[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)


def measure(
    mirror: DuckDBPyConnection, metrics: Sequence[Metric], periods: Sequence[Period], levels: Sequence[str], as_of: date
) -> Measurements:
    """Measure every metric for every person, unit of a level and the company, in each period.

    A person or unit with nothing to measure is absent, not zero; the company always has an entry. A record that
    nobody we know is credited with counts for the company alone. A unit is who sat in it on the record's day.
    A formula needs its inputs among `metrics`. Raises KeyError where one is missing.
    """
    found: dict[Key, Measurement] = {}
    if periods:
        for group in scans(metrics):
            found.update(_scanned(mirror, group, periods, levels, as_of))
        by_name = {each.name: each for each in metrics}
        for metric in metrics:
            if metric.inputs:
                found.update(_computed(metric, by_name, found, periods))
    return Measurements(found)


def _scanned(
    mirror: DuckDBPyConnection, metrics: Sequence[Metric], periods: Sequence[Period], levels: Sequence[str], as_of: date
) -> dict[Key, Measurement]:
    compiled = compile_scan(metrics, periods, levels, as_of)
    rows = mirror.execute(compiled.sql).fetchall()
    found: dict[Key, Measurement] = {
        (slot.metric.name, COMPANY, period.id): _nothing(slot.metric) for slot in compiled.slots for period in periods
    }
    subjects: dict[tuple[str, str], Subject] = {}
    for row in rows:
        kind, name, period = row[:3]
        subject = subjects.get((kind, name)) or subjects.setdefault((kind, name), Subject(kind, name))
        for slot in compiled.slots:
            if row[3 + slot.records] or row[3 + slot.left_out]:
                found[slot.metric.name, subject, period] = _read(slot, row[3:])
    return found


def _read(slot: Slot, row: tuple[Any, ...]) -> Measurement:
    values = [_number(cell, row) for cell in slot.cells]
    quotient = slot.metric.measure.combine(values)
    return Measurement(
        quotient.value, slot.metric.unit, quotient.top, quotient.bottom, int(row[slot.records]), int(row[slot.left_out])
    )


def _number(cell: Cell, row: tuple[Any, ...]) -> Decimal | None:
    """A cell's value in Decimal: divided once, after everything is added up."""
    raw = row[cell.at]
    if raw is None:
        return None
    value = Decimal(str(raw)) if isinstance(raw, float) else Decimal(raw)
    if cell.over is not None:
        below = row[cell.over]
        value = value / (Decimal(below) / 1_000_000 if cell.millionths else Decimal(below))
    elif cell.millionths:
        value = value / 1_000_000
    return value


def _nothing(metric: Metric) -> Measurement:
    """What a metric says of no records: a count is 0, a sum is unknown."""
    counts = ("count", "count_if", "count_distinct")
    empty = [Decimal(0) if each.function in counts else None for each in metric.measure.aggregates]
    quotient = metric.measure.combine(empty)
    return Measurement(quotient.value, metric.unit, quotient.top, quotient.bottom)


def _computed(
    metric: Metric, by_name: Mapping[str, Metric], found: dict[Key, Measurement], periods: Sequence[Period]
) -> dict[Key, Measurement]:
    """A formula, for every subject that has at least one of its inputs; inputs that are formulas come first."""
    for name in metric.inputs:
        if by_name[name].inputs and (name, COMPANY, periods[0].id) not in found:
            found.update(_computed(by_name[name], by_name, found, periods))
    wanted = set(metric.inputs)
    return {
        (metric.name, subject, period): _combined(metric, by_name, found, subject, period)
        for _, subject, period in [key for key in found if key[0] in wanted]
    }


def _combined(
    metric: Metric, by_name: Mapping[str, Metric], found: Mapping[Key, Measurement], subject: Subject, period: str
) -> Measurement:
    inputs = [found.get((name, subject, period)) or _nothing(by_name[name]) for name in metric.inputs]
    quotient = metric.measure.combine([each.value for each in inputs])
    return Measurement(
        quotient.value,
        metric.unit,
        quotient.top,
        quotient.bottom,
        max(each.records for each in inputs),
        max(each.left_out for each in inputs),
    )

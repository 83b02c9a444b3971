"""Measure many metrics for everybody at once: people, units and the company."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.measure.compile import Cell, Slot, compile_scan, scans
from connector.measure.formulas import Key, computed, in_force, measured, nothing
from connector.measure.lines import PERIOD
from connector.measure.metric import Metric
from connector.measure.seating import sits_twice
from connector.model.calendar import Period
from connector.model.periods import AIMED
from connector.model.results import COMPANY, Measurement, Subject

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


@dataclass(frozen=True, slots=True)
class Measurements:
    """Every number that was measured, by metric, subject and period; and what has none in a period, and why."""

    values: Mapping[Key, Measurement] = field(default_factory=dict)
    undefined: Mapping[tuple[str, str], Measurement] = field(default_factory=dict)  # by metric and period

    def get(self, metric: str, subject: Subject, period: str) -> Measurement | None:
        """The measurement, for anybody where the metric was not defined yet; None: there was nothing to measure."""
        return self.values.get((metric, subject, period)) or self.undefined.get((metric, period))

    def __getitem__(self, key: Key) -> Measurement:
        return self.values[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)


def measure(
    mirror: DuckDBPyConnection,
    metrics: Sequence[Metric],
    periods: Sequence[Period],
    levels: Sequence[str],
    as_of: date,
    *,
    targets: Mapping[Key, Decimal] | None = None,
) -> Measurements:
    """Measure every metric for every person, unit of a level and the company, in each period.

    A person or unit with nothing to measure is absent, not zero; the company always has an entry. A record that
    nobody we know is credited with counts for the company alone. A unit is who sat in it on the record's day.
    A formula needs its inputs among `metrics`, and is unknown where a target that it names is not among `targets`.
    Each period uses the definitions in force on its first day. Raises KeyError where a metric is missing.
    """
    found: dict[Key, Measurement] = {}
    undefined: dict[tuple[str, str], Measurement] = {}
    for together, standing in _by_definition(metrics, periods):
        part: dict[Key, Measurement] = {}
        for group in scans(standing):
            part |= _grouped(mirror, group, together, levels, as_of)
        found |= part | computed(standing, part, targets or {}, [each.id for each in together])
        names = {each.name for each in standing}
        missing = [each for each in metrics if each.name not in names]
        undefined |= {(each.name, period.id): _not_yet(each) for each in missing for period in together}
    found |= {(name, COMPANY, period): each for (name, period), each in undefined.items()}
    return Measurements(found, undefined)


def _by_definition(metrics: Sequence[Metric], periods: Sequence[Period]) -> list[tuple[list[Period], list[Metric]]]:
    """Periods that share all definitions, together."""
    groups: dict[tuple[int, ...], tuple[list[Period], list[Metric]]] = {}
    for period in periods:
        standing = in_force(metrics, period.starts_on)
        groups.setdefault(tuple(map(id, standing)), ([], standing))[0].append(period)
    return list(groups.values())


def _not_yet(metric: Metric) -> Measurement:
    """What anybody has of a metric that was not defined yet, or whose formula names one that was not."""
    first = (metric, *metric.before)[-1].effective
    reason = f"defined since {first}" if first else "made of a metric that was not defined yet"
    return Measurement(None, metric.unit, reason=reason)


def _grouped(
    mirror: DuckDBPyConnection, group: Sequence[Metric], periods: Sequence[Period], levels: Sequence[str], as_of: date
) -> dict[Key, Measurement]:
    """The metrics of one scan; a relation with rows per period is read a period at a time."""
    if group[0].date != PERIOD:
        return _scanned(mirror, group, periods, levels, as_of)
    found: dict[Key, Measurement] = {}
    for period in periods:
        if period.grain in AIMED:
            found |= _scanned(mirror, group, [period], levels, as_of)
        else:
            found |= {(each.name, COMPANY, period.id): _never_kept(each, period) for each in group}
    return found


def _never_kept(metric: Metric, period: Period) -> Measurement:
    """What a metric with records per period says of a period that has none."""
    return Measurement(None, metric.unit, reason=f"{metric.of} has no {period.grain} periods")


def _scanned(
    mirror: DuckDBPyConnection, metrics: Sequence[Metric], periods: Sequence[Period], levels: Sequence[str], as_of: date
) -> dict[Key, Measurement]:
    compiled = compile_scan(metrics, periods, levels, as_of, besides=sits_twice(mirror, levels))
    rows = mirror.execute(compiled.sql).fetchall()
    found: dict[Key, Measurement] = {
        (slot.metric.name, COMPANY, period.id): nothing(slot.metric) for slot in compiled.slots for period in periods
    }
    subjects: dict[tuple[str, str], Subject] = {}
    for kind, name, period, *cells in rows:
        subject = subjects.get((kind, name)) or subjects.setdefault((kind, name), Subject(kind, name))
        for slot in compiled.slots:
            if cells[slot.records] or cells[slot.left_out]:
                found[slot.metric.name, subject, period] = _read(slot, cells)
    return found


def _read(slot: Slot, row: Sequence[Any]) -> Measurement:
    values = [_number(cell, row) for cell in slot.cells]
    return measured(slot.metric, values, row[slot.records], row[slot.left_out])


def _number(cell: Cell, row: Sequence[Any]) -> Decimal | None:
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

"""Formulas: numbers made of other metrics' numbers, and of targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from connector.language.calls import TARGET
from connector.measure.metric import Metric
from connector.model.results import Measurement, Subject

Key: TypeAlias = tuple[str, Subject, str]  # metric name, subject, period id


def family(metric: Metric, known: Mapping[str, Metric], *, former: bool = False) -> list[Metric]:
    """A metric, and before it everything that its formula is made of, each once; `former`: or was made of before."""
    return list({each.name: each for each in _inner_first(metric, known, former=former)}.values())


def _inner_first(metric: Metric, known: Mapping[str, Metric], *, former: bool) -> Iterator[Metric]:
    for each in (metric, *metric.before) if former else (metric,):
        for name in each.inputs:
            if not name.startswith(TARGET):
                yield from _inner_first(known[name], known, former=former)
    yield metric


def in_force(metrics: Iterable[Metric], day: date) -> list[Metric]:
    """The definitions in force on a day; without metrics that were not defined yet, and formulas over such."""
    asked = {each.name: each.on(day) for each in metrics}
    known = {name: each for name, each in asked.items() if each}
    while lacking := [each.name for each in known.values() if any(i in asked and i not in known for i in each.inputs)]:
        for name in lacking:
            del known[name]
    return list(known.values())


def computed(
    metrics: Sequence[Metric],
    found: Mapping[Key, Measurement],
    targets: Mapping[Key, Decimal],
    periods: Iterable[str],
) -> dict[Key, Measurement]:
    """Every formula among the metrics, for each subject that has at least one of its inputs.

    Raises KeyError where an input is not among the metrics.
    """
    by_name = {each.name: each for each in metrics}
    formulas = {each.name: each for metric in metrics for each in family(metric, by_name) if each.inputs}
    needed = {name for each in formulas.values() for name in each.inputs}
    values: dict[str, dict[tuple[Subject, str], Measurement | Decimal]] = {name: {} for name in needed | {*formulas}}
    asked = {*periods}
    for (name, subject, period), measurement in found.items() if formulas else ():
        if name in needed:
            values[name][subject, period] = measurement
    for (name, subject, period), target in targets.items():
        if TARGET + name in needed and period in asked:
            values[TARGET + name][subject, period] = target
    for metric in formulas.values():
        subjects = dict.fromkeys(key for name in metric.inputs for key in values[name])
        values[metric.name] |= {key: _combined(metric, by_name, values, key) for key in subjects}
    return {
        (name, subject, period): each
        for name in formulas
        for (subject, period), each in values[name].items()
        if isinstance(each, Measurement)
    }


def _combined(
    metric: Metric,
    by_name: Mapping[str, Metric],
    values: Mapping[str, Mapping[tuple[Subject, str], Measurement | Decimal]],
    key: tuple[Subject, str],
) -> Measurement:
    inputs: list[Decimal | None] = []
    records = left_out = 0
    for name in metric.inputs:
        each = values[name].get(key)
        if each is None and not name.startswith(TARGET):
            each = nothing(by_name[name])
        if isinstance(each, Measurement):
            records, left_out = max(records, each.records), max(left_out, each.left_out)
        inputs.append(each.value if isinstance(each, Measurement) else each)
    return measured(metric, inputs, records, left_out)


def measured(metric: Metric, values: Sequence[Decimal | None], records: int, left_out: int) -> Measurement:
    """A metric's number from its aggregates' values; too few records say nothing."""
    if records < metric.least:
        reason = f"{records} of at least {metric.least} records"
        return Measurement(None, metric.unit, records=records, left_out=left_out, reason=reason)
    quotient = metric.measure.combine(values)
    return Measurement(quotient.value, metric.unit, quotient.top, quotient.bottom, records, left_out)


def nothing(metric: Metric) -> Measurement:
    """What a metric says of no records: a count is 0, a sum is unknown."""
    counts = ("count", "count_if", "count_distinct")
    empty = [Decimal(0) if each.function in counts else None for each in metric.measure.aggregates]
    return measured(metric, empty, 0, 0)

"""What target splits take their shares from, read off the records: last year's results, pipeline, account potential."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.measure.formulas import family
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.measure.standing import account_potential, open_pipeline
from connector.model.calendar import Calendar, Grain, Period
from connector.targets.bases import LAST_YEAR, PIPELINE, POTENTIAL, POTENTIAL_FIELD, Bases
from connector.targets.policy import TargetPolicy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

Key = tuple[str, str, str]  # basis, metric, fiscal year


def bases(
    mirror: DuckDBPyConnection,
    policies: Sequence[TargetPolicy],
    metrics: Mapping[str, Metric],
    periods: Sequence[Period],
    *,
    calendar: Calendar,
    today: date,
) -> Bases:
    """Every basis that a policy names, for the fiscal years of the periods.

    The pipeline is that of the year's first morning, so that a target does not move with the deals it is about.
    """
    wanted = {(step.by, each.metric) for each in policies for step in each.split if each.metric in metrics}
    years = list(dict.fromkeys(calendar.containing(each.starts_on, Grain.YEAR) for each in periods))
    found: dict[Key, Mapping[str, Decimal]] = {}
    for basis, metric in sorted(wanted):
        for year in years:
            match basis:
                case by if by == LAST_YEAR:
                    before = calendar.before(year)
                    found[basis, metric, year.id] = dict(_reached(mirror, metric, metrics, before, today))
                case by if by == PIPELINE:
                    found[basis, metric, year.id] = open_pipeline(mirror, year.starts_on, year.ends_before)
                case by if by == POTENTIAL:
                    found[basis, metric, year.id] = account_potential(mirror, POTENTIAL_FIELD)
                case _:
                    pass
    return Bases(found)


def _reached(
    mirror: DuckDBPyConnection, name: str, metrics: Mapping[str, Metric], year: Period, today: date
) -> Iterator[tuple[str, Decimal]]:
    """Each person's result of a year."""
    measured = measure(mirror, family(metrics[name], metrics, former=True), [year], [], today)
    for (metric, subject, _), each in measured.values.items():
        if metric == name and subject.kind == "person" and each.value is not None:
            yield subject.id, each.value

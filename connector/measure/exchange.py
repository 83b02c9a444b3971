"""What exchange rates did to a number: the same metric at the plan's rates and at those of the close dates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.language.read import condition, measure
from connector.measure.measure import measure as measured
from connector.measure.metric import Metric
from connector.model.calendar import Period
from connector.model.catalogue import Catalogue
from connector.model.results import Subject

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


@dataclass(frozen=True, slots=True)
class Exchange:
    """A number at two rates, in minor units; `effect` is what lies between, and re-adds with `at_plan`."""

    at_plan: Decimal
    at_close: Decimal

    @property
    def effect(self) -> Decimal:
        """What the market's rates added to the plan's."""
        return self.at_close - self.at_plan


def exchange(
    mirror: DuckDBPyConnection, metric: Metric, catalogue: Catalogue, *, subject: Subject, period: Period, as_of: date
) -> Exchange | None:
    """The effect of exchange rates on a sum of money at plan rates; None for any other metric, and where one rate is missing."""
    if metric.rate != "plan" or not metric.is_money or metric.inputs:
        return None
    both = (metric, _at_close(metric, catalogue))
    levels = [] if subject.kind in ("person", "company") else [subject.kind]
    found = measured(mirror, both, [period], levels, as_of)
    planned, closed = (found.get(each.name, subject, period.id) for each in both)
    if planned is None or closed is None or planned.records != closed.records:
        return None  # a record without one of its rates would count as an effect
    if planned.value is None or closed.value is None:
        return None
    return Exchange(planned.value, closed.value)


def _at_close(metric: Metric, catalogue: Catalogue) -> Metric:
    """The same question, with `amount` at the rate of the close date."""
    relation, currency = catalogue.relations[metric.of], catalogue.currency
    text = metric.measure.text
    return replace(
        metric,
        name=f"{metric.name} at the close dates' rates",
        rate="at_close",
        measure=measure(text, relation, currency, lambda _: metric.place),
        where=condition(metric.where.text, relation, currency, lambda _: metric.place) if metric.where else None,
    )

"""A metric: one question about records, and how its answer is credited."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property

from connector.errors import Place
from connector.language.expression import Expression, Measure

_GROWING = frozenset({"sum", "sum_if", "count", "count_if", "count_distinct"})


@dataclass(frozen=True)  # without slots: it is asked for every score whether it adds up
class Metric:
    """One entry of `rules/metrics.yaml`, checked."""

    name: str
    title: str
    unit: str  # "money", "ratio", "days", or the word for what is counted: "deals"
    place: Place
    of: str  # the relation: "deals", "files.trainings"; for a formula, that of its first input
    measure: Measure  # over records, or for a formula over the values of `inputs`
    date: str | None  # the field that says which period a record belongs to
    credit: str  # one of the relation's credits
    where: Expression | None = None
    inputs: tuple[str, ...] = ()  # a formula's metrics, in the order of `measure.aggregates`
    better: str = "higher"  # higher | lower
    method: str = "linear"  # for lower-is-better: linear | ratio
    through: str = "today"  # today: nothing dated later counts | period_end: planned records count too
    least: int = 0  # with fewer counted records the value is unknown: five answers make no satisfaction
    was: tuple[str, ...] = ()  # old names, the newest first: history, quotas and CRM rows follow
    weighted: bool = False  # counts, medians and ratios weigh by share too
    rate: str = "at_close"  # what money is converted at: at_close | plan | crm | period_start
    after_lock: str = "true_up"  # what a change in a locked period is: true_up | ignore | restate
    because: str = ""
    pipeline: bool = False  # projected by its open deals, too
    effective: dt.date | None = None  # the day from which this definition holds; None: it always has
    of_sums: bool = True  # for a formula: whether all its inputs grow record by record
    roles: tuple[str, ...] = ()  # with `credit: team`: only whoever is on it in one of these
    before: tuple[Metric, ...] = ()  # former definitions, newest first; each of them has none before it

    def on(self, day: dt.date) -> Metric | None:
        """The definition in force on a day; None: nothing was defined yet. A period uses that of its first day."""
        return next((each for each in (self, *self.before) if each.effective is None or each.effective <= day), None)

    @property
    def lasting_name(self) -> str:
        """The first name it ever had: what rows and properties of a CRM are called by, so that they follow a new name."""
        return self.was[-1] if self.was else self.name

    @property
    def credited_by(self) -> str:
        """The way it is credited, in full: `team (Sales Engineer)`."""
        return f"{self.credit} ({', '.join(self.roles)})" if self.roles else self.credit

    @cached_property
    def accumulates(self) -> bool:
        """Whether it grows record by record as a period goes on; a ratio, an average or a median does not, nor twice one.

        Only such a number is spread over months, prorated, and expected bit by bit.
        """
        if self.unit in ("ratio", "days") or not _adds_up(self.measure):
            return False
        if self.inputs:
            return self.of_sums
        return all(each.function in _GROWING for each in self.measure.aggregates)

    @property
    def is_money(self) -> bool:
        """Values are minor units of the company's currency."""
        return self.unit == "money"


@cache
def _adds_up(measure: Measure) -> bool:
    """Whether the measure of two halves is the sum of their measures: asked of it, with two sets of numbers."""
    size = len(measure.aggregates)
    one, other = [Decimal(2 * at + 3) for at in range(size)], [Decimal(at * at + 101) for at in range(size)]
    halves = measure.combine(one).value, measure.combine(other).value
    whole = measure.combine([a + b for a, b in zip(one, other, strict=True)]).value
    return None not in (*halves, whole) and whole == sum(each or 0 for each in halves)

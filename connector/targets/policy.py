"""A target policy: one entry of `rules/targets.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from connector.errors import Place
from connector.language.expression import Expression
from connector.model.calendar import Grain
from connector.targets.market import Market


@dataclass(frozen=True, slots=True)
class SplitStep:
    """One step down the hierarchy: to which level, and by what."""

    level: str  # a level of the roster, or "person"
    by: str  # equal | headcount | weights, or one of `bases.BASES`
    weights: Mapping[str, Decimal] = field(default_factory=dict)  # unit → share of 1, for `weights`


@dataclass(frozen=True, slots=True)
class Ramp:
    """Lower targets for new people, by completed months of tenure; past the table, the whole target."""

    months: tuple[Decimal, ...]  # shares of 1, or with `amounts` numbers in the metric's unit, from the 0th month on
    amounts: bool = False
    begins: str = "hire"  # hire | first_full_month
    for_: Expression | None = None  # over people


@dataclass(frozen=True, slots=True)
class TargetPolicy:
    """How much of a metric is wanted. Exactly one of `company`, `units`, `each` or only `quotas` is given.

    Values are in the metric's unit: minor units where it is money.
    """

    metric: str
    place: Place
    company: Decimal | None = None  # the company's number for `year`
    year: str | None = None  # period id of a fiscal year: "2026"; None with `every`: every one
    every: Grain | None = None  # with `each` or `units`: the grain the number is meant for
    each: Decimal | None = None  # every person's number per `every`
    level: str | None = None  # with `units`: the level they belong to
    units: Mapping[str, Decimal] = field(default_factory=dict)  # "East 1" → number per `every` or `year`
    months: str | tuple[Decimal, ...] = "equal"  # equal | working days | season | 12, 4 or 3 weights, for spreading
    split: tuple[SplitStep, ...] = ()
    quotas: tuple[str, ...] = ()  # file tables with a person's own numbers: "files.quotas"
    for_: Expression | None = None  # over people
    prorate: str = "working_days"  # working_days | days | months | none: for joiners, leavers and absences
    start_day: str = "included"  # or excluded: whether the first day counts as a day there
    ramp: Ramp | None = None
    over_assign: Mapping[str, Decimal] = field(default_factory=dict)  # level, or "" for every level → share on top
    kind: str = "target"
    pins: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)  # level → unit → a year's number that stays
    bottom_up: tuple[str, ...] = ()  # file tables with numbers that were entered below: "files.bottom_up"
    market: Market | None = None

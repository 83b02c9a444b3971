"""The ways to expect somebody's number in a period, each from what was known on a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from connector.improve.months import MonthlyPast
from connector.measure.metric import Metric
from connector.measure.standing import account_potential, open_pipeline
from connector.model.calendar import Grain, Period
from connector.model.catalogue import Catalogue
from connector.model.people import Person
from connector.model.records import Reading
from connector.targets.bases import POTENTIAL_FIELD
from connector.targets.market import Market, Series, series
from connector.targets.policy import TargetPolicy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

NAIVE = "last year x growth"
BEFORE = "as the period before"  # what is naive where there was no last year
SEASON, TREND = "usual month x season", "usual month x season x trend"
MARKET, PIPELINE, POTENTIAL = "usual month x season x market index", "open pipeline x usual yield", "account potential"
WAYS = (NAIVE, BEFORE, SEASON, TREND, MARKET, PIPELINE, POTENTIAL)
SLOWEST, FASTEST = 0.8, 1.25  # what half a year may say about the next one; a year, which is two of them, the square
RECENT = 6  # months
INDEX = "market_index"  # a table of that name is looked at, whether a policy follows it or not

Way = Callable[[Person], float | None]  # what one of them is expected to bring; None: this way cannot say


@dataclass(frozen=True)
class Surroundings:
    """What is known besides people's own months: the market, the pipeline, what accounts could bring."""

    mirror: DuckDBPyConnection
    metric: Metric
    market: Market | None
    index: Series
    catalogue: Catalogue

    @classmethod
    def of(
        cls,
        mirror: DuckDBPyConnection,
        metric: Metric,
        policies: Sequence[TargetPolicy],
        tables: Mapping[str, Sequence[Reading]],
        catalogue: Catalogue,
    ) -> Surroundings:
        followed = next((each.market for each in policies if each.metric == metric.name and each.market), None)
        market = followed or (Market(f"files.{INDEX}", by="region") if INDEX in tables else None)
        index = series(tables, market.index) if market else Series()
        return cls(mirror, metric, market, index, catalogue)

    @property
    def of_deals(self) -> bool:
        """Whether the metric is money of deals by their close date, so that a pipeline becomes it."""
        return self.metric.of == "deals" and self.metric.is_money and self.metric.date == "closed_on"

    @cached_property
    def potential(self) -> Mapping[str, Decimal]:
        """What each person's accounts could bring, as far as it is known now."""
        return known_potential(self.mirror, self.catalogue)


def known_potential(mirror: DuckDBPyConnection, catalogue: Catalogue) -> Mapping[str, Decimal]:
    """What each person's accounts could bring; empty where no mapping says so."""
    known = POTENTIAL_FIELD in catalogue.relations["accounts"].fields
    return account_potential(mirror, POTENTIAL_FIELD) if known else {}


def ways(past: MonthlyPast, period: Period, around: Surroundings) -> dict[str, Way]:
    """Every way that has something to go by."""
    whole, grown = sum(past.whole(period)), past.growth()
    growth = 1.0 if grown is None else min(max(grown, SLOWEST**2), FASTEST**2)
    swung = min(max(past.trend(RECENT), SLOWEST), FASTEST)

    def naive(person: Person) -> float | None:
        last = past.last_year(person, period)
        return None if last is None else last * growth

    def times(factor: float) -> Way:
        return lambda person: None if (month := past.usual(person)) is None else month * factor

    before = _period_before(past, period)
    found = {NAIVE: naive, BEFORE: lambda person: past.brought(person, before), SEASON: times(whole)}
    found[TREND] = times(whole * swung)
    if around.index.values:
        found[MARKET] = _by_market(past, around, whole)
    if around.of_deals:
        found[PIPELINE] = _by_pipeline(past, around, period)
    if around.potential:
        found[POTENTIAL] = _by_potential(past, around, whole)
    return found


def _period_before(past: MonthlyPast, period: Period) -> list[Period]:
    """The newest whole months that are as many as the period has."""
    many = len(past.calendar.within(period, Grain.MONTH)) or 1
    return list(past.months[:many]) if len(past.months) >= many else []


def _by_market(past: MonthlyPast, around: Surroundings, whole: float) -> Way:
    """As the index stands against what it was on average in the months that the usual one is made of."""
    market = around.market or Market(f"files.{INDEX}")
    factors: dict[str, float | None] = {}

    def factor(segment: str) -> float | None:
        values = around.index.values.get(segment) or around.index.values.get("", ())
        now = _in_force(values, past.today)
        known = [value for month in past.months if (value := _in_force(values, month.starts_on)) is not None]
        return now / (sum(known) / len(known)) if now is not None and known else None

    def by_market(person: Person) -> float | None:
        segment = person.on(past.today).levels.get(market.by, "") if market.by else ""
        if segment not in factors:
            factors[segment] = factor(segment)
        month, moved = past.usual(person), factors[segment]
        return None if month is None or moved is None else month * whole * moved

    return by_market


def _in_force(values: Sequence[tuple[date, Decimal]], day: date) -> float | None:
    return next((float(value) for since, value in reversed(values) if since <= day), None)


def _by_pipeline(past: MonthlyPast, around: Surroundings, period: Period) -> Way:
    """What is open and due in the period, by what such a pipeline brought of the last like period, all people together.

    As long before that one began as it is now before this one.
    """
    ahead = max((period.starts_on - past.today).days, 0)
    last = past.calendar.before(past.calendar.containing(past.today, period.grain))
    looked = last.starts_on - timedelta(days=ahead)
    months = [each for each in past.months if last.starts_on <= each.starts_on < last.ends_before]
    brought = sum(total for month, total in zip(past.months, past.totals, strict=True) if month in months)
    stood = float(sum(open_pipeline(around.mirror, looked, last.ends_before, last.starts_on).values()))
    now = open_pipeline(around.mirror, past.today, period.ends_before, max(period.starts_on, past.today))
    return lambda person: float(now.get(person.id, 0)) * brought / stood if stood > 0 and brought > 0 else None


def _by_potential(past: MonthlyPast, around: Surroundings, whole: float) -> Way:
    """The company's usual month, shared by what each person's accounts could bring."""
    company = sum(past.freed) / len(past.freed) if past.freed else 0.0
    together = float(sum(around.potential.values()))

    def by_potential(person: Person) -> float | None:
        own = around.potential.get(person.id)
        return None if own is None or together <= 0 or company <= 0 else company * whole * float(own) / together

    return by_potential

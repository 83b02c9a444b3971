"""How the market moves targets: the values of an index by segment, dated, and held within limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from connector.model.calendar import Period
from connector.model.records import Reading
from connector.targets.handles import rows_of

AS_PLANNED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Market:
    """Which index a policy follows. A value of 100 leaves targets as they are."""

    index: str  # a file table: "files.market_index"
    by: str = ""  # the level whose units are the segments; empty: one series for all
    at_most: Decimal = Decimal("0.2")  # how far targets are moved, up or down


@dataclass(frozen=True, slots=True)
class Moved:
    """By what a month's target is multiplied, and why."""

    factor: Decimal
    says: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one table, by segment, oldest first."""

    values: Mapping[str, Sequence[tuple[date, Decimal]]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def moved(self, market: Market, segment: str, month: Period) -> Moved:
        """What the value in force on the month's first day makes of a target; a hole moves nothing, and is named."""
        name = segment or "all segments"
        series = self.values.get(segment) or self.values.get("", ())
        value = next((value for day, value in reversed(series) if day <= month.starts_on), None)
        if value is None:
            return Moved(
                Decimal(1), "", f"{market.index} has no value for {name} on {month.starts_on}: targets stay as they are"
            )
        factor = value / AS_PLANNED
        held = min(max(factor, 1 - market.at_most), 1 + market.at_most)
        says = f"{name}, {month.id}: index {value.normalize():f}"
        if held != factor:
            says += f", held at {held.scaleb(2).normalize():f}"
        return Moved(held, says)


def series(tables: Mapping[str, Sequence[Reading]], name: str) -> Series:
    """Read an index table: columns `segment` (may be empty), `date` and `value`."""
    found: dict[str, list[tuple[date, Decimal]]] = {}
    problems: list[str] = []
    for reading in rows_of(tables, name):
        day, given = reading.values.get("date"), reading.values.get("value")
        try:
            value = Decimal(str(given))
        except InvalidOperation:
            value = Decimal(0)
        if not isinstance(day, date) or not value.is_finite() or value <= 0:
            problems.append(f"{reading.ref}: an index needs a date and a value above zero")
            continue
        found.setdefault(str(reading.values.get("segment") or "").strip(), []).append((day, value))
    return Series({segment: sorted(values) for segment, values in found.items()}, tuple(problems))

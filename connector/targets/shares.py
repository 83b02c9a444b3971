"""Dividing targets so that the parts re-add: money to the minor unit, everything else to a ten-thousandth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from connector.model.calendar import Calendar, Grain, Period
from connector.model.money import share_out

SEASON = "season"  # a spread that is learned from the years before
_FINENESS = Decimal(10_000)  # parts of one, for numbers that are no money


def divided(value: Decimal, weights: Sequence[Decimal], unit: str) -> list[Decimal]:
    """A value in proportion to weights; the parts add up to it, by largest remainder, ties to the earlier part.

    Raises ValueError when the weights add up to nothing.
    """
    fineness = _fineness(unit)
    finest = max((-int(each.as_tuple().exponent) for each in weights), default=0)
    whole = [int(each.scaleb(max(finest, 0))) for each in weights]
    return [Decimal(each) / fineness for each in share_out(int(_rounded(value * fineness)), whole)]


def part(value: Decimal, numerator: int, denominator: int, unit: str) -> Decimal:
    """`value × numerator / denominator`, divided once and rounded half up to the unit's fineness."""
    fineness = _fineness(unit)
    return _rounded(value * fineness * numerator / denominator) / fineness


def spread(
    value: Decimal,
    period: Period,
    months: str | tuple[Decimal, ...],
    calendar: Calendar,
    unit: str,
    *,
    counts: Callable[[Period], bool] = lambda _: True,
) -> Mapping[str, Decimal]:
    """A period's number over its months, by month id: over quarters first, so that each quarter is exact too.

    Months for which `counts` is false get nothing, unless that leaves none at all.
    """
    parts = calendar.within(period, Grain.MONTH)
    weights = {each.id: _weight(each, months, calendar) if counts(each) else Decimal(0) for each in parts}
    if not any(weights.values()):
        weights = {each.id: Decimal(1) for each in parts}
    if period.grain not in (Grain.HALF, Grain.YEAR):
        return dict(zip(weights, divided(value, list(weights.values()), unit), strict=True))
    quarters = [
        [each.id for each in calendar.within(quarter, Grain.MONTH)]
        for quarter in calendar.within(period, Grain.QUARTER)
    ]
    shares = divided(value, [sum((weights[each] for each in ids), Decimal(0)) for ids in quarters], unit)
    found: dict[str, Decimal] = {}
    for ids, share in zip(quarters, shares, strict=True):
        inner = [weights[each] for each in ids]
        found |= zip(ids, divided(share, inner, unit) if any(inner) else [Decimal(0)] * 3, strict=True)
    return found


def _weight(month: Period, months: str | tuple[Decimal, ...], calendar: Calendar) -> Decimal:
    """How much a month weighs in its fiscal year: `equal`, `working days`, 12 weights, 4 for the quarters, or 3 for the months of each."""
    if isinstance(months, str):
        if months.removeprefix("by ") != "working days":
            return Decimal(1)
        return Decimal(calendar.working_days(month.starts_on, month.ends_before))
    year = calendar.containing(month.starts_on, Grain.YEAR)
    place = [each.id for each in calendar.within(year, Grain.MONTH)].index(month.id)
    match len(months):
        case 3:
            return months[place % 3]
        case 4:
            return months[place // 3]
        case _:
            return months[place]


def rounded(value: Decimal, unit: str) -> Decimal:
    """Half up to the unit's fineness."""
    fineness = _fineness(unit)
    return _rounded(value * fineness) / fineness


def _fineness(unit: str) -> Decimal:
    return Decimal(1) if unit == "money" else _FINENESS


def _rounded(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_HALF_UP)

"""Which unit a person's number belongs to: the one they sit in, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from connector.model.calendar import Period
from connector.model.people import Person
from connector.model.results import Subject, units
from connector.targets.presence import seat
from connector.targets.shares import divided

Months = Sequence[tuple[Period, Decimal]]  # what somebody is to reach in each month of a period


def moved(person: Person, period: Period) -> bool:
    """Whether they were seated anew on a day of the period other than its first."""
    return any(period.starts_on < each.starts_on < period.ends_before for each in person.assignments)


def places(
    person: Person, value: Decimal, period: Period, months: Months, *, levels: Sequence[str], unit: str
) -> dict[Subject, Decimal]:
    """How much of a person's number each unit has; on each level the parts re-add, but for time without a unit there.

    Actuals follow the day that they are credited on, and so does what is to be reached: of somebody who moved each
    month belongs to the unit that they sat in when it began. Months that do not add up to the number, which has a row
    of its own then, share it in proportion; without any, it belongs to the unit that they sat in when the period began.
    """
    if not moved(person, period) or not any(number for _, number in months):
        return dict.fromkeys(units(seat(person, period).levels, levels), value)
    found: dict[Subject, Decimal] = {}
    for level in levels:
        weights: dict[str, Decimal] = {}
        for month, number in months:
            name = seat(person, month).levels.get(level) or ""
            weights[name] = weights.get(name, Decimal(0)) + number
        parts = zip(weights, divided(value, list(weights.values()), unit), strict=True)
        found |= {Subject(level, name): part for name, part in parts if name}
    return found

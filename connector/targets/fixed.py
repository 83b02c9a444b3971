"""Numbers that a split does not move: pins of the policy, and values that were entered below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Roster
from connector.model.records import Reading
from connector.targets.aim import Aim
from connector.targets.handles import Handles, by_handle, person_of, rows_of
from connector.targets.policy import TargetPolicy
from connector.targets.quotas import amount_of, metric_of
from connector.targets.shares import spread


@dataclass(frozen=True, slots=True)
class Fixed:
    """Numbers by level, unit (or person id) and fiscal year; whoever entered nothing is absent, not zero."""

    numbers: Mapping[tuple[str, str, str], tuple[Decimal, str]] = field(default_factory=dict)  # and what it is

    def of(self, level: str, unit: str, year: Period) -> tuple[Decimal, str] | None:
        """The number for the year, and where it comes from."""
        return self.numbers.get((level, unit, year.id))

    def month(
        self, level: str, unit: str, month: Period, months: str | tuple[Decimal, ...], *, calendar: Calendar, aim: Aim
    ) -> tuple[Decimal, str] | None:
        """A month's part, spread by `months` as the policy's own year is: a season as it was learned."""
        year = calendar.containing(month.starts_on, Grain.YEAR)
        found = self.of(level, unit, year)
        if found is None:
            return None
        return spread(found[0], year, months, calendar, aim.unit)[month.id], found[1]


def fixed(
    policy: TargetPolicy,
    roster: Roster,
    calendar: Calendar,
    tables: Mapping[str, Sequence[Reading]],
    *,
    metrics: Mapping[str, Aim],
    currency: str,
    years: Sequence[Period],
    problems: list[str],
) -> Fixed:
    """The pins of a policy, and the rows of its tables of bottom-up values; what is wrong with a row is noted.

    A row names a `person`, or a `level` and a `unit`; an empty `value` is no input, which is not zero.
    """
    found: dict[tuple[str, str, str], tuple[Decimal, str]] = {}
    for level, units in policy.pins.items():
        for unit, number in units.items():
            found |= {(level, unit, year.id): (number, f"pinned, {policy.place}") for year in years}
    named = by_handle(roster)
    for table in policy.bottom_up:
        for reading in rows_of(tables, table):
            if reading.values.get("value") is None:
                continue
            try:
                if metric_of(reading, metrics) != policy.metric:
                    continue
                key = _whose(reading, named, calendar)
                number = amount_of(reading.values.get("value"), metrics[policy.metric], currency)
            except ValueError as problem:
                problems.append(f"{reading.ref}: {problem}")
                continue
            if key in found:
                problems.append(f"{reading.ref}: the number is fixed already: {found[key][1]}")
            else:
                found[key] = number, f"entered below, {reading.ref}"
    return Fixed(found)


def _whose(reading: Reading, named: Handles, calendar: Calendar) -> tuple[str, str, str]:
    """Level, unit and year of a row. Raises ValueError."""
    year = calendar.period(str(reading.values.get("period") or ""))
    if year.grain is not Grain.YEAR:
        raise ValueError(f"bottom-up values are for fiscal years, not for `{year.id}`")
    level = str(reading.values.get("level") or "").strip()
    if level:
        return level, str(reading.values.get("unit") or "").strip(), year.id
    return "person", person_of(reading, named).id, year.id

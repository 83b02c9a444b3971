"""What open deals are likely to bring until a period ends, and by how much that missed in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from connector.appraisal.rules import Rules
from connector.measure.standing import Stretch, likely
from connector.model.calendar import Calendar, Period
from connector.model.people import Roster
from connector.model.periods import AIMED
from connector.model.results import COMPANY, Subject

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

MOMENTS = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))  # of a past period, at which the way is tried
TRIED = 4  # like periods
FEWEST = 2  # one period proves nothing

StillOpen = Mapping[tuple[str, Subject, str], Decimal]  # by metric, subject and period id


def still_open(
    mirror: DuckDBPyConnection, rules: Rules, periods: Sequence[Period], roster: Roster, today: date
) -> StillOpen:
    """What each person's, unit's and the company's open deals are likely to bring until each running period ends.

    Of metrics that are projected by their pipeline. People are in the units that they sit in today.
    """
    metrics = [name for name, each in rules.metrics.items() if each.pipeline and name in rules.aimed]
    running = [each for each in periods if each.grain in AIMED and today in each] if metrics else []
    ends = {each: Stretch(today, each.ends_before) for each in running}
    expected = likely(mirror, list(dict.fromkeys(ends.values()))) if running else {}
    found: dict[tuple[str, Subject, str], Decimal] = {}
    for period, stretch in ends.items():
        for owner, amount in expected[stretch].items():
            person = roster.get(owner)
            levels = person.on(today).levels if person else {}
            units = [Subject(level, levels[level]) for level in roster.levels if levels.get(level)]
            for subject in (*([Subject("person", owner)] if person else []), *units, COMPANY):
                for name in metrics:
                    key = name, subject, period.id
                    found[key] = found.get(key, Decimal(0)) + amount
    return found


def pipeline_errors(
    mirror: DuckDBPyConnection,
    before: Sequence[Period],
    numbers: Mapping[str, Mapping[date, Decimal]],
    calendar: Calendar,
) -> dict[str, dict[Fraction, Decimal]]:
    """Per metric and moment, by how much of the total of like periods their open deals missed, on average.

    `numbers` are the company's of each day. Nothing is said where fewer than two periods came to anything.
    """
    tried = [
        (each, share, Stretch(_day(each, share, calendar), each.ends_before))
        for each in before[:TRIED]
        for share in MOMENTS
    ]
    expected = likely(mirror, list(dict.fromkeys(stretch for *_, stretch in tried))) if tried else {}
    found: dict[str, dict[Fraction, Decimal]] = {}
    for name, days in numbers.items():
        missed: dict[Fraction, list[Decimal]] = {}
        for period, share, stretch in tried:
            total = _sum(days, period.starts_on, period.ends_before)
            if total > 0:
                projected = _sum(days, period.starts_on, stretch.on) + sum(expected[stretch].values(), Decimal(0))
                missed.setdefault(share, []).append(abs(projected / total - 1))
        found[name] = {
            share: sum(each, Decimal(0)) / len(each) for share, each in missed.items() if len(each) >= FEWEST
        }
    return found


def _day(period: Period, share: Fraction, calendar: Calendar) -> date:
    """The morning on which so much of a period's working days is over."""
    working = [each for each in period.days() if calendar.is_working(each)]
    return working[int(len(working) * share)] if working else period.starts_on


def _sum(days: Mapping[date, Decimal], first: date, before: date) -> Decimal:
    return sum((value for day, value in days.items() if first <= day < before), Decimal(0))

"""What open deals are likely to bring until a period ends, and by how much that missed in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from connector.appraisal.rules import Rules
from connector.measure.metric import Metric
from connector.measure.standing import Stretch, if_won, likely
from connector.model.calendar import Calendar, Period
from connector.model.people import Roster
from connector.model.periods import AIMED
from connector.model.results import COMPANY, Subject, units

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
    metrics = {name: each for name, each in rules.metrics.items() if each.pipeline and name in rules.aimed}
    running = [each for each in periods if each.grain in AIMED and today in each]
    ends = {each: Stretch(today, each.ends_before) for each in running}
    expected = _expected(mirror, metrics, list(dict.fromkeys(ends.values())), today)
    found: dict[tuple[str, Subject, str], Decimal] = {}
    for name, by_stretch in expected.items():
        for period, stretch in ends.items():
            for owner, amount in by_stretch[stretch].items():
                for subject in _whose(owner, roster, today):
                    key = name, subject, period.id
                    found[key] = found.get(key, Decimal(0)) + amount
    return found


def _whose(owner: str, roster: Roster, today: date) -> list[Subject]:
    """The owner, their units on a day, and the company; of whom we do not know the company alone."""
    person = roster.get(owner)
    levels = person.on(today).levels if person else {}
    return [*([Subject("person", owner)] if person else []), *units(levels, roster.levels), COMPANY]


def _expected(
    mirror: DuckDBPyConnection, metrics: Mapping[str, Metric], stretches: Sequence[Stretch], today: date
) -> dict[str, Mapping[Stretch, Mapping[str, Decimal]]]:
    """What is likely of the deals that each metric would count if they were won; alike for those that count the same."""
    if not stretches:
        return {}
    counted = {name: if_won(each, today) for name, each in metrics.items()}
    by_condition = {each: likely(mirror, stretches, each) for each in dict.fromkeys(counted.values())}
    return {name: by_condition[each] for name, each in counted.items()}


def pipeline_errors(
    mirror: DuckDBPyConnection,
    before: Sequence[Period],
    numbers: Mapping[str, Mapping[date, Decimal]],
    calendar: Calendar,
    *,
    metrics: Mapping[str, Metric],
    today: date,
) -> dict[str, dict[Fraction, Decimal]]:
    """Per metric and moment, by how much of the total of like periods their open deals missed, on average.

    `numbers` are the company's of each day. Nothing is said where fewer than two periods came to anything.
    """
    tried = [
        (each, share, Stretch(_day(each, share, calendar), each.ends_before))
        for each in before[:TRIED]
        for share in MOMENTS
    ]
    projected_by = {name: each for name, each in metrics.items() if name in numbers}
    expected = _expected(mirror, projected_by, list(dict.fromkeys(stretch for *_, stretch in tried)), today)
    found: dict[str, dict[Fraction, Decimal]] = {}
    for name, days in numbers.items():
        missed: dict[Fraction, list[Decimal]] = {}
        for period, share, stretch in tried:
            total = _sum(days, period.starts_on, period.ends_before)
            if total > 0:
                projected = _sum(days, period.starts_on, stretch.on) + sum(expected[name][stretch].values(), Decimal(0))
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

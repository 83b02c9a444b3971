"""How a period usually fills up: by working days, or as periods like it did, whichever was nearer to the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from math import lcm

WORKING_DAYS, SEASON = "working days", "season"
FEWEST = 2  # one period beside another: with a single one there is nothing to test a season against


@dataclass(frozen=True, slots=True)
class Course:
    """How one past period filled up: the share of its whole that was there at the end of each working day.

    It never falls: what was reached once counts as reached, though a deal may have been taken back later.
    """

    period: str
    shares: tuple[Fraction, ...]

    def share(self, over: Fraction) -> Fraction:
        """The share that was there when so much of the period was over, straight between two days."""
        place = over * len(self.shares)
        day = int(place)
        if day >= len(self.shares):
            return Fraction(1)
        before = self.shares[day - 1] if day else Fraction(0)
        return before + (self.shares[day] - before) * (place - day)


def course(period: str, totals: Sequence[Decimal]) -> Course | None:
    """A past period from its running totals after each working day; None where nothing came of it."""
    whole = Fraction(totals[-1]) if totals else Fraction(0)
    if whole <= 0:
        return None
    highest = accumulate((Fraction(each) for each in totals), max)
    return Course(period, tuple(min(max(each / whole, Fraction(0)), Fraction(1)) for each in highest))


@dataclass(frozen=True, slots=True)
class Pace:
    """What share of a period's total is expected at any moment of it, and how far off that was in the past."""

    by: str = WORKING_DAYS
    courses: tuple[Course, ...] = ()  # the like periods that were looked at
    season_error: Decimal | None = None  # mean distance, as a share of the period's total; None: not tested
    working_days_error: Decimal | None = None
    says: str = ""  # how the choice came about
    _known: dict[Fraction, Fraction] = field(default_factory=dict, repr=False, compare=False)

    def done(self, elapsed: int, working_days: int) -> Fraction | None:
        """The share that is usually done by now; None for a period without working days."""
        if not working_days:
            return None
        over = Fraction(elapsed, working_days)
        if self.by == WORKING_DAYS:
            return over
        if over not in self._known:
            self._known[over] = usual(self.courses, over)
        return self._known[over]


def usual(courses: Sequence[Course], over: Fraction) -> Fraction:
    """The mean share of some past periods, each of the same weight; from 0 at the start to 1 at the end."""
    return sum((each.share(over) for each in courses), Fraction(0)) / len(courses)


def chosen(courses: Sequence[Course], least: int) -> Pace:
    """The way to expect that missed less on past periods, each of them judged by the others.

    With fewer than `least` periods nothing is learned, and working days are taken.
    """
    known = tuple(courses)
    if len(known) < max(least, FEWEST):
        return Pace(courses=known, says=f"{len(known)} of {max(least, FEWEST)} like periods that a season needs")
    season, steady = _missed(known)
    by = SEASON if season < steady else WORKING_DAYS
    says = f"over {len(known)} like periods the season missed by {_points(season)}, working days by {_points(steady)}"
    return Pace(by, known, _decimal(season), _decimal(steady), says)


def projection_errors(pace: Pace, over: Fraction) -> dict[str, Decimal]:
    """By how much of the final total each way to project missed it on past periods, at this moment of them.

    Empty where nothing was tested, or nothing is over yet.
    """
    if pace.season_error is None or over <= 0:
        return {}
    steady, season = list[Fraction](), list[Fraction]()
    for each in pace.courses:
        share = each.share(over)
        steady.append(abs(share / over - 1))
        expected = usual([other for other in pace.courses if other is not each], over)
        if expected:
            season.append(abs(share / expected - 1))
    errors = {WORKING_DAYS: _decimal(_mean_of(steady))}
    if len(season) == len(pace.courses):  # before anything usually comes in, a season says nothing
        errors[SEASON] = _decimal(_mean_of(season))
    return errors


def _missed(courses: Sequence[Course]) -> tuple[Fraction, Fraction]:
    """The mean distances of the season and of working days; all shares over one denominator, or each addition looks for it."""
    parts = lcm(*(share.denominator for each in courses for share in each.shares))
    filled = [[int(share * parts) for share in each.shares] for each in courses]
    distances = [_distances(own, [*filled[:at], *filled[at + 1 :]], parts) for at, own in enumerate(filled)]
    return _mean_of([season for season, _ in distances]), _mean_of([steady for _, steady in distances])


def _distances(own: Sequence[int], others: Sequence[Sequence[int]], parts: int) -> tuple[Fraction, Fraction]:
    """After each working day but the last: from what was there to what others, and what working days would have expected."""
    days = len(own)
    season = steady = 0
    for day in range(1, days):
        there = own[day - 1] * days
        season += abs(there * len(others) - sum(_there(each, day, days) for each in others))
        steady += abs(there - day * parts)
    over = parts * days * max(1, days - 1)
    return Fraction(season, over * len(others)), Fraction(steady, over)


def _there(shares: Sequence[int], day: int, days: int) -> int:
    """`days` times the share that was there when so many of `days` days were over, as `Course.share` has it."""
    whole, rest = divmod(day * len(shares), days)
    before = shares[whole - 1] if whole else 0
    return before * days + (shares[whole] - before) * rest


def _mean_of(numbers: Sequence[Fraction]) -> Fraction:
    return sum(numbers, Fraction(0)) / len(numbers) if numbers else Fraction(0)


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _points(share: Fraction) -> str:
    """A share of the total in percentage points, with one decimal."""
    return f"{float(share * 100):.1f} points"

"""What is still to come: run rate, required rate, and where the period will end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from connector.score.progress import Progress
from connector.score.season import SEASON, WORKING_DAYS, Pace, projection_errors

PIPELINE = "pipeline"
OVER = "the period is over"


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a metric is expected to go on in one period: how it fills up, and what is still open."""

    pace: Pace = field(default_factory=Pace)
    pipeline_error: Mapping[Fraction, Decimal] = field(default_factory=dict)  # by the share of the period that was over

    def errors(self, over: Fraction) -> dict[str, Decimal]:
        """By how much of the final total each way to project missed it at this moment of past periods."""
        found = projection_errors(self.pace, over)
        if self.pipeline_error:
            nearest = min(self.pipeline_error, key=lambda each: (abs(each - over), each))
            found[PIPELINE] = self.pipeline_error[nearest]
        return found


@dataclass(frozen=True, slots=True)
class Projection:
    """Where the period will end by one way to look at it."""

    value: Decimal
    by: str
    error: Decimal | None  # as a share of the final total, on past periods; None: not tested


def projection(actual: Decimal, days: Progress, outlook: Outlook, still_open: Decimal | None) -> Projection | None:
    """The projection that missed least on past periods at this moment; None before the first day is over.

    Run rate and open pipeline are never added: both count the same future. `still_open` is what the pipeline is
    worth; None leaves that way out. Where nothing was tested, it goes on as paced.
    """
    ways = projections(actual, days, outlook, still_open)
    if not ways:
        return None
    tested = [each for each in ways if each.error is not None]
    if tested:
        return min(tested, key=lambda each: (each.error or 0, each.by))
    return next((each for each in ways if each.by == outlook.pace.by), ways[0])


def projections(
    actual: Decimal, days: Progress, outlook: Outlook, still_open: Decimal | None
) -> tuple[Projection, ...]:
    """Every way to project, each with its error; an ended period ends with what there is."""
    if days.elapsed >= days.working_days:
        return (Projection(actual, OVER, Decimal(0)),) if days.working_days else ()
    over = Fraction(days.elapsed, days.working_days)
    errors = outlook.errors(over)
    found: dict[str, Decimal] = {}
    if over:
        found[WORKING_DAYS] = _grown(actual, over)
    season = outlook.pace.done(days.elapsed, days.working_days)
    if outlook.pace.by == SEASON and season:
        found[SEASON] = _grown(actual, season)
    if still_open is not None:
        found[PIPELINE] = actual + still_open
    return tuple(Projection(value, by, errors.get(by)) for by, value in found.items())


def required_rate(gap: Decimal, days: Progress) -> Decimal | None:
    """What is needed each remaining working day; 0 once nothing is missing, None when no day is left."""
    if gap <= 0:
        return Decimal(0)
    left = days.working_days - days.elapsed
    return gap / left if left else None


def run_rate(actual: Decimal, days: Progress) -> Decimal | None:
    """What came in each finished working day so far; None before the first."""
    return actual / days.elapsed if days.elapsed else None


def _grown(actual: Decimal, share: Fraction) -> Decimal:
    return actual * share.denominator / share.numerator

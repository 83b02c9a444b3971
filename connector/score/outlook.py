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
class Moment:
    """What the past says of one moment of a period, whoever it is looked at for."""

    done: Fraction | None  # the share of the total that is usually there; None for a period without working days
    grown: Mapping[str, Fraction]  # by way to project: the share of the total that should be there; none at the start
    errors: Mapping[str, Decimal]  # by way to project: by how much of the final total it missed past periods
    over: bool  # nothing is left of the period
    best: str = ""  # the way to project that missed least where there is no pipeline to look at; empty: none


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a metric is expected to go on in one period: how it fills up, and what is still open."""

    pace: Pace = field(default_factory=Pace)
    pipeline_error: Mapping[Fraction, Decimal] = field(default_factory=dict)  # by the share of the period that was over
    _known: dict[Progress, Moment] = field(default_factory=dict, repr=False, compare=False)

    def at(self, days: Progress) -> Moment:
        """The moment that so many working days bring; worked out once for everybody who is at it."""
        if days not in self._known:
            self._known[days] = self._moment(days)
        return self._known[days]

    def _moment(self, days: Progress) -> Moment:
        done = self.pace.done(days.elapsed, days.working_days)
        if days.elapsed >= days.working_days:
            return Moment(done, {}, {}, over=True)
        over = Fraction(days.elapsed, days.working_days)
        grown = {WORKING_DAYS: over} if over else {}
        if self.pace.by == SEASON and done:
            grown[SEASON] = done
        errors = self._errors(over)
        tested = sorted((errors[by], by) for by in grown if by in errors)
        untested = self.pace.by if self.pace.by in grown else next(iter(grown), "")
        return Moment(done, grown, errors, over=False, best=tested[0][1] if tested else untested)

    def _errors(self, over: Fraction) -> dict[str, Decimal]:
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
    if still_open is None:
        return _best(actual, days, outlook.at(days))
    ways = projections(actual, days, outlook, still_open)
    tested = [each for each in ways if each.error is not None]
    if tested:
        return min(tested, key=lambda each: (each.error or 0, each.by))
    return next((each for each in ways if each.by == outlook.pace.by), ways[0])


def _best(actual: Decimal, days: Progress, moment: Moment) -> Projection | None:
    """The same for everybody at one moment, but for what they start from."""
    if moment.over:
        return Projection(actual, OVER, Decimal(0)) if days.working_days else None
    if not moment.best:
        return None
    return Projection(_grown(actual, moment.grown[moment.best]), moment.best, moment.errors.get(moment.best))


def projections(
    actual: Decimal, days: Progress, outlook: Outlook, still_open: Decimal | None
) -> tuple[Projection, ...]:
    """Every way to project, each with its error; an ended period ends with what there is."""
    moment = outlook.at(days)
    if moment.over:
        return (Projection(actual, OVER, Decimal(0)),) if days.working_days else ()
    found = {by: _grown(actual, share) for by, share in moment.grown.items()}
    if still_open is not None:
        found[PIPELINE] = actual + still_open
    return tuple(Projection(value, by, moment.errors.get(by)) for by, value in found.items())


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

"""A scorecard: several metrics, weighed into one score."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from connector.errors import Place
from connector.language.expression import Expression
from connector.model.calendar import Grain

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Scale:
    """Attainment in, points out: straight lines between the given points, flat before the first and after the last.

    Without points, attainment itself. Points are (attainment, points), by rising attainment.
    """

    points: tuple[tuple[Decimal, Decimal], ...] = ()
    threshold: Decimal | None = None  # below this attainment there are no points at all

    def of(self, attainment: Decimal) -> Decimal:
        """The points that an attainment is worth, before floor and cap."""
        if self.threshold is not None and attainment < self.threshold:
            return Decimal(0)
        if not self.points:
            return attainment
        if attainment <= self.points[0][0]:
            return self.points[0][1]
        for (low, less), (high, more) in pairwise(self.points):
            if attainment <= high:
                return less + (more - less) * (attainment - low) / (high - low)
        return self.points[-1][1]


@dataclass(frozen=True, slots=True)
class Weighed:
    """One line of a scorecard."""

    metric: str
    weight: Decimal  # in the units that ops wrote; only their proportions count
    of: str = ""  # a level, or "company": the number of the unit that the person sits in; empty: their own
    scale: Scale = Scale()

    @property
    def name(self) -> str:
        """As ops wrote it: `bookings`, `team.bookings`."""
        return f"{self.of}.{self.metric}" if self.of else self.metric


@dataclass(frozen=True, slots=True)
class Gate:
    """What holds a score down while a condition over the person's own numbers is true."""

    place: Place
    when: Expression
    effect: str  # at_most | multiply | zero
    by: Decimal = Decimal(0)

    def held(self, score: Decimal) -> Decimal:
        """The score behind the gate."""
        match self.effect:
            case "at_most":
                return min(score, self.by)
            case "multiply":
                return score * self.by
            case _:
                return Decimal(0)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One entry of `rules/scorecards.yaml`."""

    name: str
    title: str
    place: Place
    period: Grain
    lines: tuple[Weighed, ...]
    for_: Expression | None = None  # over people
    by: str = "attainment"  # or "pace": what is expected by now counts as all
    floor: Decimal = Decimal(0)
    cap: Decimal | None = None  # None: open
    missing: str = "reweight"  # reweight | zero | neutral
    gates: tuple[Gate, ...] = ()
    bands: tuple[tuple[str, Decimal], ...] = ()  # name and lower end, highest first; the last one takes the rest
    group: str = "head"  # how a unit's score is made of its people's: head | target
    whole_roster: bool = True  # whoever has no score counts as the floor in a group's score
    because: str = ""

    def band(self, score: Decimal) -> str:
        """The band of an unrounded score: half-open, the highest one without an end."""
        return next((name for name, low in self.bands if score >= low), self.bands[-1][0] if self.bands else "")

    def clamped(self, points: Decimal) -> Decimal:
        """Between floor and cap."""
        return max(self.floor, points if self.cap is None else min(points, self.cap))

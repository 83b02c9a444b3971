"""What is recognised, and what is asked: badges, contests, levels, and plans for whoever needs help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.decide.rule import Speech
from connector.errors import Place
from connector.language.expression import Expression
from connector.model.calendar import Grain, Period


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that holds of a person's score, in so many periods in a row of which the last is over."""

    metric: str
    period: Grain
    when: Expression
    in_a_row: int = 1


@dataclass(frozen=True, slots=True)
class Badge:
    """For whoever did what it asks; or for whoever improved most."""

    name: str
    place: Place
    title: str
    metric: str
    period: Grain
    ask: Ask | None  # None: for the largest rise against the period before
    for_: Expression | None = None
    say: Speech | None = None  # to the rep; None: only shown


@dataclass(frozen=True, slots=True)
class Contest:
    """Between two days, both inclusive; by the number itself, whatever anybody's target is."""

    name: str
    place: Place
    title: str
    metric: str
    starts_on: date
    ends_on: date
    places: int = 3
    for_: Expression | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A next step for somebody, and all that it asks; a manager confirms it."""

    name: str
    place: Place
    title: str
    asks: tuple[Ask, ...]
    for_: Expression | None = None
    say: Speech | None = None  # to the manager


@dataclass(frozen=True, slots=True)
class Support:
    """A plan for whoever stays under a floor; nothing follows from it until a manager confirms it."""

    name: str
    place: Place
    title: str
    ask: Ask
    for_: Expression | None = None
    say: Speech | None = None  # to the manager


@dataclass(frozen=True, slots=True)
class Recognition:
    """Everything that `rules/incentives.yaml` says besides what it pays."""

    badges: tuple[Badge, ...] = ()
    contests: tuple[Contest, ...] = ()
    levels: tuple[Level, ...] = ()
    supports: tuple[Support, ...] = ()

    @property
    def asks(self) -> Iterator[Ask]:
        """All that somebody's scores are held to."""
        for badge in self.badges:
            if badge.ask:
                yield badge.ask
        for level in self.levels:
            yield from level.asks
        yield from (each.ask for each in self.supports)

    @property
    def metrics(self) -> frozenset[str]:
        """Every metric that is looked at."""
        contested = {each.metric for each in self.contests} | {each.metric for each in self.badges}
        return frozenset({each.metric for each in self.asks} | contested)

    @property
    def back(self) -> Iterator[tuple[Grain, int]]:
        """How many periods that are over have to be known, of each length."""
        yield from ((each.period, each.in_a_row) for each in self.asks)
        yield from ((each.period, 2) for each in self.badges if each.ask is None)


@dataclass(frozen=True, slots=True)
class Progress:
    """One thing that a level asks, and how far somebody is."""

    ask: Ask
    held: int  # periods in a row, newest first


@dataclass(frozen=True, slots=True)
class Recognised:
    """Something that somebody earned, or is to be helped with."""

    kind: str  # badge | contest | level | support
    name: str
    title: str
    person: str  # a person id
    period: Period  # the last one that it was decided by
    place: int | None = None  # in a contest
    value: Decimal | None = None  # of the metric, in its unit
    rise: Decimal | None = None  # of a badge for improving: 0.2 is a fifth more, or 20 points of a ratio
    progress: tuple[Progress, ...] = ()  # of a level
    confirmed: str = ""  # "by Eve Roth on 2026-10-05"; empty: nobody has

    @property
    def complete(self) -> bool:
        """Whether nothing is missing any more."""
        return all(each.held >= each.ask.in_a_row for each in self.progress)

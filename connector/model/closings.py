"""Periods that are closed or locked, what was credited in them, and what changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from connector.model.calendar import Period
from connector.model.results import Card, Score, Subject, Target

CLOSED, LOCKED = "closed", "locked"


@dataclass(frozen=True, slots=True)
class Closing:
    """A period that is appraised no longer. A locked one never changes again."""

    period: Period
    state: str  # closed | locked
    at: datetime
    by: str
    note: str = ""
    rules_version: str = ""
    inputs: str = ""  # digest of the credits that were locked
    calendar: str = ""  # digest of the calendar they were counted by
    kinds: tuple[str, ...] = ()  # of whom the credits were locked: person, company, levels; none: before this was noted

    @property
    def of_people_alone(self) -> bool:
        """Whether the lock is of a time when the credits of people stood for those of their units and the company."""
        return not self.kinds


@dataclass(frozen=True, slots=True)
class LockedCredit:
    """What a record brought to somebody's number, a unit's or the company's, when its period was locked.

    Without a record: a subject, or for the company a metric, of which nothing was known, since it had not been agreed to.
    """

    period: str
    metric: str
    subject: Subject
    ref: str
    name: str
    happened_on: date
    credited: Decimal  # in the metric's unit; minor units where it is money

    @property
    def says_unknown(self) -> bool:
        """Whether it is no credit, and says that there may be some."""
        return not self.ref


@dataclass(frozen=True, slots=True)
class TrueUp:
    """What a record of a locked period brings otherwise today: a credit of its own, dated when we saw it."""

    period: str  # the locked one
    metric: str
    subject: Subject  # a person, a unit, or the company: each has one of its own
    ref: str  # the record it comes from
    name: str
    on: date
    amount: Decimal  # negative where a deal was reopened, deleted, merged or cut


@dataclass(frozen=True, slots=True)
class Locked:
    """A locked period's results, as they were."""

    closing: Closing
    targets: tuple[Target, ...] = ()
    scores: tuple[Score, ...] = ()
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """What an appraisal needs to know of closed periods."""

    closed: frozenset[str] = frozenset()  # period ids that are not open, though the calendar says so
    locked: Mapping[str, Locked] = field(default_factory=dict)  # by period id
    true_ups: tuple[TrueUp, ...] = ()

    def of(self, periods: Sequence[Period]) -> list[Locked]:
        """The locked ones among some periods."""
        return [self.locked[each.id] for each in periods if each.id in self.locked]

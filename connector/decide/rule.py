"""When to speak up, about what and to whom: the entries of `rules/alerts.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal

from connector.errors import Place
from connector.language.expression import Expression
from connector.model.calendar import Grain


@dataclass(frozen=True, slots=True)
class Message:
    """What is said in one language; words in braces are filled in."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Speech:
    """A message of rules/messages/en.yaml, and the same in other languages where they have it."""

    english: Message
    others: Mapping[str, Message] = field(default_factory=dict)  # "zh-CN" → the same in that language


@dataclass(frozen=True, slots=True)
class AlertRule:
    """About one metric of people."""

    name: str
    place: Place
    metric: str
    period: Grain
    when: Expression | None  # over one person's score; None with milestones, and where a changed target is told
    after: int  # working days in a row, today included; 1: at once
    until: Expression | None  # clears when true; None: when `when` is no longer true
    tell: tuple[str, ...]  # rep | manager | the e-mail address of somebody
    say: Speech
    band: str = "behind"
    for_: Expression | None = None  # over people
    milestones: tuple[Decimal, ...] = ()  # attainment to be told of, lowest first, instead of `when`
    cool_down: int = 0  # working days after it cleared on which it is not raised again
    rearm: bool = False  # whether a milestone is told again when it is reached with another target
    changed_target: bool = False  # tells of targets that were adjusted, instead of `when`
    at_once: bool = False  # a manager is told in a task of its own, and not in the digest


@dataclass(frozen=True, slots=True)
class RecordRule:
    """About single deals or accounts: told to whoever owns one, once in a period, of a few at a time."""

    name: str
    place: Place
    kind: str  # "deals" | "accounts"
    period: Grain
    when: Expression  # over the record
    tell: tuple[str, ...]
    say: Speech
    band: str = "behind"
    for_: Expression | None = None  # over the people who own them
    at_once: bool = False
    at_most: int = 5  # records of one owner at a time, the weightiest: nobody reads forty tasks


@dataclass(frozen=True, slots=True)
class Driver:
    """A metric that another one is made of, and the records to look at where it is the weakest."""

    metric: str
    look_at: Expression | None = None  # over deals


@dataclass(frozen=True, slots=True)
class Coaching:
    """Tell the manager of whoever is behind which driver holds them back."""

    name: str
    place: Place
    metric: str
    period: Grain
    when: Expression  # over one person's score
    drivers: tuple[Driver, ...]
    say: Speech
    least: int = 5  # records: with fewer of them a driver says nothing
    peers: int = 3  # people: with fewer of them there is no median
    for_: Expression | None = None
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Praise:
    """Tell the manager of whoever beats their own best."""

    name: str
    place: Place
    metric: str
    period: Grain
    say: Speech
    least: int = 4  # periods that are over: with fewer of them nothing is a record
    for_: Expression | None = None
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """What managers are told in a week, in one task."""

    place: Place
    weekday: int  # 0: Monday
    say: Speech
    at_most: int = 20  # lines


@dataclass(frozen=True, slots=True)
class Quiet:
    """When nobody is told anything; what stands in the morning is told then."""

    starts: time
    ends: time  # the same as `starts`: no hour is quiet
    weekends: bool = True

    def holds(self, at: time, weekday: int) -> bool:
        """Whether an hour is quiet; hours may go over midnight."""
        if self.weekends and weekday >= 5:
            return True
        if self.starts <= self.ends:
            return self.starts <= at < self.ends
        return at >= self.starts or at < self.ends


@dataclass(frozen=True, slots=True)
class Speaking:
    """Everything that is said besides alerts about one metric, and when."""

    records: tuple[RecordRule, ...] = ()
    coaching: tuple[Coaching, ...] = ()
    praise: tuple[Praise, ...] = ()
    digest: Digest | None = None
    quiet: Quiet | None = None

    @property
    def rules(self) -> tuple[RecordRule | Coaching | Praise, ...]:
        """All that speak by themselves."""
        return (*self.records, *self.coaching, *self.praise)

"""What comes out: measurements, targets, scores and alerts, each with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from connector.model.calendar import Period


class Subject(NamedTuple):
    """Whom a number is about: a person, a unit of a level, or the company.

    A tuple, since it is half of the key that millions of numbers are looked up by.
    """

    kind: str  # person | company | a level of the roster: "team", "region"
    id: str  # person id, unit name, or "company"

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


COMPANY = Subject("company", "company")


def units(sat: Mapping[str, str], levels: Sequence[str]) -> list[Subject]:
    """The units of somebody who sits so (level → unit), in the order of the levels; none for a level without a unit."""
    return [Subject(level, name) for level in levels if (name := sat.get(level))]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number with its unit; the records behind it are listed by `measure.evidence`.

    Money is in minor units of the company's currency. `top` and `bottom` are the two whole
    sides of a quotient, so that it is divided once, in Decimal; `bottom` is None for sums.
    """

    value: Decimal | None  # None: nothing to measure, which is not the same as zero
    unit: str  # "money", "ratio", "days", or a word for what is counted: "deals"
    top: Decimal | None = None
    bottom: Decimal | None = None
    records: int = 0  # counted
    left_out: int = 0  # chosen by the rule, but not countable
    reason: str = ""  # why there is no value, where that says more than that there was nothing


@dataclass(frozen=True, slots=True)
class TargetStep:
    """One step of a target's derivation; the steps re-add to the target, to the minor unit."""

    what: str  # "company", "spread", "split by team", "proration", "own quota"
    says: str  # "by headcount: 12 of 35 people"
    change: Decimal  # what this step adds to the running value
    value: Decimal  # the running value after the step


@dataclass(frozen=True, slots=True)
class Target:
    """What a subject should reach in a period, and how that came about."""

    metric: str
    subject: Subject
    period: Period
    value: Decimal  # minor units for money; the metric's unit otherwise
    unit: str
    steps: tuple[TargetStep, ...]
    source: str  # "rules/targets.yaml:3" or "files:quotas/…"
    kind: str = "target"  # quota | target | stretch | plan
    # What each unit has of somebody's who moved in the period; empty: all of it is with the unit that they sat in.
    placed: tuple[tuple[Subject, Decimal], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Score:
    """A measurement set against its target, on a day.

    Ratios are raw and uncapped. Every number that is None has its reason in `reason`.
    Amounts are in the metric's unit: minor units where it is money.
    """

    metric: str
    subject: Subject
    period: Period
    as_of: date
    unit: str
    actual: Decimal | None
    target: Decimal | None
    attainment: Decimal | None
    gap: Decimal | None
    expected: Decimal | None  # what should be there by now
    pace: Decimal | None  # actual / expected
    elapsed: int  # working days over
    working_days: int  # of the period
    reason: str = ""
    rank: int | None = None  # among people with the same metric and period; 1, 2, 2, 4
    pace_by: str = "working days"  # what is expected by now, by: "working days", "season"
    records: int = 0
    left_out: int = 0
    surplus: Decimal | None = None  # what is better than the target; None of what builds up where lower is better
    run_rate: Decimal | None = None  # per finished working day
    # Per working day to come; 0: nothing is missing; None: no day is left, or lower is better.
    required_rate: Decimal | None = None
    ahead: Decimal | None = None  # attainment less the share of the period that is usually done: 0.05 is five points
    projection: Decimal | None = None  # where the period will end
    projection_by: str = ""  # "working days", "season", "pipeline", "the period is over"
    projection_error: Decimal | None = None  # on past periods, as a share of the final total
    band: str = ""  # of the scorecard that weighs the metric
    field_size: int = 0  # how many people are ranked with this one

    @property
    def quartile(self) -> int | None:
        """The quarter of the field that the rank lies in, from 1; None: no rank."""
        return None if self.rank is None else (4 * (self.rank - 1)) // max(self.field_size, 1) + 1


@dataclass(frozen=True, slots=True)
class CardLine:
    """One metric on somebody's scorecard."""

    name: str  # "bookings", "team.bookings"
    weight: Decimal  # as ops wrote it
    share: Decimal  # of the whole weight; 0 where the metric is left out
    reached: Decimal | None  # attainment or pace, raw; None: `says` has the reason
    points: Decimal | None  # scaled, and held between floor and cap
    says: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A scorecard filled in: a person's, a unit's or the company's, on a day."""

    scorecard: str
    subject: Subject
    period: Period
    as_of: date
    score: Decimal | None  # unrounded; 1 is 100 %
    band: str = ""
    lines: tuple[CardLine, ...] = ()  # a unit has none: its people have
    held: tuple[str, ...] = ()  # the gates that held it down
    reason: str = ""
    rank: int | None = None  # among the people of one scorecard and period


@dataclass(frozen=True, slots=True)
class HealthReason:
    """What moved the health of a record, and what to do about it."""

    add: int
    says: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How an open deal or an account is doing."""

    kind: str  # "deals" | "accounts"
    ref: str  # "emea:006…"
    name: str
    owner: str | None  # a person id
    points: int  # 0 to 100
    band: str
    reasons: tuple[HealthReason, ...]  # heaviest first
    retention: Decimal | None = None  # of an account: what it pays a year, of what it paid a year ago

    @property
    def next_step(self) -> str:
        """What to do first; empty: nothing in particular."""
        return next((each.do for each in self.reasons if each.do), "")


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that speaks up about a subject; its key is fixed by meaning, never by time."""

    key: str  # 32 hex digits
    rule: str
    subject: Subject
    period: Period
    band: str
    metric: str
    raised_on: date
    person: str  # whom it is told to, a person id
    title: str
    text: str
    told_as: str = "rep"  # rep | manager | the address that the rule names
    record: str | None = None  # the deal or account to look at first: "emea:Opportunity/006…"

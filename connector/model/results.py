"""What comes out: measurements, targets, scores and alerts, each with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.model.calendar import Period


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """Whom a number is about: a person, a unit of a level, or the company."""

    kind: str  # person | company | a level of the roster: "team", "region"
    id: str  # person id, unit name, or "company"

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


COMPANY = Subject("company", "company")


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
    pace_by: str = "working days"
    records: int = 0
    left_out: int = 0


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

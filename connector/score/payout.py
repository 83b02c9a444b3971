"""What somebody's results pay: an estimate that anybody can work out again, and never a promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from connector.errors import Place
from connector.language.expression import Expression
from connector.model.calendar import Grain, Period
from connector.model.results import Score, Subject
from connector.score.curve import Curve, Leg


@dataclass(frozen=True, slots=True)
class Paid:
    """A metric that is paid for, and how."""

    metric: str
    curve: Curve
    weight: Decimal = Decimal(1)  # of what the curve gives
    counting: str = ""  # the metric that tiers are counted in


@dataclass(frozen=True, slots=True)
class Override:
    """A manager's share of what their people are paid, or of what they bring in."""

    rate: Decimal
    of: str = "payouts"  # payouts | results


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan of `rules/incentives.yaml`."""

    name: str
    title: str
    place: Place
    period: Grain
    measures: tuple[Paid, ...]
    on: bool = False  # nothing is shown in a CRM while it is off
    for_: Expression | None = None  # over people
    basis: str = "period"  # period | year_to_date
    combine: str = "sum"  # sum: measures are added | linked: the first pays, the others multiply it by what they reach
    threshold: Decimal | None = None  # below this attainment of the first measure nothing is paid
    cap: Decimal | None = None  # minor units; no more than this is paid in a period, also of a year to date
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a measure is paid for: its numbers in the period, or in the year to date."""

    actual: Decimal | None
    target: Decimal | None
    count: Decimal | None = None
    reason: str = ""
    beside: Decimal = Decimal(0)  # of `actual`, what came in periods without a target: no attainment counts it

    @property
    def against_target(self) -> Result:
        """The same, as an attainment reads it."""
        return self if self.actual is None else replace(self, actual=self.actual - self.beside, beside=Decimal(0))

    @property
    def reached(self) -> Decimal | None:
        """The attainment; None without a number or a target to divide by."""
        actual = self.against_target.actual
        return actual / self.target if actual is not None and self.target else None


@dataclass(frozen=True, slots=True)
class Line:
    """One measure's part of a payout."""

    metric: str
    result: Result
    legs: tuple[Leg, ...]
    weight: Decimal
    pays: int | None  # minor units; None: `reason` says why
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Payout:
    """What a plan pays somebody for a period."""

    plan: str
    subject: Subject
    period: Period
    pays: int | None  # minor units; None: it cannot be told, which is not zero
    lines: tuple[Line, ...]
    before: int = 0  # year to date: what earlier periods of the year gave
    held: str = ""  # what held it down: threshold, cap
    reason: str = ""


def payout(plan: Plan, subject: Subject, period: Period, results: Sequence[Result], before: int = 0) -> Payout:
    """The payout of one person from their results, in the order of the plan's measures.

    With a year to date, `results` are those of the year so far, and `before` what its earlier periods gave: the
    difference is paid, which is negative where deals were taken back. The cap is the period's, whatever the basis: of
    a year to date, what it held back is still owed, and comes as far as later periods' caps have room.
    """
    lines = tuple(_line(paid, result) for paid, result in zip(plan.measures, results, strict=True))
    reasons = [f"{each.metric}: {each.reason}" for each in lines if each.pays is None]
    reasons += [
        f"{each.metric}: {'no target' if each.result.target is None else 'target is zero'}"
        for each in _reading_attainment(plan, lines)
    ]
    if reasons:
        return Payout(plan.name, subject, period, None, lines, before, reason="; ".join(dict.fromkeys(reasons)))
    pays, held = _held(plan, results[0], _together(plan, lines), before)
    return Payout(plan.name, subject, period, pays, lines, before, held)


def _reading_attainment(plan: Plan, lines: Sequence[Line]) -> list[Line]:
    """The lines whose attainment the plan needs beside their curves, and that have none."""
    needed = [*lines[1:]] if plan.combine == "linked" else []
    if plan.threshold is not None:
        needed.append(lines[0])
    return [each for each in needed if each.pays is not None and each.result.reached is None]


def _line(paid: Paid, result: Result) -> Line:
    result = result.against_target if paid.curve.needs_target else result
    if result.actual is None:
        return Line(paid.metric, result, (), paid.weight, None, result.reason or "no number")
    try:
        legs = paid.curve.legs(result.actual, result.target, result.count)
    except ValueError as error:
        return Line(paid.metric, result, (), paid.weight, None, str(error))
    pays = _half_up(sum(each.pays for each in legs) * paid.weight)
    return Line(paid.metric, result, legs, paid.weight, pays)


def _together(plan: Plan, lines: Sequence[Line]) -> int:
    if plan.combine == "sum":
        return sum(each.pays or 0 for each in lines)
    total = Decimal(lines[0].pays or 0)
    for each in lines[1:]:
        total *= each.result.reached or Decimal(0)
    return _half_up(total)


def _held(plan: Plan, first: Result, total: int, before: int) -> tuple[int, str]:
    """What is paid of a total of which a part was paid before, and what held it."""
    if plan.threshold is not None and (first.reached or Decimal(0)) < plan.threshold:
        return -before, f"below the threshold of {plan.threshold.scaleb(2).normalize():f}%"
    if plan.cap is not None and total - before > plan.cap:
        return int(plan.cap), "capped"
    return total - before, ""


def overridden(plan: Plan, own: Payout, below: Sequence[int]) -> Payout:
    """A manager's payout with their share of what their people are paid, or bring in, in minor units."""
    if plan.override is None or own.pays is None:
        return own
    whole, rate = Decimal(sum(below)), plan.override.rate
    pays = _half_up(whole * rate)
    leg = Leg(f"of {len(below)} people's {plan.override.of}", whole, rate, pays)
    line = Line("override", Result(whole, None), (leg,), Decimal(1), pays)
    return Payout(own.plan, own.subject, own.period, own.pays + pays, (*own.lines, line), own.before, own.held)


def added_up(results: Sequence[Result]) -> Result:
    """Periods of a year as the year to date; what is missing in one that counts is missing in all.

    Where something was wanted in one of them, what came in those in which nothing was counts towards no attainment.
    """
    wanted = [each for each in results if each.target is not None]
    gone = next((each for each in wanted or results if each.actual is None), None)
    if gone is not None:
        return gone
    besides = [each.actual for each in results if wanted and each.target is None and each.actual is not None]
    counts = [each.count for each in results if each.count is not None]
    return Result(
        sum((each.actual for each in results if each.actual is not None), Decimal(0)),
        sum((each.target for each in wanted if each.target is not None), Decimal(0)) if wanted else None,
        sum(counts, Decimal(0)) if counts else None,
        beside=sum(besides, Decimal(0)),
    )


def result(score: Score | None, counted: Score | None = None) -> Result:
    """A score as a plan reads it."""
    if score is None:
        return Result(None, None, None, "nothing to measure")
    return Result(score.actual, score.target, counted.actual if counted else None, score.reason)


def _half_up(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))

"""What `attain explain` says of closed periods: a locked number is read from its lock, later changes stand apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from connector.appraisal.true_ups import counting_in
from connector.cli.terminal import number, say, table
from connector.flow.house import House
from connector.measure.evidence import Evidence, EvidenceLine
from connector.measure.metric import Metric
from connector.model.calendar import Period
from connector.model.closings import Closed, Closing, TrueUp
from connector.model.results import COMPANY, Subject
from connector.store import closings

WHOLE = 1_000_000  # millionths


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What is known of one number's closed periods."""

    locked: str = ""  # when and by whom, where the period itself is locked
    true_ups: tuple[TrueUp, ...] = ()  # of earlier, locked periods, that count in this one


def afterwards(closed: Closed, metric: str, subject: Subject, period: Period) -> Afterwards:
    """The lock of a period, or the true-ups that count in it, for a person, a unit or the company."""
    if period.id in closed.locked:
        closing = closed.locked[period.id].closing
        by = f" by {closing.by}" if closing.by else ""
        return Afterwards(
            f"Locked on {closing.at:%Y-%m-%d}{by}, rules {closing.rules_version}: it is read, and never changes."
        )
    mine = (
        each
        for each in counting_in(closed, period)
        if each.metric == metric
        if each.subject == subject or _stands_for(subject, closed.locked[each.period].closing)
    )
    return Afterwards(true_ups=tuple(mine))


def _stands_for(subject: Subject, closing: Closing) -> bool:
    """Whether what an early lock says of people is what it says of the company."""
    return subject == COMPANY and closing.of_people_alone


def locked_evidence(house: House, metric: Metric, subject: Subject, period: Period, total: Decimal | None) -> Evidence:
    """The credits of a lock, as evidence."""
    with house.store.reading() as tx:
        kept = closings.locked_credits(tx, period.id)
        closing = next(each for each in closings.closings(tx) if each.period.id == period.id)
    lines = tuple(
        EvidenceLine(each.ref, each.name, each.happened_on, each.credited, WHOLE, each.credited)
        for each in kept
        if each.metric == metric.name and (each.subject == subject or _stands_for(subject, closing))
        if not each.says_unknown
    )
    return Evidence(metric.name, subject, period, total, lines)


def show_true_ups(found: Afterwards, metric: Metric, currency: str, url: Callable[[str], str]) -> None:
    """Each difference with its record, apart from the period's own."""
    if not found.true_ups:
        return
    say()
    say("True-ups: what changed in locked periods", "bold")
    rows = [
        (f"{each.on}", each.period, each.name, number(each.amount, metric.unit, currency), url(each.ref))
        for each in found.true_ups
    ]
    table(("seen on", "of", "record", "credited", "address"), rows, right=("credited",))
    total = sum((each.amount for each in found.true_ups), Decimal(0))
    say(f"Together {number(total, metric.unit, currency)}")

"""Whether people who do the same have targets that are as hard, whatever their territory and however long they are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import StatisticsError, correlation, fmean

from connector.improve.finding import Finding, Severity
from connector.model.people import Person
from connector.model.results import COMPANY, Target

SPREAD = 0.60  # of the chances of people who do the same
PEOPLE_LEAST = 3
CORRELATED, TELLING = 0.6, 12  # a correlation of this size, and of so many people, is no accident
HEALTHY = (
    0.30,
    0.90,
)  # of people at target: 55 to 65 % is a convention of the field; outside of this, something is off
ENOUGH = 8  # people, before a share of them says anything


@dataclass(frozen=True, slots=True)
class Chance:
    """A person's target, and how likely it is to be reached."""

    person: Person
    target: Target
    probability: float


def unfair(
    role: str, found: Sequence[Chance], potential: Mapping[str, Decimal], today: date, period: str
) -> Iterator[Finding]:
    """What is odd about the chances of people of one role."""
    if len(found) >= PEOPLE_LEAST:
        yield from _apart(role, found, period)
    yield from _follows("the potential of their accounts", _by_potential(found, potential), found, role, period)
    yield from _follows("how long they are there", _by_tenure(found, today), found, role, period)
    if len(found) >= ENOUGH:
        yield from _at_target(role, found, period)


def _apart(role: str, found: Sequence[Chance], period: str) -> Iterator[Finding]:
    least, most = (pick(found, key=lambda each: each.probability) for pick in (min, max))
    if most.probability - least.probability > SPREAD:
        yield Finding(
            "fair", Severity.WARNING, least.target.metric, least.target.subject, period,
            f"among {len(found)} people{_in(role)} the chances go from {least.probability:.0%} to "
            f"{most.probability:.0%} ({most.person.name})",
            "move some of the one's target to the other, or say why they differ", least.target.source,
        )  # fmt: skip


def _follows(
    what: str, values: Sequence[tuple[float, float]], found: Sequence[Chance], role: str, period: str
) -> Iterator[Finding]:
    """Chances that rise or fall with something that is no merit."""
    if len(values) < TELLING:
        return
    try:
        together = correlation([chance for chance, _ in values], [value for _, value in values])
    except StatisticsError:  # all alike
        return
    if abs(together) > CORRELATED:
        yield Finding(
            "fair", Severity.WARNING, found[0].target.metric, COMPANY, period,
            f"chances of {len(values)} people{_in(role)} {'rise' if together > 0 else 'fall'} with {what} "
            f"(correlation {together:+.2f})",
            "set targets by what a territory can bring: `split: by account potential`, `ramp`", found[0].target.source,
        )  # fmt: skip


def _by_potential(found: Sequence[Chance], potential: Mapping[str, Decimal]) -> list[tuple[float, float]]:
    return [(each.probability, float(potential[each.person.id])) for each in found if each.person.id in potential]


def _by_tenure(found: Sequence[Chance], today: date) -> list[tuple[float, float]]:
    known = ((each.probability, each.person.starts_on) for each in found)
    return [(chance, float((today - starts_on).days)) for chance, starts_on in known if starts_on is not None]


def _at_target(role: str, found: Sequence[Chance], period: str) -> Iterator[Finding]:
    """How many are likely to reach theirs: nearly nobody, or nearly everybody, and a target says little."""
    share = fmean(each.probability for each in found)
    if not HEALTHY[0] <= share <= HEALTHY[1]:
        yield Finding(
            "fair", Severity.NOTE, found[0].target.metric, COMPANY, period,
            f"of {len(found)} people{_in(role)}, {share:.0%} are likely to reach theirs; 55% to 65% are usual",
            "see whether the company's number is meant so: `attain suggest`", found[0].target.source,
        )  # fmt: skip


def _in(role: str) -> str:
    return f" in the role {role}" if role else ""

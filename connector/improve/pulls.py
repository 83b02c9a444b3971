"""Targets of the same person that pull against each other: in months when the one went well, the other did not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

from connector.improve.finding import Finding, Severity
from connector.improve.months import MonthlyPast
from connector.measure.metric import Metric
from connector.model.people import Person
from connector.model.results import COMPANY, Subject, Target

AGAINST = -0.35  # correlation
TELLING = 60  # months of people, all together


@dataclass(frozen=True, slots=True)
class Pull:
    """Two metrics that somebody is held against, and how they moved together."""

    one: str
    other: str
    together: float  # correlation, freed of who the people are; the worse one goes with the better other below 0
    months: int
    people: int


def pulling(
    pasts: Mapping[str, MonthlyPast], metrics: Mapping[str, Metric], targets: Sequence[Target], people: Sequence[Person]
) -> Iterator[Finding]:
    """A finding for each pair of metrics that the same people have targets of, and that go against each other."""
    for one, other in combinations(sorted(pasts), 2):
        held = {name: {each.subject.id for each in targets if each.metric == name} for name in (one, other)}
        both = [each for each in people if each.id in held[one] and each.id in held[other]]
        pull = together(pasts[one], pasts[other], both)
        if pull is None:
            continue
        turned = 1 if metrics[one].better == metrics[other].better else -1
        if pull.together * turned < AGAINST:
            source = next(each for each in targets if each.metric == one).source
            yield Finding(
                "relevant", Severity.WARNING, one, COMPANY, next(iter(targets)).period.id,
                f"pulls against {other}, which the same {pull.people} people are held against: in {pull.months} months "
                f"the one went well when the other did not (correlation {pull.together:+.2f})",
                "weigh them in one scorecard, or hold people against one of the two", source,
            )  # fmt: skip


def together(one: MonthlyPast, other: MonthlyPast, people: Sequence[Person]) -> Pull | None:
    """How two metrics moved together, each person against their own mean; None: too few months to say."""
    xs, ys, many = list[float](), list[float](), 0
    for person in people:
        pairs = [
            (x, y)
            for month in one.months
            if (x := _value(one, person, month.id)) is not None and (y := _value(other, person, month.id)) is not None
        ]
        if len(pairs) < 2:
            continue
        many += 1
        means = fmean(x for x, _ in pairs), fmean(y for _, y in pairs)
        xs += [x - means[0] for x, _ in pairs]
        ys += [y - means[1] for _, y in pairs]
    squares = sum(x * x for x in xs) * sum(y * y for y in ys)
    if len(xs) < TELLING or squares <= 0:
        return None
    return Pull(one.metric, other.metric, sum(x * y for x, y in zip(xs, ys, strict=True)) / squares**0.5, len(xs), many)


def _value(past: MonthlyPast, person: Person, month: str) -> float | None:
    known = past.values.get(past.metric, Subject("person", person.id), month)
    return None if known is None or known.value is None else float(known.value)

"""Who is ahead of whom: standard competition ranks among people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from connector.measure.metric import Metric
from connector.model.results import Score


def rank(scores: Iterable[Score], metrics: Iterable[Metric] = ()) -> list[Score]:
    """The same scores in the same order, people's with a rank per metric and period: 1, 2, 2, 4.

    Ties are judged on the exact ratio of actual and target, not on a rounded one. Units, the company, and people
    without attainment have no rank. `metrics` tells which of them are better when lower.
    """
    lower = {each.name: each.method for each in metrics if each.better == "lower"}
    given = list(scores)
    exact = [_exact(each, lower) if _ranked(each) else None for each in given]
    groups: dict[tuple[str, str], list[Fraction]] = {}
    for each, ratio in zip(given, exact, strict=True):
        if ratio is not None:
            groups.setdefault((each.metric, each.period.id), []).append(ratio)
    places = {
        (name, ratio): place
        for name, ratios in groups.items()
        for place, ratio in reversed(list(enumerate(sorted(ratios, reverse=True), start=1)))
    }
    return [
        each if ratio is None else replace(each, rank=places[(each.metric, each.period.id), ratio])
        for each, ratio in zip(given, exact, strict=True)
    ]


def _ranked(score: Score) -> bool:
    return score.subject.kind == "person" and score.attainment is not None


def _exact(score: Score, lower: dict[str, str]) -> Fraction:
    """Attainment as a fraction."""
    assert score.actual is not None
    assert score.target is not None
    actual, target = Fraction(score.actual), Fraction(score.target)
    match lower.get(score.metric):
        case None:
            return actual / target
        case "linear":
            return 2 - actual / target
        case _:
            return target / actual

"""Who is ahead of whom: standard competition ranks among people, dense ones, or by who got there first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from connector.measure.metric import Metric
from connector.model.results import Score

Key = tuple[str, str]  # metric name, period id


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """How people are ranked in a metric."""

    ties: str = "standard"  # standard: 1, 2, 2, 4 | dense: 1, 2, 2, 3 | first_to_reach: who reached the target first
    least_target: Decimal | None = None  # whose target is smaller takes no part: a tiny quota cannot win
    private: bool = False  # nobody is shown more than their own place and quarter of the field


_ORDINARY = Leaderboard()


def rank(
    scores: Iterable[Score],
    metrics: Iterable[Metric] = (),
    boards: Mapping[str, Leaderboard] | None = None,
    reached: Mapping[tuple[str, str, str], date] | None = None,
) -> list[Score]:
    """The same scores in the same order, people's with a rank per metric and period.

    Judged on the exact ratio of actual and target, not on a rounded one. Units, the company, and people without
    attainment have no rank. `metrics` tells which of them are better when lower; `boards` how a metric is ranked, if
    not by 1, 2, 2, 4; `reached` on which day a person reached their target, by metric, person and period.
    """
    lower = {each.name: each.method for each in metrics if each.better == "lower"}
    known = boards or {}
    given = list(scores)
    groups: dict[Key, list[tuple[int, Fraction]]] = {}
    for at, each in enumerate(given):
        if each.attainment is not None and _ranked(each, known.get(each.metric, _ORDINARY)):
            groups.setdefault((each.metric, each.period.id), []).append((at, _exact(each, lower)))
    for (metric, period), found in groups.items():
        board = known.get(metric, _ORDINARY)
        days = {at: (reached or {}).get((metric, given[at].subject.id, period)) for at, _ in found}
        for at, place in _places(found, board, days).items():
            given[at] = replace(given[at], rank=place, field_size=len(found))
    return given


def _places(
    found: list[tuple[int, Fraction]], board: Leaderboard, reached: Mapping[int, date | None]
) -> dict[int, int]:
    """A place for everybody; who is equal shares one."""

    def standing(at: int, ratio: Fraction) -> tuple[Fraction, int]:
        day = reached[at] if board.ties == "first_to_reach" else None
        return (-min(ratio, Fraction(1)) if day else -ratio, day.toordinal() if day else 0)

    standings = {at: standing(at, ratio) for at, ratio in found}
    order = sorted(standings.values())
    if board.ties == "dense":
        order = sorted(set(order))
    places = {each: place for place, each in reversed(list(enumerate(order, start=1)))}
    return {at: places[each] for at, each in standings.items()}


def _ranked(score: Score, board: Leaderboard) -> bool:
    if score.subject.kind != "person" or score.attainment is None or score.target is None:
        return False
    return board.least_target is None or score.target >= board.least_target


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

"""Whether the campaign bites: each planted fault is tried until it shows itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

from tests.faults import scenes
from tests.faults.forked import side_by_side
from tests.faults.ground import Ground
from tests.faults.places import Trial
from tests.faults.planted import PLANTED
from tests.faults.trials import Fault, crashed, is_a_write


def caught(ground: Ground, name: str) -> list[str]:
    """What the campaign says of a planted fault; empty: it does not bite."""
    fault = PLANTED[name]
    match name:
        case "> instead of >=" | "overlap 0" | "float money":
            return list(ground.alone(ground.late, lambda mine: scenes.seen_late(mine, fault)))
        case "no fence":
            return list(ground.alone(ground.village, lambda mine: scenes.zombie(mine, fault)))
        case "retry on unknown":
            return list(ground.alone(ground.village, lambda mine: scenes.done_meanwhile(mine, fault)))
    works = (
        ground.work(ground.village, _faulty(ground, fault, at))
        for at in _where_it_shows(name, ground.points(ground.village))
    )
    with closing(side_by_side(works)) as answers:
        return next((list(_violations(words)) for words in answers if words), [])


def _violations(answer: list[str] | str) -> list[str]:
    """What a trial saw. One that fell over itself saw nothing: a fault that no longer fits the product is not caught."""
    assert not isinstance(answer, str), answer
    return answer


def _where_it_shows(name: str, points: Sequence[str]) -> Iterable[int]:
    """The crash points to try, until one of them shows the fault: while pages are kept, or as rows were sent."""
    sent = [at for at, each in enumerate(points, 1) if each.startswith("after ") and is_a_write(each)]
    if name == "cursor before page":
        return range(sent[0] % 12 or 12, sent[0], 12)
    return (at + more for at in sent for more in range(4))


def _faulty(ground: Ground, fault: Fault, at: int) -> Trial:
    return lambda mine: crashed(ground.setting(mine, fault), [at], at)

"""One line per measurement: ours, theirs, the ratio, the goal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """A measurement beside its peer, in the same unit."""

    what: str
    ours: float
    theirs: float
    goal: float | None  # the most that the ratio may be; None: no goal was set
    unit: str = "s"
    peer: str = ""

    @property
    def ratio(self) -> float:
        """How many times the peer's."""
        return self.ours / self.theirs if self.theirs else float("nan")

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"goal ≤ {self.goal:g}x  {'met' if self.ratio <= self.goal else 'MISSED'}"
        return f"{self.what:<44} {self.ours:>10.2f} {self.theirs:>10.2f} {self.unit:<6} {self.ratio:>6.2f}x  {goal:<22} {self.peer}"


def note(text: str) -> None:
    """Progress, beside the answer."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Seconds since the block began, and once it has ended, how long it took."""
    began = time.perf_counter()
    ended: list[float] = []
    yield lambda: (ended[0] if ended else time.perf_counter()) - began
    ended.append(time.perf_counter())


def best_of(times: int, *works: Callable[[], object]) -> list[float]:
    """The best time of each; they take turns, so that a busy moment hits them alike."""
    best = [float("inf")] * len(works)
    for _ in range(times):
        for at, work in enumerate(works):
            with stopwatch() as took:
                work()
            best[at] = min(best[at], took())
    return best

"""One line per measurement: ours, theirs, the ratio, the goal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A measurement beside its peer, in the same unit."""

    what: str
    ours: float
    theirs: float
    goal: float | None  # the most that the ratio may be; None: no goal was set
    unit: str = "s"
    peer: str = ""
    most: float | None = None  # a goal for the measurement itself, in its unit

    @property
    def ratio(self) -> float:
        """How many times the peer's."""
        return self.ours / self.theirs if self.theirs else float("nan")

    @property
    def verdict(self) -> str:
        """The goal, and whether it was met; judged as printed, so that 1.304 meets 1.3."""
        if self.most is not None:
            return f"goal ≤ {self.most:g} {self.unit}  {_met(self.ours, self.most)}"
        if self.goal is not None:
            return f"goal ≤ {self.goal:g}x  {_met(round(self.ratio, 2), self.goal)}"
        return ""

    def __str__(self) -> str:
        digits = 0 if self.unit == "calls" else 2
        numbers = f"{self.ours:>10,.{digits}f} {self.theirs:>10,.{digits}f} {self.unit:<5} {self.ratio:>6.2f}x"
        return f"{self.what:<48} {numbers}  {self.verdict:<22} {self.peer}".rstrip()


def _met(found: float, most: float) -> str:
    return "met" if found <= most else "missed"


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

"""While a campaign is under way: how far it is, and whether somebody has had enough of it."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from tests.faults.ground import Outcome

RARELY = 60.0  # seconds between two lines in a pipe; a terminal's line is written over


@dataclass
class Progress:
    """Says on standard error how far each part is."""

    to: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic
    _last: float | None = None

    def tell(self, so_far: Outcome) -> None:
        line = f"{so_far.name}: {so_far.runs} {so_far.unit}, {len(so_far.violations)} violations"
        if self.to.isatty():
            self.to.write(f"\r\x1b[K{line}")
        elif self._last is None or self.clock() - self._last >= RARELY:
            self._last = self.clock()
            self.to.write(f"{line}\n")
        self.to.flush()

    def clear(self) -> None:
        """A terminal's line makes room for the figures."""
        if self.to.isatty():
            self.to.write("\r\x1b[K")
            self.to.flush()


def asked_to_end() -> Callable[[], bool]:
    """Whether SIGINT or SIGTERM came by now: what is under way then ends, nothing else is begun, and figures are printed."""
    asked: list[int] = []
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda number, _frame: asked.append(number))
    return lambda: bool(asked)

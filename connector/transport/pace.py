"""How fast calls follow each other under a limit that is shared with others: slower at once when refused, faster by and by.

A connection makes one call at a time, so what is steered is not how many run beside each other but how soon the next one
follows: additive increase and multiplicative decrease, as TCP shares a line. Unrefused it asks nobody to wait: bursts are
the bucket's business. HubSpot's searches are five a second for a whole account, whoever searches (source: HubSpot, "Search
the CRM", read November 2026), so an account with another integration has fewer left than we may know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SLOWEST = 1 / 16  # of full speed
STEP = (
    1 / 128
)  # of full speed, for each call that was answered: with more, refusals come faster than retries are earned


@dataclass(slots=True)
class Pace:
    """Of one kind of call. Not thread-safe: whoever has it locks."""

    full: float  # calls per second
    share: float = 1.0  # of full speed
    _earliest: datetime | None = None  # of the next call; None: at once

    def wait(self, now: datetime) -> float:
        """Seconds until the next call may leave."""
        return 0.0 if self._earliest is None else max(0.0, (self._earliest - now).total_seconds())

    def left(self, now: datetime) -> None:
        """A call leaves."""
        self._earliest = None if self.share >= 1 else now + timedelta(seconds=1 / (self.full * self.share))

    def hold(self, until: datetime) -> None:
        """No call may leave before."""
        self._earliest = until if self._earliest is None else max(self._earliest, until)

    def refused(self) -> None:
        """It came too soon: half as fast from here on."""
        self.share = max(SLOWEST, self.share / 2)

    def answered(self) -> None:
        self.share = min(1.0, self.share + STEP)

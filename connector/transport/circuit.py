"""A circuit that opens when a CRM keeps failing, so that nobody hammers at a door that is shut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

IN_A_ROW = 5
WATCHED, TOO_MANY = 20, 10  # of the last so many calls, more than so many failed
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
AFTER_A_REFUSED_LOGIN = timedelta(minutes=5)  # more often would lock the integration user out


@dataclass(frozen=True, slots=True)
class Circuit:
    """How a connection has been doing; open while `probe_at` says when it is asked again."""

    in_a_row: int = 0  # failures since the last success
    recent: str = ""  # the last calls, oldest first: `.` worked, `x` failed
    probe_at: datetime | None = None  # None: closed
    wait: timedelta = timedelta(0)  # between the last probe and the next
    reason: str = ""  # the last failure

    @property
    def is_open(self) -> bool:
        """Whether calls are refused, but for one at a time."""
        return self.probe_at is not None

    def worked(self) -> Circuit:
        """After a call that was answered; an open circuit closes."""
        return Circuit() if self.is_open else Circuit(recent=(self.recent + ".")[-WATCHED:])

    def failed(self, now: datetime, reason: str, *, login: bool = False) -> Circuit:
        """After a call that was not. A refused login opens it at once."""
        in_a_row, recent = self.in_a_row + 1, (self.recent + "x")[-WATCHED:]
        tired = in_a_row >= IN_A_ROW or (len(recent) == WATCHED and recent.count("x") > TOO_MANY)
        if not (tired or login or self.is_open):
            return Circuit(in_a_row, recent, None, timedelta(0), reason)
        wait = min(self.wait * 2, LONGEST_WAIT) if self.wait else FIRST_WAIT
        wait = max(wait, AFTER_A_REFUSED_LOGIN) if login else wait
        return Circuit(in_a_row, recent, now + wait, wait, reason)

    def probing(self, now: datetime) -> Circuit:
        """One call is let through; the next one waits for its end, or as long again."""
        return Circuit(self.in_a_row, self.recent, now + max(self.wait, FIRST_WAIT), self.wait, self.reason)

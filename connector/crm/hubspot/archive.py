"""When the list of what was archived is read again: it has no order of time, so each look at it is a look at all of it.

A short list is looked at with every read. A long one a few times a day: otherwise an account that archived fifty thousand
deals in ten years would pay five hundred calls for each deletion that we hear of a quarter of an hour sooner. Webhooks
tell of deletions at once, and the sweep compares every id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SHORT = 2  # pages
EVERY = timedelta(hours=6)
CLOCKS_APART = timedelta(hours=1)  # ours and HubSpot's, at most


@dataclass(slots=True)
class Archive:
    """What is known of it: when it was last read to its end, and how long it was then."""

    read_at: datetime | None = None  # None: never, or not that we know
    pages: int = 0
    silent: bool = False  # HubSpot lists it of no record of this type

    @classmethod
    def of(cls, memo: str, *, silent: bool = False) -> Archive:
        """From a cursor's memo: `1795608000 3`."""
        seconds, _, pages = memo.partition(" ")
        if not (seconds.isdigit() and pages.isdigit()):
            return cls(silent=silent)
        return cls(datetime.fromtimestamp(int(seconds), UTC), int(pages), silent)

    @property
    def memo(self) -> str:
        return f"{int(self.read_at.timestamp())} {self.pages}" if self.read_at else ""

    def is_due(self, now: datetime) -> bool:
        """Whether it is worth a look."""
        return not self.silent and (self.read_at is None or self.pages <= SHORT or now - self.read_at >= EVERY)

    def since(self, window: datetime | None) -> datetime | None:
        """From when on its records are news: since the last look, however many reads ago that was."""
        if window is None or self.read_at is None:
            return window
        return min(window, self.read_at - CLOCKS_APART)

    def was_read(self, at: datetime, pages: int) -> None:
        """To its end; `pages` 0: from somewhere in the middle, so that its length is not known."""
        self.read_at, self.pages = at, pages

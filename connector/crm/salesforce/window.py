"""The stretch of stamps that one read covers, and where in it the read stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connector.crm.salesforce import soql
from connector.crm.salesforce.backfill import placed
from connector.model.records import RawRecord
from connector.ports import Cursor

_SHORTEST_HALF = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of stamps that is read as one: from `lo` (None: from the beginning) to just before `hi`."""

    lo: datetime | None
    hi: datetime
    covered: datetime | None  # what had been read before
    after: tuple[datetime, str] | None = None  # stamp and id of the last record that was kept
    job: tuple[str, str] | None = None  # the bulk job that reads this window, and where it stands

    @classmethod
    def of(cls, since: Cursor | None, now: datetime, overlap: timedelta, settle: timedelta) -> Window:
        """The window that a cursor asks for.

        Its end stays behind the server's clock, and its start before what was covered: rows of a long
        transaction appear late under the stamp they were written at. Stamps are whole seconds, and so are its ends:
        half a second would cut the overlap short for a stamp at its very edge.
        """
        covered = since.covered if since else None
        lo = covered - overlap if covered else None
        if since and since.until:
            return cls(lo, since.until, covered, _place(since.after), placed(since.after))
        hi = (now - settle).replace(microsecond=0)
        return cls(lo, max(hi, covered) if covered else hi, covered)

    def cursor(self, last: RawRecord) -> Cursor:
        """The place behind a record."""
        return Cursor(self.covered, self.hi, f"{soql.moment(last.modified_at)}|{last.ref.id}")

    def behind(self, after: str) -> Window:
        """The rest of the window."""
        return Window(self.lo, self.hi, self.covered, _place(after))

    def conditions(self, stamp: str, parents: Sequence[str] = ()) -> list[str]:
        """The window in SOQL; a record whose parent changed inside it counts as changed."""
        found = []
        if self.lo is None:
            found.append(f"{stamp} < {soql.moment(self.hi)}")
        elif parents:
            found.append(soql.either([self._stretch(each) for each in (stamp, *parents)]))
        else:
            found += self._stretch(stamp)
        if self.after is not None:
            found.append(soql.after(stamp, *self.after))
        return found

    def halves(self) -> list[Window] | None:
        """The same in two; None for a window without a beginning, or too short to be cut."""
        if self.lo is None or self.hi - self.lo < _SHORTEST_HALF:
            return None
        middle = self.lo + (self.hi - self.lo) / 2
        second = Window(middle, self.hi, middle, self.after)
        return (
            [second]
            if self.after and self.after[0] >= middle
            else [replace(self, hi=middle), replace(second, after=None)]
        )

    def _stretch(self, stamp: str) -> list[str]:
        assert self.lo is not None
        return [f"{stamp} >= {soql.moment(self.lo)}", f"{stamp} < {soql.moment(self.hi)}"]


def _place(after: str) -> tuple[datetime, str] | None:
    stamp, _, record_id = after.partition("|")
    return (moment_of(stamp), record_id) if record_id else None


def moment_of(text: str) -> datetime:
    """`2026-05-01T07:25:37.000+0000`, or with a Z, as aware UTC. Raises ValueError."""
    return datetime.fromisoformat(text).astimezone(UTC)

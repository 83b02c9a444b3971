"""Who may call a CRM now: nobody while its circuit is open, and nobody beyond our share of its calls of the day."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from connector.errors import ConnectorError, CrmDenied, CrmUnavailable, NobodyServed
from connector.transport.circuit import LONGEST_WAIT, Circuit

USUAL_SHARE = Decimal("0.2")  # of a CRM's calls of a day
EVERYBODYS = Decimal("0.9")  # of them used by whomever: then only alerts go out
BLOCK = 20  # calls that are noted before they are made; a crash counts some too many
BELIEVED = LONGEST_WAIT  # how long what a CRM told of its calls keeps us out; shut out, we hear nothing newer


class Priority(IntEnum):
    """What a call is for; the lower the number, the longer it may go on."""

    ALERT = 1
    INCREMENTAL = 2
    RECONCILE = 3
    BACKFILL = 4


PARTS: Mapping[Priority, Decimal] = {  # of our share
    Priority.INCREMENTAL: Decimal(1),
    Priority.RECONCILE: Decimal("0.75"),
    Priority.BACKFILL: Decimal("0.5"),
}

_priority: ContextVar[Priority] = ContextVar("priority", default=Priority.INCREMENTAL)


@contextmanager
def working_on(priority: Priority) -> Iterator[None]:
    """Calls made inside count as this."""
    token = _priority.set(priority)
    try:
        yield
    finally:
        _priority.reset(token)


class ShutForNow(NobodyServed):
    """We do not even ask; trying again at once would not help."""

    at_once = False


class Memory(Protocol):
    """What outlives the process."""

    def circuit(self, connection: str) -> Circuit:
        """How a connection was doing."""
        ...

    def keep_circuit(self, connection: str, circuit: Circuit) -> None: ...

    def add_calls(self, connection: str, day: date, calls: int) -> int:
        """Note calls before they are made; returns ours of that day, these included."""
        ...


@dataclass(frozen=True, slots=True)
class _Told:
    """What a CRM said of its calls of the day."""

    used: int  # by whomever
    most: int
    at: datetime

    def is_of(self, now: datetime) -> bool:
        """Whether it still tells how many are used; from ahead of us, it was noted by a clock that has been set back."""
        return timedelta(0) <= now - self.at < BELIEVED


class Gatekeeper:
    """Lets calls pass, and hears how they ended. Thread-safe."""

    def __init__(
        self, memory: Memory, now: Callable[[], datetime], shares: Mapping[str, Decimal] | None = None
    ) -> None:
        self._memory, self._now, self._shares = memory, now, dict(shares or {})
        self._lock = threading.RLock()
        self._circuits: dict[str, Circuit] = {}
        self._counted: dict[tuple[str, date], tuple[int, int]] = {}  # (ours of the day, noted and not yet made)
        self._told: dict[str, _Told] = {}

    def let_pass(self, connection: str) -> None:
        """Raise ShutForNow where no call may be made now; count it otherwise."""
        with self._lock:
            self._ask_circuit(connection)
            self._ask_budget(connection)

    def heard(self, connection: str, error: ConnectorError | None) -> None:
        """How a call ended; None: it was answered. A CRM that asks for a pause, or for less, is well."""
        login = isinstance(error, CrmDenied) and error.login
        broken = login or (isinstance(error, CrmUnavailable) and error.retry_after is None and error.at_once)
        if error is not None and not broken:
            return
        with self._lock:
            before = self._circuit(connection)
            after = before.failed(self._now(), _first_line(error), login=login) if error else before.worked()
            self._circuits[connection] = after
            if after.is_open or before.is_open:
                self._memory.keep_circuit(connection, after)

    def told(self, connection: str, used: int, most: int) -> None:
        """What the CRM says of its calls of the day: used by whomever, and how many there are."""
        with self._lock:
            self._told[connection] = _Told(used, most, self._now())

    def _circuit(self, connection: str) -> Circuit:
        if connection not in self._circuits:
            self._circuits[connection] = self._memory.circuit(connection)
        return self._circuits[connection]

    def _ask_circuit(self, connection: str) -> None:
        circuit, now = self._circuit(connection), self._now()
        if circuit.probe_at is None:
            return
        if now < circuit.probe_at <= now + LONGEST_WAIT:  # further away it was noted by a clock that has been set back
            after = f"it is asked again after {circuit.probe_at:%H:%M:%S} UTC"
            raise ShutForNow(connection, f"it failed {circuit.in_a_row} times in a row, and {after}: {circuit.reason}")
        self._circuits[connection] = circuit.probing(now)
        self._memory.keep_circuit(connection, self._circuits[connection])

    def _ask_budget(self, connection: str) -> None:
        day = self._now().astimezone(UTC).date()
        ours, left = self._counted.get((connection, day), (0, 0))
        if left == 0:
            ours, left = self._memory.add_calls(connection, day, BLOCK), BLOCK
            self._counted[connection, day] = ours, left  # also where this one is refused: a refusal costs no block
        self._refuse_beyond(connection, ours - left)
        self._counted[connection, day] = ours, left - 1

    def _refuse_beyond(self, connection: str, ours: int) -> None:
        priority = _priority.get()
        if connection not in self._told or priority is Priority.ALERT:
            return
        told = self._told[connection]
        used, most = told.used, told.most
        may = most * self._shares.get(connection, USUAL_SHARE) * PARTS[priority]
        if ours >= may:
            what = f"{priority.name.lower()} calls of today that we allow ourselves are used up"
            raise ShutForNow(connection, f"the {what}: {ours} of {most}")
        if used >= most * EVERYBODYS and told.is_of(self._now()):  # older: whoever asks next hears how it is by now
            raise ShutForNow(
                connection, f"{used} of its {most} calls of today are used up, and the rest is left for alerts"
            )


def _first_line(error: ConnectorError) -> str:
    return getattr(error, "problem", str(error)).splitlines()[0] if str(error) else type(error).__name__

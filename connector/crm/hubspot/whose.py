"""Which account is ours: an app on several accounts has one address and one secret, so that all of them knock here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.errors import ConnectorError, CrmUnavailable

ASKED_AGAIN = timedelta(minutes=1)


@dataclass(slots=True)
class Whose:
    """The account's number, asked for once; while HubSpot does not tell it, once a minute."""

    connection: str
    ask: Callable[[], object]  # what HubSpot says it is
    now: Callable[[], datetime]
    _number: str = ""
    _not_before: datetime | None = None
    _asking: threading.Lock = field(default_factory=threading.Lock)  # knocks come on several threads

    def number(self) -> str:
        """Raises CrmUnavailable where nobody knows it; nobody waits for another's question."""
        if not self._number and self._asking.acquire(blocking=False):
            try:
                self._learn()
            finally:
                self._asking.release()
        if not self._number:
            raise CrmUnavailable(self.connection, "HubSpot does not say which account this is")
        return self._number

    def _learn(self) -> None:
        if self._not_before is not None and self.now() < self._not_before:
            return
        try:
            self._number = str(self.ask() or "")
        except ConnectorError:
            self._number = ""
        self._not_before = self.now() + ASKED_AGAIN

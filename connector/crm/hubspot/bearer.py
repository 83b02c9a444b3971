"""The token that each request carries: one that lasts, or one that is renewed every half hour.

Source: HubSpot, "Manage OAuth tokens" (`/oauth/{V}/token`; access tokens live 30 minutes, refresh tokens until the app is
taken out), read November 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

EARLY = timedelta(minutes=2)  # a token that has less to live is renewed before it is used


class Bearer(Protocol):
    """Where a request gets its token from."""

    def token(self) -> str:
        """The one to send now. Raises what the service says when it will not give any."""
        ...

    def refused(self) -> bool:
        """It was not accepted: whether another one is worth a try."""
        ...


@dataclass(frozen=True, slots=True)
class Lasting:
    """A service key, or the token of an app with `auth.type: static`."""

    value: str

    def token(self) -> str:
        return self.value

    def refused(self) -> bool:
        return False


Asked = Callable[[Mapping[str, str]], Mapping[str, Any]]


@dataclass(slots=True)
class Renewed:
    """Tokens of an app with OAuth, one after the other; nothing of them is kept on disk."""

    app: Mapping[str, str]  # client_id, client_secret, refresh_token
    now: Callable[[], datetime]
    ask: Asked | None = None  # posts a form to the token endpoint and gives its answer; the transport's
    _value: str = field(default="", repr=False)
    _ends: datetime | None = None

    def token(self) -> str:
        if not self._value or self._ends is None or self._ends - self.now() < EARLY:
            self._renew()
        return self._value

    def refused(self) -> bool:
        """A token that was just given is not accepted either: then it is not the token."""
        fresh, self._value = self._ends is not None and self._ends - self.now() > timedelta(minutes=29), ""
        return not fresh

    def _renew(self) -> None:
        assert self.ask is not None
        given = self.ask({"grant_type": "refresh_token", **self.app})
        self._value = str(given["access_token"])
        self._ends = self.now() + timedelta(seconds=int(given["expires_in"]))

"""The meter: how many calls are left, told in every reply, and a 429 when none are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from connector.sandbox.hubspot.replies import Refused, error

PER_TEN_SECONDS = 190
PER_SECOND = 19  # told, no longer enforced
SEARCHES_PER_SECOND = 5
PER_DAY = 625_000
_TEN_SECONDS, _SECOND = timedelta(seconds=10), timedelta(seconds=1)


@dataclass(slots=True)
class Meter:
    """Counts calls by the handed-in clock; refuses only where `strict`."""

    zone: Callable[[], tzinfo]  # the portal's: its midnight ends the day
    strict: bool
    per_day: int = PER_DAY
    used_today: int = 0
    _day: date = date.min
    _calls: deque[datetime] = field(default_factory=deque)
    _searches: deque[datetime] = field(default_factory=deque)

    def charge(self, now: datetime, *, searching: bool) -> None:
        """Count one call. Raises Refused (429) for one too many; a refused call is not counted."""
        self._forget(now)
        if self.strict and self.used_today >= self.per_day:
            raise _refused("daily", "DAILY")
        if searching:
            if self.strict and len(self._searches) >= SEARCHES_PER_SECOND:
                raise Refused(429, error("You have reached your secondly limit.", "RATE_LIMITS"))
            self._searches.append(now)
        else:
            if self.strict and len(self._calls) >= PER_TEN_SECONDS:
                raise _refused("ten_secondly_rolling", "TEN_SECONDLY_ROLLING")
            self._calls.append(now)
        self.used_today += 1

    def headers(self, now: datetime, *, searching: bool) -> dict[str, str]:
        """What is left. Replies to searches tell about the day only."""
        self._forget(now)
        daily = {
            "X-HubSpot-RateLimit-Daily": str(self.per_day),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(self.per_day - self.used_today, 0)),
        }
        if searching:
            return daily
        this_second = sum(1 for call in self._calls if now - call < _SECOND)
        return daily | {
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(PER_TEN_SECONDS),
            "X-HubSpot-RateLimit-Remaining": str(max(PER_TEN_SECONDS - len(self._calls), 0)),
            "X-HubSpot-RateLimit-Secondly": str(PER_SECOND),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(max(PER_SECOND - this_second, 0)),
        }

    def resets_at(self, now: datetime) -> datetime:
        """The portal's next midnight."""
        local = now.astimezone(self.zone())
        return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

    def _forget(self, now: datetime) -> None:
        today = now.astimezone(self.zone()).date()
        if today != self._day:
            self._day, self.used_today = today, 0
        while self._calls and now - self._calls[0] >= _TEN_SECONDS:
            self._calls.popleft()
        while self._searches and now - self._searches[0] >= _SECOND:
            self._searches.popleft()


def _refused(limit: str, policy: str) -> Refused:
    body = error(f"You have reached your {limit} limit.")
    return Refused(
        429, body | {"errorType": "RATE_LIMIT", "policyName": policy, "groupName": "publicapi:private-apps:api-calls"}
    )

"""The one layer that retries and the one place that waits.

Adapters translate whatever went wrong into `CrmUnavailable` or `CrmDenied`; this decides
whether to try again, and when. Nobody else knows tenacity.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar, cast

from pyrate_limiter import InMemoryBucket, RateItem
from pyrate_limiter import Rate as BucketRate
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from connector.errors import ConnectorError, CrmUnavailable
from connector.ports import World
from connector.transport.pace import Pace

T = TypeVar("T")

ATTEMPTS = 5
DEADLINE = timedelta(minutes=10)
LONGEST_WAIT = 300.0  # seconds; a CRM that asks for more is tried again next cycle


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many calls in any stretch of so many seconds."""

    calls: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.calls / self.seconds


class Patience:
    """One connection's patience: its rate limits, its retries, its count of calls.

    Thread-safe. The count is of HTTP exchanges, retries included.
    """

    def __init__(
        self,
        connection: str,
        world: World,
        *,
        limits: Mapping[str, Rate] | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.connection = connection
        self.calls: Counter[str] = Counter()
        self._world = world
        self._lock = threading.Lock()
        self._wait = _AsAsked(chance)
        self._spare = _SpareRetries()
        self._limits = dict(limits or {})
        self._buckets = {kind: InMemoryBucket([_in_bucket(rate)]) for kind, rate in self._limits.items()}
        self._paces = {kind: Pace(rate.per_second) for kind, rate in self._limits.items()}

    def call(self, work: Callable[[], T], kind: str = "call") -> T:
        """Run `work`, waiting for its rate limit first and trying again while that may help.

        A write of unknown effect is not repeated here: whoever wrote must read it back.
        Raises what `work` raised last.
        """
        retrying = Retrying(
            retry=retry_if_exception(_may_help),
            wait=self._wait,
            stop=stop_after_attempt(ATTEMPTS) | _OutOfTime(self._world) | self._spare,
            sleep=self._world.sleep,
            reraise=True,
        )
        return cast("T", retrying(self._once, work, kind))

    def _once(self, work: Callable[[], T], kind: str) -> T:
        gate = self._world.gate
        if gate is not None:
            gate.let_pass(self.connection)
        self._await_turn(kind)
        self.calls[kind] += 1
        try:
            found = work()
        except ConnectorError as error:
            if isinstance(error, CrmUnavailable) and error.too_soon:
                self._steer(kind, Pace.refused)
            if gate is not None:
                gate.heard(self.connection, error)
            raise
        self._spare.earn()
        self._steer(kind, Pace.answered)
        if gate is not None:
            gate.heard(self.connection, None)
        return found

    def told(self, used: int, most: int) -> None:
        """What the CRM says of its calls of the day."""
        if self._world.gate is not None:
            self._world.gate.told(self.connection, used, most)

    def allowed(self, rate: Rate, left: int, kind: str = "call") -> None:
        """What the CRM says of its limit, and how many calls of it are left: the lower of it and ours holds.

        The buckets are this process's own. Where none is left, others have taken them: the stretch is waited out.
        """
        if kind not in self._buckets:
            return
        lower = min(rate, self._limits[kind], key=lambda each: each.per_second)
        with self._lock:
            self._buckets[kind].rates = [_in_bucket(lower)]
            self._paces[kind].full = lower.per_second
            if left == 0:
                self._paces[kind].hold(self._world.now() + timedelta(seconds=rate.seconds))

    def _steer(self, kind: str, how: Callable[[Pace], None]) -> None:
        """Kinds without a limit have no pace."""
        pace = self._paces.get(kind)
        if pace is not None:
            with self._lock:
                how(pace)

    def _await_turn(self, kind: str) -> None:
        bucket = self._buckets.get(kind)
        if bucket is None:
            return
        while True:
            with self._lock:
                now = self._world.now()
                wait = self._paces[kind].wait(now)
                item = RateItem(kind, int(now.timestamp() * 1000))
                bucket.leak(item.timestamp)
                if not wait and bucket.put(item):
                    self._paces[kind].left(now)
                    return
                waits = cast("int", bucket.waiting(item))  # an in-memory bucket answers at once
            self._world.sleep(wait or max(waits, 1) / 1000)


def _in_bucket(rate: Rate) -> BucketRate:
    return BucketRate(rate.calls, int(rate.seconds * 1000))


def _may_help(error: BaseException) -> bool:
    return isinstance(error, CrmUnavailable) and error.at_once and not error.unknown_effect


class _SpareRetries(stop_base):
    """A budget of retries for the whole connection: in an outage nobody retries what cannot work.

    At most ten; an answer earns a tenth of one.
    """

    MOST, EARNED = 10.0, 0.1

    def __init__(self) -> None:
        self._left = self.MOST
        self._lock = threading.Lock()

    def earn(self) -> None:
        with self._lock:
            self._left = min(self.MOST, self._left + self.EARNED)

    def __call__(self, retry_state: RetryCallState) -> bool:
        """Whether to stop; a retry that goes ahead is paid for."""
        del retry_state
        with self._lock:
            if self._left < 1:
                return True
            self._left -= 1
            return False


class _AsAsked(wait_base):
    """Wait as long as the CRM asked, up to five minutes; otherwise back off with full jitter."""

    def __init__(self, chance: random.Random | None) -> None:
        self._backoff = wait_random_exponential(multiplier=1, max=60)
        self._chance = chance

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        if isinstance(error, CrmUnavailable) and error.retry_after is not None:
            return min(error.retry_after.total_seconds(), LONGEST_WAIT)
        if self._chance is not None:
            return self._chance.uniform(0, min(60.0, 2.0 ** (retry_state.attempt_number - 1)))
        return float(self._backoff(retry_state))


class _OutOfTime(stop_base):
    """Stop once the next wait would end after the deadline, by the clock that was handed in."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ends = world.now() + DEADLINE

    def __call__(self, retry_state: RetryCallState) -> bool:
        return self._world.now() + timedelta(seconds=retry_state.upcoming_sleep) > self._ends

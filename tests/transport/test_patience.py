"""Who waits, for how long, and when it gives up."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from connector.errors import CrmDenied, CrmUnavailable
from connector.ports import World
from connector.transport import Patience, Rate


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 25, 8, tzinfo=UTC)
        self.naps: list[float] = []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.at += timedelta(seconds=seconds)

    @property
    def world(self) -> World:
        return World(self.now, self.sleep)


def failing(*answers: BaseException | str) -> Callable[[], str]:
    left = iter(answers)

    def call() -> str:
        answer = next(left)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return call


def test_waits_exactly_as_long_as_the_crm_asked(time: Time) -> None:
    busy = CrmUnavailable("emea", "429", retry_after=timedelta(seconds=7))
    assert Patience("emea", time.world).call(failing(busy, "page")) == "page"
    assert time.naps == [7]


def test_never_waits_longer_than_five_minutes(time: Time) -> None:
    busy = CrmUnavailable("emea", "429", retry_after=timedelta(hours=2))
    assert Patience("emea", time.world).call(failing(busy, "page")) == "page"
    assert time.naps == [300]


def test_gives_up_after_five_attempts_with_the_last_error(time: Time) -> None:
    errors = [CrmUnavailable("emea", f"503 number {at}") for at in range(9)]
    patience = Patience("emea", time.world, chance=random.Random(1))
    with pytest.raises(CrmUnavailable, match="number 4"):
        patience.call(failing(*errors))
    assert patience.calls["call"] == 5


def test_backs_off_with_full_jitter_below_a_doubling_bound(time: Time) -> None:
    errors = [CrmUnavailable("emea", "503") for _ in range(5)]
    with pytest.raises(CrmUnavailable):
        Patience("emea", time.world, chance=random.Random(1)).call(failing(*errors))
    assert len(time.naps) == 4
    assert all(0 <= nap <= bound for nap, bound in zip(time.naps, (1, 2, 4, 8), strict=True))


def test_does_not_repeat_a_write_whose_effect_is_unknown(time: Time) -> None:
    lost = CrmUnavailable("emea", "reset", unknown_effect=True)
    with pytest.raises(CrmUnavailable, match="reset"):
        Patience("emea", time.world).call(failing(lost, "written twice"))
    assert time.naps == []


def test_does_not_argue_with_a_missing_permission(time: Time) -> None:
    with pytest.raises(CrmDenied):
        Patience("emea", time.world).call(failing(CrmDenied("emea", "no scope"), "page"))
    assert time.naps == []


def test_stops_when_the_deadline_would_pass_during_the_wait(time: Time) -> None:
    errors = [CrmUnavailable("emea", "429", retry_after=timedelta(seconds=290)) for _ in range(5)]
    with pytest.raises(CrmUnavailable):
        Patience("emea", time.world).call(failing(*errors))
    assert time.naps == [290, 290]  # a third wait would end at 870 s, past ten minutes


def test_a_rate_limit_holds_in_every_window(time: Time) -> None:
    patience = Patience("smb", time.world, limits={"search": Rate(4, 1.0)})
    moments: list[datetime] = []
    for _ in range(12):
        patience.call(lambda: moments.append(time.at), "search")
    for first, fifth in zip(moments, moments[4:], strict=False):
        assert fifth - first >= timedelta(seconds=1)
    assert moments[-1] - moments[0] < timedelta(seconds=2.5)


def burst(time: Time, patience: Patience, calls: int, kind: str = "call") -> float:
    """Seconds that so many calls take which cost no time of their own."""
    began = time.at
    for _ in range(calls):
        patience.call(lambda: None, kind)
    return (time.at - began).total_seconds()


def test_a_limit_that_the_crm_tells_holds_where_it_is_lower_than_ours(time: Time) -> None:
    """110 in ten seconds are ours, 100 an account's of HubSpot's Free: the 101st waits for the first to be ten seconds old."""
    patience = Patience("smb", time.world, limits={"call": Rate(110, 10)})
    patience.call(lambda: None)
    patience.allowed(Rate(100, 10), 99)
    assert burst(time, patience, 99) == 0
    assert burst(time, patience, 1) == pytest.approx(10, abs=0.01)


def test_a_limit_above_ours_lifts_nothing_and_one_that_rises_lifts_up_to_ours(time: Time) -> None:
    patience = Patience("smb", time.world, limits={"call": Rate(110, 10)})
    for told in (Rate(190, 10), Rate(100, 10), Rate(190, 10)):
        patience.allowed(told, 50)
    assert burst(time, patience, 110) == 0
    assert burst(time, patience, 1) == pytest.approx(10, abs=0.01)


def test_where_others_left_none_the_stretch_is_waited_out_once(time: Time) -> None:
    patience = Patience("smb", time.world, limits={"call": Rate(110, 10), "search": Rate(4, 1)})
    patience.allowed(Rate(100, 10), 0)
    assert burst(time, patience, 4, "search") == 0
    assert burst(time, patience, 1) == 10
    assert burst(time, patience, 50) == 0
    Patience("emea", time.world).allowed(Rate(100, 10), 0)  # no limit of ours, nothing to lower


def test_calls_of_another_kind_do_not_wait(time: Time) -> None:
    patience = Patience("smb", time.world, limits={"search": Rate(1, 60.0)})
    patience.call(lambda: None, "search")
    patience.call(lambda: None, "call")
    assert time.naps == []

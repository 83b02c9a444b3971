"""Sharing a limit with others: slower at once, faster by and by."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connector.errors import CrmUnavailable
from connector.transport import Patience, Rate
from connector.transport.pace import Pace
from tests.transport.test_patience import Time, failing

SEARCHES = {"search": Rate(4, 1)}


def too_soon() -> CrmUnavailable:
    return CrmUnavailable("smb", "429", retry_after=timedelta(seconds=1), too_soon=True)


def test_nobody_waits_before_anything_was_refused(time: Time) -> None:
    mine = Patience("smb", time.world, limits=SEARCHES)
    assert [mine.call(lambda: "page", "search") for _ in range(4)] == ["page"] * 4
    assert time.naps == []


def test_a_refusal_halves_the_speed_and_answers_bring_it_back(time: Time) -> None:
    """Four a second, halved to two; each answer gives back a 128th of four a second: after 64 all is as before."""
    mine = Patience("smb", time.world, limits=SEARCHES)
    assert mine.call(failing(too_soon(), "page"), "search") == "page"
    assert time.naps == [1]
    for _ in range(2):
        mine.call(lambda: "page", "search")
    # The first waits by two a second, since the one before left at that speed; the second by 2 + 4/128.
    assert time.naps[1:] == pytest.approx([1 / 2, 1 / 2.03125], abs=1e-6)
    for _ in range(60):
        mine.call(lambda: "page", "search")
    assert mine._paces["search"].share == 1 - 1 / 128, "63 were answered"
    mine.call(lambda: "page", "search")
    assert mine._paces["search"].share == 1
    mine.call(lambda: "page", "search")  # it waits for the one that left before all was as before
    time.at += timedelta(seconds=5)
    time.naps.clear()
    for _ in range(4):
        mine.call(lambda: "page", "search")
    assert time.naps == []


def test_it_never_stands_still() -> None:
    pace, now = Pace(4), datetime(2026, 11, 25, 8)
    for _ in range(50):
        pace.refused()
    pace.left(now)
    assert pace.wait(now) == 4, "a sixteenth of four a second"


def test_other_errors_slow_nobody_down(time: Time) -> None:
    mine = Patience("smb", time.world, limits=SEARCHES)
    mine.call(failing(CrmUnavailable("smb", "503", retry_after=timedelta(seconds=1)), "page"), "search")
    assert mine._paces["search"].share == 1


class Shared:
    """Five searches in any second for the whole account, of which somebody else takes so many, evenly."""

    def __init__(self, time: Time, others: int) -> None:
        self.time, self.others = time, others
        self.taken: list[datetime] = []
        self.refused = 0

    def search(self) -> str:
        now = self.time.now()
        self.taken = [each for each in self.taken if now - each < timedelta(seconds=1)]
        if len(self.taken) + self.others >= 5:
            self.refused += 1
            raise too_soon()
        self.taken.append(now)
        return "page"


def _searched(time: Time, others: int) -> int:
    """How many of 300 searches were answered before patience ended."""
    shared, mine = Shared(time, others), Patience("smb", time.world, limits=SEARCHES)
    for answered in range(300):
        try:
            mine.call(shared.search, "search")
        except CrmUnavailable:
            return answered
    assert shared.refused <= 20, "a fifteenth"
    return 300


@pytest.mark.parametrize("others", [2, 3, 4])
def test_beside_another_app_all_is_read_where_without_a_pace_patience_ends(
    time: Time, others: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _searched(time, others) == 300
    monkeypatch.setattr(Pace, "refused", lambda _: None)
    assert _searched(time, others) < 100


def test_what_is_left_over_by_others_is_used(time: Time) -> None:
    """Three of five a second are ours: 300 searches take 100 seconds at best, and here no more than half as long again."""
    began = time.now()
    assert _searched(time, 2) == 300
    assert 100 <= (time.now() - began).total_seconds() < 150

"""C5 as hypothesis sees it: people's work, time, pulls and deaths in any order, shrunk to the shortest that goes wrong.

After each example everything comes to rest; then the store is the CRM row by row, and a store that has never seen anything
but that day agrees on scores and alerts: full recompute is the oracle.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from connector.errors import ConnectorError
from connector.sandbox.wire import Switches
from tests.faults import scenes
from tests.faults.points import Killed, Points
from tests.faults.village import Village
from tests.faults.walk import Walk

STEPS = 60  # of one example
_taken: list[int] = []  # steps of each example of the run that is under way


class Company(RuleBasedStateMachine):
    """A village of its own for each example."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp(prefix="attain-machine-"))
        village = Village.made(self._folder / "village", switches=Switches(late_commits=scenes.LATE))
        village.approve()
        self._walk = Walk(village, random.Random(0), crashes=False)
        self._steps = 0

    @rule(chance=st.randoms(use_true_random=False))
    def somebody_works(self, chance: random.Random) -> None:
        """Edits, creates, deletes, merges, completes; or automation stamps what nobody touched."""
        self._work(chance)

    def _work(self, chance: random.Random) -> None:
        self._steps += 1
        self._walk.chance = chance
        self._walk.steps += 1
        self._walk.work()

    @rule(seconds=st.sampled_from((1, 60, 600, 4_000, 90_000)))
    def time_passes(self, seconds: int) -> None:
        self._wait(seconds)

    def _wait(self, seconds: int) -> None:
        self._steps += 1
        self._walk.village.time.sleep(seconds)

    @rule(chance=st.randoms(use_true_random=False), seconds=st.sampled_from((130, 300, 900)))
    def we_pull_before_it_shows(self, chance: random.Random, seconds: int) -> None:
        """What was just done is stamped inside the next window, and some of it cannot be seen in it yet."""
        self._work(chance)
        self._wait(seconds)
        self._pull(0)

    @rule(die_at=st.one_of(st.none(), st.integers(1, 120), st.integers(1, 900)))
    def we_pull(self, die_at: int | None) -> None:
        """A whole cycle, or one that dies at a statement, commit, page or request of it."""
        self._pull(die_at or 0)

    def _pull(self, die_at: int) -> None:
        self._steps += 1
        points = Points(die_at)
        try:
            with points.watched():
                self._walk.village.cycle()
        except (Killed, ConnectorError):
            pass

    def teardown(self) -> None:
        try:
            violations = self._walk.at_rest()
            assert not violations.words, violations.words
        finally:
            _taken.append(self._steps)
            shutil.rmtree(self._folder, ignore_errors=True)


def tried(steps: int, seconds: float, *, shrink: bool = False) -> tuple[int, list[str]]:
    """How many steps were taken, and what went wrong; nothing is begun once the time is up."""
    _taken.clear()
    ends = time.monotonic() + seconds
    while sum(_taken) < steps and time.monotonic() < ends:
        few = settings(
            max_examples=max(1, min(10, (steps - sum(_taken)) // STEPS)),
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            suppress_health_check=[*HealthCheck],
        )
        try:
            run_state_machine_as_test(Company, settings=few)
        except AssertionError as error:
            return sum(_taken), [str(error), *getattr(error, "__notes__", [])]
    return sum(_taken), []

"""C5 as hypothesis sees it: people's work, time, pulls, deaths and takeovers in any order, replayed by a seed.

After each pull that ended well the store holds everything that could be seen; after each example everything comes to rest,
and then it is the CRM row by row, and a store that has never seen anything but that day agrees on scores and alerts: full
recompute is the oracle.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from connector.errors import ConnectorError
from connector.flow.cycle import run_cycle
from connector.ports import World
from connector.sandbox.wire import Request, Response, Service, Switches
from connector.service.wiring import house
from tests.faults.points import Points
from tests.faults.trials import calm, checked
from tests.faults.village import LATE, OVERLAP, SETTLE, Village
from tests.faults.walk import Walk

STEPS = 60  # of one example
EDGE = int((OVERLAP + SETTLE).total_seconds())  # from here on a stamp is before the next window
WHO_IT_IS = ("/oauth2/token", "/account-info/2026-03/details")  # asked before a process takes the streams
# Of points to die at; all of them, or one kind, since deaths while something is written are rare among all.
KINDS = ("", "sql", "commit", "before", "after", "after PATCH", "after POST", "a page into", "mirror")
Fault = Callable[[], AbstractContextManager[None]]


class Company(RuleBasedStateMachine):
    """A village of its own for each example."""

    fault: Fault = staticmethod(nullcontext)
    taken = 0  # steps of all examples in which somebody worked: the simplest one, with which each seed begins, is empty

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp(prefix="attain-machine-"))
        village = Village.made(self._folder / "village", switches=Switches(late_commits=LATE))
        village.approve()
        self._walk = Walk(village, random.Random(0), crashes=False)
        self._completed: set[str] = set()
        self._steps, self._worked = 0, False

    @rule(chance=st.randoms(use_true_random=False), times=st.integers(1, 20))
    def somebody_works(self, chance: random.Random, times: int) -> None:
        """So many steps: edits, creates, deletes, merges, completes; or automation stamps what nobody touched."""
        self._walk.chance = chance
        self._worked = True
        for _ in range(times):
            self._step()
            self._walk.work()

    @rule(chance=st.randoms(use_true_random=False))
    def a_long_transaction(self, chance: random.Random) -> None:
        self._step()
        self._walk.chance = chance
        self._walk.late()

    @rule(seconds=st.sampled_from((1, 60, 600, EDGE, 4_000, 90_000)))
    def time_passes(self, seconds: int) -> None:
        self._step()
        self._walk.village.time.sleep(seconds)

    @rule()
    def we_pull(self) -> None:
        self._pull(Points())

    @rule(kind=st.sampled_from(KINDS), at=st.integers(1, 60))
    def we_die(self, kind: str, at: int) -> None:
        """Of the points of that kind, at the so-manieth; a cycle that passes fewer lives on."""
        self._pull(Points(at, kind))

    @rule(seconds=st.sampled_from((-3_600, -90, 90, 3_600)))
    def we_pull_by_a_wrong_clock(self, seconds: int) -> None:
        """Ours is wrong and theirs is right; windows are cut by theirs."""
        self._step()
        time, off = self._walk.village.time, timedelta(seconds=seconds)
        with self.fault():
            self._walk.pull(Points(), World(lambda: time.now() + off, time.sleep))
        self._clean()

    @rule(request=st.integers(1, 10))
    def another_takes_over(self, request: int) -> None:
        """While an answer to our pull is on its way, another process does a whole cycle; what we go on with must be refused."""
        self._step()
        village, left = self._walk.village, [request]
        plain = checked(village, Points(), random.Random(0), calm, self._walk.violations)

        def exchange(host: str, service: Service, asked: Request) -> Response:
            found = plain(host, service, asked)
            left[0] -= not asked.path.endswith(WHO_IT_IS)
            if left[0] == 0 and not asked.path.endswith(WHO_IT_IS):
                with house(village.config, world=village.time.world) as other:
                    run_cycle(other, locked=True)
            return found

        village.exchange = exchange
        try:
            with self.fault(), village.wired(), house(village.config, world=village.time.world) as ready:
                run_cycle(ready, locked=True)
            self._walk.violations.note("unfenced", "a process that had lost its streams ended well", int(left[0] <= 0))
        except ConnectorError:
            pass
        finally:
            village.exchange = plain
        self._clean()

    @precondition(lambda self: self._walk.cycles)
    @rule()
    def reps_complete_their_tasks(self) -> None:
        self._step()
        open_ones = "SELECT Id FROM Task WHERE Attain_Key__c != null AND Status != 'Completed'"
        for each in self._walk.village.soql(open_ones):
            self._walk.village.edit(f"Task/{each['Id']}", {"Status": "Completed"})
            self._completed.add(str(each["Id"]))

    def _pull(self, points: Points) -> None:
        self._step()
        with self.fault():
            self._walk.pull(points)
        self._clean()

    def _step(self) -> None:
        self._steps += 1
        self._walk.steps += 1

    def _clean(self) -> None:
        assert not self._walk.violations, self._walk.violations.words

    def teardown(self) -> None:
        type(self).taken += self._steps if self._worked else 0
        try:
            with self.fault():
                violations = self._walk.at_rest()
            states = self._walk.village.soql("SELECT Id, Status FROM Task WHERE Attain_Key__c != null")
            reopened = [
                each["Id"] for each in states if each["Id"] in self._completed and each["Status"] != "Completed"
            ]
            violations.note("twice", f"tasks that a rep had completed are told again: {reopened}", len(reopened))
            self._clean()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


def tried(number: int, examples: int, fault: Fault = nullcontext, *, shrink: bool = False) -> tuple[int, list[str]]:
    """How many steps this seed took in so many examples, and what went wrong: the first that did ends it."""

    @seed(number)
    class Seeded(Company):
        pass

    Seeded.fault, Seeded.taken = staticmethod(fault), 0
    few = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    try:
        run_state_machine_as_test(Seeded, settings=few)
    except AssertionError as error:
        return Seeded.taken, [str(error), *getattr(error, "__notes__", [])]
    return Seeded.taken, []

"""What campaigns stand on: villages made once, a budget of trials and time, and how it ended."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from connector.sandbox.wire import Switches
from tests.faults.forked import AT_ONCE, Work, forked, side_by_side
from tests.faults.places import Place, Trial, on, on_a_file
from tests.faults.trials import Fault, Setting, points_of_a_cycle, undisturbed
from tests.faults.village import LATE, Village
from tests.postgres import Server
from tests.switching import switch_on_deal_alerts, switch_on_health


@dataclass
class Outcome:
    """How a campaign ended."""

    name: str
    runs: int = 0
    violations: list[str] = field(default_factory=list)
    unit: str = "runs"
    says: str = ""  # beside the figures

    def note(self, label: str, words: Iterable[str], runs: int = 1) -> None:
        self.runs += runs
        self.violations += [f"{label}: {each}" for each in words]


class Ground:
    """Villages that are made once, and a folder for every trial."""

    def __init__(self, folder: Path, server: Server | None, stores: Sequence[str] = ("SQLite", "PostgreSQL")) -> None:
        self.folder, self.server = folder, server
        self._numbers = count()
        self.village = Village.made(folder / "village", people=10, deals=90, activities=120)
        self.unapproved = Village.made(folder / "unapproved", approved=False)
        self.late = Village.made(folder / "late", switches=Switches(late_commits=LATE))
        self.judged = Village.made(folder / "judged", prepare=_speaking_of_deals)
        self.wanted: dict[int, dict[str, Any]] = {}
        for each in (self.village, self.judged):
            self.wanted[id(each)] = self.alone(each, undisturbed)
        places: dict[str, Place] = {"SQLite": on_a_file} | ({"PostgreSQL": on(server)} if server else {})
        self.places: Mapping[str, Place] = {name: place for name, place in places.items() if name in stores}

    def work(self, village: Village, trial: Trial, place: Place = on_a_file) -> Work:
        """A trial in a folder of its own, to be begun when its turn has come; the folder goes with it."""
        where = self.folder / f"trial-{next(self._numbers)}"
        begun = place(village, where, trial)

        def there() -> Any:
            try:
                return begun()
            finally:
                shutil.rmtree(where, ignore_errors=True)  # some tens of megabytes, thousands of times

        return there

    def alone(self, village: Village, trial: Trial, place: Place = on_a_file) -> Any:
        return forked(self.work(village, trial, place))

    def points(self, village: Village, place: Place = on_a_file) -> list[str]:
        """The points of a first cycle, by name."""
        return list(self.alone(village, lambda mine: points_of_a_cycle(self.setting(mine)), place))

    def setting(self, village: Village, fault: Fault = nullcontext) -> Setting:
        return Setting(village, self.wanted.get(id(village)), fault)


def _speaking_of_deals(folder: Path) -> None:
    switch_on_health(folder)
    switch_on_deal_alerts(folder)


def _never() -> bool:
    return False


def _silent(_so_far: Outcome) -> None:
    pass


@dataclass(frozen=True)
class Budget:
    """How much of a campaign is run: so many of each, no longer than this, and only until somebody has had enough."""

    seconds: float
    step: int = 1  # every so many crash points
    alike: bool = False  # also those that leave behind what another one does
    seeds: int = 1_000
    steps: int = 20_000
    machine: int = 20_000  # steps of the state machine
    kills: int = 300
    days: int = 30
    hours: int = 24
    poison: int = 100_000
    restarts: int = 36
    at_once: int = AT_ONCE  # trials
    first: int = 0  # the first seed or crash point; a later run goes on where this one ended
    enough: Callable[[], bool] = _never  # whether somebody asked for the figures as they are
    tell: Callable[[Outcome], None] = _silent  # how far it is, after every trial

    def in_time(self, outcome: Outcome, works: Iterable[tuple[str, Work]], runs: int | None = 1) -> Outcome:
        """Note the answers, until the time is up. `runs` of each work; None: its answer begins with them."""
        ends = time.monotonic() + self.seconds
        labels: list[str] = []

        def begun() -> Iterator[Work]:
            for label, work in works:
                if self.enough() or time.monotonic() > ends:
                    outcome.says = f"{outcome.says}; stopped before {label}".lstrip("; ")
                    return
                labels.append(label)
                yield work

        for at, answer in enumerate(side_by_side(begun(), self.at_once)):
            taken, words = answer if runs is None and not isinstance(answer, str) else (runs or 0, answer)
            outcome.note(labels[at], _words(words), taken)
            self.tell(outcome)
        return outcome


def _words(answer: list[str] | str) -> list[str]:
    """A trial's violations; one that fell over itself is a violation, in its last line."""
    return [answer.strip().splitlines()[-1]] if isinstance(answer, str) else list(answer)


SMALL = Budget(
    seconds=25, step=20, seeds=12, steps=240, machine=60, kills=4, days=1, hours=2, poison=10_000, restarts=3
)  # what `make test` has time for

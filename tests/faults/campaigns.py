"""The campaigns: what is tried, how often, and how many times something was lost, told twice, or not approved."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from connector.sandbox.wire import Switches
from tests.faults import elsewhere, kills, machine, scenes
from tests.faults.forked import Work, forked, side_by_side
from tests.faults.lost_answers import CELLS, cell
from tests.faults.places import Place, Trial, on, on_a_file
from tests.faults.planted import PLANTED
from tests.faults.trials import Fault, Setting, crashed, points_of_a_cycle, stormy, undisturbed
from tests.faults.village import LATE, Village, drawn
from tests.faults.walk import Walk
from tests.postgres import Server
from tests.switching import switch_on_deal_alerts, switch_on_health

STEPS = 60  # of one walk
EXAMPLES = 3  # of one seed of the state machine


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

    def alone(self, village: Village, trial: Trial) -> Any:
        return forked(self.work(village, trial))

    def setting(self, village: Village, fault: Fault = nullcontext) -> Setting:
        return Setting(village, self.wanted.get(id(village)), fault)


def _speaking_of_deals(folder: Path) -> None:
    switch_on_health(folder)
    switch_on_deal_alerts(folder)


@dataclass(frozen=True)
class Budget:
    """How much of a campaign is run: so many of each, and no longer than this."""

    seconds: float
    step: int = 1  # every so many crash points
    seeds: int = 1_000
    steps: int = 20_000
    machine: int = 20_000  # steps of the state machine
    kills: int = 300
    days: int = 30
    hours: int = 24
    poison: int = 100_000
    restarts: int = 36
    first: int = 0  # the first seed; a later run goes on where this one ended

    def in_time(self, outcome: Outcome, works: Iterable[tuple[str, Work]], runs: int | None = 1) -> Outcome:
        """Note the answers, until the time is up. `runs` of each work; None: its answer begins with them."""
        ends = time.monotonic() + self.seconds
        labels: list[str] = []

        def begun() -> Iterator[Work]:
            for label, work in works:
                if time.monotonic() > ends:
                    outcome.says = f"{outcome.says}; stopped for want of time before {label}".lstrip("; ")
                    return
                labels.append(label)
                yield work

        for at, answer in enumerate(side_by_side(begun())):
            taken, words = answer if runs is None and not isinstance(answer, str) else (runs or 0, answer)
            outcome.note(labels[at], _words(words), taken)
        return outcome


SMALL = Budget(
    seconds=60, step=83, seeds=12, steps=240, machine=60, kills=4, days=1, hours=5, poison=10_000, restarts=3
)  # what `make test` has time for

Campaign = Callable[[Ground, Budget], Iterator[Outcome]]


def every_crash_point(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C1: a first cycle dies at every statement, commit, page and request of it."""
    for name, place in ground.places.items():
        points = 0
        outcome = Outcome(f"C1 crash points, {name}", unit="points")
        for what, village in {"scores and alerts": ground.village, "health too": ground.judged}.items():
            here = ground.alone(village, lambda mine: points_of_a_cycle(ground.setting(mine)))
            points += here
            works = (
                (f"{what}, point {at}", ground.work(village, _crash(ground, [at], at), place))
                for at in range(1 + budget.first % budget.step, here + 1, budget.step)
            )
            budget.in_time(outcome, works)
        outcome.says = f"of {points} {outcome.says}".strip()
        yield outcome
    idle = Outcome("C1 crash points, before a human approved", unit="points")
    few = (
        (f"point {at}", ground.work(ground.unapproved, _crash(ground, [at], at)))
        for at in range(1, points, max(40, budget.step))
    )
    yield budget.in_time(idle, few)


def _crash(ground: Ground, points: list[int], seed: int, **given: Any) -> Trial:
    return lambda mine: crashed(ground.setting(mine), points, seed, **given)


def storms(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C2: one to five deaths at random points, while a fifth of all requests go wrong."""
    for name, place in ground.places.items():
        share = budget.seeds // len(ground.places)
        works = (
            (f"seed {seed}", ground.work(ground.village, _crash(ground, _deaths(seed), seed, weather=stormy), place))
            for seed in range(budget.first, budget.first + share)
        )
        yield budget.in_time(Outcome(f"C2 deaths and storms, {name}", unit="seeds"), works)


def _deaths(seed: int) -> list[int]:
    chance = drawn(seed, "deaths")
    return [chance.randrange(1, 900) for _ in range(chance.randrange(1, 6))]


def lost_answers(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C4: every endpoint that writes, with everything that may happen to one of its answers."""

    def one(endpoint: str, kind: str) -> Trial:
        return lambda mine: cell(ground.setting(mine), endpoint, kind)

    cells = CELLS[:: min(5, budget.step)] if budget.step > 1 else CELLS
    works = ((f"{endpoint}, {kind}", ground.work(ground.judged, one(endpoint, kind))) for endpoint, kind in cells)
    yield budget.in_time(Outcome("C4 lost answers", unit="cells", says=f"of {len(CELLS)}"), works)


def walks(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C5: people at work while we pull and die; at rest the store is the CRM, and a fresh store agrees.

    By seeds on both stores, and by hypothesis' state machine.
    """

    def one(seed: int) -> Trial:
        def trial(mine: Village) -> list[str]:
            mine.approve()
            walk = Walk(mine, drawn(seed, "walk"))
            for _ in range(STEPS):
                walk.step()
            return walk.at_rest().words

        return trial

    for name, place in ground.places.items():
        many = max(1, budget.steps // STEPS // len(ground.places))
        works = (
            (f"seed {seed}", ground.work(ground.late, one(seed), place))
            for seed in range(budget.first, budget.first + many)
        )
        yield budget.in_time(Outcome(f"C5 walks, {name}", unit="steps"), works, STEPS)
    yield _machines(ground, budget)


def _machines(ground: Ground, budget: Budget) -> Outcome:
    """Seed after seed, until there were steps enough."""

    def one(seed: int) -> Trial:
        return lambda _mine: machine.tried(seed, EXAMPLES)

    outcome = Outcome("C5 machine, SQLite", unit="steps")
    works = (
        (f"seed {seed}", ground.work(ground.late, one(seed)))
        for seed in takewhile(lambda _seed: outcome.runs < budget.machine, count(budget.first))
    )
    return budget.in_time(outcome, works, None)


def late_and_fenced(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C6: what becomes visible late; and processes that wake up after another has taken over."""
    for name, place in ground.places.items():
        works = [
            ("seen late", ground.work(ground.late, lambda mine: scenes.seen_late(mine, nullcontext), place)),
            ("zombie", ground.work(ground.village, lambda mine: scenes.zombie(mine, nullcontext), place)),
            (
                "done meanwhile",
                ground.work(ground.village, lambda mine: scenes.done_meanwhile(mine, nullcontext), place),
            ),
        ]
        yield budget.in_time(Outcome(f"C6 late, fenced, done meanwhile, {name}", unit="scenes"), works)


def poisoned(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C11: one per cent of bad records, sixty kinds; then a third."""
    outcome = Outcome("C11 poison", unit="records")
    for share, total in ((0.01, budget.poison), (0.3, budget.poison // 10)):
        work = ground.work(ground.unapproved, _poison(total, share))
        budget.in_time(outcome, [(f"{share:.0%} of {total}", work)], total)
    yield outcome


def _poison(total: int, share: float) -> Trial:
    return lambda mine: elsewhere.poison(mine, total, share)


def outages(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C12: nothing answers for a day; its calls are used up as long; the integration user is switched off for hours."""
    works = [
        ("outage", ground.work(ground.village, lambda mine: elsewhere.outage(mine, budget.hours))),
        (
            "used up",
            ground.work(ground.village, lambda mine: elsewhere.outage(mine, budget.hours, elsewhere.day_used_up)),
        ),
        ("login", ground.work(ground.village, lambda mine: elsewhere.refused_login(mine, max(1, budget.hours // 6)))),
    ]
    yield budget.in_time(Outcome("C12 outage, refused logins", unit="scenes"), works)


def clocks(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C13: both changes of the clocks in six zones."""

    def one(zone: str, year: int) -> Trial:
        return lambda mine: elsewhere.clocks(mine, zone, year)

    works = (
        (f"{zone} {year}", ground.work(ground.unapproved, one(zone, year)))
        for zone in elsewhere.ZONES
        for year in (2026, 2027)
    )
    yield budget.in_time(Outcome("C13 changes of clocks", unit="zones and years"), works)


def soaked(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C14: a month of days in one process."""
    work = ground.work(ground.village, lambda mine: elsewhere.soak(mine, budget.days, budget.first))
    yield budget.in_time(Outcome("C14 soak", unit="days"), [("soak", work)], budget.days)


def killed(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C3: real processes, killed by the kernel."""
    outcome = Outcome("C3 SIGKILL", unit="kills")
    ends = time.monotonic() + budget.seconds
    while outcome.runs < budget.kills and time.monotonic() < ends:
        few = min(10, budget.kills - outcome.runs)
        outcome.note(
            f"from {outcome.runs}",
            kills.killed(ground.folder / f"kills-{outcome.runs}", few, budget.first + outcome.runs),
            few,
        )
    yield outcome


def restarted(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C10: the database server dies in the middle of cycles."""
    if ground.server is not None and ground.server.is_ours:
        work = ground.work(
            ground.village,
            lambda mine: elsewhere.restarts(mine, ground.server, budget.restarts, budget.first),  # type: ignore[arg-type]
            ground.places["PostgreSQL"],
        )
        yield budget.in_time(
            Outcome("C10 restarts of PostgreSQL", unit="restarts"), [("restarts", work)], budget.restarts
        )


CAMPAIGNS: Mapping[str, Campaign] = {
    "C1": every_crash_point,
    "C2": storms,
    "C3": killed,
    "C4": lost_answers,
    "C5": walks,
    "C6": late_and_fenced,
    "C10": restarted,
    "C11": poisoned,
    "C12": outages,
    "C13": clocks,
    "C14": soaked,
}


def caught(ground: Ground, name: str) -> list[str]:
    """What the campaign says of a planted fault; empty: it does not bite."""
    fault = PLANTED[name]
    match name:
        case "> instead of >=" | "overlap 0" | "float money":
            return list(ground.alone(ground.late, lambda mine: scenes.seen_late(mine, fault)))
        case "no fence":
            return list(ground.alone(ground.village, lambda mine: scenes.zombie(mine, fault)))
        case "retry on unknown":
            return list(ground.alone(ground.village, lambda mine: scenes.done_meanwhile(mine, fault)))
    works = (ground.work(ground.village, _faulty(ground, fault, at)) for at in _where_it_shows(name))
    with closing(side_by_side(works)) as answers:
        return next((list(_violations(words)) for words in answers if words), [])


def _violations(answer: list[str] | str) -> list[str]:
    """What a trial saw. One that fell over itself saw nothing: a fault that no longer fits the product is not caught."""
    assert not isinstance(answer, str), answer
    return answer


def _words(answer: list[str] | str) -> list[str]:
    """A trial's violations; one that fell over itself is a violation, in its last line."""
    return [answer.strip().splitlines()[-1]] if isinstance(answer, str) else list(answer)


def _where_it_shows(name: str) -> Iterable[int]:
    """The crash points to try, until one of them shows the fault: while pages are kept, or while rows are sent."""
    return range(150, 700, 12) if name == "cursor before page" else range(800, 500, -4)


def _faulty(ground: Ground, fault: Fault, at: int) -> Trial:
    return lambda mine: crashed(ground.setting(mine, fault), [at], at)

"""The campaigns: what is tried, how often, and how many times something was lost, told twice, or not approved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from itertools import count, takewhile
from typing import Any

from tests.faults import elsewhere, kills, machine, scenes
from tests.faults.ground import Budget, Ground, Outcome
from tests.faults.lost_answers import CELLS, cell
from tests.faults.places import Trial
from tests.faults.points import leaving_different
from tests.faults.trials import crashed, stormy
from tests.faults.village import Village, drawn
from tests.faults.walk import Walk

STEPS = 60  # of one walk
EXAMPLES = 10  # of one seed of the state machine, the first of them an empty one


Campaign = Callable[[Ground, Budget], Iterator[Outcome]]


def every_crash_point(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C1: a first cycle dies at every statement, commit, page and request of it; once for all that leave the same behind."""
    for name, place in ground.places.items():
        passed = ground.points(ground.judged, place)
        chosen = range(1, len(passed) + 1) if budget.alike else leaving_different(passed)
        works = (
            (f"point {at}", ground.work(ground.judged, _crash(ground, [at], at), place))
            for at in [each for each in chosen if each >= budget.first][:: budget.step]
        )
        says = f"of {len(chosen)}, for {len(passed)}"
        yield budget.in_time(Outcome(f"C1 crash points, {name}", unit="points", says=says), works)
    idle = Outcome("C1 crash points, before a human approved", unit="points")
    few = (
        (f"point {at}", ground.work(ground.unapproved, _crash(ground, [at], at)))
        for at in leaving_different(ground.points(ground.unapproved))[:: max(10, budget.step)]
    )
    yield budget.in_time(idle, few)


def _crash(ground: Ground, points: list[int], seed: int, **given: Any) -> Trial:
    return lambda mine: crashed(ground.setting(mine), points, seed, **given)


def storms(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C2: one to five deaths at random points, while a fifth of all requests go wrong."""
    points = len(ground.points(ground.village))

    def one(seed: int) -> Trial:
        return _crash(ground, _deaths(seed, points), seed, weather=stormy)

    for name, place in ground.places.items():
        share = budget.seeds // len(ground.places)
        works = (
            (f"seed {seed}", ground.work(ground.village, one(seed), place))
            for seed in range(budget.first, budget.first + share)
        )
        yield budget.in_time(Outcome(f"C2 deaths and storms, {name}", unit="seeds"), works)


def _deaths(seed: int, points: int) -> list[int]:
    chance = drawn(seed, "deaths")
    return [chance.randrange(1, points + 1) for _ in range(chance.randrange(1, 6))]


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
    examples = min(EXAMPLES, 1 + max(1, budget.machine // STEPS))

    def one(seed: int) -> Trial:
        return lambda _mine: machine.tried(seed, examples)

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
            ("overtaken", ground.work(ground.village, lambda mine: scenes.overtaken(mine, nullcontext), place)),
            (
                "done meanwhile",
                ground.work(ground.village, lambda mine: scenes.done_meanwhile(mine, nullcontext), place),
            ),
        ]
        yield budget.in_time(Outcome(f"C6 late, fenced, done meanwhile, {name}", unit="scenes"), works)


def poisoned(ground: Ground, budget: Budget) -> Iterator[Outcome]:
    """C11: one per cent of bad records, sixty kinds; then a third; then a few per cent, page by page over ten cycles."""
    outcome = Outcome("C11 poison", unit="records")
    for share, total in ((0.01, budget.poison), (0.3, budget.poison // 10)):
        work = ground.work(ground.unapproved, _poison(total, share))
        budget.in_time(outcome, [(f"{share:.0%} of {total}", work)], total)
    for share in (0.03, 0.08):
        total = max(10_000, budget.poison // 10)  # of fewer, three per cent are soon explained by chance
        work = ground.work(ground.unapproved, _poison_by_and_by(total, share))
        budget.in_time(outcome, [(f"{share:.0%} of {total} by and by", work)], total)
    yield outcome


def _poison_by_and_by(total: int, share: float) -> Trial:
    return lambda mine: elsewhere.poison_by_and_by(mine, total, share, 10)


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
        ("login", ground.work(ground.village, lambda mine: elsewhere.refused_login(mine, budget.hours * 10))),
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
    ends = time.monotonic() + budget.seconds
    within = kills.longest(ground.folder / "kills")
    outcome = Outcome("C3 SIGKILL", unit="kills", says=f"each within the {within:.1f} s that a first cycle takes")
    while outcome.runs < budget.kills and time.monotonic() < ends and not budget.enough():
        few = min(10, budget.kills - outcome.runs)
        outcome.note(
            f"from {outcome.runs}",
            kills.killed(ground.folder / f"kills-{outcome.runs}", few, budget.first + outcome.runs, within),
            few,
        )
        budget.tell(outcome)
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

"""`make faults`: every campaign, and the eight planted faults; `campaign  runs  violations`, and exit 1 for any.

Whoever interrupts it has the figures so far, and exit 130: `--first` goes on from there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tests.faults.bites import caught
from tests.faults.campaigns import CAMPAIGNS
from tests.faults.ground import SMALL, Budget, Ground, Outcome
from tests.faults.planted import PLANTED
from tests.faults.progress import Progress, asked_to_end
from tests.faults.quick import rules_read_once
from tests.postgres import server


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[*CAMPAIGNS, "planted"], help="C1 C2 … planted")
    parser.add_argument("--seconds", type=float, default=3600, help="the longest for each part of a campaign")
    parser.add_argument(
        "--first",
        type=int,
        default=0,
        help="the first seed or crash point: go on where an earlier run ended, or replay",
    )
    parser.add_argument("--seeds", type=int, default=1_000)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--machine", type=int, default=20_000, help="steps of the state machine")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--stores", nargs="*", default=["SQLite", "PostgreSQL"], help="on which of them")
    parser.add_argument("--step", type=int, default=1, help="every so many crash points")
    parser.add_argument("--alike", action="store_true", help="also crash points that leave behind what others do")
    parser.add_argument("--small", action="store_true", help="a part that takes minutes, as in `make test`")
    given = parser.parse_args()
    progress, enough = Progress(), asked_to_end()
    whole = Budget(given.seconds, given.step, given.alike, given.seeds, given.steps, given.machine, given.kills)
    budget = replace(SMALL if given.small else whole, first=given.first, enough=enough, tell=progress.tell)
    bad = 0
    with tempfile.TemporaryDirectory(prefix="attain-faults-") as folder, rules_read_once():
        database = server(Path(folder) / "postgres", own=True)
        ground = Ground(Path(folder), database, given.stores)
        print(f"{'campaign':<46}{'runs':>10}  {'':<16}{'violations':>10}", flush=True)
        for name in given.only:
            began = time.monotonic()
            for outcome in _planted(ground, enough) if name == "planted" else CAMPAIGNS[name](ground, budget):
                bad += len(outcome.violations)
                progress.clear()
                _line(outcome, time.monotonic() - began)
                began = time.monotonic()
            if enough():
                break
        database.close()
    return 1 if bad else 130 if enough() else 0


def _planted(ground: Ground, enough: Callable[[], bool]) -> Iterator[Outcome]:
    caught_ones = Outcome("planted faults that were caught", unit=f"of {len(PLANTED)}")
    for name in PLANTED:
        if enough():
            break
        words = caught(ground, name)
        caught_ones.runs += bool(words)
        caught_ones.violations += [] if words else [f"`{name}` was not caught"]
        print(f"  {name}: {words[0] if words else 'NOT CAUGHT'}", flush=True)
    yield caught_ones


def _line(outcome: Outcome, seconds: float) -> None:
    figures = f"{outcome.runs:>10}  {outcome.unit:<16}{len(outcome.violations):>10}"
    print(f"{outcome.name:<46}{figures}   {seconds:.0f} s  {outcome.says}", flush=True)
    for each in outcome.violations[:5]:
        print(f"    {each}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

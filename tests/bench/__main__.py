"""`make bench`: every ratio of one run, on one machine, side by side."""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sqlite3
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.bench import calls, large, measuring, peer, programs, pulling, starting, storing
from tests.bench.pulling import Again
from tests.bench.report import Line, note
from tests.bench.served import Served, company, connected, serving

QUICK = (20_000, 100_000, 40)
FULL = (1_000_000, 2_000_000, 2_000)


def main() -> None:
    """Measure and print; a missed goal is printed, not raised."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--deals", type=int, default=200_000)
    parser.add_argument("--activities", type=int, default=2_000_000)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--large", action="store_true", help="only the engine at full size: 1M deals, 10M activities")
    parser.add_argument(
        "--full", action="store_true", help="only the pull, of 1M deals and 2M activities, beside jsforce"
    )
    parser.add_argument("--quick", action="store_true", help="20,000 deals and 100,000 activities, for a look")
    parser.add_argument(
        "--peers", type=Path, default=programs.ENVIRONMENTS, help="where `make peers` put other programs"
    )
    asked = parser.parse_args()
    if asked.large:
        full_size(*large.SIZE)
        return
    chosen = QUICK if asked.quick else FULL if asked.full else (asked.deals, asked.activities, asked.people)
    deals, activities, people = chosen
    home = Path(".bench")
    home.mkdir(exist_ok=True)
    print(machine())
    print(f"{deals:,} deals, {activities:,} activities, {people:,} people")
    print(f"{'':<48} {'ours':>10} {'peer':>10}")
    with serving(company(home, people, deals, activities), home) as served:
        if asked.full:
            only_pull(served)
        else:
            run(served, home, asked.peers)


def full_size(deals: int, activities: int, people: int) -> None:
    """The engine alone, over a company that is stored without any CRM."""
    home = Path(".bench")
    home.mkdir(exist_ok=True)
    print(machine())
    print(f"{deals:,} deals, {activities:,} activities, {people:,} people")
    print(f"{'':<48} {'ours':>10} {'peer':>10}")
    for line in large.lines(home, deals, activities, people):
        show(line)


def run(served: Served, home: Path, environments: Path) -> None:
    """Everything in turn, each line printed as soon as it is known."""
    show(starting.line())
    with connected(served) as house:
        again = {crm: Again(served, crm) for crm in pulling.PREFIXES}
        before = len(served.asked())
        note("pulling everything, and each request again plainly")
        timed = pulling.pulled(house, again)
        made = sum(each["crm"] == "salesforce" for each in served.asked(before))
        peaks = [("pulling and storing", peak())]
        show(*pulling.lines(timed, again))
        show(*calls.first_pull(served, house, timed, before))
        show(*peer.lines(served, house, timed, made))
        rivals = list(programs.rivals(served, house, environments))
        for line in programs.side_by_side("first pull", rivals):
            show(line)
        show(*calls.delta(served, house))
        for line in programs.side_by_side(f"delta of {calls.CHANGED:.0%}", rivals):
            show(line)
        measuring.appraised(house)
        peaks.append(("measuring", peak()))
        show(*measuring.lines(house))
        show(*storing.lines(house, home))
    print(", ".join(f"peak memory after {what}: {mib:,.0f} MiB" for what, mib in peaks))


def only_pull(served: Served) -> None:
    """What a pull takes at full size: calls, and seconds beside jsforce; taps would take hours."""
    with connected(served) as house:
        before = len(served.asked())
        note("pulling everything")
        timed = pulling.pulled(house)
        made = sum(each["crm"] == "salesforce" for each in served.asked(before))
        show(*calls.first_pull(served, house, timed, before))
        for crm, each in timed.items():
            print(f"{crm}: {sum(each.records.values()):,} records in {each.seconds:,.0f} s inside the adapter")
        show(*peer.lines(served, house, timed, made))
        show(*calls.delta(served, house))
    print(f"peak memory: {peak():,.0f} MiB, and {served.memory():,.0f} MiB of the stand-ins")


def show(*lines: Line) -> None:
    for line in lines:
        print(line, flush=True)


def peak() -> float:
    """The most memory that this process ever held, in MiB. Linux counts in KiB, macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def machine() -> str:
    """What it ran on."""
    memory = psutil.virtual_memory().total / 2**30
    found = [f"{platform.system()} {platform.machine()}", f"{os.cpu_count()} cores", f"{memory:.0f} GiB"]
    found += [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    named: Callable[[str], str] = lambda name: f"{name} {version(name)}"  # noqa: E731
    return ", ".join([*found, *map(named, ("duckdb", "requests", "simple-salesforce", "hubspot-api-client"))])


if __name__ == "__main__":
    main()

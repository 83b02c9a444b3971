"""Lint, suggest and review at full size: each command as somebody types it, in a process of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.bench.report import Line, note
from tests.bench.served import TODAY

LIMIT, MOST = 60.0, 2_048  # seconds for all of them together, MiB for each
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "lint": ("--json", "--fail-on", "error"),
    "suggest": ("--json",),
    "review": (),
}
PRIVACY = """
privacy:
  detectors: [bunching, pulled in, pushed out, just under a tier, burst of activities, commit bias]
  amount_tiers: [50_000 EUR, 100_000 EUR]
"""
FINE = (0, 1)  # lint ends with 1 where it found something bad


def lines(place: Path, peer: str, measuring: float) -> Iterator[Line]:
    """How long each takes, beside measuring alone; and all together against the limit."""
    together, most = 0.0, 0.0
    for name, words in COMMANDS.items():
        note(f"attain {name}")
        seconds, mib = _run(place, name, words)
        together, most = together + seconds, max(most, mib)
        yield Line(f"attain {name}", seconds, measuring, None, peer=peer)
    yield Line("all three", together, measuring, None, peer=peer, most=LIMIT)
    yield Line("the most memory of any", most, MOST, None, "MiB", "the limit", MOST)


def _run(place: Path, name: str, words: tuple[str, ...]) -> tuple[float, float]:
    """Seconds, and the most memory in MiB; a process between the two has no other child."""
    asked = [sys.executable, "-m", "tests.bench.looping", name, str(place), *words]
    ended = subprocess.run(asked, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"attain {name} failed: {ended.stderr[-2000:]}")
    seconds, mib = json.loads(ended.stdout)
    return seconds, mib


def main(name: str, place: Path, *words: str) -> None:
    """Run one command, and say how long it took and what it held."""
    command = [sys.executable, "-m", "connector", name, "--config", str(place / "config.yaml"), "--today", f"{TODAY}"]
    began = time.perf_counter()
    ended = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if ended.returncode not in FINE:
        raise SystemExit(ended.stderr)
    mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps([seconds, mib]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])

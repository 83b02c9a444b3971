"""The engine at full size: a million deals, ten million activities, two thousand people, twenty-four months.

Each contender works in a process of its own, so that its memory is its own; they take turns, and the best time counts.
`python -m tests.bench.large STEP HOME` is one such process.
"""

from __future__ import annotations

import json
import pickle
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connector.flow.appraise import LEVELS, appraise_with, people_of, reading_mirror, refresh_mirror
from connector.flow.house import House
from connector.flow.plans import plans_for
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.service.starter import lay_out
from connector.service.town_config import CONFIG
from connector.service.wiring import house
from tests.bench import looping, measuring, row_by_row
from tests.bench.filling import fill, touch
from tests.bench.report import Line, best_of, note, stopwatch
from tests.bench.served import TODAY, company

SIZE = (1_000_000, 10_000_000, 2_000)
EVERY = 100  # one of so many records is changed
TURNS = 2


def lines(home: Path, deals: int, activities: int, people: int) -> Iterator[Line]:
    """Fill, mirror, measure and compare; a line as soon as it is known."""
    folder = company(home, people, deals, activities)
    place = home / f"large-{folder.name}"
    count = _filled(place, folder)
    full = _step("refresh", place, folder)
    note(f"{count:,} records stored; a full load of the mirror held {full['mib']:,.0f} MiB")
    ours, theirs = _take_turns(place, folder)
    what = f"measuring {ours['metrics']} metrics of {count:,} records"
    agreed = _agree(place)
    note(f"{agreed:,} numbers agree")
    yield Line(what, ours["seconds"], theirs["seconds"], 1.5, peer="DuckDB SQL by hand")
    rows = _step("row_by_row", place, folder)
    same = f"the same {rows['metrics']} metrics, a record at a time"
    yield Line(same, rows["ours"], rows["seconds"], 1 / 20, peer=f"rule-engine, from {rows['sample']:,} records")
    most = max(full["mib"], ours["mib"])
    yield Line("the most memory: mirror and measuring", most, theirs["mib"], None, "MiB", "SQL by hand", 1_536)
    _step("touch", place, folder)
    part = _step("refresh", place, folder)
    peer = "a full load"
    yield Line("the mirror after 1 % changed", part["seconds"], full["seconds"], 0.15, peer=peer)
    alone, held, appraised = (
        _best(tuple(_step(name, place, folder) for _ in range(TURNS))) for name in ("alone", "held", "appraise")
    )
    peer = f"measuring all {alone['metrics']} metrics of {alone['periods']} open periods"
    yield Line("a day appraised, as a cycle does", appraised["seconds"], alone["seconds"], 2.0, peer=peer)
    only = f"measuring the {held['metrics']} that people are held against"
    yield Line("the same", appraised["seconds"], held["seconds"], None, peer=only)
    yield Line(f"its {appraised['rows']:,} differences, apart", appraised["planned"], alone["seconds"], None, peer=peer)
    yield from looping.lines(place, peer, alone["seconds"])


def _filled(place: Path, folder: Path) -> int:
    """A store with everything in it and a mirror with nothing; one that an earlier run filled is used again."""
    done = place / "filled"
    if not done.exists():
        shutil.rmtree(place, ignore_errors=True)
        _lay_out(place, folder)
        done.write_text(str(_step("fill", place, folder)["records"]), encoding="utf-8")
    for each in place.glob("attain.mirror.duckdb*"):
        each.unlink()
    return int(done.read_text(encoding="utf-8"))


def _take_turns(place: Path, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ours and the hand's, the best of a few processes each; the most memory of any."""
    found = [(_step("ours", place, folder), _step("by_hand", place, folder)) for _ in range(TURNS)]
    ours, theirs = zip(*found, strict=True)
    return _best(ours), _best(theirs)


def _best(found: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    best = min(found, key=lambda each: each["seconds"])
    return {**best, "mib": max(each["mib"] for each in found)}


def _agree(place: Path) -> int:
    numbers = [pickle.loads((place / f"{name}.numbers").read_bytes()) for name in ("ours", "by_hand")]
    return measuring.agree(*numbers)


def _step(name: str, place: Path, folder: Path) -> dict[str, Any]:
    """One process, and what it says of itself."""
    note(name.replace("_", " "))
    command = [sys.executable, "-m", "tests.bench.large", name, str(place), str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    sys.stderr.write(said.stderr)
    if said.returncode:
        raise SystemExit(f"{name} failed")
    found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return found


def _lay_out(place: Path, folder: Path) -> None:
    """A config that is never connected: only its rules, mappings and store are used."""
    lay_out(place)
    for name in ("server.key", "hubspot.token"):
        (place / name).write_text("not used", encoding="utf-8")
        (place / name).chmod(0o600)
    for table in (folder / "files").glob("*.csv"):
        (place / "files" / table.name).write_bytes(table.read_bytes())
    text = CONFIG.format(
        name="Bench", currency="EUR", zone="Europe/Berlin", first_month="january", consumer_key="none", username="none",
        salesforce_url="http://127.0.0.1:9", hubspot_url="http://127.0.0.1:9", write="off",
    )  # fmt: skip
    (place / "config.yaml").write_text(text + looping.PRIVACY, encoding="utf-8")


@contextmanager
def _timed(said: dict[str, Any]) -> Iterator[None]:
    with stopwatch() as took:
        yield
    said["seconds"] = took()


def _fill(found: House, folder: Path, said: dict[str, Any]) -> None:
    with _timed(said):
        said["records"] = fill(found, folder)


def _refresh(found: House, _: Path, said: dict[str, Any]) -> None:
    roster = people_of(found)
    with _timed(said):
        refresh_mirror(found, roster)


def _touch(found: House, folder: Path, said: dict[str, Any]) -> None:
    with _timed(said):
        said["records"] = touch(found, folder, EVERY)


def _ours(found: House, _: Path, said: dict[str, Any]) -> None:
    periods = found.settings.company.calendar.current(TODAY)
    with reading_mirror(found) as mirror:
        by_hand = measuring.statements(mirror, found.rules.metrics, periods)
        metrics = measuring.covered(found.rules.metrics, by_hand)
        [said["seconds"]] = best_of(3, lambda: measure(mirror, metrics, periods, LEVELS, TODAY))
        numbers = measuring.numbers(measure(mirror, metrics, periods, LEVELS, TODAY))
    said["metrics"] = len(metrics)
    _keep(found, "ours", numbers)


def _by_hand(found: House, _: Path, said: dict[str, Any]) -> None:
    periods = found.settings.company.calendar.current(TODAY)
    with reading_mirror(found) as mirror:
        by_hand = measuring.statements(mirror, found.rules.metrics, periods)
        [said["seconds"]] = best_of(3, lambda: [each.rows(mirror) for each in by_hand])
        _keep(found, "by_hand", measuring.numbers_by_hand(mirror, by_hand))


def _row_by_row(found: House, _: Path, said: dict[str, Any]) -> None:
    said |= row_by_row.compared(found)


def _alone(found: House, _: Path, said: dict[str, Any]) -> None:
    """Every metric in every open period, and nothing else."""
    _measured(found, tuple(found.rules.metrics.values()), said)


def _held(found: House, _: Path, said: dict[str, Any]) -> None:
    """What a cycle measures: metrics that somebody is held against, and what they are made of."""
    _measured(found, found.rules.needed, said)


def _measured(found: House, metrics: tuple[Metric, ...], said: dict[str, Any]) -> None:
    company = found.settings.company
    periods = company.calendar.open_on(TODAY, company.close_after)
    with reading_mirror(found) as mirror, _timed(said):
        measure(mirror, metrics, periods, LEVELS, TODAY)
    said |= {"metrics": len(metrics), "periods": len(periods)}


def _appraise(found: House, _: Path, said: dict[str, Any]) -> None:
    roster = people_of(found)
    with reading_mirror(found) as mirror, _timed(said):
        appraisal = appraise_with(found, mirror, roster, TODAY, everything=False)  # as a cycle does
    with stopwatch() as took:
        plans = plans_for(found, appraisal, roster, "bench")
    said |= {"planned": took(), "rows": sum(len(each.rows) for each in plans)}


def _keep(found: House, name: str, numbers: measuring.Numbers) -> None:
    (found.settings.home / f"{name}.numbers").write_bytes(pickle.dumps(numbers))


STEPS: dict[str, Callable[[House, Path, dict[str, Any]], None]] = {
    "fill": _fill, "refresh": _refresh, "touch": _touch, "ours": _ours, "by_hand": _by_hand, "row_by_row": _row_by_row,
    "alone": _alone, "held": _held, "appraise": _appraise,
}  # fmt: skip


def main(name: str, place: Path, folder: Path) -> None:
    """Do one step; the last line on stdout is what there is to say about it."""
    said: dict[str, Any] = {}
    with house(place / "config.yaml", connect=False) as found:
        STEPS[name](found, folder, said)
    said["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

"""Real processes that the kernel kills, against stand-ins over real sockets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.flow.install import wanted_by
from connector.sandbox.company import generate
from connector.sandbox.town import town
from connector.service.town_config import write_town_config
from connector.service.wiring import REAL, house
from connector.store import decisions
from connector.store.decisions import Decision
from tests.faults.village import Village, drawn
from tests.faults.violations import Violations, judge
from tests.stories.installed import Time


def longest(folder: Path) -> float:
    """The seconds that a first cycle takes on this machine, start-up included: a kill falls into any part of it."""
    with _approved(folder, 0, datetime.now(UTC)) as village:
        began = time.monotonic()
        assert _cycle(village.config, None) == 0
        return time.monotonic() - began


def killed(folder: Path, kills: int, seed: int, within: float) -> list[str]:
    """Cycles that are killed within so many seconds; then three that are not. Returns the violations in words."""
    violations, chance = Violations(), drawn(seed, "kills")
    with _approved(folder, seed, datetime.now(UTC)) as village:
        for _ in range(kills):
            _cycle(village.config, chance.uniform(0, within))
        codes = [_cycle(village.config, None) for _ in range(3)]
        violations.note("stuck", f"clean cycles ended with {codes}", sum(code != 0 for code in codes))
        judge(village, violations)
    return violations.words


@contextmanager
def _approved(folder: Path, seed: int, now: datetime) -> Iterator[Village]:
    """A company whose CRMs answer over sockets, with our fields in them, and leave to write."""
    generate(folder, people=10, deals=90, activities=120, seed=seed, today=now.date())
    with town(folder, now=REAL.now) as found:
        found.salesforce.register_client("reader", "reader-secret")
        config = write_town_config(folder, found)
        with house(config, guarded=False) as ready:
            for name, crm in ready.crms.items():
                crm.install(wanted_by(ready, name), check=False)
            with ready.store.writing() as tx:
                for name in ready.crms:
                    decisions.note(tx, Decision("the first plan", name, "apply", "", 0, now))
        yield Village(folder, found.salesforce, found.hubspot, Time(now + timedelta(minutes=1)), config)


def _cycle(config: Path, dies_after: float | None) -> int:
    """One `attain sync`; killed after so many seconds, or left to end. Returns its exit code, -9 when it was killed."""
    command = [sys.executable, "-m", "connector", "sync", "--config", str(config)]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=dict(os.environ), start_new_session=True, **quiet)  # type: ignore[call-overload]
    if dies_after is None:
        return int(process.wait(timeout=120))
    time.sleep(dies_after)
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    return int(process.wait())

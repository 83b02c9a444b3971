"""Our pull as a program of its own, of one CRM and some of its objects: `python -m tests.bench.program ASKED`, in JSON.

From the start of the process to its end, with what a user's run has: the rules, the log-in, the store on disk.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from connector.flow.cycle import run_cycle
from connector.ports import Crm, Source, World
from connector.service.wiring import house
from tests.bench.pulling import Timed
from tests.bench.served import TODAY


class Part(Timed):
    """A CRM of which only some objects are read, and counted."""

    def __init__(self, crm: Crm, objects: Sequence[str]) -> None:
        super().__init__(crm)
        self._objects = objects

    def sources(self) -> Sequence[Source]:
        return [each for each in self._crm.sources() if each.object in self._objects]


def main(config: str, connection: str, ahead: float, objects: Sequence[str]) -> None:
    """Pull what changed, and print how many records of each object came. `ahead`: seconds of the CRM's clock before ours."""
    world = World(now=lambda: datetime.now(UTC) + timedelta(seconds=ahead), sleep=time.sleep)
    with house(Path(config), world=world) as found:
        part = Part(found.crms[connection], objects)
        report = run_cycle(replace(found, crms={connection: cast("Crm", part)}), today=TODAY, only="pull")
        assert not report.troubles, report.troubles
        print(json.dumps(part.records))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))

"""Our pull as a program of its own, of one CRM and some of its objects: `python -m tests.bench.program ASKED`, in JSON.

From the start of the process to its end, with what a user's run has: the rules, the log-in, the store on disk. It imports
nothing else of the bench, whose loading nobody else would pay for.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from connector.flow.cycle import run_cycle
from connector.ports import Crm, Cursor, Page, Source, World
from connector.service.wiring import house


class Part:
    """A CRM of which only some objects are read, and counted."""

    def __init__(self, crm: Crm, objects: Sequence[str]) -> None:
        self._crm, self._objects = crm, objects
        self.records = Counter[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    def sources(self) -> Sequence[Source]:
        return [each for each in self._crm.sources() if each.object in self._objects]

    def changed(self, source: Source, since: Cursor | None) -> Iterator[Page]:
        for page in self._crm.changed(source, since):
            self.records[source.object] += len(page.records)
            yield page


def main(config: str, connection: str, today: str, ahead: float, objects: Sequence[str]) -> None:
    """Pull what changed, and print how many records of each object came. `ahead`: seconds of the CRM's clock before ours."""
    world = World(now=lambda: datetime.now(UTC) + timedelta(seconds=ahead), sleep=time.sleep)
    with house(Path(config), world=world) as found:
        part = Part(found.crms[connection], objects)
        alone = replace(found, crms={connection: cast("Crm", part)})
        report = run_cycle(alone, today=date.fromisoformat(today), only="pull")
        assert not report.troubles, report.troubles
        print(json.dumps(part.records))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))

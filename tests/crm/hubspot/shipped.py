"""The shipped mapping with health switched on, and what it asks of a portal with the shipped rules."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from connector.flow.install import wanted_by
from connector.model.changes import Wanted
from connector.normalise.mapping import CrmMapping
from connector.service.wiring import house
from tests.faults.village import Village
from tests.switching import switch_on_health, switch_to_rows


@cache
def shipped(*, in_rows: bool = False) -> tuple[CrmMapping, Wanted]:
    """`in_rows`: people's numbers in an object of our own, as the mapping shows it."""
    with tempfile.TemporaryDirectory() as folder:
        village = Village.made(Path(folder) / "village", prepare=switch_on_health)
        if in_rows:
            switch_to_rows(village.folder)
        with house(village.config, world=village.time.world, connect=False) as ready:
            return ready.rules.mappings["smb"], wanted_by(ready, "smb")

"""The shipped mapping with health switched on, and what it asks of a portal with the shipped rules."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from connector.flow.install import wanted_by
from connector.model.changes import Wanted
from connector.normalise.mapping import CrmMapping
from connector.service.wiring import house
from tests.faults.elsewhere import switch_on_health
from tests.faults.village import Village


@cache
def shipped() -> tuple[CrmMapping, Wanted]:
    with tempfile.TemporaryDirectory() as folder:
        village = Village.made(Path(folder) / "village", prepare=switch_on_health)
        with house(village.config, world=village.time.world, connect=False) as ready:
            return ready.rules.mappings["smb"], wanted_by(ready, "smb")

"""The small company, loaded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.sandbox.hubspot import HubSpotSandbox
from connector.sandbox.wire import Switches
from tests.sandbox.hubspot.caller import TOKEN, Caller, Clock
from tests.sandbox.hubspot.company import written


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 25, 9, 0, 0, 250_000, tzinfo=UTC))


@pytest.fixture
def hubspot(clock: Clock, tmp_path: Path) -> Caller:
    """Nordlicht's portal, and a client that may do everything."""
    sandbox = HubSpotSandbox(now=clock, switches=Switches(limits=False))
    sandbox.load(written(tmp_path))
    sandbox.allow(TOKEN)
    return Caller(sandbox)

"""A read is broken off between two pages: the next cycle ends it, and does not leave what has come since to the one after."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from connector.flow import pull
from connector.model.records import RecordKind
from connector.ports import Page, Source
from connector.service.wiring import house
from connector.store import streams
from tests.faults.points import Killed
from tests.faults.rows import overlooked
from tests.faults.village import SETTLE, Village

DEALS = Source(RecordKind.DEAL, "deals")
pytestmark = pytest.mark.xdist_group("killed")


def _edit(village: Village, at: int, amount: str) -> None:
    """Somebody's deal in each CRM."""
    theirs = village.soql("SELECT Id FROM Opportunity ORDER BY Id")[at]["Id"]
    village.edit(f"Opportunity/{theirs}", {"Amount": float(amount)})
    village.edit(f"deals/{village.objects('deals', 'amount')[at]['id']}", {"amount": amount})


def _broken_off(village: Village) -> None:
    """The process dies once the first page of HubSpot's deals is kept, and there are more."""
    plain = pull._Pull._commit

    def dying(self: pull._Pull, page: Page, *rest: Any) -> None:
        plain(self, page, *rest)
        if page.source == DEALS and not page.last:
            raise Killed("between two pages")

    with mock.patch.object(pull._Pull, "_commit", dying), pytest.raises(Killed):
        village.cycle()
    village.buried()
    assert _is_open(village)


def _is_open(village: Village) -> bool:
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        cursor = streams.cursor(tx, "smb", str(DEALS))
    return cursor is not None and cursor.until is not None


def test_the_next_cycle_reads_until_now(village: Village) -> None:
    village.cycle()
    village.time.sleep(3600)
    _edit(village, 0, "11.50")
    village.time.sleep(600)
    _broken_off(village)
    village.time.sleep(7200)
    _edit(village, 1, "22.50")
    village.time.sleep(600)
    until = village.time.at - SETTLE
    village.cycle()
    assert not _is_open(village)
    assert overlooked(village, until) == []


def test_a_first_pull_that_was_broken_off_days_ago_ends_today(tmp_path: Path) -> None:
    village = Village.made(tmp_path / "village", deals=300)  # HubSpot lists a hundred at once
    village.approve()
    _broken_off(village)
    village.time.sleep(3 * 86_400)
    _edit(village, 2, "33.50")
    village.time.sleep(600)
    until = village.time.at - SETTLE
    village.cycle()
    assert not _is_open(village)
    assert overlooked(village, until) == []

"""Two Salesforce accounts become one: what belonged to either belongs to the one that is left, though no stamp moved."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from connector.flow.sweep import sweep
from connector.service.wiring import house
from tests.faults.village import TODAY, V, Village

pytestmark = pytest.mark.xdist_group("merged accounts")
HOUR = 3600


def _rows(village: Village, query: str) -> list[Any]:
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        return [tuple(each) for each in tx.execute(text(query))]


def _belonging(village: Village, table: str, account: str, pointer: str = "account") -> set[str]:
    """Ids of what is alive and belongs to an account, as we have it."""
    query = f"select ref from {table} where {pointer} = 'emea:Account/{account}' and deleted_at is null"
    return {str(ref).partition("/")[2] for (ref,) in _rows(village, query)}


def _two(village: Village) -> tuple[str, str]:
    """Accounts that both have deals, the one with fewer last."""
    rows = village.soql("SELECT AccountId FROM Opportunity WHERE AccountId != null")
    ids = [str(each["AccountId"]) for each in rows]
    one, other = sorted(set(ids), key=lambda each: (-ids.count(each), each))[:2]
    return one, other


@pytest.mark.parametrize("stamps", [False, True])
def test_deals_and_activities_of_a_merged_account_count_for_the_one_that_is_left(
    village: Village, *, stamps: bool
) -> None:
    left, victim = _two(village)
    village._ask(
        village.salesforce,
        "POST",
        f"{V}/sobjects/Event",
        village._token(),
        {"Subject": "Lunch", "WhatId": victim, "StartDateTime": "2026-11-24T11:00:00Z", "DurationInMinutes": 60},
    )
    village.time.sleep(HOUR)
    assert village.cycle().troubles == []
    tables = ("deals", "activities")
    before = {each: (_belonging(village, each, left), _belonging(village, each, victim)) for each in tables}
    assert all(theirs for _, theirs in before.values())
    village.time.sleep(24 * HOUR)  # nothing of it lies in an overlap

    village.salesforce.merge(left, [victim], stamps=stamps)
    village.time.sleep(HOUR)
    assert village.cycle().troubles == []
    for table, (ours, theirs) in before.items():
        assert _belonging(village, table, left) == ours | theirs
        assert _belonging(village, table, victim) == set()
    assert _rows(village, f"select deleted_at from accounts where ref = 'emea:Account/{victim}'") != [(None,)]


def test_the_sweep_finds_what_was_given_to_another_account_without_a_stamp(village: Village) -> None:
    left, victim = _two(village)
    assert village.cycle().troubles == []
    deals, activities = _belonging(village, "deals", victim), _belonging(village, "activities", victim)
    children = _belonging(village, "accounts", left, "parent")
    assert victim in children
    database = village.salesforce._database
    database.run('UPDATE "Account" SET "ParentId" = NULL WHERE "Id" = ?', (victim,))
    moved = [(table, field) for table in ("Task", "Event") for field in ("AccountId", "WhatId")]
    moved.append(("Opportunity", "AccountId"))
    for table, field in moved:
        database.run(f'UPDATE "{table}" SET "{field}" = ? WHERE "{field}" = ?', (left, victim))
    village.time.sleep(24 * HOUR)
    village.cycle()
    assert _belonging(village, "deals", victim) == deals
    assert _belonging(village, "accounts", left, "parent") == children
    with village.wired(), house(village.config, world=village.time.world) as ready:
        found = sweep(ready, ready.crms["emea"], TODAY)
        again = sweep(ready, ready.crms["emea"], TODAY)
    assert found.troubles == []
    assert _belonging(village, "deals", victim) == set()
    assert _belonging(village, "accounts", left, "parent") == children - {victim}
    assert deals <= _belonging(village, "deals", left)
    assert activities <= _belonging(village, "activities", left)
    alerts = len(village.soql("SELECT Id FROM Task WHERE Attain_Key__c != null"))  # ours, and nobody's activity
    assert {each.object: each.differing for each in again.swept if each.differing} == (
        {"Task": alerts} if alerts else {}
    )

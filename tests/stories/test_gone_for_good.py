"""Whoever is removed from a CRM for good is forgotten, in HubSpot as in Salesforce; and nobody else."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from connector.errors import CrmUnavailable
from connector.flow.chores import chores
from connector.sandbox.wire import Request, Response, Service
from connector.service import wiring
from connector.store.tables import users
from tests.faults.village import Village

DAY = 24 * 3600
OWNERS = "/crm/owners/2026-03"


def people(village: Village) -> dict[str, str]:
    """Login → name."""
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        return {str(ref): str(name) for ref, name in tx.execute(select(users.c.ref, users.c.name))}


def the_next_day(village: Village) -> list[str]:
    """What the chores stumbled over."""
    village.time.sleep(DAY)
    with village.wired(), wiring.house(village.config, world=village.time.world) as house:
        return [str(each) for each in chores(house, house.today()).troubles]


def test_an_owner_or_user_who_is_removed_for_good_is_forgotten_the_next_day(village: Village) -> None:
    village.cycle()
    before = people(village)
    owner = next(ref for ref in sorted(before) if ref.startswith("smb:owners/"))
    user = next(ref for ref in sorted(before) if ref.startswith("emea:User/"))
    village.hubspot._portal.store.run("DELETE FROM owners WHERE id = ?", (int(owner.rpartition("/")[2]),))
    village.salesforce._database.run('DELETE FROM "User" WHERE Id = ?', (user.rpartition("/")[2],))
    assert the_next_day(village) == []
    after = people(village)
    assert {ref for ref in before if after[ref] != before[ref]} == {owner, user}
    assert all(after[ref].startswith("Somebody (") for ref in (owner, user))
    named = {before[ref] for ref in (owner, user)}
    assert the_next_day(village) == []
    assert people(village) == after, "under the same pseudonym from then on"
    assert named.isdisjoint(after.values())


@pytest.mark.parametrize("broken", ["empty", "short", "half"])
def test_a_list_that_is_empty_short_or_breaks_off_makes_nobody_vanish(village: Village, broken: str) -> None:
    village.cycle()
    before, asked = people(village), list[str]()

    def lists(_host: str, service: Service, request: Request) -> Response:
        if request.path.rstrip("/") == OWNERS:
            if broken == "half" and request.param("archived") == "true":
                return Response(500, {}, b"{}")
            answer = service.answer(request)
            all_of_them = json.loads(answer.body)["results"]
            some = {"results": [] if broken == "empty" else all_of_them[:1]}
            return replace(answer, body=json.dumps(some).encode()) if broken != "half" else answer
        if request.path.startswith(OWNERS):
            asked.append(request.path)
        return service.answer(request)

    village.exchange = lists
    try:
        told = the_next_day(village)
    except CrmUnavailable as error:
        told = [str(error)]
    assert people(village) == before
    assert {"no active owner" in each for each in told} == {"empty": {True}, "short": set(), "half": {False}}[broken]
    assert bool(asked) == (broken == "short"), "whoever a list leaves out is asked for by id, and found"

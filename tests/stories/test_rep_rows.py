"""HubSpot without properties on users: the doctor says what there is instead, and the numbers live in an object of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.flow.cycle import run_cycle
from connector.sandbox.wire import Request, Response, Service
from connector.service.wiring import house
from tests.cli.attain import Attain
from tests.faults.village import HUBSPOT, Village
from tests.stories import stores
from tests.switching import switch_to_rows

OBJECT = "attain_rep_period"
SHOWN = "attain_key,attain_actual,attain_target,attain_attainment,attain_period,attain_metric,hubspot_owner_id,attain_person,attain_manager"


@pytest.fixture
def village(tmp_path: Path, kind_of_store: str) -> Iterator[Village]:
    assert kind_of_store in stores.KINDS
    found = Village.made(tmp_path / "village")
    switch_to_rows(found.folder)
    with stores.made() as store:
        found.on(store)
        found.approve()
        yield found


def rows(village: Village) -> dict[str, dict[str, Any]]:
    return {each["properties"]["attain_key"]: each["properties"] for each in village.objects(OBJECT, SHOWN)}


def _pages_find_them(village: Village, shown: Mapping[str, Mapping[str, Any]]) -> None:
    """What the app's pages ask: by the object's full name, whose records are they, whose team are they, and do they run."""
    portal = village.portal()
    midnight = village.time.now().replace(hour=0, minute=0, second=0, microsecond=0)
    runs = {"propertyName": "attain_period_end", "operator": "GTE", "value": str(int(midnight.timestamp() * 1000))}
    for name in ("attain_person", "attain_manager"):
        told = {key: each[name] for key, each in shown.items() if each[name]}
        assert told
        for owner in set(told.values()):
            whose = {"propertyName": name, "operator": "EQ", "value": owner}
            found = village.found(f"p{portal}_{OBJECT}", "attain_key,attain_evidence", whose, runs)
            assert {each["attain_key"] for each in found} == {key for key, each in told.items() if each == owner}
            assert any("counted" in json.loads(each["attain_evidence"] or "{}") for each in found)
    users = {each["properties"]["hubspot_owner_id"] for each in village.objects("users", "hubspot_owner_id")}
    assert {each["attain_person"] for each in shown.values()} <= users


def test_numbers_of_people_in_an_object_of_our_own(village: Village, attain: Attain) -> None:
    with village.wired():
        poor = attain("doctor")
        assert poor.code == 3
        assert "Only an Enterprise account has it to give" in " ".join(poor.out.split())
        assert "need an Enterprise account" in attain("install", "smb").err
    village.hubspot.upgrade()
    with village.wired():
        with house(village.config, world=village.time.world) as ready:
            run_cycle(ready, only="pull")
            run_cycle(ready, only="appraise")
        planned = attain("plan")
        assert planned.code == 0
        assert "records will be refused: there is no field attain_key" in planned.err
    early = village.cycle()
    assert (early.exit_code, f"no object {OBJECT}" in " ".join(map(str, early.troubles))) == (3, True)
    with village.wired():
        assert f"missing  {OBJECT}" in attain("install", "smb", "--check").out
        assert f"created  {OBJECT}" in attain("install", "smb").out
        assert f"in {OBJECT}, an object of our own" in attain("doctor").out
    village.time.sleep(900)
    village.cycle()
    shown = rows(village)
    board = json.loads(attain("scores", "--metric", "bookings", "--period", "2026-Q4", "--json").out)
    told = {
        each["id"]: (Decimal(each["actual"]), Decimal(each["target"])) for each in board if each["kind"] == "person"
    }
    written = {
        key.split(":")[2]: (Decimal(each["attain_actual"]), Decimal(each["attain_target"]))
        for key, each in shown.items()
        if key.startswith("attainment:bookings:") and each["attain_period"] == "2026-Q4"
    }
    assert len(written) > 1
    assert written == {each: told[each] for each in written}
    assert any(actual for actual, _ in written.values())
    assert len({each["hubspot_owner_id"] for each in shown.values()}) > 1

    _pages_find_them(village, shown)

    writes: list[str] = []

    def exchange(_host: str, service: Service, request: Request) -> Response:
        if request.path.endswith(("/upsert", "/update")):
            writes.append(request.path)
        return service.answer(request)

    village.exchange = exchange
    village.time.sleep(900)
    village.cycle()
    assert writes == [], "a quiet cycle wrote"
    with village.wired():
        assert OBJECT in attain("privacy").out
        assert attain("install", "smb", "--export", "project").code == 0
        places = (village.folder / "project/src/app/pages/common/schema.ts").read_text(encoding="utf-8")
        assert f'"object": "{OBJECT}"' in places
        assert f"would go  {OBJECT}, with {len(shown)} records" in attain("uninstall", "smb").out
        assert attain("uninstall", "smb", "--yes").code == 0
        assert attain("install", "smb").code == 0
    assert rows(village) == {}
    village.time.sleep(900)
    village.cycle()
    assert rows(village).keys() == shown.keys()


def test_an_answer_that_is_lost_is_looked_up_by_its_key_and_makes_no_second_row(
    village: Village, attain: Attain
) -> None:
    village.hubspot.upgrade()
    with village.wired():
        assert attain("install", "smb").code == 0
    lost: list[str] = []

    def exchange(host: str, service: Service, request: Request) -> Response:
        answered = service.answer(request)
        if host == HUBSPOT and request.path.endswith("/batch/upsert") and "/2-" in request.path and len(lost) < 2:
            lost.append(request.path)
            return Response(0)
        return answered

    village.exchange = exchange
    for _ in range(3):
        village.cycle()
        village.time.sleep(3600)
    assert lost
    found = village.objects(OBJECT, SHOWN)
    keys = [each["properties"]["attain_key"] for each in found]
    assert len(keys) == len(set(keys)) > 0
    with village.wired():
        assert "Everything has arrived." in attain("outbox").out

"""A deal is won in HubSpot: HubSpot says so, and the score shows it within seconds; polling finds nothing left to do."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests
from sqlalchemy import text

from connector.flow.cycle import run_cycle
from connector.flow.house import House
from connector.model.hints import Hint, Knock
from connector.sandbox.company import generate
from connector.sandbox.wire import Request, Response
from connector.service.schedule import run_forever
from connector.service.wiring import house
from connector.store import hints
from connector.web.serving import open_door
from tests.faults.village import HUBSPOT, Village
from tests.faults.wire import Lost
from tests.stories.installed import Installation, installation
from tests.switching import knocked_at

SECRET = "the-app-secret"
pytestmark = pytest.mark.xdist_group("hinted")


@pytest.fixture
def asked(village: Village) -> Iterator[list[str]]:
    """HubSpot tells, and what we ask of it is kept."""
    knocked_at(village.config, "https://attain.example.com/hints/smb")
    village.hubspot.subscribe("https://attain.example.com/hints/smb", SECRET)
    paths: list[str] = []

    def exchange(host: str, service: object, request: Request) -> object:
        paths.append(f"{host} {request.path}")
        return service.answer(request)  # type: ignore[attr-defined]

    village.exchange = exchange  # type: ignore[assignment]
    with pytest.MonkeyPatch.context() as patch, village.wired():
        patch.setenv("ATTAIN_TEST_SECRET", SECRET)
        yield paths


def _deliver(village: Village) -> None:
    """Every webhook that waits, through the adapter's own ear, into the store."""
    with house(village.config, world=village.time.world) as ready:
        for request in village.hubspot.webhooks():
            crm = ready.crms["smb"]

            def keep(found: frozenset[Hint]) -> None:
                with ready.store.writing() as tx:
                    hints.note(tx, "smb", found, village.time.now())

            crm.hear(Knock("POST", "", request.headers, request.body), keep)


def _won(village: Village) -> float:
    people = village.shown()["people"].values()
    return sum(float(each["attain_bookings_quarter_actual"] or 0) for each in people)


def _an_open_deal(village: Village) -> str:
    rows = village.objects("deals", "hs_is_closed,hubspot_owner_id")
    users = {each["properties"]["hubspot_owner_id"] for each in village.objects("users", "hubspot_owner_id")}
    return next(
        str(each["id"])
        for each in rows
        if each["properties"]["hs_is_closed"] == "false" and each["properties"]["hubspot_owner_id"] in users
    )


def test_a_hint_is_read_scored_and_shown_without_a_poll(village: Village, asked: list[str]) -> None:
    village.cycle()
    _deliver(village)
    village.time.sleep(3600)
    village.cycle()
    before, deal = _won(village), _an_open_deal(village)
    stage = next(
        each["properties"]["dealstage"]
        for each in village.objects("deals", "dealstage,hs_is_closed_won")
        if each["properties"]["hs_is_closed_won"] == "true"
    )
    today = village.time.now().date().isoformat()
    village.hubspot.webhooks()
    village.edit(
        f"deals/{deal}", {"dealstage": stage, "amount": "1000000", "closedate": today, "deal_currency_code": "EUR"}
    )
    _deliver(village)
    asked.clear()
    with house(village.config, world=village.time.world) as ready:
        report = run_cycle(ready, hinted=True)
    assert report.exit_code == 0
    assert [each.hinted for each in report.pulled] == [1]
    assert _won(village) == before + 1_000_000
    ours = [each for each in asked if each.startswith(HUBSPOT)]
    assert not [each for each in ours if each.endswith("/search")], "nobody was polled"
    assert len([each for each in ours if each.endswith("/deals/batch/read")]) == 1

    # Polling stays the truth: it finds the same, and writes nothing.
    village.time.sleep(900)
    report = village.cycle()
    assert sum(each.sent for each in report.written) == 0
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        assert hints.count(tx, "smb") == 0


def test_a_deletion_and_an_unknown_record_are_hints_too(village: Village, asked: list[str]) -> None:
    village.cycle()
    deal = _an_open_deal(village)
    village.hubspot.webhooks()
    village.delete(f"deals/{deal}")
    _deliver(village)
    with house(village.config, world=village.time.world) as ready:
        with ready.store.writing() as tx:
            hints.note(tx, "smb", [Hint("deals", "999999"), Hint("tickets", "5")], village.time.now())
        report = run_cycle(ready, hinted=True)
        with ready.store.reading() as tx:
            assert hints.count(tx, "smb") == 0
    assert report.exit_code == 0
    assert [each.hinted for each in report.pulled] == [1]
    assert asked


def test_while_hubspot_is_down_hints_wait(village: Village, asked: list[str]) -> None:
    village.cycle()
    del asked

    def down(_host: str, _service: object, _request: Request) -> object:
        raise Lost("down")

    with house(village.config, world=village.time.world) as ready:
        with ready.store.writing() as tx:
            hints.note(tx, "smb", [Hint("deals", _an_open_deal(village))], village.time.now())
        village.exchange = down  # type: ignore[assignment]
        report = run_cycle(ready, hinted=True)
        assert report.exit_code == 4
        with ready.store.reading() as tx:
            assert hints.count(tx, "smb") == 1


def test_a_source_that_drifted_keeps_nobody_from_being_read_though_hubspot_told_of_it(
    village: Village, asked: list[str]
) -> None:
    village.cycle()
    del asked
    village.time.sleep(3600)
    deal, call = _an_open_deal(village), village.objects("calls", "hs_call_title")[0]["id"]
    company = village.objects("companies", "name")[0]["id"]
    village.edit(f"deals/{deal}", {"amount": "4711.00"})
    village.edit(f"companies/{company}", {"name": "Renamed Ltd"})
    village.hubspot.webhooks()

    def renamed(host: str, service: object, request: Request) -> Response:
        answer: Response = service.answer(request)  # type: ignore[attr-defined]
        if host != HUBSPOT or request.method != "GET" or not request.path.endswith("/properties/2026-03/deals"):
            return answer
        known = [each for each in json.loads(answer.body)["results"] if each["name"] != "hs_next_step"]
        return Response(200, answer.headers, json.dumps({"results": known}).encode())

    village.exchange = renamed
    with house(village.config, world=village.time.world) as ready:
        told = [Hint("deals", deal), Hint("companies", company)]
        with ready.store.writing() as tx:
            hints.note(tx, "smb", told, village.time.now())
        report = run_cycle(ready, hinted=True)
        assert ["hs_next_step" in str(each) for each in report.troubles] == [True]
        assert [each.hinted for each in report.pulled] == [1]  # the company
        with ready.store.writing() as tx:
            assert hints.count(tx, "smb") == 0
            hints.note(tx, "smb", told, village.time.now())
        village.edit(f"calls/{call}", {"hs_call_duration": "7320000"})
        village.time.sleep(900)
        report = run_cycle(ready)  # a poll, with a hint at what drifted
        assert ["hs_next_step" in str(each) for each in report.troubles] == [True]
        assert next(each.stored for each in report.pulled if each.connection == "smb")["activity"] == 1

    village.exchange = lambda _host, service, request: service.answer(request)
    village.time.sleep(900)
    assert village.cycle().troubles == []
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        query = text("select amount from deals where ref = :ref")
        assert tx.execute(query, {"ref": f"smb:deals/{deal}"}).scalar() == 471_100


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    generate(tmp_path / "company", people=12, deals=60, activities=40, seed=6, today=date(2026, 11, 25))
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        found.install()
        yield found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_running_process_hears_and_shows_it_within_seconds(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole of it: `attain run` with its door, a webhook over real HTTP, and the number in HubSpot."""
    port, stop = _free_port(), threading.Event()
    url = f"http://127.0.0.1:{port}/hints/smb"
    knocked_at(installed.config, url, port)
    monkeypatch.setenv("ATTAIN_TEST_SECRET", SECRET)
    installed.sync()
    installed.town.hubspot.subscribe(url, SECRET)
    ended: list[BaseException | None] = []

    def forever() -> None:
        try:
            run_forever(installed.config, world=installed.time.world, stop=stop, door=open_door)
            ended.append(None)
        except BaseException as error:  # noqa: BLE001 - told to the test
            ended.append(error)

    def ticking() -> None:
        """Time passes for everybody: who waits for their turn at a CRM would otherwise wait for ever."""
        while not stop.wait(0.05):
            installed.time.sleep(0.05)

    running = threading.Thread(target=forever)
    running.start()
    threading.Thread(target=ticking, daemon=True).start()
    try:
        _until(lambda: _knocks(url), "the door opens")
        assert requests.post(url, data=b"[]", timeout=10).status_code == 401
        deal = installed.hubspot("deals", ["amount"])[0]
        installed.hubspot_update(f"deals/{deal['id']}", {"amount": "98765.43"})
        for request in installed.town.hubspot.webhooks():
            assert requests.post(url, data=request.body, headers=dict(request.headers), timeout=10).status_code == 200
        with installed.house() as ready:  # opened once: whoever looks too hard keeps the process from its work
            _until(lambda: _amount(ready, deal["id"]) == 9_876_543, "the amount is here")
    finally:
        stop.set()
        running.join(20)
    assert ended == [None]
    assert not _knocks(url), "the door is closed"


def _knocks(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 405
    except requests.ConnectionError:
        return False


def _amount(ready: House, deal: str) -> int | None:
    with ready.store.reading() as tx:
        query = text("select amount from deals where ref = :ref")
        return tx.execute(query, {"ref": f"smb:deals/{deal}"}).scalar()


def _until(there: Callable[[], bool], what: str) -> None:
    for _ in range(300):
        if there():
            return
        time.sleep(0.2)
    pytest.fail(what)

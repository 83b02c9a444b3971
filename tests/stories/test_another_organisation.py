"""A store belongs to the organisations that it was read from: behind another login of the same name nothing is read or written."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from connector.errors import AnotherOrganisation
from connector.flow.cycle import run_cycle
from connector.sandbox.wire import Request, Response, Service
from connector.service import wiring
from connector.service.schedule import run_forever
from connector.store import organisations
from tests.cli.attain import Attain
from tests.faults.village import HUBSPOT, Village

WHO = ("/services/oauth2/token", "/account-info/2026-03/details")
TABLES = ("deals", "streams", "runs", "outbox", "journal", "decisions", "organisations", "counters")


@pytest.fixture
def other(village: Village, tmp_path: Path) -> Village:
    """Another company in CRMs of its own, whose config names the same connections and the first one's store."""
    found = Village.made(tmp_path / "other", seed=4)
    [store] = [line for line in village.config.read_text().splitlines() if line.startswith("store: ")]
    where = store.removeprefix("store: ")
    found.on(where if "://" in where else str(village.folder / where))
    found.time.at = village.time.at
    return found


@pytest.fixture
def elsewhere(other: Village, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    """The command, in the other company's folder."""
    return Attain.at(other.folder, other.time.world, monkeypatch, capsys)


def organisation(village: Village) -> str:
    """Of Salesforce, as Setup shows it."""
    [row] = village.soql("SELECT Id FROM Organization")
    return str(row["Id"])[:15]


def held(village: Village) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the store remembers and that a run would change."""
    with wiring.house(village.config, connect=False) as house, house.store.reading() as tx:
        return {name: sorted(map(tuple, tx.execute(text(f"select * from {name}"))), key=str) for name in TABLES}


def heard(village: Village) -> Counter[str]:
    """Paths that are asked for from now on."""
    asked = Counter[str]()

    def exchange(_host: str, service: Service, request: Request) -> Response:
        asked[request.path] += 1
        return service.answer(request)

    village.exchange = exchange
    return asked


def test_another_company_is_refused_before_anything_is_read_or_written(
    village: Village, other: Village, elsewhere: Attain
) -> None:
    run = village.cycle().run_id
    plan = other.folder / "plan.json"
    with village.wired(), wiring.house(village.config, world=village.time.world) as house:
        assert run_cycle(house, only="write").exit_code == 0
        ours = house.settings.mirror
    if village.server:  # the mirror lies beside a config, not beside a server's store
        shutil.copy(ours, other.folder)
    before, asked = held(village), heard(other)
    commands = ("sync", "sync --only pull", "sync --only write", "plan", f"plan --out {plan}", "apply", "sweep")
    for command in (*commands, f"undo {run}", f"undo {run} --apply"):
        with other.wired():
            told = elsewhere(*command.split())
        assert told.code == 2, (command, told)
        assert f"leads to {organisation(other)}, and" in told.err.replace("\n", " "), (command, told)
        assert f"was read from {organisation(village)}" in told.err.replace("\n", " "), command
        assert "log in to" in told.err, command
        if command == "sync":  # both at once
            assert str(other.portal()) in told.err, told
            assert str(village.portal()) in told.err, told
    assert held(village) == before
    assert set(asked) <= set(WHO)
    assert not plan.exists()
    village.time.sleep(3600)
    assert village.cycle().exit_code == 0  # whom it belongs to it serves as before


def test_a_plan_of_one_company_is_not_queued_for_another(village: Village, other: Village, elsewhere: Attain) -> None:
    with village.wired(), wiring.house(village.config, world=village.time.world) as house:
        run_cycle(house, only="pull")
        run_cycle(house, only="appraise")
        mirror = house.settings.mirror
    if village.server:  # the mirror lies beside a config, not beside a server's store
        shutil.copy(mirror, other.folder)
    plan = village.folder / "plan.json"
    with village.wired():
        assert elsewhere("plan", "--config", str(village.config), "--out", str(plan)).code == 0
    before = held(village)
    with other.wired():
        told = elsewhere("apply", str(plan))
    assert (told.code, "another-organisation" in told.err) == (2, True), told
    assert held(village) == before


def test_a_store_of_before_takes_over_whom_it_finds(village: Village, other: Village) -> None:
    village.cycle()
    with wiring.house(village.config, connect=False) as house, house.store.writing() as tx:
        tx.execute(text("delete from organisations"))  # as an earlier version left it
    village.time.sleep(3600)
    assert village.cycle().exit_code == 0
    with wiring.house(village.config, connect=False) as house, house.store.reading() as tx:
        found = {name: organisations.of(tx, name) for name in ("emea", "smb")}
    assert found == {"emea": organisation(village), "smb": str(village.portal())}
    with pytest.raises(AnotherOrganisation):
        other.cycle()


def test_who_is_new_is_not_taken_over_beside_a_stranger(village: Village, other: Village) -> None:
    village.cycle()
    with wiring.house(village.config, connect=False) as house, house.store.writing() as tx:
        tx.execute(text("delete from organisations where connection = 'emea'"))
    with pytest.raises(AnotherOrganisation) as refused:
        other.cycle()
    assert len(refused.value.problems) == 1
    with wiring.house(village.config, connect=False) as house, house.store.reading() as tx:
        assert organisations.of(tx, "emea") is None


def test_the_scheduler_ends(village: Village, other: Village) -> None:
    village.cycle()
    with other.wired(), pytest.raises(AnotherOrganisation) as refused:
        run_forever(other.config, world=other.time.world, stop=threading.Event())
    assert refused.value.exit_code == 2


def test_an_account_is_asked_once_who_it_is(village: Village) -> None:
    asked = heard(village)
    with village.wired(), wiring.house(village.config, world=village.time.world) as house:
        run_cycle(house)
        village.time.sleep(600)
        run_cycle(house)
    assert asked["/account-info/2026-03/details"] == 1
    assert asked["/services/oauth2/token"] == 1  # which tells it by the way


def test_who_does_not_say_who_it_is_takes_no_part_and_the_others_go_on(village: Village) -> None:
    asked, silent = Counter[str](), True

    def exchange(host: str, service: Service, request: Request) -> Response:
        asked[request.path] += host == HUBSPOT
        if silent and request.path == "/account-info/2026-03/details":
            return Response(503, {}, b"")
        return service.answer(request)

    village.exchange = exchange
    report = village.cycle()
    assert (report.exit_code, [getattr(each, "connection", "") for each in report.troubles]) == (4, ["smb"])
    assert [each.connection for each in report.pulled] == ["emea"]
    assert {path for path, times in asked.items() if times} == {"/account-info/2026-03/details"}
    silent = False
    village.time.sleep(3600)
    assert village.cycle().exit_code == 0


def test_a_token_that_may_not_ask_who_it_is_reads_all_the_same_until_the_store_is_somebodys(village: Village) -> None:
    told = False

    def exchange(_host: str, service: Service, request: Request) -> Response:
        if not told and request.path == "/account-info/2026-03/details":
            return Response(403, {}, b'{"status": "error", "category": "MISSING_SCOPES", "message": "no"}')
        return service.answer(request)

    def belongs() -> str | None:
        with wiring.house(village.config, connect=False) as house, house.store.reading() as tx:
            return organisations.of(tx, "smb")

    village.exchange = exchange
    assert "smb" in [each.connection for each in village.cycle().pulled]
    assert belongs() is None
    told = True
    village.time.sleep(600)
    assert village.cycle().exit_code == 0
    assert belongs() is not None
    told = False  # another token, of whom nobody can say that it leads to the same account
    village.time.sleep(600)
    report = village.cycle()
    assert [(each.exit_code, getattr(each, "connection", "")) for each in report.troubles] == [(4, "smb")]
    assert "smb" not in [each.connection for each in report.pulled]

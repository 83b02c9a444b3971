"""`attain run` from round to round: what ops change on disk, and what it says of what breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.errors import CrmUnavailable, SchemaDrifted, TooManyRejected
from connector.flow import chores
from connector.flow.cycle import run_cycle
from connector.flow.house import House
from connector.flow.sweep import Comparison
from connector.sandbox.wire import Request, Response, Service
from connector.service.rounds import Rounds, Troubles
from connector.service.wiring import house as open_house
from connector.store import outbox, records
from tests.faults.village import Village
from tests.stories.describing import OPPORTUNITY, described, is_now
from tests.stories.installed import Time

TABLE = "quotas"


@pytest.fixture(scope="module", autouse=True)
def kind_of_store() -> str:
    """What is on disk is the same for both."""
    return "sqlite"


@pytest.fixture
def house(village: Village) -> Iterator[House]:
    with village.wired(), open_house(village.config, world=village.time.world) as found:
        yield found


def quotas(house: House) -> list[object]:
    """The rows that the store holds."""
    with house.store.reading() as tx:
        return [dict(each.values) for each in records.readings(tx, TABLE)]


def events(logs: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    return [each for each in logs if each["event"] == name]


def test_a_row_that_changes_counts_with_the_next_round(village: Village, house: House) -> None:
    path = village.config.parent / "files" / "quotas.csv"
    rounds = Rounds(house, village.config, village.time.world)
    rounds.one(hinted=False)
    before = quotas(house)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    rounds.one(hinted=True)  # hints read nothing but what the CRMs told of
    assert quotas(house) == before
    rounds.one(hinted=False)
    assert len(quotas(house)) == len(before) - 1 == len(lines) - 2


@pytest.mark.parametrize("kind", ["a row that cannot be read", "no file"])
def test_rows_stay_while_a_table_cannot_be_read_and_it_is_said_once(village: Village, house: House, kind: str) -> None:
    path = village.config.parent / "files" / "quotas.csv"
    text = path.read_text(encoding="utf-8")
    rounds = Rounds(house, village.config, village.time.world)
    rounds.one(hinted=False)
    before = quotas(house)
    if kind == "no file":
        path.unlink()
    else:
        path.write_text(f"{text}nobody,what is this\n", encoding="utf-8")
    with capture_logs() as logs:
        rounds.one(hinted=False)
        rounds.one(hinted=False)
    assert quotas(house) == before
    assert ["quotas.csv" in str(each["problem"]) for each in events(logs, "tables_unreadable")] == [True]
    path.write_text(text + text.splitlines()[-1].replace("2026", "2031", 1) + "\n", encoding="utf-8")
    with capture_logs() as logs:
        rounds.one(hinted=False)
    assert len(events(logs, "tables_read")) == 1


def test_changed_rules_wait_for_a_restart_and_it_is_said_once(village: Village, house: House) -> None:
    rounds = Rounds(house, village.config, village.time.world)
    rounds.one(hinted=False)
    rule = next(iter(sorted(house.settings.rules.rglob("*.yaml"))))
    rule.write_text(rule.read_text(encoding="utf-8") + "\n# a word more\n", encoding="utf-8")
    with capture_logs() as logs:
        rounds.one(hinted=False)
        rounds.one(hinted=False)
    assert [each["files"] for each in events(logs, "changed_on_disk")] == [[str(rule)]]


def test_a_chore_that_fails_is_said_once_and_so_is_its_end(
    village: Village, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Comparison:
        raise CrmUnavailable("smb", "HubSpot did not answer")

    rounds = Rounds(house, village.config, village.time.world)
    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(chores, "sweep", broken)
        rounds.one(hinted=False)
        rounds.one(hinted=False)
    assert [each["crm"] for each in events(logs, "chore_failed")] == ["smb"]
    with capture_logs() as logs:
        rounds.one(hinted=False)
    assert len(events(logs, "chore_recovered")) == 1
    assert events(logs, "swept")


def test_a_source_that_pauses_is_told_by_the_cycle_and_not_by_its_chores_too(village: Village, house: House) -> None:
    rounds = Rounds(house, village.config, village.time.world)
    rounds.one(hinted=False)
    village.time.sleep(7 * 24 * 3600)  # ids, formulas and the weekly comparison are due
    with capture_logs() as logs, described(village, OPPORTUNITY, "Amount", is_now(type="percent")):
        rounds.one(hinted=False)
        rounds.one(hinted=False)
    assert [each["crm"] for each in events(logs, "crm_unavailable")] == ["emea"]
    assert (events(logs, "chore_failed"), events(logs, "chore_recovered")) == ([], [])
    assert "Account" in {each["object"] for each in events(logs, "swept")}
    assert "Opportunity" not in {each["object"] for each in events(logs, "swept")}


def test_each_source_of_a_connection_that_breaks_is_told() -> None:
    troubles = Troubles(Time(datetime(2026, 11, 25, tzinfo=UTC)).world)
    deals = SchemaDrifted("emea: Opportunity has no field `Amonut`")
    calls = SchemaDrifted("emea: Task has no field `Kind`")
    smb = TooManyRejected("smb", "deals", 20, 100, "`amount` is no number")
    worse = TooManyRejected("smb", "deals", 21, 100, "`amount` is no number")
    with capture_logs() as logs:
        troubles.note([deals])
        troubles.note([deals, calls, smb])
        troubles.note([calls, worse])
    assert [(each["event"], each["crm"]) for each in logs] == [
        ("crm_unavailable", "emea"),
        ("crm_unavailable", "emea"),
        ("crm_unavailable", "smb"),
        ("crm_recovered", "emea"),
    ]


def test_what_waited_while_others_used_up_the_orgs_calls_is_written_once_they_do_not(village: Village) -> None:
    """Others take 91 % of the day while our rows are about to leave; a quarter of an hour later they have stopped."""
    org, asked = village.salesforce, list[str]()

    def exchange(_host: str, service: Service, request: Request) -> Response:
        if service is org:
            asked.append(request.path)
            if "/composite/sobjects/Task/" in request.path and len(org_rows()) == 0:
                org._used = int(org.daily_requests * 0.91)
        return service.answer(request)

    def org_rows() -> list[dict[str, Any]]:
        return village.soql("SELECT Id FROM Attain_Attainment__c")

    village.exchange = exchange
    with village.wired(), open_house(village.config, world=village.time.world) as house:
        assert run_cycle(house).exit_code == 4
        assert len(village.soql("SELECT Id FROM Task WHERE Attain_Key__c != null")) == 2  # alerts still left
        with house.store.reading() as tx:
            waiting = outbox.open_entries(tx, "emea")
        assert {(str(each.state), each.attempt) for each in waiting} == {("retry_wait", 0)}
        village.time.sleep(10 * 60)
        org._used, before = 100, len(asked)
        assert run_cycle(house).exit_code == 4
        assert len(asked) == before  # what was told is believed for a quarter of an hour
        village.time.sleep(5 * 60)
        assert run_cycle(house).exit_code == 0
        with house.store.reading() as tx:
            assert outbox.open_entries(tx, "emea") == []
    assert len(org_rows()) == len(waiting) == 20

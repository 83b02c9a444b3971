"""Days in the life: odd records, a CRM that is down, a second process, a schedule that runs and stops."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from connector.errors import StoreBusy
from connector.flow.appraise import people_of
from connector.flow.chores import chores
from connector.flow.cycle import run_cycle
from connector.sandbox.company import generate
from connector.sandbox.wire import Switches
from connector.service.schedule import run_forever
from connector.service.wiring import house
from connector.store import records, runs
from connector.store.locks import run_lock
from tests.cli.attain import Attain
from tests.faults.village import Village
from tests.stories.installed import Installation, installation

TODAY = date(2026, 11, 25)
EVENING = datetime(2026, 11, 25, 18, tzinfo=UTC)
pytestmark = pytest.mark.xdist_group("daily life")


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    generate(tmp_path / "company", people=12, deals=150, activities=200, seed=6, today=TODAY)
    with installation(tmp_path / "company", EVENING) as found:
        found.install()
        yield found


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_record_that_cannot_be_read_is_set_aside_with_its_reason_and_the_rest_goes_on(
    installed: Installation,
) -> None:
    mapping = installed.folder / "mappings/salesforce.yaml"
    few_amounts_in_a_text_field(installed)
    edit(mapping, "      amount: Amount\n      probability", "      amount: NextStep\n      probability")
    report = installed.sync()
    salesforce = next(each for each in report.pulled if each.connection == "emea")
    assert salesforce.set_aside > 0
    assert report.troubles == []
    with installed.house() as house, house.store.reading() as tx:
        aside = records.set_aside_list(tx)
        assert {each.reason for each in aside} == {"NextStep is not a number"}
        assert records.counts(tx)["smb", "deal"] > 0


def few_amounts_in_a_text_field(installed: Installation) -> None:
    """Three deals say something in a field where all others say nothing."""
    for at, each in enumerate(installed.salesforce("SELECT Id FROM Opportunity ORDER BY Id")):
        installed.salesforce_update(f"Opportunity/{each['Id']}", {"NextStep": "a lot" if at < 3 else None})
    installed.time.sleep(3600)


def test_a_field_that_nobody_can_read_stops_its_source_and_the_rest_goes_on(installed: Installation) -> None:
    mapping = installed.folder / "mappings/salesforce.yaml"
    edit(mapping, "      amount: Amount\n      probability", "      amount: LeadSource\n      probability")
    report = installed.sync()
    [trouble] = report.troubles
    assert "records of Opportunity cannot be read, the last since LeadSource is not a number" in str(trouble)
    assert report.exit_code == 4
    edit(mapping, "amount: LeadSource", "amount: Amount")
    installed.time.sleep(3600)
    assert installed.sync().troubles == []
    with installed.house() as house, house.store.reading() as tx:
        assert records.counts(tx)["emea", "deal"] == len(installed.salesforce("SELECT Id FROM Opportunity"))


def test_a_mended_record_leaves_the_list(installed: Installation) -> None:
    mapping = installed.folder / "mappings/salesforce.yaml"
    few_amounts_in_a_text_field(installed)
    edit(mapping, "      amount: Amount\n      probability", "      amount: NextStep\n      probability")
    installed.sync()
    edit(mapping, "amount: NextStep", "amount: Amount")
    with installed.house() as house, house.store.reading() as tx:
        aside = records.set_aside_list(tx)
    installed.salesforce_update(f"Opportunity/{aside[0].ref.id}", {"NextStep": "call again"})
    installed.time.sleep(3600)
    installed.sync()
    with installed.house() as house, house.store.reading() as tx:
        assert aside[0].ref not in {each.ref for each in records.set_aside_list(tx)}


def test_a_change_in_the_crm_shows_in_the_next_cycle(installed: Installation) -> None:
    installed.sync()
    [deal] = installed.salesforce(
        "SELECT Id, OwnerId, Amount FROM Opportunity WHERE IsClosed = false ORDER BY Id LIMIT 1"
    )
    installed.salesforce_update(
        f"Opportunity/{deal['Id']}", {"StageName": "Closed Won", "CloseDate": "2026-11-25", "Amount": 123456.78}
    )
    installed.time.sleep(3600)
    report = installed.sync()
    changed = {row.change.row.key for plan in (report.appraised.plans if report.appraised else ()) for row in plan.rows}
    assert any(":bookings:" in key and key.endswith("2026-Q4") for key in changed)


def test_a_rep_reads_which_deals_were_counted_and_which_were_left_out(installed: Installation) -> None:
    [deal, other] = installed.salesforce(
        "SELECT Id, Name, OwnerId FROM Opportunity WHERE IsClosed = false ORDER BY OwnerId, Id LIMIT 2"
    )
    won = {"StageName": "Closed Won", "CloseDate": "2026-11-25", "OwnerId": deal["OwnerId"]}
    installed.salesforce_update(f"Opportunity/{deal['Id']}", {**won, "Amount": 123456.78, "CurrencyIsoCode": "EUR"})
    installed.salesforce_update(f"Opportunity/{other['Id']}", {**won, "Amount": None})
    installed.time.sleep(3600)
    installed.sync()
    [row] = installed.salesforce(
        "SELECT Records__c FROM Attain_Attainment__c WHERE Metric__c = 'bookings' AND Period_Label__c = '2026-11' "
        f"AND User__c = '{deal['OwnerId']}'"
    )
    said = row["Records__c"].splitlines()
    assert f"{deal['Name']}, 2026-11-25, 123 457 EUR" in said
    assert f"left out: {other['Name']}, no amount" in said


def test_a_deleted_deal_counts_no_longer(installed: Installation) -> None:
    installed.sync()
    with installed.house() as house, house.store.reading() as tx:
        before = records.counts(tx)["emea", "deal"]
    [deal] = installed.salesforce("SELECT Id FROM Opportunity WHERE IsWon = true ORDER BY Id LIMIT 1")
    installed.salesforce_delete(f"Opportunity/{deal['Id']}")
    installed.time.sleep(3600)
    assert sum(each.removed for each in installed.sync().pulled) >= 1, "the deal, and its history with it"
    with installed.house() as house, house.store.reading() as tx:
        assert records.counts(tx)["emea", "deal"] == before - 1


def test_one_crm_that_is_down_does_not_stop_the_other(tmp_path: Path) -> None:
    generate(tmp_path / "company", people=12, deals=150, activities=200, seed=6, today=TODAY)
    with installation(tmp_path / "company", EVENING) as found:
        found.install()
        edit(found.config, f"base_url: {found.town.hubspot_url}", "base_url: http://127.0.0.1:9")
        report = found.sync()
        assert [type(each).__name__ for each in report.troubles] == ["NobodyServed"]  # it cannot be reached
        assert report.exit_code == 4
        assert [each.connection for each in report.pulled] == ["emea"]
        assert report.written
        with found.house() as house, house.store.reading() as tx:
            last = runs.last(tx)
        assert last is not None
        assert "smb" in last.error


def test_a_wrong_token_ends_with_3_and_says_what_to_do(installed: Installation, attain: Attain) -> None:
    (installed.folder / "hubspot.token").write_text("pat-wrong")
    ended = attain("sync", "--config", str(installed.config), "--only", "pull")
    assert ended.code == 3
    assert "smb" in ended.err
    assert "pat-wrong" not in ended.err + ended.out


@pytest.fixture
def attain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    return Attain(tmp_path, monkeypatch, capsys)


def test_a_second_process_on_the_store_is_turned_away(installed: Installation) -> None:
    with installed.house() as house, run_lock(house.store), pytest.raises(StoreBusy):
        run_cycle(house)


def test_with_writing_off_nothing_is_written_and_the_plan_says_what_would_be(
    installed: Installation, attain: Attain
) -> None:
    edit(installed.config, "write: on", "write: off")
    assert installed.sync().written == []
    ended = attain("plan", "--offline", "--config", str(installed.config), "--today", "2026-11-25", "--json")
    assert ended.code == 0, ended.err
    plans = {each["connection"]: each for each in json.loads(ended.out)}
    assert len(plans["emea"]["rows"]) > 10
    assert all(each["new"] for each in plans["emea"]["rows"])
    refused = attain("apply", "--config", str(installed.config))
    assert refused.code == 2
    assert installed.salesforce("SELECT Id FROM Attain_Attainment__c") == []


def test_scores_and_explain_agree_and_re_add(installed: Installation, attain: Attain) -> None:
    installed.sync()
    where = ("--config", str(installed.config), "--today", "2026-11-25", "--json")
    scores = json.loads(attain("scores", "-m", "bookings", "-p", "2026", *where).out)
    best = max(scores, key=lambda each: float(each["actual"] or 0))
    explained = json.loads(attain("explain", best["email"], "bookings", "-p", "2026", "--limit", "0", *where).out)
    cents = sum(int(each["credited"]) for each in explained["counted"])
    assert cents == round(float(best["actual"]) * 100)
    assert all(each["url"].startswith("https://") for each in explained["counted"])
    if best["target"]:
        assert sum(int(each["change"]) for each in explained["steps"]) == round(float(best["target"]) * 100)


def test_scores_of_any_period_re_add_to_longer_ones(installed: Installation, attain: Attain) -> None:
    installed.sync()

    def booked(period: str, *, by: str = "company") -> int:
        where = ("--config", str(installed.config), "--today", "2026-11-25", "--json")
        ended = attain("scores", "-m", "bookings", "--by", by, "-p", period, *where)
        assert ended.code == 0, ended.err
        return sum(round(float(each["actual"] or 0) * 100) for each in json.loads(ended.out))

    assert booked("2026-H2") == booked("2026-Q3") + booked("2026-Q4") > 0
    assert booked("2026-Q4") >= booked("last-4-weeks") >= booked("2026-W48")
    assert booked("last-90-days") == booked("last-90-days", by="team") > 0
    assert attain("scores", "-p", "2026-W48", "--config", str(installed.config), "--today", "2026-11-25").code == 0


def test_the_schedule_runs_cycles_and_ends_when_told(installed: Installation) -> None:
    stop = threading.Event()
    edit(installed.config, "files: files", "files: files\nschedule: {every: 1 minutes}")
    ended: list[BaseException | None] = []

    def forever() -> None:
        try:
            run_forever(installed.config, world=installed.time.world, stop=stop)
            ended.append(None)
        except BaseException as error:  # noqa: BLE001 - told to the test
            ended.append(error)

    running = threading.Thread(target=forever)
    running.start()
    with installed.house() as house:
        for _ in range(600):
            with house.store.reading() as tx:
                if (last := runs.last(tx)) and last.finished_at:
                    break
            stop.wait(0.05)
    stop.set()
    running.join(20)
    assert not running.is_alive()
    assert ended == [None]
    assert last is not None
    assert last.error == ""


def test_the_search_index_may_trail_without_losing_anything(tmp_path: Path) -> None:
    generate(tmp_path / "company", people=12, deals=150, activities=200, seed=6, today=TODAY)
    lagging = Switches(search_lag=timedelta(seconds=45), late_commits=timedelta(seconds=90))
    with installation(tmp_path / "company", EVENING, lagging) as found:
        found.install()
        found.sync()
        deals = found.hubspot("deals", ["hs_is_closed", "amount"])
        chosen = [each for each in deals if each["properties"]["hs_is_closed"] == "false"][:5]
        assert len(chosen) == 5
        for each in chosen:
            found.hubspot_update(f"deals/{each['id']}", {"amount": "4242"})
            found.time.sleep(20)
            found.sync()
        for _ in range(4):
            found.time.sleep(600)
            found.sync()
        with found.house() as house:
            from connector.flow.appraise import reading_mirror

            with reading_mirror(house) as mirror:
                count = mirror.execute("select count(*) from deals where amount_raw = 424200").fetchone()
        assert count == (5,)


def test_what_changes_without_a_stamp_is_read_again_once_a_day(installed: Installation) -> None:
    """A deal shows its account's industry: the account is edited, and the deal's own stamp does not move."""
    mapping = installed.folder / "mappings/salesforce.yaml"
    shipped = mapping.read_text(encoding="utf-8")
    sector = "custom: {sector: {field: Account.Industry, type: text}}"
    mapping.write_text(shipped.replace("custom: {}", sector, 1), encoding="utf-8")
    installed.sync()
    [deal] = installed.salesforce("SELECT Id, AccountId FROM Opportunity WHERE AccountId != null ORDER BY Id LIMIT 1")
    installed.salesforce_update(f"Account/{deal['AccountId']}", {"Industry": "Shipbuilding"})
    installed.time.sleep(3600)
    installed.sync()
    assert _sector(installed, deal["Id"]) != "Shipbuilding"
    installed.time.sleep(24 * 3600)
    with installed.house() as house:
        done = chores(house, installed.time.now().date())
        assert done.recalculated > 0
        assert chores(house, installed.time.now().date()).recalculated == 0, "once a day"
    assert _sector(installed, deal["Id"]) == "Shipbuilding"


def _sector(installed: Installation, deal: str) -> object:
    with installed.house() as house, house.store.reading() as tx:
        [(custom,)] = tx.execute(text("SELECT custom FROM deals WHERE ref LIKE :ref"), {"ref": f"%/{deal}"}).all()
    return (json.loads(custom) if isinstance(custom, str) else custom).get("sector")


def test_people_sit_in_the_territories_that_the_crm_has_them_in_today(village: Village) -> None:
    users = [each["Id"] for each in village.soql("SELECT Id FROM User WHERE IsActive = true ORDER BY Email LIMIT 2")]
    village.salesforce.seat({users[0]: ["North", "Key accounts"], users[1]: ["South"]})
    village.cycle()
    assert _territories(village, users) == [{"North", "Key accounts"}, {"South"}]
    village.salesforce.seat({users[1]: ["South", "North"]})
    village.time.sleep(3600)
    village.cycle()
    assert _territories(village, users) == [set(), {"South", "North"}]


def _territories(village: Village, users: list[str]) -> list[set[str]]:
    with house(village.config, world=village.time.world, connect=False) as ready:
        roster = people_of(ready)
    by_user = {each.id: person for person in roster.people for each in person.identities}
    return [{each.unit for each in by_user[user].memberships if each.level == "territory"} for user in users]

"""Trouble of the ordinary kind: what went missing without a trace, what drifted, what was cut short, and the end of a day."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from connector.flow.sweep import sweep
from connector.sandbox.wire import Request, Response, Service
from connector.service import wiring
from connector.store import records
from tests.cli.attain import Attain
from tests.faults.rows import differing
from tests.faults.village import HUBSPOT, Village
from tests.stories.installed import installation


def test_what_went_without_a_trace_is_found_by_the_sweep(village: Village, attain: Attain) -> None:
    village.cycle()
    deal, other = (each["Id"] for each in village.soql("SELECT Id FROM Opportunity ORDER BY Id LIMIT 2"))
    village.salesforce._database.run('DELETE FROM "Opportunity" WHERE Id = ?', (deal,))
    village.time.sleep(3600)
    village.cycle()
    assert [each.split(":")[0] for each in differing(village)] == [f"emea Opportunity {deal}"]
    with village.wired():
        told = attain("sweep")
    assert (told.code, "1 record mended" in told.out) == (0, True), told.out
    assert differing(village) == []
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.writing() as tx:
        tx.exec_driver_sql(f"delete from deals where ref = 'emea:Opportunity/{other}'")  # as if it had never been seen
    with village.wired(), wiring.house(village.config, world=village.time.world) as house:
        swept = {each.object: each for each in sweep(house, house.crms["emea"], house.today())}
        assert (swept["Opportunity"].differing, swept["Opportunity"].gone, swept["Opportunity"].mended) == (1, 0, 1)
        again = sweep(house, house.crms["emea"], house.today())
    assert sum(each.mended for each in again) == 0
    assert differing(village) == []


def test_a_field_that_is_hidden_pauses_its_object_and_nothing_else(village: Village) -> None:
    village.cycle()
    schema = village.salesforce._org.schema
    amount = schema.objects["Opportunity"].fields.pop("Amount")
    schema._seen.clear()
    one = village.soql("SELECT Id FROM Account ORDER BY Id LIMIT 1")[0]["Id"]
    village.edit(f"Account/{one}", {"Name": "Renamed Ltd"})
    theirs = village.objects("deals", "amount")[0]["id"]
    village.edit(f"deals/{theirs}", {"amount": "4711.00"})
    village.time.sleep(3 * 3600)
    report = village.cycle()
    assert report.exit_code == 4
    assert ["Amount" in str(each) for each in report.troubles] == [True]
    read = {(each.connection, kind) for each in report.pulled for kind, count in each.stored.items() if count}
    assert {("emea", "account"), ("smb", "deal")} <= read
    schema.objects["Opportunity"].fields["Amount"] = amount
    schema._seen.clear()
    late = village.soql("SELECT Id FROM Opportunity ORDER BY Id LIMIT 1")[0]["Id"]
    village.edit(f"Opportunity/{late}", {"Amount": 12.34})
    village.time.sleep(3 * 3600)
    assert village.cycle().troubles == []
    assert differing(village) == []


def test_nothing_is_decided_before_every_crm_was_read_to_the_end(village: Village) -> None:
    down = True

    def exchange(host: str, service: Service, request: Request) -> Response:
        if down and host == HUBSPOT and request.path.endswith("/deals"):
            return Response(503)
        return service.answer(request)

    village.exchange = exchange
    report = village.cycle()
    assert report.appraised is not None
    assert (report.appraised.unread, report.appraised.queued, report.exit_code) == (("smb",), 0, 4)
    assert (village.told(), village.shown()["rows"]) == ({}, {})
    down = False
    village.time.sleep(3600)
    report = village.cycle()
    assert report.appraised is not None
    assert report.appraised.unread == ()
    assert village.told()


def test_a_mended_mapping_brings_back_what_was_set_aside(village: Village, attain: Attain) -> None:
    attain.edit("mappings/salesforce.yaml", "Call: call", "Call: call, Odd: call")
    stage = village.soql("SELECT Id, CurrencyIsoCode FROM Opportunity ORDER BY Id LIMIT 1")[0]["Id"]
    village.salesforce._database.run('UPDATE "Opportunity" SET "CloseDate" = ? WHERE Id = ?', ("someday", stage))
    report = village.cycle()
    assert sum(each.set_aside for each in report.pulled) == 1
    village.salesforce._database.run('UPDATE "Opportunity" SET "CloseDate" = ? WHERE Id = ?', ("2026-12-01", stage))
    village.time.sleep(3600)
    report = village.cycle()
    assert sum(each.mended for each in report.pulled) == 0  # nobody stamped it, and it was tried an hour ago
    attain.edit("mappings/salesforce.yaml", "Odd: call", "Odd: task")
    village.time.sleep(3600)
    report = village.cycle()
    assert sum(each.mended for each in report.pulled) == 1
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        assert records.set_aside_list(tx) == []
    assert differing(village) == []


def test_a_scheduler_that_is_told_to_end_does_so_within_five_seconds(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from connector.sandbox.company import generate
    from connector.sandbox.wire import Switches

    now = datetime.now(UTC)
    generate(tmp_path / "company", people=8, deals=200, activities=400, seed=3, today=now.date())
    with installation(tmp_path / "company", now, Switches(fail={"429": 0.5})) as installed:
        command = [sys.executable, "-m", "connector", "run", "--config", str(installed.config)]
        process = subprocess.Popen(
            command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        time.sleep(4)  # in the middle of its first pull, or of a pause that the CRM asked for
        assert process.poll() is None
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
        took = time.monotonic() - began
    assert (process.returncode, "Traceback" in said) == (0, False), said[-2000:]
    assert took < 5.5

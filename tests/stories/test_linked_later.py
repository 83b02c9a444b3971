"""Records of HubSpot that are put on others after they were read: no stamp moves for it, and nothing stays where it was."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from connector.flow.cycle import run_cycle
from connector.flow.sweep import Swept, sweep
from connector.model.hints import Hint, Knock
from connector.sandbox.wire import Request, Response, Service
from connector.service.wiring import house
from connector.store import hints
from tests.faults.village import HUBSPOT, Village
from tests.switching import knocked_at

pytestmark = pytest.mark.xdist_group("linked later")
HOUR = 3600
CALL_TO_DEAL, DEAL_TO_COMPANY = 206, 5  # of deals and companies the primary one
URL, SECRET = "https://attain.example.com/hints/smb", "the-app-secret"


def _held(village: Village, table: str, ref: str) -> dict[str, str | None]:
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        [row] = tx.execute(text(f"select * from {table} where ref = :ref"), {"ref": f"smb:{ref}"}).mappings()
        return {name: each for name, each in row.items() if name in ("account", "deal")}


def _swept(village: Village) -> dict[str, Swept]:
    with village.wired(), house(village.config, world=village.time.world) as ready:
        return {each.object: each for each in sweep(ready, ready.crms["smb"], ready.today()).swept}


def _a_call(village: Village) -> str:
    at = village.time.now().isoformat()
    return str(village.edit("calls", {"hs_timestamp": at, "hs_call_status": "COMPLETED"}, method="POST")["id"])


def _quiet_cycle(village: Village) -> int:
    """An hour later; how many records a poll found changed in HubSpot."""
    village.time.sleep(HOUR)
    report = village.cycle()
    assert report.troubles == []
    return next(each.changed for each in report.pulled if each.connection == "smb")


def test_a_call_that_is_put_on_a_deal_later_is_found_by_the_sweep_once(village: Village) -> None:
    call, deal = _a_call(village), village.objects("deals", "dealname")[0]["id"]
    village.cycle()
    _quiet_cycle(village)
    assert _held(village, "activities", f"calls/{call}") == {"account": None, "deal": None}
    village.link(f"calls/{call}", f"deals/{deal}", CALL_TO_DEAL)
    assert _quiet_cycle(village) == 0  # nobody tells of it
    assert _held(village, "activities", f"calls/{call}")["deal"] is None
    found = _swept(village)
    assert [(each, its.differing, its.gone, its.mended) for each, its in found.items() if its.mended] == [
        ("calls", 1, 0, 1)
    ]
    assert _held(village, "activities", f"calls/{call}")["deal"] == f"smb:deals/{deal}"
    assert {name for name, each in _swept(village).items() if each.differing} <= {"tasks"}  # alerts of ours


def test_a_deal_whose_company_was_merged_into_another_belongs_to_the_one_that_is_left(village: Village) -> None:
    one, other = (each["id"] for each in village.objects("companies", "name")[:2])
    deal = village.edit("deals", {"dealname": "D", "dealstage": _stage(village), "pipeline": "default"}, method="POST")[
        "id"
    ]
    village.link(f"deals/{deal}", f"companies/{other}", DEAL_TO_COMPANY)
    village.cycle()
    _quiet_cycle(village)
    assert _held(village, "deals", f"deals/{deal}") == {"account": f"smb:companies/{other}"}
    left = village.merge(one, other, "companies")
    asked: list[str] = []

    def exchange(host: str, service: Service, request: Request) -> Response:
        if host == HUBSPOT:
            asked.append(request.path)
        return service.answer(request)

    village.exchange = exchange
    assert _quiet_cycle(village) >= 3  # a company is changed, one gone, and a deal elsewhere
    assert _held(village, "deals", f"deals/{deal}") == {"account": f"smb:companies/{left}"}
    asked.clear()
    assert _quiet_cycle(village) == 0
    assert not [each for each in asked if each.endswith("/deals/batch/read")]  # nothing waits to be read again
    assert {name for name, each in _swept(village).items() if each.differing} <= {"tasks"}  # alerts of ours


def _stage(village: Village) -> str:
    return str(village.objects("deals", "dealstage")[0]["properties"]["dealstage"])


def test_a_webhook_puts_the_call_on_the_deal_at_once(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTAIN_TEST_SECRET", SECRET)
    knocked_at(village.config, URL)
    call, deal = _a_call(village), village.objects("deals", "dealname")[0]["id"]
    village.cycle()
    village.hubspot.subscribe(URL, SECRET)
    village.link(f"calls/{call}", f"deals/{deal}", CALL_TO_DEAL)
    with village.wired(), house(village.config, world=village.time.world) as ready:

        def keep(found: frozenset[Hint]) -> None:
            with ready.store.writing() as tx:
                hints.note(tx, "smb", found, village.time.now())

        for request in village.hubspot.webhooks():
            ready.crms["smb"].hear(Knock("POST", "", request.headers, request.body), keep)
        assert [each.hinted for each in run_cycle(ready, hinted=True).pulled] == [1]
    assert _held(village, "activities", f"calls/{call}")["deal"] == f"smb:deals/{deal}"

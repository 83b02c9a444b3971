"""Two deals become a third in HubSpot: it counts once, for whoever closed it, with its past, its notes and what we wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connector.flow.cycle import run_cycle
from connector.model.hints import Hint, Knock
from connector.service.wiring import house
from connector.store import hints
from tests.cli.attain import Attain
from tests.faults.village import Village
from tests.stories import stores
from tests.switching import knocked_at, switch_on_health

pytestmark = pytest.mark.xdist_group("merged")
HOUR = 3600
CALL_TO_DEAL = 206
URL, SECRET = "https://attain.example.com/hints/smb", "the-app-secret"


def _booked(village: Village) -> dict[str, float]:
    names = "hubspot_owner_id,attain_bookings_quarter_actual"
    rows = [each["properties"] for each in village.objects("users", names)]
    return {each["hubspot_owner_id"]: float(each["attain_bookings_quarter_actual"] or 0) for each in rows}


def _stage(village: Village, flag: str, value: str) -> str:
    rows = village.objects("deals", f"dealstage,{flag}")
    return next(str(each["properties"]["dealstage"]) for each in rows if each["properties"][flag] == value)


def _a_deal(village: Village, **fields: object) -> str:
    usual = {
        "pipeline": "default", "amount": "10000", "deal_currency_code": "EUR",
        "closedate": village.time.now().date().isoformat(),
    }  # fmt: skip
    return str(village.edit("deals", {**usual, **fields}, method="POST")["id"])


def _rows(village: Village, query: str, **values: str) -> list[Any]:
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        return [tuple(each) for each in tx.execute(text(query), values)]


def _past(village: Village, deal: str) -> list[Any]:
    query = "select stage, owner, changed_at from stage_changes where deal = :deal order by changed_at"
    return [(stage, owner) for stage, owner, _ in _rows(village, query, deal=f"smb:deals/{deal}")]


def _later(village: Village) -> int:
    """A cycle an hour later; how much was written."""
    village.time.sleep(HOUR)
    report = village.cycle()
    assert report.troubles == []
    return sum(each.sent for each in report.written)


@pytest.mark.parametrize("tell", [False, True])
def test_a_won_deal_that_is_merged_with_its_twin_counts_once_for_whoever_closed_it(
    village: Village, monkeypatch: pytest.MonkeyPatch, *, tell: bool
) -> None:
    """One wins it with 10,000 and hands it over; the other deal, a twin, is merged into it. By a poll, and by a webhook."""
    monkeypatch.setenv("ATTAIN_TEST_SECRET", SECRET)
    knocked_at(village.config, URL)
    village.cycle()
    winner, heir = (each for each in list(_booked(village))[:2] if each)
    before, opened, won = (
        _booked(village),
        _stage(village, "hs_is_closed", "false"),
        _stage(village, "hs_is_closed_won", "true"),
    )
    deal = _a_deal(village, dealname="Tower", dealstage=opened, hubspot_owner_id=winner)
    village.time.sleep(HOUR)
    twin = _a_deal(village, dealname="Tower (2)", dealstage=opened, hubspot_owner_id=winner)
    call = village.edit(
        "calls", {"hs_timestamp": village.time.now().isoformat(), "hs_call_status": "COMPLETED"}, method="POST"
    )["id"]
    village.link(f"calls/{call}", f"deals/{twin}", CALL_TO_DEAL)
    _later(village)
    village.edit(f"deals/{deal}", {"dealstage": won})
    _later(village)
    village.edit(f"deals/{deal}", {"hubspot_owner_id": heir})
    _later(village)
    assert _booked(village)[winner] - before[winner] == 10_000
    village.time.sleep(24 * HOUR)

    village.hubspot.subscribe(URL, SECRET)
    left = village.merge(deal, twin)
    if tell:
        _told_by_webhook(village, left)
    _later(village)
    assert (_booked(village)[winner] - before[winner], _booked(village)[heir] - before[heir]) == (10_000, 0)
    alive = "select ref from deals where ref in (:one, :two, :left) and deleted_at is null"
    named = {"one": f"smb:deals/{deal}", "two": f"smb:deals/{twin}", "left": f"smb:deals/{left}"}
    assert _rows(village, alive, **named) == [(named["left"],)]
    past = _past(village, left)
    owners = [f"smb:owners/{each}" for each in (winner, heir)]
    # Opened, the twin opened, won, handed over: all of it older than the merge, and told by it.
    assert past[:4] == [(opened, owners[0]), (opened, owners[0]), (won, owners[0]), (won, owners[1])]
    assert set(past[4:]) <= {(won, owners[1])}
    call_on = "select deal from activities where ref = :ref"
    assert _rows(village, call_on, ref=f"smb:calls/{call}") == [(named["left"],)]

    assert _later(village) == 0
    assert _past(village, left) == past


def _told_by_webhook(village: Village, left: str) -> None:
    with village.wired(), house(village.config, world=village.time.world) as ready:
        heard: set[Hint] = set()
        for request in village.hubspot.webhooks():
            ready.crms["smb"].hear(Knock("POST", "", request.headers, request.body), heard.update)
        assert Hint("deals", left) in heard
        with ready.store.writing() as tx:
            hints.note(tx, "smb", heard, village.time.now())
        run_cycle(ready, hinted=True)
    assert _rows(village, "select ref from deals where ref = :ref", ref=f"smb:deals/{left}")


def test_a_dispute_on_one_of_two_merged_deals_stays_one_dispute(village: Village, attain: Attain) -> None:
    with village.wired():
        village.cycle()
        deal, twin = (str(each["id"]) for each in village.objects("deals", "dealname")[:2])
        user = int(village.objects("users", "hs_internal_user_id,hs_email")[0]["properties"]["hs_internal_user_id"])
        village.hubspot.typed("deals", deal, {"attain_note_kind": "dispute", "attain_note_text": "mine"}, user)
        village.time.sleep(HOUR)
        village.cycle()
        [first] = json.loads(attain("notes", "--json").out)
        village.time.sleep(24 * HOUR)
        left = village.merge(deal, twin)
        village.time.sleep(HOUR)
        village.cycle()
        [second] = json.loads(attain("notes", "--json").out)
        assert second["record"].endswith(f"deals/{left}")
        assert {name: each for name, each in second.items() if name not in ("ref", "record", "deal")} == {
            name: each for name, each in first.items() if name not in ("ref", "record", "deal")
        }
        assert attain("notes", "answer", second["ref"], "yours").code == 0
        shown = {each["id"]: each["properties"] for each in village.objects("deals", "attain_note_answer")}
        assert shown[left]["attain_note_answer"] == "yours"
        village.time.sleep(HOUR)
        village.cycle()
        assert json.loads(attain("notes", "--json").out) == []
        assert len(json.loads(attain("notes", "--all", "--json").out)) == 1


def _open_ones(village: Village) -> Callable[[str], Any]:
    rows = village.objects("deals", "attain_health,hs_is_closed")
    return lambda name: {each["id"]: each["properties"].get(name) for each in rows}


def test_health_that_we_wrote_into_merged_deals_is_ours_in_the_one_that_is_left(
    tmp_path: Path, kind_of_store: str
) -> None:
    """The third deal carries it; closed later, it has none any more, as any deal that we gave one."""
    assert kind_of_store in stores.KINDS
    village = Village.made(tmp_path / "village", prepare=switch_on_health)
    with stores.made() as store:
        village.on(store)
        village.approve()
        village.cycle()
        shown, closed = _open_ones(village)("attain_health"), _open_ones(village)("hs_is_closed")
        healthy = [each for each in shown if closed[each] == "false" and shown[each]]
        deal, twin = healthy[:2]
        left = village.merge(deal, twin)
        assert _open_ones(village)("attain_health")[left] == shown[deal]
        _later(village)
        assert _later(village) == 0
        of_it = "select value from ledger where object = 'deals' and key = :key and field = 'attain_health'"
        assert len(_rows(village, of_it, key=left)) == 1
        assert _rows(village, of_it, key=deal) == _rows(village, of_it, key=twin) == []
        village.edit(f"deals/{left}", {"dealstage": _stage(village, "hs_is_closed", "true")})
        _later(village)
        assert not _open_ones(village)("attain_health")[left]
        assert _later(village) == 0

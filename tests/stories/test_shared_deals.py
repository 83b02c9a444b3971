"""A deal that two people share in HubSpot: each is credited with their share, and a share that is replaced is gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connector.sandbox.town import HUBSPOT_TOKEN
from connector.sandbox.wire import Request
from tests.faults.village import Village
from tests.stories import stores
from tests.switching import switch_on_sections

pytestmark = pytest.mark.xdist_group("shared deals")


def _share(village: Village, deal: str, shares: dict[str, float]) -> None:
    splits = [{"ownerId": int(owner), "percentage": share} for owner, share in shares.items()]
    found = village._ask(
        village.hubspot,
        "POST",
        "/deal-splits/2026-03/batch/upsert",
        HUBSPOT_TOKEN,
        {"inputs": [{"id": int(deal), "splits": splits}]},
    )
    assert found["results"][0]["id"] == deal


def _booked(village: Village) -> dict[str, float]:
    names = "hubspot_owner_id,attain_bookings_quarter_actual"
    rows = [each["properties"] for each in village.objects("users", names)]
    return {each["hubspot_owner_id"]: float(each["attain_bookings_quarter_actual"] or 0) for each in rows}


def test_each_is_credited_with_their_share_and_what_is_replaced_is_gone(tmp_path: Path, kind_of_store: str) -> None:
    village = Village.made(
        tmp_path / "village", prepare=lambda folder: switch_on_sections(folder, "splits", crm="hubspot")
    )
    assert kind_of_store in stores.KINDS
    with stores.made() as store:
        village.on(store)
        village.approve()
        village.cycle()
        owners = [each for each in _booked(village) if each]
        one, other = owners[0], owners[1]
        before = _booked(village)
        won = next(
            each["properties"]["dealstage"]
            for each in village.objects("deals", "dealstage,hs_is_closed_won")
            if each["properties"]["hs_is_closed_won"] == "true"
        )
        today = village.time.now().date().isoformat()
        created = village.edit(
            "deals",
            {
                "dealname": "Shared", "pipeline": "default", "dealstage": won, "amount": "10000",
                "deal_currency_code": "EUR", "closedate": today, "hubspot_owner_id": one,
            },
            method="POST",
        )  # fmt: skip
        _share(village, created["id"], {one: 0.7, other: 0.3})
        village.time.sleep(3600)
        village.cycle()
        after = _booked(village)
        assert (after[one] - before[one], after[other] - before[other]) == (7000, 3000)

        _share(village, created["id"], {one: 1.0})
        village.time.sleep(3600)
        village.cycle()
        again = _booked(village)
        assert (again[one] - before[one], again[other] - before[other]) == (10000, 0)


def test_the_stand_in_takes_no_shares_that_do_not_add_up(tmp_path: Path, kind_of_store: str) -> None:
    assert kind_of_store
    village = Village.made(tmp_path / "village")
    deal = village.objects("deals", "hubspot_owner_id")[0]
    body = {"inputs": [{"id": int(deal["id"]), "splits": [{"ownerId": 1, "percentage": 0.5}]}]}
    headers = {"authorization": f"Bearer {HUBSPOT_TOKEN}", "content-type": "application/json"}
    request = Request.of("POST", "/deal-splits/2026-03/batch/upsert", headers, json.dumps(body).encode())
    assert village.hubspot.answer(request).status == 400

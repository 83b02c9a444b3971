"""Search: operators, paging, the cap, and an index that is late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.sandbox.hubspot import HubSpotSandbox
from connector.sandbox.wire import Switches
from tests.sandbox.hubspot.caller import TOKEN, Caller, Clock, V, where
from tests.sandbox.hubspot.company import written


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (where("dealname", "EQ", "tUrBiNeS"), ["Turbines"]),  # text ignores case
        (where("dealstage", "EQ", "ClosedWon"), []),  # enumerations do not
        (where("dealstage", "EQ", "closedwon"), ["Turbines"]),
        (where("amount", "GT", "3000"), ["Turbines"]),
        (where("amount", "GTE", "3000"), ["Turbines", "Blades"]),
        (where("amount", "LT", 3000), ["Lost cause"]),
        (where("amount", "LTE", "700.0"), ["Lost cause"]),
        (where("amount", "EQ", "5000"), ["Turbines"]),  # a number, not its text "5000.00"
        (where("amount", "BETWEEN", "700", highValue="3000"), ["Blades", "Lost cause"]),
        (where("amount", "NEQ", "5000"), ["Blades", "Bare", "Lost cause"]),  # nothing is unequal too
        (where("amount", "HAS_PROPERTY"), ["Turbines", "Blades", "Lost cause"]),
        (where("amount", "NOT_HAS_PROPERTY"), ["Bare"]),
        (where("dealstage", "IN", values=["closedwon", "closedlost"]), ["Turbines", "Lost cause"]),
        (where("dealtype", "NOT_IN", values=["New"]), ["Blades", "Bare"]),
        (where("dealname", "CONTAINS_TOKEN", "cause"), ["Lost cause"]),
        (where("dealname", "CONTAINS_TOKEN", "tur*"), ["Turbines"]),
        (where("dealname", "NOT_CONTAINS_TOKEN", "cause"), ["Turbines", "Blades", "Bare"]),
        (where("closedate", "GTE", "2026-04-30"), ["Blades", "Lost cause"]),
        (where("closedate", "LT", "1777507200000"), ["Turbines"]),  # 2026-04-30T00:00:00Z
        (where("hs_is_closed", "EQ", "true"), ["Turbines", "Lost cause"]),
        (where("hs_v2_date_entered_proposal", "HAS_PROPERTY"), ["Turbines", "Blades"]),
        (where("createdate", "LT", "2026-02-01T00:00:00Z"), ["Turbines"]),
        (
            where("hs_lastmodifieddate", "GTE", "2026-03-31T18:00:00+02:00"),
            ["Turbines", "Blades", "Bare", "Lost cause"],
        ),
        (where("hs_lastmodifieddate", "GT", "2026-03-31T16:00:00Z"), ["Blades", "Bare", "Lost cause"]),
    ],
)
def test_finds_by_every_operator(hubspot: Caller, condition: dict[str, object], found: list[str]) -> None:
    result = hubspot.search("deals", condition, properties=["dealname"])
    assert hubspot.names(result) == found
    assert result["total"] == len(found)


def test_any_group_may_hold_and_in_a_group_all_must(hubspot: Caller) -> None:
    groups = [
        {"filters": [where("dealstage", "EQ", "proposal"), where("amount", "GT", "1")]},
        {"filters": [where("dealstage", "EQ", "closedlost"), where("amount", "GT", "1000")]},
    ]
    found = hubspot.post(f"{V}/deals/search", {"filterGroups": groups})
    assert hubspot.names(found) == ["Blades"]


def test_finds_what_is_linked_to_a_company(hubspot: Caller) -> None:
    company = hubspot.id_of("account", "a1")
    assert hubspot.names(hubspot.search("deals", where("associations.company", "EQ", company))) == [
        "Turbines",
        "Lost cause",
    ]


def test_takes_filters_without_a_group_and_words_without_a_filter(hubspot: Caller) -> None:
    assert hubspot.names(hubspot.post(f"{V}/deals/search", {"filters": [where("amount", "EQ", "700")]})) == [
        "Lost cause"
    ]
    assert hubspot.names(hubspot.post(f"{V}/deals/search", {"query": "bLAD"})) == ["Blades"]


@pytest.mark.parametrize(
    ("sorts", "found"),
    [
        (["-amount"], ["Turbines", "Blades", "Lost cause", "Bare"]),
        (["amount"], ["Bare", "Lost cause", "Blades", "Turbines"]),
        ([{"propertyName": "dealname", "direction": "ASCENDING"}], ["Bare", "Blades", "Lost cause", "Turbines"]),
        (
            [{"propertyName": "hs_lastmodifieddate", "direction": "DESCENDING"}, "amount"],
            ["Bare", "Blades", "Lost cause", "Turbines"],
        ),
        ([{"propertyName": "hs_object_id", "direction": "DESCENDING"}], ["Lost cause", "Bare", "Blades", "Turbines"]),
    ],
)
def test_sorts_by_the_first_sort_in_either_spelling(hubspot: Caller, sorts: list[object], found: list[str]) -> None:
    assert hubspot.names(hubspot.search("deals", sorts=sorts)) == found


def test_compares_ids_as_numbers(tmp_path: Path, clock: Clock) -> None:
    rows = "id,crm,name,stage\n" + "".join(f"d{number},hubspot,{number},qualified\n" for number in range(300))
    hubspot = _portal(tmp_path, clock, deals=rows)
    assert hubspot.id_of("deal", "d9") == "951"
    assert hubspot.id_of("deal", "d10") == "1001"
    ids: list[str] = []
    while True:
        page = hubspot.search("deals", where("hs_object_id", "GT", ids[-1] if ids else "0"), limit=7)["results"]
        if not page:
            break
        ids += [each["id"] for each in page]
    assert [int(each) for each in ids] == sorted({int(each) for each in ids})
    assert len(ids) == 300


def test_pages_through_ten_thousand_results_and_no_further(tmp_path: Path, clock: Clock) -> None:
    rows = "id,crm,name,stage\n" + "".join(f"d{number},hubspot,{number},qualified\n" for number in range(10_005))
    hubspot = _portal(tmp_path, clock, deals=rows)
    last = hubspot.post(f"{V}/deals/search", {"limit": 200, "after": "9800"})
    assert (last["total"], len(last["results"]), last["paging"]["next"]["after"]) == (10_005, 200, "10000")
    refused = hubspot.call("POST", f"{V}/deals/search", {"limit": 200, "after": "10000"})
    assert (refused.status, refused.json()["category"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"after": "x"},
        {"filterGroups": [{"filters": [where("nonsense", "EQ", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "LIKE", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "EQ", "many")]}]},
        {"filterGroups": [{"filters": [where("closedate", "GT", "soon")]}]},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [where("amount", "GT", 1)] * 7}]},
        {"filterGroups": [{"filters": [where("amount", "IN")]}]},
        {"sorts": ["nonsense"]},
    ],
)
def test_refuses_a_search_that_cannot_be(hubspot: Caller, body: dict[str, object]) -> None:
    refused = hubspot.call("POST", f"{V}/deals/search", body)
    assert (refused.status, refused.json()["category"]) == (400, "VALIDATION_ERROR")


def test_a_late_index_finds_the_old_state_and_shows_the_new_body(tmp_path: Path, clock: Clock) -> None:
    hubspot = _portal(tmp_path, clock, lag=timedelta(seconds=30))
    before = clock().isoformat()
    changed = hubspot.id_of("deal", "d1")
    hubspot.patch(f"{V}/deals/{changed}", {"properties": {"dealstage": "proposal", "amount": "1"}})
    clock.pass_(timedelta(seconds=29))

    stale = hubspot.search("deals", where("dealstage", "EQ", "closedwon"), properties=["dealstage", "amount"])
    assert [
        (each["id"], each["properties"]["dealstage"], each["properties"]["amount"]) for each in stale["results"]
    ] == [(changed, "proposal", "1")]
    assert stale["total"] == 1
    assert hubspot.search("deals", where("hs_lastmodifieddate", "GTE", before))["total"] == 0
    assert hubspot.search("deals", where("dealstage", "EQ", "proposal"), sorts=["-amount"])["total"] == 1
    assert hubspot.get(f"{V}/deals/{changed}?properties=amount")["properties"]["amount"] == "1"

    clock.pass_(timedelta(seconds=2))
    assert hubspot.search("deals", where("dealstage", "EQ", "closedwon"))["total"] == 0
    assert hubspot.search("deals", where("hs_lastmodifieddate", "GTE", before))["total"] == 1


def test_a_late_index_takes_its_states_one_after_the_other(tmp_path: Path, clock: Clock) -> None:
    hubspot = _portal(tmp_path, clock, lag=timedelta(seconds=30))
    path = f"{V}/deals/{hubspot.id_of('deal', 'd1')}"
    hubspot.patch(path, {"properties": {"amount": "1"}})
    clock.pass_(timedelta(seconds=20))
    hubspot.patch(path, {"properties": {"amount": "2"}})
    found = {}
    for second in (20, 31, 51):
        clock.moment = datetime(2026, 11, 25, 9, 0, 0, 250_000, tzinfo=UTC) + timedelta(seconds=second)
        found[second] = [
            amount for amount in ("5000", "1", "2") if hubspot.search("deals", where("amount", "EQ", amount))["total"]
        ]
    assert found == {20: ["5000"], 31: ["1"], 51: ["2"]}


def test_a_late_index_does_not_know_the_newborn_nor_the_dead(tmp_path: Path, clock: Clock) -> None:
    hubspot = _portal(tmp_path, clock, lag=timedelta(seconds=30))
    born = hubspot.post(f"{V}/deals", {"properties": {"dealname": "Newborn", "dealstage": "qualified"}}, 201)["id"]
    dead = hubspot.id_of("deal", "d5")
    assert hubspot.call("DELETE", f"{V}/deals/{dead}").status == 204
    early = hubspot.search("deals", where("dealstage", "EQ", "qualified"))
    assert (early["total"], early["results"]) == (1, [])  # it counts the dead one and cannot show it
    assert hubspot.get(f"{V}/deals/{born}")["properties"]["dealname"] == "Newborn"
    clock.pass_(timedelta(seconds=31))
    assert hubspot.names(hubspot.search("deals", where("dealstage", "EQ", "qualified"))) == ["Newborn"]


def test_a_late_index_misses_nothing_page_by_page(tmp_path: Path, clock: Clock) -> None:
    rows = "id,crm,name,stage,amount\n" + "".join(f"d{number},hubspot,{number},qualified,5\n" for number in range(500))
    hubspot = _portal(tmp_path, clock, lag=timedelta(seconds=30), deals=rows)
    for number in range(0, 500, 10):
        hubspot.patch(f"{V}/deals/{hubspot.id_of('deal', f'd{number}')}", {"properties": {"amount": "6"}})
    for amount, expected in (("5", 500), ("6", 0)):
        for sorts in ([], ["-hs_object_id"], ["dealname"]):
            seen: list[str] = []
            after = ""
            while True:
                page = hubspot.search("deals", where("amount", "EQ", amount), sorts=sorts, limit=90, after=after)
                seen += [each["id"] for each in page["results"]]
                after = page.get("paging", {}).get("next", {}).get("after", "")
                if not after:
                    break
            assert len(seen) == len(set(seen)) == page["total"] == expected


def _portal(folder: Path, clock: Clock, lag: timedelta = timedelta(0), **changes: str) -> Caller:
    sandbox = HubSpotSandbox(now=clock, switches=Switches(limits=False, search_lag=lag))
    sandbox.load(written(folder, **changes))
    sandbox.allow(TOKEN)
    return Caller(sandbox)

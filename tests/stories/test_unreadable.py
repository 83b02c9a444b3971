"""A twelfth of HubSpot's deals cannot be read, in many small pages: a page or two must not pass in each cycle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import TooManyRejected
from connector.flow.cycle import CycleReport, run_cycle
from connector.ports import Cursor
from connector.sandbox.wire import Request, Response, Service
from connector.service import wiring
from connector.store import records, streams
from tests.cli.attain import Attain
from tests.faults.rows import differing
from tests.faults.village import Village
from tests.stories import stores

PAGE = 20
QUARTER = 15 * 60


@pytest.fixture
def village(tmp_path: Path, kind_of_store: str) -> Iterator[Village]:
    """HubSpot's part has some three hundred deals: of a twelfth of them enough for a systematic fault."""
    assert kind_of_store in stores.KINDS
    found = Village.made(tmp_path / "village", deals=700, activities=20)
    with stores.made() as store:
        found.on(store)
        found.approve()
        yield found


@contextmanager
def unreadable(village: Village, spoilt: set[str]) -> Iterator[None]:
    """While this lasts, HubSpot's pages are small, and the amounts of these deals are words."""

    def exchange(_host: str, service: Service, request: Request) -> Response:
        if "/objects/2026-03/deals" not in request.path:
            return service.answer(request)
        found = service.answer(_small(request))
        body = json.loads(found.body or b"{}")
        for each in body.get("results", ()):
            if each["id"] in spoilt and "amount" in each["properties"]:
                each["properties"]["amount"] = "twelve"
        headers = {name: value for name, value in found.headers.items() if name.lower() != "content-length"}
        return replace(found, headers=headers, body=json.dumps(body).encode())

    village.exchange = exchange
    try:
        yield
    finally:
        village.exchange = lambda _host, service, request: service.answer(request)


def _small(request: Request) -> Request:
    if request.path.endswith("/search"):
        return replace(request, body=json.dumps({**json.loads(request.body), "limit": PAGE}).encode())
    return replace(request, query=[(name, str(PAGE) if name == "limit" else each) for name, each in request.query])


def _deals(village: Village) -> list[str]:
    return sorted((str(each["id"]) for each in village.objects("deals", "amount")), key=int)


def _stands(village: Village) -> tuple[int, int, Cursor | None, bool]:
    """Deals that are held, and set aside; how far they have been read; whether anything may be decided."""
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        return (
            records.counts(tx).get(("smb", "deal"), 0),
            len(records.set_aside_list(tx)),
            streams.cursor(tx, "smb", "deal/deals"),
            streams.is_whole(tx, "smb"),
        )


def _refused(report: CycleReport) -> bool:
    return report.exit_code == 4 and [type(each) for each in report.troubles] == [TooManyRejected]


def _pulled(village: Village) -> CycleReport:
    """What a cycle reads, a quarter of an hour later."""
    village.time.sleep(QUARTER)
    with village.wired(), wiring.house(village.config, world=village.time.world) as house:
        return run_cycle(house, only="pull")


def _goes_on(village: Village) -> None:
    village.time.sleep(QUARTER)
    report = village.cycle()
    assert (report.exit_code, report.troubles) == (0, [])


def test_a_systematic_fault_passes_in_no_cycle_and_goes_on_once_the_records_are_mended(village: Village) -> None:
    deals = _deals(village)
    spoilt = set(deals[::12])
    with unreadable(village, spoilt):
        assert _refused(village.cycle())
        held, aside, cursor, whole = _stands(village)
        assert cursor is not None
        # Of n records n/100 + 3 * the root of that + 10 may be bad, and the first, the thirteenth, … are: of 180 records
        # 15 (15.82 may be), of 200 already 17 (16.24 may be).
        assert (cursor.covered, whole, held, aside) == (None, False, 165, 15)
        for _ in range(9):
            assert _refused(_pulled(village))
            assert _stands(village) == (held, aside, cursor, False)
        village.time.sleep(600)
        for each in sorted(spoilt):
            village.edit(f"deals/{each}", {"amount": "12.50"})
        spoilt.clear()
        _goes_on(village)
    held, aside, cursor, whole = _stands(village)
    assert (held, aside, whole) == (len(deals), 0, True)
    assert cursor is not None
    assert cursor.until is None
    assert differing(village) == []


def test_it_begins_anew_once_the_mapping_of_a_first_read_is_mended(village: Village, attain: Attain) -> None:
    deals = _deals(village)
    with unreadable(village, set(deals[::12])):
        assert _refused(_pulled(village))
        attain.edit("mappings/hubspot.yaml", "      amount: amount\n", "      amount: amount_in_home_currency\n")
        _goes_on(village)
    held, aside, _, whole = _stands(village)
    assert (held, aside, whole) == (len(deals), 0, True)


def test_a_later_window_stays_shut_as_well_and_so_does_reading_it_all_once_more(
    village: Village, attain: Attain
) -> None:
    """Everybody's deals are edited at once, and a twelfth of the amounts is a word from then on."""
    assert _pulled(village).exit_code == 0
    deals = _deals(village)
    before = _stands(village)[2]
    assert before is not None
    village.time.sleep(3600)
    for each in deals:
        village.edit(f"deals/{each}", {"hs_next_step": "Call again"})
    village.time.sleep(600)
    with unreadable(village, set(deals[::12])):
        for _ in range(4):
            assert _refused(_pulled(village))
            held, aside, cursor, _ = _stands(village)
            assert cursor is not None
            assert (held, aside, cursor.covered) == (len(deals), 15, before.covered)
        attain.edit("mappings/hubspot.yaml", "next_step: hs_next_step", "next_step: dealname")
        for _ in range(4):  # by another mapping that mends nothing: the window, and all of it once more
            assert _refused(_pulled(village))
            assert _stands(village) == (len(deals), 15, cursor, False)
        attain.edit("mappings/hubspot.yaml", "      amount: amount\n", "      amount: amount_in_home_currency\n")
        _goes_on(village)
    held, aside, cursor, whole = _stands(village)
    assert (held, aside, whole) == (len(deals), 0, True)
    assert cursor is not None
    assert cursor.until is None

"""Our read path against backlot, an emulator of HubSpot that nobody here wrote, its telemetry off.

It serves v3 paths, and lists, searches and batch reads only: a forwarder in between translates the dated paths that we ask
for. No definitions, owners or associations in batches: those are the stand-in's and the recordings' to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import backlot
import pytest
import requests

from connector.crm.hubspot.archive import Archive
from connector.crm.hubspot.bearer import Lasting
from connector.crm.hubspot.errors import Refused
from connector.crm.hubspot.objects import listing, object_pages
from connector.crm.hubspot.portal import Portal
from connector.crm.hubspot.transport import Transport
from connector.crm.hubspot.window import View, Window
from connector.errors import CrmDenied
from connector.model.records import RawRecord, RecordKind
from connector.ports import Source, World
from connector.sandbox.serve import serve
from connector.sandbox.wire import Request, Response
from connector.transport import Patience, Rate

NAMES = ("dealname", "amount", "closedate", "dealstage", "hs_nothing")
BEGAN = datetime(2026, 9, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MANY = 430  # more than two pages of a search, more than four of a list
pytestmark = pytest.mark.xdist_group("backlot")


@dataclass
class Forwarder:
    """Our dated paths, as backlot calls them; what was asked is kept."""

    base: str
    asked: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        path = re.sub(r"/crm/objects/\d{4}-\d\d/", "/crm/v3/objects/", request.path)
        self.asked.append(f"{request.method} {path}")
        headers = {
            name: each for name, each in request.headers.items() if name in ("authorization", "content-type", "accept")
        }
        reply = requests.request(
            request.method, self.base + path, params=list(request.query), data=request.body, headers=headers, timeout=30
        )
        kept = {name: each for name, each in reply.headers.items() if name.lower() == "content-type"}
        return Response(reply.status_code, kept, reply.content)


def _deal(at: int) -> dict[str, Any]:
    stamp = (BEGAN + timedelta(hours=at)).isoformat()
    return {
        "source_type": "hubspot",
        "doc_id": f"deal-{at}",
        "record_id": str(10_000 + at * 7),
        "object_type": "deals",
        "title": f"Deal {at}",
        "content": f"Deal number {at}.",
        "author_email": "ana@example.com",
        "visibility": "public",
        "archived": at % 43 == 0,
        "created": stamp,
        "updated": stamp,
        "properties": {
            "dealname": f"Deal {at}",
            "amount": f"{at}.50",
            "closedate": "2026-12-31",
            "dealstage": "closedwon",
            # It knows no types: numbers and moments are searched for as they are written here.
            "hs_object_id": str(10_000 + at * 7),
            "hs_lastmodifieddate": str(int((BEGAN + timedelta(hours=at)).timestamp() * 1000)),
        },
    }


@pytest.fixture(scope="module")
def emulated() -> Iterator[tuple[Forwarder, str, str]]:
    with backlot.serve([_deal(at) for at in range(MANY)], telemetry=False) as server:
        forwarder = Forwarder(f"{server.base_url}/hubspot")
        with serve(forwarder) as served:
            yield forwarder, served.url, server.token


def _view(url: str, token: str) -> View:
    world = World(lambda: NOW, lambda _seconds: None)
    patience = Patience("smb", world, limits={"call": Rate(10_000, 10), "search": Rate(10_000, 1)})
    return View("smb", Portal(Transport("smb", Lasting(token), url, "2026-03", patience)), "deals", NAMES)


def _read(view: View, since: datetime | None, until: datetime = NOW) -> list[RawRecord]:
    window = Window(Source(RecordKind.DEAL, "deals"), since, since, until)
    return [record for page in object_pages(view, window, Archive(), NOW) for record in page.records]


def test_a_first_read_brings_every_living_record_once_and_a_later_one_those_archived(
    emulated: tuple[Forwarder, str, str],
) -> None:
    _, url, token = emulated
    living = _read(_view(url, token), None)
    later = _read(_view(url, token), BEGAN)
    archived = {str(10_000 + at * 7) for at in range(MANY) if at % 43 == 0}
    assert {each.ref.id for each in later if each.deleted} == archived
    assert [each.ref.id for each in living] == [str(10_000 + at * 7) for at in range(MANY) if at % 43]
    assert living[0].fields["amount"] == "1.50"
    assert living[0].fields["hs_nothing"] is None
    assert living[0].modified_at == BEGAN + timedelta(hours=1)


def test_a_later_read_brings_what_changed_since_and_nothing_else(emulated: tuple[Forwarder, str, str]) -> None:
    forwarder, url, token = emulated
    forwarder.asked.clear()
    since, until = BEGAN + timedelta(hours=100), BEGAN + timedelta(hours=399)
    found = [each for each in _read(_view(url, token), since, until) if not each.deleted]
    assert [each.ref.id for each in found] == [str(10_000 + at * 7) for at in range(100, 400) if at % 43]
    searches = [each for each in forwarder.asked if each.endswith("/search")]
    assert 2 <= len(searches) <= 4, "its pages are of a hundred, ours are asked for two"


def test_a_sweep_sees_every_living_record_with_its_stamp(emulated: tuple[Forwarder, str, str]) -> None:
    _, url, token = emulated
    stamps = [each for page in listing(_view(url, token), {}) for each in page]
    assert len(stamps) == len({each.id for each in stamps}) == len([at for at in range(MANY) if at % 43])


def test_a_batch_with_ids_that_are_gone_is_judged_row_by_row(emulated: tuple[Forwarder, str, str]) -> None:
    _, url, token = emulated
    batch = _view(url, token).portal.read("deals", ["10007", "10014", "1"], NAMES)
    assert [each.id for each in batch.records] == ["10007", "10014"]
    assert [each.category for each in batch.errors] == ["OBJECT_NOT_FOUND"]
    assert list(batch.errors[0].named("id", "ids")) == ["1"]


def test_its_refusals_are_understood(emulated: tuple[Forwarder, str, str]) -> None:
    _, url, token = emulated
    with pytest.raises(Refused) as refused:
        _view(url, token).portal.listed("butterflies", ())
    assert refused.value.status == 400
    assert "butterflies" in refused.value.said.text
    with pytest.raises(CrmDenied):
        _read(_view(url, "nobody's token"), None)

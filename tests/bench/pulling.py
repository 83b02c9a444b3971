"""Pulling against plain `requests` + json over the same pages, and the number of calls against the least there can be."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from math import ceil
from typing import Any

import requests

from connector.flow.cycle import run_cycle
from connector.flow.house import House
from connector.ports import Crm, Cursor, Page, Source
from tests.bench.report import Line, note, stopwatch
from tests.bench.served import TODAY, Served, hubspot_session, salesforce_session

PREFIXES = {"salesforce": "/services/data/", "hubspot": "/crm/"}


class Timed:
    """A CRM whose pages are timed: only what passes inside `changed` counts, not what is done with a page."""

    def __init__(self, crm: Crm) -> None:
        self._crm, self.seconds, self.records = crm, 0.0, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    def changed(self, source: Source, since: Cursor | None) -> Iterator[Page]:
        pages = self._crm.changed(source, since)
        while True:
            with stopwatch() as took:
                page = next(pages, None)
            self.seconds += took()
            if page is None:
                return
            self.records[source.object] += len(page.records)
            yield page


def pulled(house: House) -> dict[str, Timed]:
    """One pull of everything through the whole flow: pages, normalised, stored, with their cursors."""
    timed = {name: Timed(crm) for name, crm in house.crms.items()}
    for name, each in timed.items():
        house.crms[name] = each  # type: ignore[index]
    report = run_cycle(house, today=TODAY, only="pull")
    assert not report.troubles, report.troubles
    return timed


def lines(served: Served, timed: dict[str, Timed], asked: list[dict[str, Any]]) -> Iterator[Line]:
    """Our time against the same requests sent again by plain requests."""
    for crm, connection in (("salesforce", "emea"), ("hubspot", "smb")):
        mine = [each for each in asked if each["crm"] == crm and each["path"].startswith(PREFIXES[crm])]
        note(f"sending {len(mine):,} requests of {crm} again, plainly")
        session = salesforce_session(served) if crm == "salesforce" else hubspot_session(served)
        base = served.salesforce if crm == "salesforce" else served.hubspot
        with stopwatch() as took:
            for each in mine:
                _send(session, base, each)
        records = sum(timed[connection].records.values())
        yield Line(
            f"pulling {records:,} records, {crm}", timed[connection].seconds, took(), 2.0, peer="requests + json"
        )


def _send(session: requests.Session, base: str, each: dict[str, Any]) -> object:
    body = base64.b64decode(each["body"])
    headers = {"Content-Type": "application/json"} if body else {}
    reply = session.request(
        each["method"], base + each["path"], params=each["query"], data=body, headers=headers, timeout=60
    )
    return json.loads(reply.content) if reply.content else None


def first_pull_calls(timed: dict[str, Timed], asked: list[dict[str, Any]]) -> Iterator[Line]:
    """Requests of a first pull against the least that its algorithm needs.

    Salesforce: a page of 2,000 rows per call, at least one per object. HubSpot: 100 per list page, 50 where the
    history comes along, and one look at the archived list of each type that has one.
    """
    yield _calls("API calls, first pull, salesforce", "salesforce", asked, _salesforce_least(timed["emea"].records))
    yield _calls("API calls, first pull, hubspot", "hubspot", asked, _hubspot_least(timed["smb"].records))


def _calls(what: str, crm: str, asked: list[dict[str, Any]], least: int) -> Line:
    count = sum(each["crm"] == crm for each in asked)
    return Line(what, count, least, 1.02, unit="calls", peer="the algorithm's least")


def _salesforce_least(records: Counter[str]) -> int:
    return sum(max(1, ceil(count / 2000)) for count in records.values())


def _hubspot_least(records: Counter[str]) -> int:
    """Stage changes are read from the history of each deal: a deal's page of 50 brings all of its stages."""
    without_archive = {"meetings", "exchange-rates", "deals.history"}
    total = 0
    for name, count in records.items():
        rows, size = (records["deals"], 50) if name == "deals.history" else (count, 100)
        total += max(1, ceil(rows / size)) + (name not in without_archive)
    return total

"""Pulling against plain `requests` + json, which send the same requests again after each of our pages."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import requests

from connector.flow.cycle import run_cycle
from connector.flow.house import House
from connector.ports import Crm, Cursor, Page, Source
from tests.bench.report import Line, note, stopwatch
from tests.bench.served import TODAY, Served
from tests.least import Archives, Noting

PREFIXES = {"salesforce": "/services/data/", "hubspot": "/"}  # a log-in is nobody's page


class Again:
    """Sends whatever one CRM was asked a second time, with nothing but requests and json."""

    def __init__(self, served: Served, crm: str) -> None:
        self._crm, self._url, self._session = crm, served.url(crm), served.session(crm)
        self._log = served.log.open(encoding="utf-8")
        self._log.seek(0, 2)
        self.seconds, self.sent = 0.0, 0

    def catch_up(self) -> None:
        """Everything since the last time."""
        for each in map(json.loads, self._log):
            # Of a job only its results are read again: a second one would be another.
            job = "/jobs/" in each["path"] and not each["path"].endswith("/results")
            if each["crm"] == self._crm and each["path"].startswith(PREFIXES[self._crm]) and not job:
                self._send(each)

    def _send(self, each: dict[str, Any]) -> None:
        body = base64.b64decode(each["body"])
        headers = {"Content-Type": "application/json"} if body else {}
        request = requests.Request(each["method"], self._url + each["path"], params=each["query"], data=body)
        request.headers = headers
        with stopwatch() as took:
            reply = self._session.send(self._session.prepare_request(request), timeout=60)
            if reply.headers["Content-Type"].startswith("text/csv"):
                list(csv.DictReader(io.StringIO(reply.content.decode(), newline="")))
            else:
                json.loads(reply.content)
        assert reply.ok, (each["path"], reply.status_code, reply.text[:200])
        self.seconds += took()
        self.sent += 1


class Timed(Noting):
    """A CRM whose pages are timed: only what passes inside `changed` counts, not what is done with a page."""

    def __init__(self, crm: Crm, archives: Archives | None = None, again: Again | None = None) -> None:
        super().__init__(crm, archives)
        self.again, self.seconds = again, 0.0

    def _pages(self, source: Source, since: Cursor | None) -> Iterator[Page]:
        pages = self.crm.changed(source, since)
        while True:
            with stopwatch() as took:
                page = next(pages, None)
            self.seconds += took()
            if self.again:
                self.again.catch_up()
            if page is None:
                return
            yield page


def pulled(house: House, again: dict[str, Again] | None = None) -> dict[str, Timed]:
    """One pull of everything through the whole flow: pages, normalised, stored, with their cursors."""
    peers = again or {}
    archives = Archives(house.world.now)
    timed = {name: Timed(crm, archives, peers.get(crm.type)) for name, crm in house.crms.items()}
    report = run_cycle(replace(house, crms=cast("dict[str, Crm]", timed)), today=TODAY, only="pull")
    assert not report.troubles, report.troubles
    return {house.crms[name].type: each for name, each in timed.items()}


def lines(timed: dict[str, Timed], again: dict[str, Again]) -> Iterator[Line]:
    """Our time inside the adapter against theirs for the same requests."""
    for crm, each in timed.items():
        note(f"{crm}: {again[crm].sent:,} requests sent again, plainly")
        what = f"pulling {sum(each.records.values()):,} records, {crm}"
        yield Line(what, each.seconds, again[crm].seconds, 2.0, peer="requests + json")

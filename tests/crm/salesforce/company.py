"""A tiny company, written by hand, and the stand-in org that holds it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from cryptography.hazmat.primitives import serialization

from connector.crm.salesforce import CRM
from connector.model.calendar import Calendar
from connector.model.records import RawRecord, RecordKind
from connector.model.settings import Company
from connector.normalise.mapping import AlertTasks, CrmMapping, OutcomeMap, ScoreRows, SourceMap, WriteMap
from connector.ports import Crm, Cursor, Page, Source
from connector.sandbox.salesforce import SalesforceSandbox
from connector.sandbox.serve import serve
from connector.sandbox.wire import Request, Response, Switches
from tests.crm.salesforce.conftest import Time, settings

ACME = Company("Acme", "EUR", ZoneInfo("Europe/Berlin"), Calendar())
_KINDS = {
    "users": RecordKind.USER,
    "accounts": RecordKind.ACCOUNT,
    "deals": RecordKind.DEAL,
    "stage_changes": RecordKind.STAGE_CHANGE,
    "splits": RecordKind.SPLIT,
    "memberships": RecordKind.MEMBERSHIP,
    "activities": RecordKind.ACTIVITY,
    "rates": RecordKind.RATE,
}
SHIPPED = Path(__file__).parents[3] / "mappings/salesforce.yaml"


@cache
def shipped_mapping() -> CrmMapping:
    """The mapping that comes with the product, as far as an adapter reads it."""
    raw = yaml.safe_load(SHIPPED.read_text())
    sources = tuple(
        SourceMap(kind, each["from"], each["fields"]) for key, kind in _KINDS.items() for each in raw.get(key, ())
    )
    scores, alerts = raw["write"]["scores"], raw["write"]["alerts"]
    return CrmMapping(
        "salesforce",
        sources,
        OutcomeMap(won_flag="IsWon", closed_flag="IsClosed"),
        WriteMap(
            ScoreRows(scores["object"], scores["label"], scores["key"], scores["fields"]),
            AlertTasks(alerts["object"], alerts["key"], alerts["fields"]),
        ),
    )


TABLES: Mapping[str, Sequence[Mapping[str, str]]] = {
    "stages": [
        {"stage": "new", "label": "Prospecting", "order": "1", "probability": "0.1", "is_closed": "false", "is_won": "false", "forecast": "Pipeline"},
        {"stage": "won", "label": "Closed Won", "order": "2", "probability": "1", "is_closed": "true", "is_won": "true", "forecast": "Closed"},
        {"stage": "lost", "label": "Closed Lost", "order": "3", "probability": "0", "is_closed": "true", "is_won": "false", "forecast": "Omitted"},
    ],
    "people": [
        {"id": "ana", "name": "Ana Silva", "email": "ana@example.com", "role": "AE", "team": "East", "region": "EMEA", "manager": "max", "start": "2024-01-01", "active": "true", "crm": "salesforce"},
        {"id": "max", "name": "Max Roth", "email": "max@example.com", "role": "Manager", "team": "East", "region": "EMEA", "start": "2020-01-01", "active": "true", "crm": "salesforce"},
    ],
    "accounts": [
        {"id": "globex", "crm": "salesforce", "name": "Globex", "owner": "ana", "industry": "Energy", "country": "DE", "created_at": "2026-01-05T09:00:00Z"},
    ],
    "deals": [
        {"id": "d1", "crm": "salesforce", "name": "Globex renewal", "account": "globex", "owner": "ana", "stage": "won", "amount": "60000.50", "currency": "EUR", "created_at": "2026-08-01T09:00:00Z", "closed_on": "2026-10-08", "modified_at": "2026-10-08T12:00:00Z"},
        {"id": "d2", "crm": "salesforce", "name": "Globex pilot", "account": "globex", "owner": "ana", "stage": "new", "amount": "", "currency": "EUR", "created_at": "2026-11-01T09:00:00Z", "closed_on": "2026-12-20", "modified_at": "2026-11-01T09:00:00Z"},
        {"id": "d3", "crm": "salesforce", "name": "Globex gone", "account": "globex", "owner": "ana", "stage": "new", "amount": "10", "currency": "EUR", "created_at": "2026-11-02T09:00:00Z", "closed_on": "2026-12-20", "modified_at": "2026-11-03T09:00:00Z", "deleted_at": "2026-11-04T09:00:00Z"},
    ],
    "activities": [
        {"id": "a1", "crm": "salesforce", "type": "call", "person": "ana", "deal": "d1", "at": "2026-10-01T10:00:00Z", "status": "completed", "minutes": "20", "modified_at": "2026-10-01T10:30:00Z"},
        {"id": "a2", "crm": "salesforce", "type": "meeting", "person": "ana", "account": "globex", "at": "2026-10-02T10:00:00Z", "status": "completed", "minutes": "45", "modified_at": "2026-10-02T11:00:00Z"},
    ],
}  # fmt: skip


def write_company(folder: Path, **tables: Sequence[Mapping[str, str]]) -> Path:
    """The folder of a company: the tables above, replaced or added to by those given."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {"name": "Acme", "currency": "EUR", "fiscal_year_starts": 1, "zone": "Europe/Berlin", "today": "2026-11-25"}
    (folder / "company.json").write_text(json.dumps(about))
    for name, rows in {**TABLES, **tables}.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    return folder


@dataclass
class Overheard:
    """The stand-in, with a record of what it was asked."""

    sandbox: SalesforceSandbox
    requests: list[Request] = field(default_factory=list)
    instead: Callable[[Request], Response | None] = lambda _: None  # something that happens before the org is asked

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        return self.instead(request) or self.sandbox.answer(request)

    @property
    def queries(self) -> list[str]:
        return [each.param("q") for each in self.requests if each.param("q")]


@dataclass
class Place:
    """A stand-in org, the adapter that talks to it over HTTP, and the time in both."""

    crm: Crm
    sandbox: SalesforceSandbox
    heard: Overheard
    time: Time
    url: str = ""  # where the org is reached

    def source(self, name: str) -> Source:
        return next(each for each in self.crm.sources() if each.object == name)

    def pull(self, name: str, since: Cursor | None = None) -> list[Page]:
        return list(self.crm.changed(self.source(name), since))

    def records(self, name: str, since: Cursor | None = None) -> list[RawRecord]:
        return [record for page in self.pull(name, since) for record in page.records]

    def human(self, method: str, path: str, body: Any = None) -> Response:
        """Somebody else works in the org, past our adapter."""
        token = next(each for each in reversed(self.heard.requests) if "authorization" in each.headers)
        headers = {
            "authorization": token.headers["authorization"],
            "content-type": "application/json",
            "host": token.headers["host"],
        }
        content = json.dumps(body).encode() if body is not None else b""
        return self.sandbox.answer(Request.of(method, f"/services/data/v66.0/{path}", headers, content))


@cache
def public_key(private_key: str) -> str:
    """What the external client app is given."""
    key = serialization.load_pem_private_key(private_key.encode(), None).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


@contextmanager
def place(
    folder: Path,
    time: Time,
    private_key: str,
    *,
    switches: Switches = Switches(),  # noqa: B008 - frozen
    mapping: CrmMapping | None = None,
    overlap: timedelta | None = None,
    settle: timedelta | None = None,
    ahead: timedelta = timedelta(0),  # of the org's clock
    company: Company = ACME,
    **options: str,
) -> Iterator[Place]:
    """Everything up and running, over real sockets."""
    sandbox = SalesforceSandbox(now=lambda: time.now + ahead, switches=switches, currency="EUR")
    sandbox.load(folder)
    sandbox.register("3MVG9.attain", public_key(private_key), "attain@example.com")
    heard = Overheard(sandbox)
    with serve(heard) as served:
        given = settings(private_key, overlap, settle, divert=served.url, **options)
        crm = CRM.connect(given, mapping or shipped_mapping(), company, time.world)
        try:
            yield Place(crm, sandbox, heard, time, served.url)
        finally:
            crm.close()

"""What the tests of this room start from: a mapping, a world, and a service that says what it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from hubspot.utils.signature import Signature

from connector.crm.hubspot import CRM
from connector.errors import ConfigError, Place
from connector.model.calendar import Calendar
from connector.model.changes import Change, Row, Value
from connector.model.records import RecordKind
from connector.model.settings import Company, ConnectionSettings
from connector.normalise.mapping import AlertTasks, CrmMapping, OutcomeMap, ScoreProperties, SourceMap, WriteMap
from connector.ports import Crm, Cursor, Page, Source, World
from connector.sandbox.hubspot import HubSpotSandbox
from connector.sandbox.serve import serve
from connector.sandbox.wire import Request, Response, Switches

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
COMPANY = Company("Example Ltd", "EUR", ZoneInfo("Europe/Berlin"), Calendar())

OWNERS = Source(RecordKind.USER, "owners")
COMPANIES = Source(RecordKind.ACCOUNT, "companies")
DEALS = Source(RecordKind.DEAL, "deals")
HISTORY = Source(RecordKind.STAGE_CHANGE, "deals.history")
MEETINGS = Source(RecordKind.ACTIVITY, "meetings")
TASKS = Source(RecordKind.ACTIVITY, "tasks")
RATES = Source(RecordKind.RATE, "exchange-rates")

MAPPING = CrmMapping(
    "hubspot",
    sources=(
        SourceMap(
            RecordKind.USER,
            "owners",
            {
                "email": "email",
                "first_name": "firstName",
                "last_name": "lastName",
                "team": "teams.primary",
                "role": "users.hs_job_title",
            },
        ),
        SourceMap(RecordKind.ACCOUNT, "companies", {"name": "name", "owner": "hubspot_owner_id"}),
        SourceMap(
            RecordKind.DEAL,
            "deals",
            {
                "name": "dealname",
                "account": "associations.companies",
                "owner": "hubspot_owner_id",
                "stage": "dealstage",
                "amount": "amount",
                "currency": "deal_currency_code",
                "closed_on": "closedate",
            },
        ),
        SourceMap(
            RecordKind.STAGE_CHANGE, "deals.history", {"deal": "deal", "stage": "dealstage", "changed_at": "timestamp"}
        ),
        SourceMap(
            RecordKind.ACTIVITY,
            "meetings",
            {
                "performer": "hubspot_owner_id",
                "deal": "associations.deals",
                "account": "associations.companies",
                "happened_at": "hs_meeting_start_time",
            },
            constants={"type": "meeting"},
        ),
        SourceMap(
            RecordKind.ACTIVITY,
            "tasks",
            {"performer": "hubspot_owner_id", "due_at": "hs_timestamp", "key": "attain_alert_key"},
            constants={"type": "task"},
        ),
        SourceMap(RecordKind.RATE, "exchange-rates", {"currency": "fromCurrencyCode", "worth": "conversionRate"}),
    ),
    outcome=OutcomeMap(won_flag="hs_is_closed_won", closed_flag="hs_is_closed"),
    write=WriteMap(
        ScoreProperties("users", "attain_", ("actual", "target")),
        AlertTasks("tasks", "attain_alert_key", {"hs_task_subject": "title", "hs_timestamp": "due_at"}),
    ),
)


def signed(secret: str, body: str, url: str, now: datetime) -> dict[str, str]:
    """The headers of a request that HubSpot sends, made by HubSpot's own SDK, which knows nothing of us."""
    at = str(int(now.timestamp() * 1000))
    signature = Signature.get_signature(secret, body, "v3", url, "POST", at)
    return {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": at}


class Days:
    """A clock that only moves when somebody sleeps, and keeps every nap."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now
        self.naps: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += timedelta(seconds=seconds)

    def world(self) -> World:
        return World(self.now, self.sleep)


Answer = Callable[[Request], Response]


class Scripted:
    """A service that gives its answers in turn, or by a function, and keeps what it was asked."""

    def __init__(self, answers: Answer | list[Response]) -> None:
        self._answers = answers
        self.asked: list[Request] = []

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        if callable(self._answers):
            return self._answers(request)
        return self._answers.pop(0)

    def bodies(self, ending: str) -> list[Any]:
        """The JSON bodies of requests whose path ends so."""
        return [each.json() for each in self.asked if each.path.endswith(ending)]


def says(status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer, dated now unless told otherwise."""
    return Response(
        status,
        {"Content-Type": "application/json;charset=utf-8", "Date": http_date(NOW), **(headers or {})},
        json.dumps(body).encode(),
    )


def http_date(moment: datetime) -> str:
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def connected(
    url: str,
    days: Days,
    mapping: CrmMapping = MAPPING,
    overlap: timedelta | None = None,
    options: Mapping[str, str] | None = None,
) -> Crm:
    """The adapter, connected to a service on the loopback. Raises ConfigError as whoever reads the config does."""
    given = {"token": "pat-eu1-secret", "base_url": url, **(options or {})}
    settings = ConnectionSettings("smb", "hubspot", given, None, overlap=overlap)
    if wrong := CRM.faults(settings, mapping, lambda option: Place(f"connections.smb.{option}")):
        raise ConfigError(list(wrong))
    return CRM.connect(settings, mapping, COMPANY, days.world())


@contextmanager
def talking_to(
    answers: Answer | list[Response], days: Days | None = None, mapping: CrmMapping = MAPPING
) -> Iterator[tuple[Crm, Scripted]]:
    """The adapter and the scripted service it talks to, over real HTTP."""
    service = Scripted(answers)
    with serve(service) as served:
        crm = connected(served.url, days or Days(), mapping)
        yield crm, service
        crm.close()


def an_update(record_id: str, /, **fields: Value) -> Change:
    return Change(Row("smb", "users", "hs_object_id", record_id), fields)


def a_task(key: str, /, **fields: Value) -> Change:
    return Change(Row("smb", "tasks", "attain_alert_key", key), fields)


def a_record(record_id: str, /, modified: str = "2026-11-25T11:00:00.000Z", **properties: str | None) -> dict[str, Any]:
    """A record as HubSpot sends it."""
    return {
        "id": record_id,
        "properties": {"hs_object_id": record_id, **properties},
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": modified,
        "archived": False,
    }


def definitions(*names: str, unique: tuple[str, ...] = ()) -> dict[str, Any]:
    """Property definitions of those names."""
    return {
        "results": [
            {
                "name": each,
                "label": each,
                "type": "string",
                "fieldType": "text",
                "options": [],
                "hasUniqueValue": each in unique,
            }
            for each in names
        ]
    }


def records(pages: list[Page]) -> list[str]:
    """Ids of what came, in order; archived ones with a minus."""
    return [("-" if each.deleted else "") + each.ref.id for page in pages for each in page.records]


COMPANY_FILES = {
    "company.json": json.dumps(
        {"name": "Example", "currency": "EUR", "fiscal_year_starts": 1, "zone": "Europe/Berlin", "today": "2026-11-25"}
    ),
    "stages.csv": "stage,label,order,probability,is_closed,is_won,forecast\n"
    "talking,Talking,1,0.2,false,false,Pipeline\n"
    "offered,Offered,2,0.6,false,false,Best case\n"
    "signed,Signed,3,1,true,true,Closed\n"
    "dropped,Dropped,4,0,true,false,Omitted\n",
    "people.csv": "id,name,email,role,team,region,manager,start,end,active,crm\n"
    "ana,Ana Silva,ana.silva@example.com,AE,East 1,East,,2024-01-12,,true,hubspot\n"
    "bo,Bo Larsen,bo.larsen@example.com,SDR,East 1,East,ana,2024-02-01,2026-06-30,false,hubspot\n",
    "deals.csv": "id,crm,name,account,owner,stage,amount,currency,created_at,closed_on,modified_at\n",
    "rates.csv": "currency,starts_on,rate\nUSD,2026-01-01,1.25\n",
}


class Portal:
    """The stand-in HubSpot with a clock of its own, reached as an admin would: through its API."""

    def __init__(
        self,
        days: Days | None = None,
        switches: Switches | None = None,
        ahead: timedelta = timedelta(0),
        files: Mapping[str, str] | None = None,
    ) -> None:
        """`ahead`: of HubSpot's clock, before ours. `files`: of the company, in place of the usual ones."""
        self.days = days or Days()
        self.box = HubSpotSandbox(now=lambda: self.days.now() + ahead, switches=switches or Switches(limits=False))
        self.box.allow("pat-eu1-secret")
        with TemporaryDirectory() as folder:
            for name, text in {**COMPANY_FILES, **(files or {})}.items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
            self.box.load(Path(folder))
        self.asked: list[Request] = []

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        return self.box.answer(request)

    def do(self, method: str, target: str, body: object = None) -> Any:
        """One call of the admin's; the parsed answer."""
        headers = {"Authorization": "Bearer pat-eu1-secret", "Content-Type": "application/json"}
        request = Request.of(method, target, headers, b"" if body is None else json.dumps(body).encode())
        response = self.box.answer(request)
        assert response.status < 300, response.body
        return response.json() if response.body else None

    def add(self, obj: str, **properties: str) -> str:
        """A new record's id."""
        return str(self.do("POST", f"/crm/objects/2026-03/{obj}", {"properties": properties})["id"])

    def change(self, obj: str, record_id: str, **properties: str) -> None:
        self.do("PATCH", f"/crm/objects/2026-03/{obj}/{record_id}", {"properties": properties})

    def archive(self, obj: str, record_id: str) -> None:
        self.do("DELETE", f"/crm/objects/2026-03/{obj}/{record_id}")

    def merge(self, obj: str, primary: str, other: str) -> str:
        """Two records become one; its id."""
        body = {"primaryObjectId": primary, "objectIdToMerge": other}
        return str(self.do("POST", f"/crm/objects/2026-03/{obj}/merge", body)["id"])

    def link(self, obj: str, record_id: str, to: str, other: str, type_id: int) -> None:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        body = {"inputs": [{"from": {"id": record_id}, "to": {"id": other}, "types": types}]}
        self.do("POST", f"/crm/associations/2026-03/{obj}/{to}/batch/create", body)

    @contextmanager
    def connected(self, mapping: CrmMapping = MAPPING, overlap: timedelta | None = None) -> Iterator[Crm]:
        with serve(self) as served:
            crm = connected(served.url, self.days, mapping, overlap)
            yield crm
            crm.close()


def pulled(crm: Crm, source: Source, since: Cursor | None = None) -> list[Page]:
    """Every page of one read, which must end as the port promises."""
    pages = list(crm.changed(source, since))
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].cursor.covered is not None
    assert (pages[-1].cursor.until, pages[-1].cursor.after) == (None, "")
    return pages


def a_deal(portal: Portal, name: str = "Deal", **properties: str) -> str:
    return portal.add("deals", **{"dealname": name, "pipeline": "default", "dealstage": "talking", **properties})

"""A tiny company in two stand-in CRMs, all in this process: made once, forked for every trial."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from connector.flow.cycle import CycleReport, run_cycle
from connector.flow.install import wanted_by
from connector.ports import World
from connector.sandbox.company import generate
from connector.sandbox.hubspot import HubSpotSandbox
from connector.sandbox.salesforce import SalesforceSandbox
from connector.sandbox.town import CONSUMER_KEY, HUBSPOT_TOKEN, USERNAME, Town, _key_pair
from connector.sandbox.wire import Request, Response, Service, Switches
from connector.service.town_config import write_town_config
from connector.service.wiring import house
from connector.store import decisions
from connector.store.decisions import Decision
from tests.faults.wire import Exchange, diverted
from tests.stories.installed import Time

SALESFORCE, HUBSPOT = "127.0.0.1:1", "127.0.0.1:2"  # nobody listens there: nothing may reach a socket
TODAY = date(2026, 11, 25)
BEGIN = datetime(2026, 11, 25, 18, tzinfo=UTC)
V = "/services/data/v66.0"
OVERLAP, SETTLE = timedelta(minutes=15), timedelta(minutes=2)  # of both adapters at least
LATE = OVERLAP + SETTLE + timedelta(seconds=1)  # the longest transaction whose rows are promised to be seen


def _answer(_host: str, service: Service, request: Request) -> Response:
    return service.answer(request)


class Refusal(AssertionError):
    """A person's own request was refused; nearly always the test is wrong."""


@dataclass
class Village:
    """Both CRMs, the clock, and the config of an installation that is approved and has not begun."""

    folder: Path
    salesforce: SalesforceSandbox
    hubspot: HubSpotSandbox
    time: Time
    config: Path
    exchange: Exchange = field(default=_answer)
    approved: bool = True  # whether a human has let the first plan pass
    server: str = ""  # the URL of the store, where it is on one

    @classmethod
    def made(
        cls,
        folder: Path,
        *,
        people: int = 8,
        deals: int = 60,
        activities: int = 80,
        seed: int = 3,
        at: datetime = BEGIN,
        switches: Switches | None = None,
        approved: bool = True,
        prepare: Callable[[Path], None] = lambda _folder: None,
    ) -> Village:
        """`prepare` may change the files of the installation before anything is created in the CRMs."""
        generate(folder, people=people, deals=deals, activities=activities, seed=seed, today=at.date())
        time, switches = Time(at), switches or Switches()
        private, public = _key_pair()
        salesforce = SalesforceSandbox(now=time.now, switches=switches)
        hubspot = HubSpotSandbox(now=time.now, switches=switches)
        salesforce.register(CONSUMER_KEY, public, USERNAME)
        salesforce.register_client("reader", "reader-secret")
        hubspot.allow(HUBSPOT_TOKEN)
        salesforce.load(folder)
        hubspot.load(folder)
        town = Town(salesforce, hubspot, f"http://{SALESFORCE}", f"http://{HUBSPOT}", private)
        found = cls(folder, salesforce, hubspot, time, write_town_config(folder, town))
        prepare(folder)
        with found.wired(), house(found.config, world=time.world, guarded=False) as ready:
            for name, crm in ready.crms.items():
                crm.install(wanted_by(ready, name), check=False)
        found.approved = approved
        return found

    def approve(self) -> None:
        """A human lets the first plan of both connections pass; once is enough."""
        with house(self.config, world=self.time.world, connect=False) as ready, ready.store.writing() as tx:
            for each in ready.settings.connections:
                if not decisions.approved(tx, each.name):
                    decisions.note(tx, Decision("the first plan", each.name, "apply", "", 0, self.time.now()))

    @contextmanager
    def wired(self) -> Iterator[None]:
        """No socket is opened: requests go into the stand-ins, by way of `exchange`."""
        hosts: Mapping[str, Service] = {SALESFORCE: self.salesforce, HUBSPOT: self.hubspot}
        with diverted(hosts, self._exchanged):
            yield

    def _exchanged(self, host: str, service: Service, request: Request) -> Response:
        return self.exchange(host, service, request)  # whatever the network is like by then

    def cycle(self, world: World | None = None) -> CycleReport:
        with self.wired(), house(self.config, world=world or self.time.world) as ready:
            return run_cycle(ready)

    def apart(self, where: Path) -> Village:
        """Moved into a folder of its own, for a trial that writes; to be called in a forked process."""
        shutil.copytree(self.folder, where)
        self.folder, self.config = where, where / self.config.name
        return self

    def on(self, store: str) -> None:
        """Keep the store there: a URL, or a file."""
        self.server = store if "://" in store else ""
        text = self.config.read_text(encoding="utf-8").splitlines()
        lines = [f"store: {store}" if line.startswith("store:") else line for line in text]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def buried(self) -> None:
        """After a death: a server ends the dead one's sessions, as it does when a process is gone, and frees its locks."""
        if not self.server:
            return
        others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        engine = create_engine(make_url(self.server).set(drivername="postgresql+psycopg"))
        with engine.connect() as connection:
            connection.execute(text(f"select pg_terminate_backend(pid) {others}"))
            while connection.execute(text(f"select count(*) {others}")).scalar():
                connection.rollback()  # what is there is looked at anew in the next transaction
        engine.dispose()

    # --- what the CRMs hold, asked in their own language, past the client that is judged

    def soql(self, query: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        path = f"{V}/query{'All' if deleted else ''}?q={quote(query)}"
        while path:
            body = self._ask(self.salesforce, "GET", path, self._token())
            rows += body["records"]
            path = "" if body["done"] else body["nextRecordsUrl"]
        return rows

    def objects(self, kind: str, properties: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after = ""
        while True:
            path = f"/crm/objects/2026-03/{kind}?limit=100&properties={properties}{after}"
            body = self._ask(self.hubspot, "GET", path, HUBSPOT_TOKEN)
            rows += body["results"]
            if "paging" not in body:
                return rows
            after = f"&after={body['paging']['next']['after']}"

    def described(self, name: str) -> Mapping[str, Any]:
        """An object of Salesforce."""
        shape: Mapping[str, Any] = self._ask(self.salesforce, "GET", f"{V}/sobjects/{name}/describe", self._token())
        return shape

    def portal(self) -> int:
        """The number of the HubSpot account."""
        return int(self._ask(self.hubspot, "GET", "/account-info/2026-03/details", HUBSPOT_TOKEN)["portalId"])

    def found(self, kind: str, properties: str, *filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """The first page of what HubSpot's search finds, records that meet every filter, newest first."""
        body = {
            "filterGroups": [{"filters": [dict(each) for each in filters]}],
            "properties": properties.split(","),
            "sorts": [{"propertyName": "hs_object_id", "direction": "DESCENDING"}],
            "limit": 100,
        }
        found = self._ask(self.hubspot, "POST", f"/crm/objects/2026-03/{kind}/search", HUBSPOT_TOKEN, body)
        return [each["properties"] for each in found["results"]]

    def edit(self, path: str, fields: Mapping[str, object], *, method: str = "PATCH") -> Any:
        """A person's hand: `Opportunity/006…` in Salesforce, `deals/77` in HubSpot."""
        if path[0].isupper():
            return self._ask(self.salesforce, method, f"{V}/sobjects/{path}", self._token(), dict(fields))
        body = {"properties": dict(fields)}
        return self._ask(self.hubspot, method, f"/crm/objects/2026-03/{path}", HUBSPOT_TOKEN, body)

    def coming_late(self) -> list[str]:
        """Deals whose edit at this very moment would be stamped now and surface later."""
        organisation = self.salesforce._org
        rows = self.soql("SELECT Id FROM Opportunity ORDER BY Id")
        return [
            str(each["Id"]) for each in rows if organisation.visible_from(each["Id"], organisation.stamp) is not None
        ]

    def merge(self, winner: str, loser: str, obj: str = "deals") -> str:
        """Two HubSpot records become one; its id."""
        body = {"primaryObjectId": winner, "objectIdToMerge": loser}
        return str(self._ask(self.hubspot, "POST", f"/crm/objects/2026-03/{obj}/merge", HUBSPOT_TOKEN, body)["id"])

    def link(self, one: str, other: str, type_id: int) -> None:
        """Associate two HubSpot records, each named as `calls/77`."""
        (obj, record_id), (to, to_id) = one.split("/"), other.split("/")
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        body = {"inputs": [{"from": {"id": record_id}, "to": {"id": to_id}, "types": types}]}
        self._ask(self.hubspot, "POST", f"/crm/associations/2026-03/{obj}/{to}/batch/create", HUBSPOT_TOKEN, body)

    def delete(self, path: str) -> None:
        self.edit(path, {}, method="DELETE")

    def _token(self) -> str:
        form = "grant_type=client_credentials&client_id=reader&client_secret=reader-secret"
        headers = {"content-type": "application/x-www-form-urlencoded"}
        request = Request.of("POST", "/services/oauth2/token", headers, form.encode())
        for _ in range(50):  # the switches may fail a login too
            found = self.salesforce.answer(request)
            if found.status == 200 and found.body.endswith(b"}"):
                return str(found.json()["access_token"])
        raise AssertionError("nobody was let in")

    def _ask(self, service: Service, method: str, path: str, token: str, body: object = None) -> Any:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        data = b"" if body is None or method in ("GET", "DELETE") else json.dumps(body).encode()
        for _ in range(50):  # the switches may fail a request of ours too
            found = service.answer(Request.of(method, path, headers, data))
            if found.status and found.status < 429:
                if found.status >= 400:
                    raise Refusal(found.body.decode("utf-8", "replace"))
                try:
                    return found.json() if found.body else None
                except ValueError:
                    continue
            self.time.sleep(11)  # past the ten-second limit
        raise AssertionError(f"{method} {path} was never answered")

    def told(self) -> Counter[str]:
        """Every alert in both CRMs by its key, the deleted ones too."""
        rows = self.soql("SELECT Attain_Key__c FROM Task WHERE Attain_Key__c != null", deleted=True)
        keys = Counter(str(each["Attain_Key__c"]) for each in rows)
        keys.update(
            each["properties"]["attain_alert_key"]
            for each in self.objects("tasks", "attain_alert_key")
            if each["properties"].get("attain_alert_key")
        )
        return keys

    def linked(self) -> dict[str, Any]:
        """Every alert in HubSpot, by its key, with the deals and companies that it is found on."""
        keys = {
            each["id"]: each["properties"].get("attain_alert_key") for each in self.objects("tasks", "attain_alert_key")
        }
        found: dict[str, Any] = {key: {} for key in keys.values() if key}
        for to in ("deals", "companies") if found else ():
            body = {"inputs": [{"id": each} for each, key in keys.items() if key]}
            path = f"/crm/associations/2026-03/tasks/{to}/batch/read"
            for row in self._ask(self.hubspot, "POST", path, HUBSPOT_TOKEN, body)["results"]:
                found[str(keys[row["from"]["id"]])][to] = sorted(str(each["toObjectId"]) for each in row["to"])
        return found

    def healths(self) -> dict[str, Any]:
        """What we say of deals in their own records, where that is switched on."""
        if "Opportunity" not in (self.folder / "mappings/salesforce.yaml").read_text().split("\n  deals:")[-1][:40]:
            return {}
        rows = self.soql("SELECT Id, Attain_Health__c FROM Opportunity")
        theirs = self.objects("deals", "attain_health")
        found = {each["Id"]: each["Attain_Health__c"] for each in rows}
        return found | {each["id"]: each["properties"].get("attain_health") for each in theirs}

    def shown(self) -> dict[str, Any]:
        """Everything of ours that the CRMs show, but for what only rides along."""
        fields = "Attain_Key__c, Metric__c, Period_Label__c, Target__c, Actual__c, Attainment_Pct__c, Gap__c, Band__c"
        rows = {
            each["Attain_Key__c"]: {name: each[name] for name in fields.split(", ")}
            for each in self.soql(f"SELECT {fields} FROM Attain_Attainment__c")
        }
        names = "attain_bookings_quarter_actual,attain_bookings_quarter_target,attain_bookings_quarter_attainment"
        people = {each["id"]: each["properties"] for each in self.objects("users", names)}
        ours = {key: {name: each.get(name) for name in names.split(",")} for key, each in people.items()}
        told, linked = sorted(self.told()), self.linked()
        return {"rows": rows, "people": ours, "told": told, "linked": linked, "health": self.healths()}

    def records(self) -> dict[str, int]:
        """How many records of each kind the CRMs hold, as far as they are pulled."""
        counted = {
            "emea deal": "SELECT COUNT() FROM Opportunity",
            "emea account": "SELECT COUNT() FROM Account",
            "emea split": "SELECT COUNT() FROM OpportunitySplit",
        }
        found = {
            name: int(self._ask(self.salesforce, "GET", f"{V}/query?q={quote(query)}", self._token())["totalSize"])
            for name, query in counted.items()
        }
        return found | {"smb deal": len(self.objects("deals", "")), "smb account": len(self.objects("companies", ""))}


def drawn(seed: int, salt: str) -> random.Random:
    """A generator of its own for each purpose."""
    return random.Random(f"{seed}:{salt}")

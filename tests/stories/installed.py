"""An installation in a temporary folder: a company, both stand-in CRMs, a config, and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from connector.flow.cycle import CycleReport, run_cycle
from connector.flow.house import House
from connector.flow.install import wanted_by
from connector.ports import World
from connector.sandbox.town import Town, town
from connector.sandbox.wire import Switches
from connector.service.town_config import write_town_config
from connector.service.wiring import house
from connector.store.decisions import Decision, note
from tests.stories import stores


class Time:
    """One clock for the connector and both CRMs; it moves when somebody sleeps, or when told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    @property
    def world(self) -> World:
        return World(self.now, self.sleep)


@dataclass
class Installation:
    """Everything a test wants to look at."""

    folder: Path
    town: Town
    time: Time
    config: Path

    @contextmanager
    def house(self) -> Iterator[House]:
        with house(self.config, world=self.time.world) as found:
            yield found

    def install(self, *, approved: bool = True) -> None:
        """What an admin does once: create what we write to, and, where `approved`, let the first plan pass."""
        with self.house() as found:
            with found.store.writing() as tx:
                for name in found.crms if approved else ():
                    note(tx, Decision("the first plan", name, "apply", "", 0, self.time.now()))
            for name, crm in found.crms.items():
                crm.install(wanted_by(found, name), check=False)

    def sync(self) -> CycleReport:
        with self.house() as found:
            return run_cycle(found)

    def salesforce(self, query: str) -> list[dict[str, Any]]:
        """Rows of a SOQL query, read with nothing but `requests`."""
        headers = {"Authorization": f"Bearer {self._salesforce_token()}"}
        url, params = f"{self.town.salesforce_url}/services/data/v66.0/query", {"q": query}
        rows: list[dict[str, Any]] = []
        while True:
            reply = requests.get(url, params=params, headers=headers, timeout=30)
            reply.raise_for_status()
            body = json.loads(reply.text)
            rows += body["records"]
            if body["done"]:
                return rows
            url, params = self.town.salesforce_url + body["nextRecordsUrl"], {}

    def salesforce_create(self, object_name: str, fields: dict[str, object]) -> str:
        headers = {"Authorization": f"Bearer {self._salesforce_token()}"}
        url = f"{self.town.salesforce_url}/services/data/v66.0/sobjects/{object_name}"
        reply = requests.post(url, json=fields, headers=headers, timeout=30)
        reply.raise_for_status()
        return str(reply.json()["id"])

    def salesforce_update(self, path: str, fields: dict[str, object]) -> None:
        headers = {"Authorization": f"Bearer {self._salesforce_token()}"}
        url = f"{self.town.salesforce_url}/services/data/v66.0/sobjects/{path}"
        requests.patch(url, json=fields, headers=headers, timeout=30).raise_for_status()

    def salesforce_delete(self, path: str) -> None:
        headers = {"Authorization": f"Bearer {self._salesforce_token()}"}
        url = f"{self.town.salesforce_url}/services/data/v66.0/sobjects/{path}"
        requests.delete(url, headers=headers, timeout=30).raise_for_status()

    def hubspot(self, object_type: str, properties: list[str]) -> list[dict[str, Any]]:
        """All records of a type, read with nothing but `requests`."""
        headers = {"Authorization": f"Bearer {self.town.token}"}
        params: dict[str, str] = {"limit": "100", "properties": ",".join(properties)}
        rows: list[dict[str, Any]] = []
        while True:
            url = f"{self.town.hubspot_url}/crm/objects/2026-03/{object_type}"
            reply = requests.get(url, params=params, headers=headers, timeout=30)
            reply.raise_for_status()
            body = reply.json()
            rows += body["results"]
            if "paging" not in body:
                return rows
            params["after"] = body["paging"]["next"]["after"]

    def hubspot_update(self, path: str, properties: dict[str, str]) -> None:
        headers = {"Authorization": f"Bearer {self.town.token}"}
        url = f"{self.town.hubspot_url}/crm/objects/2026-03/{path}"
        requests.patch(url, json={"properties": properties}, headers=headers, timeout=30).raise_for_status()

    def _salesforce_token(self) -> str:
        self.town.salesforce.register_client("reader", "reader-secret")
        form = {"grant_type": "client_credentials", "client_id": "reader", "client_secret": "reader-secret"}
        reply = requests.post(f"{self.town.salesforce_url}/services/oauth2/token", data=form, timeout=30)
        reply.raise_for_status()
        return str(reply.json()["access_token"])


@contextmanager
def installation(folder: Path, at: datetime, switches: Switches | None = None) -> Iterator[Installation]:
    """Serve a company's folder and lay out a config that fits."""
    time = Time(at)
    with town(folder, now=time.now, switches=switches) as found, stores.made() as store:
        config = write_town_config(folder, found)
        config.write_text(config.read_text().replace("store: attain.db", f"store: {store}"), encoding="utf-8")
        yield Installation(folder, found, time, config)

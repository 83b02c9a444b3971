"""A generated company, served by another process, and a house connected to it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import psutil
import requests

from connector.flow.house import House
from connector.flow.install import wanted_by
from connector.ports import World
from connector.sandbox.company import generate
from connector.sandbox.town import CONSUMER_KEY, USERNAME
from connector.service.starter import lay_out
from connector.service.town_config import CONFIG
from connector.service.wiring import house
from tests.bench.report import note
from tests.bench.serving import UNSEEN

TODAY = date(2026, 11, 20)


@dataclass(slots=True)
class Served:
    """Where both CRMs answer, what they were asked, and a config that connects to them."""

    salesforce: str
    hubspot: str
    token: str
    log: Path
    config: Path
    stdin: IO[str]
    stdout: IO[str]
    process: int  # its id
    ahead: timedelta = timedelta(0)  # of this machine's clock

    def asked(self, since: int = 0) -> list[dict[str, Any]]:
        """Every request so far, from the n-th on."""
        with self.log.open(encoding="utf-8") as lines:
            return [json.loads(line) for at, line in enumerate(lines) if at >= since]

    def forward(self, minutes: float) -> None:
        """Put the CRMs' clocks and ours forward: what was changed just now has settled."""
        self.ahead += timedelta(minutes=minutes)
        self.stdin.write(f"{minutes}\n")
        self.stdin.flush()
        self.stdout.readline()

    def memory(self) -> float:
        """What the serving process holds now, in MiB."""
        return float(psutil.Process(self.process).memory_info().rss / 2**20)

    def session(self, crm: str) -> requests.Session:
        """Plain requests to one CRM, logged in on their own; the log leaves them out."""
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {self._salesforce_token() if crm == 'salesforce' else self.token}"
        session.headers[UNSEEN] = "yes"
        return session

    def url(self, crm: str) -> str:
        """Where a CRM answers."""
        return self.salesforce if crm == "salesforce" else self.hubspot

    def _salesforce_token(self) -> str:
        import jwt

        key = (self.config.parent / "server.key").read_text(encoding="utf-8")
        audience, until = "https://login.salesforce.com", int(time.time() + self.ahead.total_seconds()) + 180
        claims = {"iss": CONSUMER_KEY, "sub": USERNAME, "aud": audience, "exp": until}
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(claims, key, algorithm="RS256"),
        }
        url, unseen = f"{self.salesforce}/services/oauth2/token", {UNSEEN: "yes"}
        return str(requests.post(url, data=form, headers=unseen, timeout=30).json()["access_token"])


def company(home: Path, people: int, deals: int, activities: int) -> Path:
    """The generated folder; reused when the same one was made before."""
    folder = home / f"company-{people}-{deals}-{activities}"
    if not (folder / "truth.json").exists():
        note(f"inventing {deals:,} deals and {activities:,} activities")
        generate(folder, people=people, deals=deals, activities=activities, seed=7, today=TODAY)
    return folder


@contextmanager
def serving(folder: Path, home: Path) -> Iterator[Served]:
    """Serve a company from another process until the block ends."""
    log = home / "requests.jsonl"
    note("loading both stand-in CRMs")
    command = [sys.executable, "-m", "tests.bench.serving", str(folder), str(log)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        said = json.loads(process.stdout.readline())
        try:
            config = _config(folder, home, said)
            yield Served(
                said["salesforce"],
                said["hubspot"],
                said["token"],
                log,
                config,
                process.stdin,
                process.stdout,
                process.pid,
            )
        finally:
            process.stdin.close()
            process.wait(60)


def _config(folder: Path, home: Path, said: dict[str, str]) -> Path:
    place = home / "installation"
    shutil.rmtree(place, ignore_errors=True)
    lay_out(place)
    for name, text in (("server.key", said["key"]), ("hubspot.token", said["token"])):
        (place / name).write_text(text, encoding="utf-8")
        (place / name).chmod(0o600)
    for table in (folder / "files").glob("*.csv"):
        (place / "files" / table.name).write_bytes(table.read_bytes())
    text = CONFIG.format(
        name="Bench",
        currency="EUR",
        zone="Europe/Berlin",
        first_month="january",
        consumer_key=CONSUMER_KEY,
        username=USERNAME,
        salesforce_url=said["salesforce"],
        hubspot_url=said["hubspot"],
        write="off",
    )
    text = text.replace("calls_per_10_seconds: 180", "calls_per_10_seconds: 1000000\n    searches_per_second: 100000")
    (place / "config.yaml").write_text(text, encoding="utf-8")
    return place / "config.yaml"


@contextmanager
def connected(served: Served) -> Iterator[House]:
    """A house with its fields installed."""
    world = World(now=lambda: datetime.now(UTC) + served.ahead, sleep=time.sleep)
    with house(served.config, world=world) as found:
        for name, crm in found.crms.items():
            crm.install(wanted_by(found, name), check=False)
        yield found

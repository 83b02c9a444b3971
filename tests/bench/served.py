"""A generated company, served by another process, and a house connected to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import requests

from connector.flow.house import House
from connector.flow.install import wanted_by
from connector.sandbox.company import generate
from connector.sandbox.town import CONSUMER_KEY, USERNAME
from connector.service.starter import lay_out
from connector.service.town_config import CONFIG
from connector.service.wiring import house
from tests.bench.report import note

TODAY = date(2026, 11, 20)


@dataclass(frozen=True, slots=True)
class Served:
    """Where both CRMs answer, what they were asked, and a config that connects to them."""

    folder: Path
    salesforce: str
    hubspot: str
    token: str
    log: Path
    config: Path

    def asked(self, since: int = 0) -> list[dict[str, Any]]:
        """Every request so far, from the n-th on."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()[since:]]


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
            yield Served(folder, said["salesforce"], said["hubspot"], said["token"], log, config)
        finally:
            process.stdin.close()
            process.wait(60)


def _config(folder: Path, home: Path, said: dict[str, str]) -> Path:
    place = home / "installation"
    for old in place.glob("attain.*"):
        old.unlink()
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
    with house(served.config) as found:
        for name, crm in found.crms.items():
            crm.install(wanted_by(found, name), check=False)
        yield found


def salesforce_session(served: Served) -> requests.Session:
    """Plain requests, logged in with a token of its own."""
    import time

    import jwt

    key = (served.config.parent / "server.key").read_text(encoding="utf-8")
    claims = {
        "iss": CONSUMER_KEY,
        "sub": USERNAME,
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 180,
    }
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": jwt.encode(claims, key, algorithm="RS256"),
    }
    reply = requests.post(f"{served.salesforce}/services/oauth2/token", data=form, timeout=30)
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
    return session


def hubspot_session(served: Served) -> requests.Session:
    """Plain requests with the portal's token."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {served.token}"
    return session

"""The two accounts that may be visited: what the environment must name, and a stand-in for each to play it against."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from connector.crm.hubspot.session import open_session
from connector.crm.salesforce.adapter import SalesforceCrm
from connector.model.settings import ConnectionSettings
from connector.ports import World
from connector.sandbox.company import generate
from connector.sandbox.hubspot import HubSpotSandbox
from connector.sandbox.salesforce import SalesforceSandbox
from connector.sandbox.serve import serve
from connector.sandbox.town import CONSUMER_KEY, HUBSPOT_TOKEN, USERNAME, _key_pair
from tests.crm.hubspot.shipped import shipped
from tests.crm.salesforce.company import ACME
from tests.crm.salesforce.projects import whole_mapping, whole_wanted
from tests.live import hubspot, salesforce
from tests.live.outcome import Outcome

Options = Mapping[str, str]
REAL = World(lambda: datetime.now(UTC), time.sleep)


class Closes(Protocol):
    """A visit's CRM, when it is over."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Account:
    """One kind of CRM."""

    needed: tuple[str, ...]  # after ATTAIN_LIVE_
    kind: str  # of an account, for whoever has none to name
    options: Callable[[Options], Options]  # from the environment
    stand_in: Callable[[], AbstractContextManager[Options]]
    visit: Callable[[Options, str, bool], tuple[Closes, Any]]  # options, mark, whether to install
    checks: Callable[[], Mapping[str, Callable[[Any], Iterator[Outcome]]]]
    secrets: Callable[[Options], Mapping[str, str]]  # word → what stands in its place in a recording

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"ATTAIN_LIVE_{each}" for each in self.needed)

    @contextmanager
    def named(self) -> Iterator[Options | str]:
        """The account of the environment, or what is missing of it."""
        given = {each: os.environ.get(each, "") for each in self.names}
        if missing := [each for each, value in given.items() if not value]:
            yield f"name an account of your own, best {self.kind}: {', '.join(missing)}"
            return
        yield self.options({each: given[f"ATTAIN_LIVE_{each}"] for each in self.needed})


def _org_options(given: Options) -> Options:
    key = Path(given["PRIVATE_KEY"]).read_text(encoding="utf-8")
    return {
        "login_url": given["LOGIN_URL"],
        "consumer_key": given["CONSUMER_KEY"],
        "username": given["USERNAME"],
        "private_key": key,
    }


@contextmanager
def _an_org() -> Iterator[Options]:
    private, public = _key_pair()
    sandbox = SalesforceSandbox(now=lambda: datetime.now(UTC))
    sandbox.register(CONSUMER_KEY, public, USERNAME)
    with serve(sandbox) as served:
        yield {
            "login_url": "https://acme.my.salesforce.com",
            "consumer_key": CONSUMER_KEY,
            "username": USERNAME,
            "private_key": private,
            "divert": served.url,
        }


def _at_an_org(options: Options, mark: str, may_install: bool) -> tuple[Closes, salesforce.Visit]:
    settings = ConnectionSettings("live", "salesforce", options, None, write=True)
    crm = SalesforceCrm(settings, whole_mapping(), ACME, REAL)
    return crm, salesforce.Visit(crm, whole_wanted(), mark, may_install)


def _org_secrets(options: Options) -> Mapping[str, str]:
    return {
        urlsplit(options["login_url"]).netloc: "acme.my.salesforce.com",
        options["username"]: "integration@example.com",
        options["consumer_key"]: "3MVG9.scrubbed",
    }


@contextmanager
def _a_portal() -> Iterator[Options]:
    sandbox = HubSpotSandbox(now=lambda: datetime.now(UTC))
    sandbox.allow(HUBSPOT_TOKEN)
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), people=8, deals=60, activities=40, seed=3, today=datetime.now(UTC).date())
        sandbox.load(Path(folder))
    with serve(sandbox) as served:
        yield {"token": HUBSPOT_TOKEN, "base_url": served.url}


def _at_a_portal(options: Options, mark: str, may_install: bool) -> tuple[Closes, hubspot.Visit]:
    mapping, wanted = shipped()
    crm = open_session(ConnectionSettings("live", "hubspot", options, None, write=True), mapping, ACME, REAL)
    return crm, hubspot.Visit(crm, wanted, mark, may_install)


ACCOUNTS: Mapping[str, Account] = {
    "salesforce": Account(
        ("LOGIN_URL", "CONSUMER_KEY", "USERNAME", "PRIVATE_KEY"),
        "a sandbox or a developer edition",
        _org_options,
        _an_org,
        _at_an_org,
        salesforce.checks,
        _org_secrets,
    ),
    "hubspot": Account(
        ("HUBSPOT_TOKEN",),
        "a developer test account",
        lambda given: {"token": given["HUBSPOT_TOKEN"]},
        _a_portal,
        _at_a_portal,
        hubspot.checks,
        lambda options: {options["token"]: "pat-scrubbed"},
    ),
}

"""`make live CRM=salesforce`: our promises held against a live account that the environment names.

    ATTAIN_LIVE_LOGIN_URL, ATTAIN_LIVE_CONSUMER_KEY, ATTAIN_LIVE_USERNAME, ATTAIN_LIVE_PRIVATE_KEY (the key's file)

Touches only records that it makes. What is exchanged is recorded without secrets into `live/`, for whoever wants to give
it to the project. `--dry-run` plays it all against the stand-in, which proves the harness and nothing else.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from connector.crm.salesforce.adapter import SalesforceCrm
from connector.errors import ConnectorError
from connector.model.settings import ConnectionSettings
from connector.ports import World
from connector.sandbox.salesforce import SalesforceSandbox
from connector.sandbox.serve import serve
from connector.sandbox.town import CONSUMER_KEY, USERNAME, _key_pair
from tests.crm.salesforce.company import ACME
from tests.crm.salesforce.projects import whole_mapping, whole_wanted
from tests.live.cassettes import Scrubber, recording
from tests.live.outcome import Outcome, Verdict
from tests.live.salesforce import Visit, checks

OUT = Path("live")
NEEDED = ("LOGIN_URL", "CONSUMER_KEY", "USERNAME", "PRIVATE_KEY")
REAL = World(lambda: datetime.now(UTC), time.sleep)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crm", choices=["salesforce"])
    parser.add_argument("--install", action="store_true", help="deploy our objects, fields and pages for real")
    parser.add_argument("--dry-run", action="store_true", help="against the stand-in")
    asked = parser.parse_args()
    with _stand_in() if asked.dry_run else _named() as options:
        if isinstance(options, str):
            print(options)
            return 2
        return visited(options, may_install=asked.install or asked.dry_run)


def visited(options: Mapping[str, str], *, may_install: bool, out: Path = OUT) -> int:
    """Run every check, print each line, and record what was exchanged; 1 when one failed."""
    mark = f"attain-live-{uuid4().hex[:12]}"
    settings = ConnectionSettings("live", "salesforce", options, None, write=True)
    crm = SalesforceCrm(settings, whole_mapping(), ACME, REAL)
    visit = Visit(crm, whole_wanted(), mark, may_install)
    secrets = {
        urlsplit(options["login_url"]).netloc: "acme.my.salesforce.com",
        options["username"]: "integration@example.com",
        options["consumer_key"]: "3MVG9.scrubbed",
    }
    counted: Counter[Verdict] = Counter()
    out.mkdir(exist_ok=True)
    for name, check in checks().items():
        print(name)
        with recording(out / f"{name.replace(',', '').replace(' ', '-')}.yaml", Scrubber(secrets)):
            for each in _safely(visit, check):
                counted[each.verdict] += 1
                print(f"  {each.verdict:<8} {each.text}", flush=True)
    crm.close()
    print(", ".join(f"{count} {verdict}" for verdict, count in counted.items()))
    return 1 if counted[Verdict.FAILED] else 0


def _safely(visit: Visit, check: object) -> Iterator[Outcome]:
    try:
        yield from check(visit)  # type: ignore[operator]
    except ConnectorError as error:
        yield Outcome(Verdict.FAILED, str(error))


@contextmanager
def _named() -> Iterator[Mapping[str, str] | str]:
    """The account of the environment, or what is missing of it."""
    given = {each: os.environ.get(f"ATTAIN_LIVE_{each}", "") for each in NEEDED}
    if missing := [f"ATTAIN_LIVE_{each}" for each, value in given.items() if not value]:
        yield f"name an org of your own, best a sandbox or a developer edition: {', '.join(missing)}"
        return
    key = Path(given["PRIVATE_KEY"]).read_text(encoding="utf-8")
    yield {
        "login_url": given["LOGIN_URL"],
        "consumer_key": given["CONSUMER_KEY"],
        "username": given["USERNAME"],
        "private_key": key,
    }


@contextmanager
def _stand_in() -> Iterator[Mapping[str, str] | str]:
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


if __name__ == "__main__":
    sys.exit(main())

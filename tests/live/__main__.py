"""`make live CRM=salesforce` or `CRM=hubspot`: our promises held against a live account that the environment names.

    salesforce: ATTAIN_LIVE_LOGIN_URL, ATTAIN_LIVE_CONSUMER_KEY, ATTAIN_LIVE_USERNAME, ATTAIN_LIVE_PRIVATE_KEY (a file)
    hubspot:    ATTAIN_LIVE_HUBSPOT_TOKEN

Touches only records that it makes. What is exchanged is recorded without secrets into `live/`, for whoever wants to give
it to the project. `--dry-run` plays it all against the stand-in, which proves the harness and nothing else.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from connector.errors import ConnectorError
from tests.live.accounts import ACCOUNTS, Account
from tests.live.cassettes import Scrubber, recording
from tests.live.outcome import Outcome, Verdict

OUT = Path("live")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crm", choices=[*ACCOUNTS])
    parser.add_argument("--install", action="store_true", help="deploy our objects, fields and pages for real")
    parser.add_argument("--dry-run", action="store_true", help="against the stand-in")
    asked = parser.parse_args()
    account = ACCOUNTS[asked.crm]
    with account.stand_in() if asked.dry_run else account.named() as options:
        if isinstance(options, str):
            print(options)
            return 2
        return visited(account, options, may_install=asked.install or asked.dry_run)


def visited(account: Account, options: Mapping[str, str], *, may_install: bool, out: Path = OUT) -> int:
    """Run every check, print each line, and record what was exchanged; 1 when one failed."""
    crm, visit = account.visit(options, f"attain-live-{uuid4().hex[:12]}", may_install)
    scrubber = Scrubber(account.secrets(options))
    counted: Counter[Verdict] = Counter()
    out.mkdir(exist_ok=True)
    for name, check in account.checks().items():
        print(name)
        with recording(out / f"{name.replace(',', '').replace(' ', '-')}.yaml", scrubber):
            for each in _safely(visit, check):
                counted[each.verdict] += 1
                print(f"  {each.verdict:<8} {each.text}", flush=True)
    crm.close()
    print(", ".join(f"{count} {verdict}" for verdict, count in counted.items()))
    return 1 if counted[Verdict.FAILED] else 0


def _safely(visit: Any, check: Callable[[Any], Iterator[Outcome]]) -> Iterator[Outcome]:
    try:
        yield from check(visit)
    except ConnectorError as error:
        yield Outcome(Verdict.FAILED, str(error))


if __name__ == "__main__":
    sys.exit(main())

"""A first pull of Salesforce next to jsforce: the same fields of the same objects from the same stand-in."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from connector.crm.salesforce.adapter import SalesforceCrm
from connector.flow.house import House
from tests.bench.pulling import Timed
from tests.bench.report import Line, note
from tests.bench.served import Served
from tests.contracts.test_jsforce import node

SCRIPT = Path(__file__).parent.parent / "js" / "backfill.mjs"


def lines(served: Served, house: House, timed: dict[str, Timed], calls: int) -> Iterator[Line]:
    """Seconds and calls; ours end in typed records, jsforce's in objects of JavaScript."""
    crm = cast("SalesforceCrm", house.crms["emea"])
    streams = [crm._streams.resolve(each) for each in crm.sources()]
    asked = json.dumps([{"soql": each.select(), "deleted": each.deletable} for each in streams]).encode()
    note("pulling Salesforce with jsforce")
    token = str(served.session("salesforce").headers["Authorization"]).removeprefix("Bearer ")
    called: list[str | Path] = [node(), SCRIPT, served.salesforce, token]
    done = subprocess.run(called, input=asked, capture_output=True, check=False, timeout=3600)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    told = json.loads(done.stdout)
    rows = sum(timed["salesforce"].records.values())
    assert sum(each["rows"] for each in told) >= rows, "jsforce sees what settles only now too"
    seconds, theirs = sum(each["seconds"] for each in told), sum(each["calls"] for each in told)
    what = f"first pull, salesforce, {rows:,} rows"
    yield Line(what, timed["salesforce"].seconds, seconds, None, unit="s", peer="jsforce, the same queries")
    yield Line(f"API calls, {what}", calls, theirs, 1.0, unit="calls", peer="jsforce, pages of 2,000")

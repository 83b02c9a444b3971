"""Whole programs side by side: our pull, and taps from PyPI that nobody here wrote, over the same objects of the same stand-ins.

Each is timed from the start of its process to its end. Ours ends in typed rows of a store, a tap in a file of JSON. To a tap's
good, its discovery is not counted, and its links are not asked for: they would be as many calls again and more.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from connector.crm.salesforce.adapter import SalesforceCrm
from connector.flow.house import House
from tests.bench.report import Line, note, stopwatch
from tests.bench.served import TODAY, Served
from tests.bench.serving import CLIENT, REFRESH, SECRET
from tests.bench.singer import Read, Tap, TapFailed

ENVIRONMENTS = Path(".venv/peers")
UNREAD = {  # of what we read of the same objects, a tap reads no …
    "salesforce": "no fields of related records",
    "hubspot": "no links",
}
OURSELVES = {"salesforce": {"User": 1}, "hubspot": {}}  # we leave out the user that we log in as, a tap does not
HUBSPOT_OBJECTS = ("companies", "deals", "calls", "meetings", "emails", "tasks", "notes")
Fields = Mapping[str, frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class Rivals:
    """Both programs of one CRM, each with a memory of its own: our store, the tap's bookmarks."""

    served: Served
    crm: str
    connection: str
    config: Path
    tap: Tap
    objects: tuple[str, ...]

    def lines(self, what: str) -> Iterator[Line]:
        """Both once: seconds and calls. A first time reads everything, later ones what changed. Raises TapFailed."""
        first = self.tap.state is None
        note(f"{what}, {self.crm}: attain and {self.tap.name} as programs")
        (ours, our_calls), (theirs, their_calls) = self._counted(self._ours), self._counted(self.tap.read)
        due = Counter(ours.rows) + Counter(OURSELVES[self.crm] if first else {})
        told = f"{self.tap.name}, {UNREAD[self.crm]}{void(due, theirs.rows, first=first)}"
        said = f"{what}, {self.crm}, {sum(ours.rows.values()):,} rows"
        yield Line(f"whole run, {said}", ours.seconds, theirs.seconds, None, unit="s", peer=told)
        yield Line("API calls of that", our_calls, their_calls, None, unit="calls", peer=told)

    def _counted(self, run: Callable[[], Read]) -> tuple[Read, int]:
        before = len(self.served.asked())
        read = run()
        return read, sum(each["crm"] == self.crm for each in self.served.asked(before))

    def _ours(self) -> Read:
        asked = {
            "config": str(self.config),
            "connection": self.connection,
            "today": TODAY.isoformat(),
            "ahead": self.served.ahead.total_seconds(),
            "objects": self.objects,
        }
        with stopwatch() as took:
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.program", json.dumps(asked)],
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 0, done.stderr[-2000:]
        return Read(took(), json.loads(done.stdout.splitlines()[-1]))


def side_by_side(what: str, found: Sequence[Rivals]) -> Iterator[Line]:
    """The lines of all; a tap that fails is named, and has none."""
    for each in found:
        try:
            yield from each.lines(what)
        except TapFailed as failed:
            print(f"{what}, {each.crm}: not beside {each.tap.name}, which fails: {failed}")


def rivals(served: Served, house: House, environments: Path) -> Iterator[Rivals]:
    """Those whose tap is here and looks around without trouble; of the others it is said why not."""
    known = {"salesforce": _salesforce_fields(house), "hubspot": dict.fromkeys(HUBSPOT_OBJECTS)}
    for tap, connection in ((_salesforce(served, environments), "emea"), (_hubspot(served, environments), "smb")):
        crm = house.crms[connection].type
        if not tap.program.exists():
            print(f"{crm}: not beside {tap.name}, which is not in {tap.environment}; `make peers` says why")
            continue
        fields: Fields = known[crm]
        try:
            tap.discover(fields)
        except TapFailed as failed:
            print(f"{crm}: not beside {tap.name}, which fails: {failed}")
            continue
        yield Rivals(served, crm, connection, _installation(served, crm), tap, tuple(fields))


def _salesforce_fields(house: House) -> dict[str, frozenset[str] | None]:
    """Of each object that we read, the fields that are its own."""
    crm = cast("SalesforceCrm", house.crms["emea"])
    return {each.object: frozenset(crm._streams.resolve(each).plain) for each in crm.sources()}


def _salesforce(served: Served, environments: Path) -> Tap:
    config = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "refresh_token": REFRESH,
        "start_date": "2000-01-01T00:00:00Z",
        "api_type": "REST",
        "quota_percent_total": "100",
        "quota_percent_per_run": "100",
    }
    return Tap(
        "tap-salesforce",
        environments / "salesforce",
        "login.salesforce.com",
        served.salesforce,
        _folder(served, "salesforce"),
        config,
        catalog_option="--properties",
    )


def _hubspot(served: Served, environments: Path) -> Tap:
    config = {"access_token": served.token}
    folder = _folder(served, "hubspot")
    return Tap("tap-hubspot", environments / "hubspot", "api.hubapi.com", served.hubspot, folder, config)


def _folder(served: Served, crm: str) -> Path:
    return served.config.parent.parent / f"program-{crm}"


def _installation(served: Served, crm: str) -> Path:
    """A copy of the installation that remembers nothing yet."""
    place = _folder(served, crm) / "installation"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(served.config.parent, place, ignore=shutil.ignore_patterns("*.db*"))
    return place / served.config.name


def void(ours: Mapping[str, int], theirs: Mapping[str, int], *, first: bool) -> str:
    """Why the two are not to be compared; empty: they read the same. Later reads may bring some records once more."""
    other = [
        f"{name} {theirs.get(name, 0):,} for {rows:,}"
        for name, rows in ours.items()
        if (theirs.get(name, 0) != rows if first else theirs.get(name, 0) < rows)
    ]
    return f"; VOID, it read {', '.join(other)}" if other else ""

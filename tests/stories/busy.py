"""`make stories`: a whole company works in both CRMs while we read them; at rest the store is the CRMs, row by row.

Deals are edited, created and deleted between any two requests of ours; automation stamps thousands at one moment; rows
become visible late, the search index trails, tokens expire in the middle of a page, and a share of all answers is lost,
cut off or refused. Calls are held against the least there could be; those that came to nothing are counted apart.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from unittest import mock

from connector.crm.salesforce import read
from connector.crm.salesforce.bulk import FEWEST_READ
from connector.errors import ConnectorError
from connector.flow.cycle import run_cycle
from connector.flow.sweep import sweep
from connector.sandbox.wire import Request, Response, Service, Switches
from connector.service.wiring import house
from tests.faults.rows import differing
from tests.faults.village import Refusal, Village
from tests.stories.calls import Accounts, Calls

BAD_WEATHER = Switches(
    seed=7,
    fail={"429": 0.02, "503": 0.02, "lost": 0.01, "cut": 0.01},
    late_commits=timedelta(minutes=4),
    search_lag=timedelta(seconds=40),
    limits=False,
)
TOKEN_LIFE = timedelta(seconds=90)  # of the village's clock, which moves with every request
AT_ONE_MOMENT = 0.15  # of all deals, stamped by automation in one go
MOST_CYCLES = 60
FEWEST_REQUESTS = 100  # of each CRM, or the story was not told
MORE = 1.05  # than the least number of calls, at most


@dataclass
class Crowd:
    """People at work: some edits before every request, until nothing is left to do."""

    village: Village
    chance: random.Random
    left: int
    each_time: int
    done: Counter[str] = field(default_factory=Counter)
    calls: Calls = field(default_factory=Calls)
    ids: dict[str, list[str]] = field(default_factory=dict)
    broken: Exception | None = None
    _inside: bool = False

    def __post_init__(self) -> None:
        self.ids = {
            "salesforce": [str(each["Id"]) for each in self.village.soql("SELECT Id FROM Opportunity ORDER BY Id")],
            "hubspot": [str(each["id"]) for each in self.village.objects("deals", "dealname")],
        }
        self.stages = {
            "salesforce": [
                each["StageName"] for each in self.village.soql("SELECT StageName FROM Opportunity LIMIT 200")
            ],
            "hubspot": [each["properties"]["dealstage"] for each in self.village.objects("deals", "dealstage")[:200]],
        }

    def exchange(self, host: str, service: Service, request: Request) -> Response:
        """A request of ours, with whatever happens while it is under way."""
        self.village.time.sleep(self.chance.choice((0.2, 1, 3)))
        if not self._inside and self.left > 0:
            self._inside = True
            try:
                for _ in range(self.chance.randrange(2 * self.each_time)):
                    self._one()
            except Exception as error:  # noqa: BLE001 - raised again when the reading is over
                self.broken = self.broken or error  # would pass for a failure of the network
            finally:
                self._inside = False
        answer = service.answer(request)
        self.calls.note(host, answer)
        return answer

    def archived(self, obj: str) -> int:
        """How many records of a HubSpot object are archived by now."""
        return self.done["hubspot delete"] if obj == "deals" else 0

    def _one(self) -> None:
        self.left -= 1
        crm = self.chance.choice(("salesforce", "hubspot"))
        what = self.chance.choices(("edit", "create", "delete", "merge", "stamp"), (80, 12, 6, 1, 0.2))[0]
        try:
            getattr(self, f"_{what}")(crm)
        except Refusal:
            what = "too late"  # it was deleted, and its deletion shows late
        self.done[f"{crm} {what}"] += 1

    def _fields(self, crm: str) -> dict[str, object]:
        amount = f"{self.chance.randrange(1, 9_000_000) / 100:.2f}"
        day = self.village.time.now().date() + timedelta(days=self.chance.randrange(-60, 60))
        stage = self.chance.choice(self.stages[crm])
        if crm == "salesforce":
            return {"Amount": float(amount), "StageName": stage, "CloseDate": day.isoformat()}
        return {"amount": amount, "dealstage": stage, "closedate": day.isoformat()}

    def _edit(self, crm: str) -> None:
        path = {"salesforce": "Opportunity", "hubspot": "deals"}[crm]
        self.village.edit(f"{path}/{self.chance.choice(self.ids[crm])}", self._fields(crm))

    def _create(self, crm: str) -> None:
        name, path = ("Name", "Opportunity") if crm == "salesforce" else ("dealname", "deals")
        made = self.village.edit(path, {name: f"New {self.left}", **self._fields(crm)}, method="POST")
        self.ids[crm].append(str(made["id"]))

    def _delete(self, crm: str) -> None:
        place = self.chance.randrange(len(self.ids[crm]))
        path = {"salesforce": "Opportunity", "hubspot": "deals"}[crm]
        self.village.delete(f"{path}/{self.ids[crm].pop(place)}")

    def _merge(self, crm: str) -> None:
        """Of two deals a third is made; Salesforce merges none."""
        if crm == "salesforce":
            self._delete(crm)
            return
        primary, other = self.chance.sample(self.ids[crm], 2)
        left = self.village.merge(primary, other)
        self.ids[crm] = [each for each in self.ids[crm] if each not in (primary, other)] + [left]

    def _stamp(self, crm: str) -> None:
        many = self.chance.sample(self.ids[crm], int(len(self.ids[crm]) * AT_ONE_MOMENT))
        if crm == "salesforce":
            self.village.salesforce.touch("Opportunity", many)
        else:
            self.village.hubspot.touch("deals", many)


@dataclass(frozen=True)
class Told:
    """How it ended."""

    cycles: int
    edits: Counter[str]
    calls: Calls
    troubles: int
    differing: list[str]


def at_work(
    folder: Path, *, deals: int, edits: int, seed: int = 11, fewest: int = FEWEST_READ, swept: bool = False
) -> Told:
    """Pull again and again while people work; then until two cycles brought nothing; then compare.

    Of Salesforce `fewest` rows are worth a job. With `swept` the weekly sweep ran too; without, the windows alone must
    have caught everything.
    """
    village = Village.made(folder, people=30, deals=deals, activities=deals // 4, seed=seed, switches=BAD_WEATHER)
    village.salesforce.token_life = TOKEN_LIFE
    crowd = Crowd(village, random.Random(seed), edits, each_time=min(30, max(2, edits // 400)))
    accounts = Accounts(village, crowd.calls, crowd.archived, fewest)
    village.exchange = crowd.exchange
    cycles, troubles = 0, 0
    with mock.patch.object(read, "FEWEST_READ", fewest):
        while crowd.left > 0 and cycles < MOST_CYCLES:
            troubles += _pull(accounts)
            cycles += 1
            village.time.sleep(crowd.chance.choice((60, 600, 900)))
        if crowd.broken:
            raise crowd.broken
        for _ in range(4):
            village.time.sleep(7200)  # a long list of archived records is looked at every six hours
            troubles += _pull(accounts)
            cycles += 1
    village.exchange = _quietly
    if swept:
        with village.wired(), house(village.config, world=village.time.world) as ready:
            for crm in ready.crms.values():
                sweep(ready, crm, ready.today())
    return Told(cycles, crowd.done, crowd.calls, troubles, differing(village))


def _quietly(_host: str, service: Service, request: Request) -> Response:
    return service.answer(request)


def _pull(accounts: Accounts) -> int:
    """One pull; returns how many connections had trouble, which the next one makes good."""
    try:
        with accounts.opened() as ready:
            return len(run_cycle(ready, only="pull").troubles)
    except ConnectorError:
        return 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deals", type=int, default=100_000)
    parser.add_argument("--edits", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=11)
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attain-busy-") as folder:
        told = at_work(Path(folder) / "village", deals=asked.deals, edits=asked.edits, seed=asked.seed)
    print(f"{asked.deals:,} deals, {sum(told.edits.values()):,} changes while reading, in {told.cycles} cycles")
    print(", ".join(f"{name} {count:,}" for name, count in sorted(told.edits.items())))
    print(told.calls)
    print(f"connections in trouble: {told.troubles}; {time.monotonic() - began:.0f} s")
    if min(told.calls.asked.values()) < FEWEST_REQUESTS:
        print("one of the CRMs was hardly read: this says nothing of it")
        return 1
    print(f"records that differ at rest: {len(told.differing)}")
    for each in told.differing[:20]:
        print(f"  {each}")
    return 1 if told.differing or max(map(told.calls.more, told.calls.asked)) > MORE else 0


if __name__ == "__main__":
    sys.exit(main())

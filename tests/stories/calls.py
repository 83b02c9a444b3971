"""What both CRMs were asked in a story, and the least that would have brought the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from connector.flow.house import House
from connector.sandbox.wire import Response
from connector.service.wiring import house
from tests.faults.village import HUBSPOT, Village
from tests.least import Archives, Noting, descriptions, keepers, of_hubspot, of_salesforce

EXPIRED = 401


@dataclass
class Calls:
    """By CRM: how many calls there were, how many came to nothing, and how few there could have been besides."""

    asked: Counter[str] = field(default_factory=Counter)
    spoilt: Counter[str] = field(default_factory=Counter)  # refused, lost, or cut in the middle: asked once more
    least: Counter[str] = field(default_factory=Counter)

    def note(self, host: str, response: Response) -> None:
        """One call and what came of it; an expired token costs a login besides."""
        crm = "hubspot" if host == HUBSPOT else "salesforce"
        self.asked[crm] += 1
        self.spoilt[crm] += _is_spoilt(response)
        self.least[crm] += response.status == EXPIRED

    def more(self, crm: str) -> float:
        """How many times the least: 1.0 is the least itself."""
        return self.asked[crm] / (self.least[crm] + self.spoilt[crm])

    def __str__(self) -> str:
        return "\n".join(
            f"{crm}: {self.asked[crm]:,} calls, {self.spoilt[crm]:,} of which came to nothing; "
            f"the least {self.least[crm]:,} and these: {self.more(crm):.3f}x"
            for crm in sorted(self.asked)
        )


def _is_spoilt(response: Response) -> bool:
    if response.status in (0, EXPIRED, 429) or response.status >= 500:
        return True
    if not response.body or "csv" in response.headers.get("Content-Type", ""):
        return False
    try:
        response.json()
    except ValueError:
        return True
    return False


class Accounts:
    """Works out the least, pull by pull."""

    def __init__(self, village: Village, calls: Calls, archived: Callable[[str], int], fewest: int) -> None:
        self._village, self._calls, self._fewest = village, calls, fewest
        self._archives = Archives(village.time.now, archived)
        with village.wired(), house(village.config, world=village.time.world) as ready:
            self._described = descriptions(ready, self._name(ready, "salesforce"), village.described)
            self._keepers = keepers(ready, self._name(ready, "salesforce"), village.described)

    @staticmethod
    def _name(ready: House, crm: str) -> str:
        return next(name for name, each in ready.crms.items() if each.type == crm)

    @contextmanager
    def opened(self) -> Iterator[House]:
        """The installation, as a process of its own has it: one login, and everything described anew."""
        with self._village.wired(), house(self._village.config, world=self._village.time.world) as ready:
            noting = {
                each.type: Noting(each, self._archives if each.type == "hubspot" else None)
                for each in ready.crms.values()
            }
            try:
                yield replace(ready, crms={name: noting[each.type] for name, each in ready.crms.items()})
            finally:
                reads = noting["salesforce"].reads
                self._calls.least["salesforce"] += (
                    1 + self._described + of_salesforce(reads, self._keepers, self._fewest)
                )
                self._calls.least["hubspot"] += of_hubspot(noting["hubspot"].reads, noting["hubspot"].named)

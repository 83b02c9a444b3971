"""The least calls that a pull needs for what it brought, from the page sizes that both CRMs document.

Salesforce: 2,000 rows a page and at least one page per object, 25,000 at once from a job for 10,000 rows and more; a look
at the deletions of each object that keeps them, in every read but the first. Per process a description of each object, of
those that dotted names lead to, and of what there is.

HubSpot: per process which account it is and what its home currency; a login to Salesforce tells the former. Per read the properties of the
object, held against the mapping. A first read lists 100 a page, 50 with history; later ones search 200 a page, read the
links of 1,000 deals at once and the histories of 50, and look at the list of archived records of each type that has one,
where it is longer than two pages every six hours. Both search for notes, and read owners (500, archived ones apart),
users (100) and rates in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from connector.crm.salesforce.bulk import FEWEST_READ, ROWS_AT_ONCE
from connector.flow.house import House
from connector.model.records import RecordKind
from connector.ports import Crm, Cursor, Page, Source

WHOLE = (RecordKind.RATE, RecordKind.MEMBERSHIP, RecordKind.PERIOD)  # read in full: what is gone is not there
OWNERS, RATES, HISTORY, NOTES = "owners", "exchange-rates", ".history", ".notes"
NO_ARCHIVE = ("meetings",)
LONG, LOOKS = 200, timedelta(hours=6)  # of a list of archived records
JOB = 5  # a first page that tells how many rows there are; the job is made, looked at twice, and deleted

Describe = Callable[[str], Mapping[str, Any]]  # an object of Salesforce as the org describes it


@dataclass(slots=True)
class Read:
    """One read of a source, and what it brought."""

    source: Source
    first: bool
    resumed: bool
    alive: int = 0
    gone: int = 0
    archive: int = 0  # pages of the list of archived records that had to be looked at

    @property
    def object(self) -> str:
        return self.source.object

    @property
    def rows(self) -> int:
        return self.alive + self.gone

    def pages(self, rows: int, size: int) -> int:
        """An empty page tells that there is nothing; a read that was broken off knows already."""
        return max(0 if self.resumed else 1, ceil(rows / size))


class Archives:
    """When the archived records of each object were looked at, and how many there were."""

    def __init__(self, now: Callable[[], datetime], archived: Callable[[str], int] = lambda _object: 0) -> None:
        self._now, self._archived = now, archived
        self._seen: dict[str, tuple[datetime, int]] = {}

    def look(self, source: str) -> int:
        """How many pages a read that begins now has to look at."""
        if source in (OWNERS, RATES, *NO_ARCHIVE) or "." in source:
            return 0
        now, there = self._now(), self._archived(source)
        at, before = self._seen.get(source, (now, 0))
        if before > LONG and now - at < LOOKS:
            return 0
        self._seen[source] = now, there
        return max(1, ceil(there / 100))


@dataclass
class Noting:
    """A CRM that does what it does; every read of it is noted."""

    crm: Crm
    archives: Archives | None = None  # of HubSpot
    reads: list[Read] = field(default_factory=list)
    named: int = 0  # calls that told which account it is: one, and none where nobody asked

    def organisation(self) -> str:
        found = self.crm.organisation()
        self.named = 1
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.crm, name)

    def changed(self, source: Source, since: Cursor | None) -> Iterator[Page]:
        first = since is None or since.covered is None
        noted = Read(source, first, resumed=since is not None and bool(since.after))
        noted.archive = self.archives.look(source.object) if self.archives and not first else 0
        self.reads.append(noted)
        for page in self._pages(source, since):
            noted.gone += sum(each.deleted for each in page.records)
            noted.alive += sum(not each.deleted for each in page.records)
            yield page

    def _pages(self, source: Source, since: Cursor | None) -> Iterator[Page]:
        return self.crm.changed(source, since)

    @property
    def records(self) -> Counter[str]:
        """How many of each object."""
        found = Counter[str]()
        for each in self.reads:
            found[each.object] += each.rows
        return found


def of_salesforce(reads: Iterable[Read], keepers: frozenset[str], fewest: int = FEWEST_READ) -> int:
    """Calls that bring rows; `keepers`: objects that keep a list of their deletions; `fewest` rows are worth a job."""
    found = 0
    for each in reads:
        found += _rows(each, fewest)
        found += not each.first and each.source.kind not in WHOLE and each.object in keepers
    return found


def _rows(each: Read, fewest: int) -> int:
    by_job = each.first and each.source.kind is not RecordKind.RATE and each.rows >= fewest
    return JOB - 1 + each.pages(each.rows, ROWS_AT_ONCE) if by_job else each.pages(each.rows, 2000)


def descriptions(house: House, name: str, describe: Describe) -> int:
    """What there is, and each object that is read or one step up from one; once per process."""
    objects = {each.object for each in house.crms[name].sources()}
    found = set(objects)
    for source in house.rules.mappings[name].sources:
        leads = {each.partition(".")[0] for each in source.names() if "." in each} if source.object in objects else ()
        if leads:
            fields = describe(source.object)["fields"]
            found |= {each["referenceTo"][0] for each in fields if each["relationshipName"] in leads}
    return 1 + len(found)


def keepers(house: House, name: str, describe: Describe) -> frozenset[str]:
    """Objects that keep a list of their deletions."""
    objects = {each.object for each in house.crms[name].sources()}
    return frozenset(each for each in objects if describe(each)["replicateable"])


def of_hubspot(reads: Iterable[Read], named: int = 0) -> int:
    """All calls of one process; `named`: 1 where it asked which account it is."""
    told = list(reads)
    deals = sum(each.alive for each in told if each.object == "deals")
    home = deals > 0  # which currency amounts without one are in: one call tells that, and which account it is
    return max(named, home) + sum(_hubspot(each, deals) for each in told)


def _hubspot(each: Read, deals: int) -> int:
    """`deals`: how many of them were found, whose histories are read after them."""
    if each.object == OWNERS:
        owners = each.pages(each.alive, 500) + each.pages(each.gone, 500)
        return owners + 1 + each.pages(each.rows, 100)  # the properties of users; users, those who left too
    if each.object == RATES:
        return 2  # the company's currency; the rates
    if each.object.endswith(NOTES):
        return 1 + (2 + ceil(each.rows / 50) if each.rows else 0)  # and who wrote them
    if each.object.endswith(HISTORY):
        return each.pages(deals, 50) if each.first else ceil(deals / 50)
    pages = each.pages(each.alive, 100) if each.first else each.pages(each.alive, 200)
    links = ceil(each.alive / 1000) if each.object == "deals" and not each.first else 0
    return 1 + pages + links + each.archive

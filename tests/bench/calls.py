"""How many calls a pull takes, against the least that its documented algorithm needs, from row counts and page sizes.

Salesforce: 2,000 rows a page and at least one page per object, 25,000 at once from a job for 10,000 rows and more; a description of each object, of those that dotted
names lead to, and of what there is, kept for an hour; in a delta one look at the deletions of each object that keeps them.

HubSpot: per run the properties of each object, held against the mapping. A first pull lists 100 a page, 50 with history; a
delta searches 200 a page, reads the links of 1,000 deals at once and the histories of 50, and looks at the list of archived
records of each type that has one. Both search for notes, and read owners (500, archived ones apart), users and rates in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from connector.crm.salesforce.bulk import FEWEST_READ, ROWS_AT_ONCE
from connector.flow.house import House
from connector.model.records import RecordKind
from tests.bench.pulling import Timed, pulled
from tests.bench.report import Line, note
from tests.bench.served import Served
from tests.bench.touching import DATA, touch_hubspot, touch_salesforce

CHANGED = 0.01  # of the deals, before the delta
SETTLED = 5  # minutes, more than either adapter waits for
OWNERS, RATES = "owners", "exchange-rates"
WHOLE = (RecordKind.RATE, RecordKind.MEMBERSHIP, RecordKind.PERIOD)  # read in full: what is gone is not there
NOTES = 1  # a search that finds none
NO_ARCHIVE = ("meetings",)
LINKED = {"deals": 1}  # objects whose ids a changed record is given beside


def first_pull(served: Served, house: House, timed: dict[str, Timed], before: int) -> Iterator[Line]:
    """Calls since the n-th request."""
    described = 1 + _described(served, house)
    rows = timed["salesforce"].records
    read = sum(_least(rows[each.object], each.kind) for each in house.crms["emea"].sources())
    yield _line("first pull", "salesforce", served, before, described + read)
    yield _line("first pull", "hubspot", served, before, _hubspot_first(timed["hubspot"].records))


def delta(served: Served, house: House) -> Iterator[Line]:
    """Changes one deal in a hundred through the CRMs' own doors, and pulls again."""
    changed = {"salesforce": touch_salesforce(served, CHANGED), "hubspot": touch_hubspot(served, CHANGED)}
    note(f"{sum(changed.values()):,} deals changed")
    served.forward(SETTLED)
    before = len(served.asked())
    timed = pulled(house)
    for crm, deals in (("salesforce", "Opportunity"), ("hubspot", "deals")):
        assert timed[crm].records[deals] == changed[crm], (crm, timed[crm].records, changed)
    rows = Counter({"Opportunity": changed["salesforce"], "OpportunityHistory": changed["salesforce"]})
    sources = house.crms["emea"].sources()
    in_parts = [each.object for each in sources if each.kind not in WHOLE]
    least = sum(_pages(rows[each.object], 2000) for each in sources) + _keepers(served, in_parts)
    what = f"delta of {CHANGED:.0%}"
    yield _line(what, "salesforce", served, before, least)
    yield _line(
        what, "hubspot", served, before, _hubspot_delta(house, timed["hubspot"].records[OWNERS], changed["hubspot"])
    )


def _line(what: str, crm: str, served: Served, before: int, least: int) -> Line:
    count = sum(each["crm"] == crm for each in served.asked(before))
    return Line(f"API calls, {what}, {crm}", count, least, 1.02, unit="calls", peer="the algorithm's least")


def _least(rows: int, kind: RecordKind) -> int:
    """Pages of 2,000; or a first page that tells how many there are, and a job: made, looked at twice, read, deleted."""
    if kind is RecordKind.RATE or rows < FEWEST_READ:
        return _pages(rows, 2000)
    return 5 + _pages(rows, ROWS_AT_ONCE)


def _pages(rows: int, size: int) -> int:
    return max(1, ceil(rows / size))


def _described(served: Served, house: House) -> int:
    """How many objects: those that are read, and those one step up from them that the org has."""
    read = {each.object for each in house.crms["emea"].sources()}
    found = set(read)
    for source in house.rules.mappings["emea"].sources:
        leads = {name.partition(".")[0] for name in source.names() if "." in name} if source.object in read else set()
        if leads:
            fields = _shape(served, source.object)["fields"]
            found |= {each["referenceTo"][0] for each in fields if each["relationshipName"] in leads}
    return len(found)


def _keepers(served: Served, objects: Sequence[str]) -> int:
    """How many of the objects keep a list of their deletions."""
    return sum(_shape(served, each)["replicateable"] for each in objects)


def _shape(served: Served, name: str) -> dict[str, Any]:
    """An object as the org describes it, asked beside the log."""
    url = f"{served.salesforce}{DATA}/sobjects/{name}/describe"
    shape: dict[str, Any] = served.session("salesforce").get(url, timeout=60).json()
    return shape


def _always(users: int) -> int:
    """Owners, 500 a page, and archived ones; users with their properties; the company's currency and its rates."""
    return _pages(users, 500) + 1 + 1 + _pages(users, 100) + 2


def _archives(objects: Sequence[str]) -> int:
    return sum(each not in NO_ARCHIVE for each in objects)


def _hubspot_first(records: Counter[str]) -> int:
    """The list of deals is read twice: histories come 50 a page, and links only without them."""
    objects = [each for each in records if each not in (OWNERS, RATES) and "." not in each]
    pages = sum(_pages(records[each], 100) for each in objects) + _pages(records["deals"], 50)
    return len(objects) + pages + NOTES + _always(records[OWNERS])


def _hubspot_delta(house: House, users: int, deals: int) -> int:
    named = [each.object for each in house.crms["smb"].sources()]
    objects = [each for each in named if each not in (OWNERS, RATES) and "." not in each]
    searches = sum(_pages(deals if each == "deals" else 0, 200) for each in objects)
    beside = LINKED["deals"] * ceil(deals / 1000) + ceil(deals / 50)
    return len(objects) + searches + beside + NOTES + _archives(objects) + _always(users)

"""A generated company straight from its files into a store, by the store's own `save`: eleven million records over HTTP would take hours.

Everything is given to one Salesforce connection and one HubSpot connection, as the CRMs' own loaders do.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.flow.cycle import keep_tables
from connector.flow.house import House
from connector.model.money import Money
from connector.model.records import (
    Account,
    Activity,
    Deal,
    Outcome,
    Rate,
    Record,
    Ref,
    Split,
    StageChange,
    User,
)
from connector.store import records
from tests.bench.report import note
from tests.bench.served import TODAY

PAGE = 5_000
ZONE = ZoneInfo("Europe/Berlin")
CONNECTIONS = {"salesforce": "emea", "hubspot": "smb"}
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Files:
    """The CSV files of a company, as records of two connections."""

    folder: Path

    def records(self) -> Iterator[Record]:
        """All of them, people and what they own first."""
        people = list(self._rows("people.csv"))
        yield from (user for each in people for user in _users(each))
        yield from (rate for each in self._rows("rates.csv") for rate in _rates(each))
        yield from map(_account, self._rows("accounts.csv"))
        stages = {each["stage"]: each for each in self._rows("stages.csv")}
        known: dict[str, tuple[str, str]] = {}  # the CRM and the currency of each deal
        for row in self._rows("deals.csv"):
            known[row["id"]] = row["crm"], row["currency"]
            yield _deal(row, stages[row["stage"]])
        yield from self._splits(known)
        yield from self._history(known)
        yield from map(_activity, self._rows("activities.csv"))

    def some(self, every: int) -> Iterator[Deal | Activity]:
        """One of so many deals and activities; the others are not even built."""
        stages = {each["stage"]: each for each in self._rows("stages.csv")}
        yield from (_deal(row, stages[row["stage"]]) for row in islice(self._rows("deals.csv"), 0, None, every))
        yield from map(_activity, islice(self._rows("activities.csv"), 0, None, every))

    def _rows(self, name: str) -> Iterator[Row]:
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)

    def _splits(self, deals: dict[str, tuple[str, str]]) -> Iterator[Split]:
        for at, row in enumerate(self._rows("splits.csv")):
            if deals[row["deal"]][0] == "salesforce":  # HubSpot's are not read
                deal, user = _ref("deal", "salesforce", row["deal"]), _ref("user", "salesforce", row["person"])
                ref = _ref("split", "salesforce", f"{at}")
                yield Split(
                    ref, _moment("2026-11-01T00:00:00Z"), deal, user, Decimal(row["percent"]), row["kind"] == "overlay"
                )

    def _history(self, deals: dict[str, tuple[str, str]]) -> Iterator[StageChange]:
        """A row for each moment at which something about a deal changed, with all that was known then."""
        for deal, rows in groupby(self._rows("deal_history.csv"), lambda row: row["deal"]):
            known: Row = {}
            for at, (moment, changes) in enumerate(groupby(rows, lambda row: row["at"])):
                known |= {each["field"]: each["value"] for each in changes}
                yield _stage_change(deals[deal], deal, at, moment, known)


def fill(house: House, folder: Path) -> int:
    """Store everything; returns how many records there are."""
    count = 0
    keep_tables(house, TODAY, {})
    for page in _pages(Files(folder).records()):
        with house.store.writing() as tx:
            records.save(tx, page, TODAY)
        if count // 1_000_000 < (count + len(page)) // 1_000_000:
            note(f"{(count + len(page)) // 1_000_000} million records stored")
        count += len(page)
    return count


def touch(house: House, folder: Path, every: int) -> int:
    """Store one of so many deals and activities again, changed; returns how many."""
    touched = map(_changed, Files(folder).some(every))
    count = 0
    for page in _pages(touched):
        with house.store.writing() as tx:
            count += records.save(tx, page, TODAY).stored
    return count


def _changed(record: Deal | Activity) -> Record:
    """Something new each time, so that a store can be touched again."""
    now = datetime.now(UTC)
    if isinstance(record, Deal):
        return replace(record, modified_at=now, source=f"touched at {now:%H:%M:%S}")
    return replace(record, modified_at=now, minutes=now.hour * 60 + now.minute)


def _pages(found: Iterable[Record]) -> Iterator[list[Record]]:
    rest = iter(found)
    while some := list(islice(rest, PAGE)):
        yield some


_OBJECTS = {
    "salesforce": {"deal": "Opportunity", "user": "User", "account": "Account", "split": "OpportunitySplit",
                   "activity": "Task", "change": "OpportunityHistory", "rate": "DatedConversionRate"},
    "hubspot": {"deal": "deals", "user": "owners", "account": "companies", "activity": "calls", "change": "history",
                "rate": "exchange-rates"},
}  # fmt: skip


def _ref(kind: str, crm: str, key: str) -> Ref:
    return Ref(CONNECTIONS[crm], _OBJECTS[crm][kind], key)


def _known(kind: str, crm: str, key: str) -> Ref | None:
    return _ref(kind, crm, key) if key else None


def _users(row: Row) -> Iterator[User]:
    for crm in row["crm"].split():
        levels = {name: row[name] for name in ("role", "team", "region") if row[name]}
        manager = _known("user", crm, row["manager"])
        yield User(
            _ref("user", crm, row["id"]), _moment("2026-11-01T00:00:00Z"), row["email"], row["name"], row["active"] == "true",
            human=True, manager=manager, levels=levels,
        )  # fmt: skip


def _rates(row: Row) -> Iterator[Rate]:
    for crm in CONNECTIONS:
        ref = _ref("rate", crm, f"{row['currency']}-{row['starts_on']}")
        day = date.fromisoformat(row["starts_on"])
        yield Rate(ref, _moment("2026-11-01T00:00:00Z"), row["currency"], "EUR", day, Decimal(row["rate"]))


def _account(row: Row) -> Account:
    crm = row["crm"]
    return Account(
        _ref("account", crm, row["id"]), _moment("2026-11-01T00:00:00Z"), row["name"], _known("account", crm, row["parent"]),
        _known("user", crm, row["owner"]), row["industry"] or None, row["country"] or None, _day(row["created_at"]),
    )  # fmt: skip


def _deal(row: Row, stage: Row) -> Deal:
    crm, created = row["crm"], _moment(row["created_at"])
    outcome = Outcome.OPEN
    if stage["is_closed"] == "true":
        outcome = Outcome.WON if stage["is_won"] == "true" else Outcome.LOST
    return Deal(
        ref=_ref("deal", crm, row["id"]),
        modified_at=_moment(row["modified_at"]),
        name=row["name"],
        outcome=outcome,
        stage=row["stage"],
        pipeline="default",
        account=_known("account", crm, row["account"]),
        owner=_known("user", crm, row["owner"]),
        amount=_money(row["amount"], row["currency"]),
        probability=Decimal(stage["probability"]),
        created_at=created,
        created_on=created.astimezone(ZONE).date(),
        closed_on=date.fromisoformat(row["closed_on"]) if row["closed_on"] else None,
        forecast_category=stage["forecast"],
        deal_type=row["deal_type"] or None,
        source=row["source"] or None,
        next_step=bool(row["next_step"]),
        deleted_at=_moment(row["deleted_at"]) if row["deleted_at"] else None,
    )


def _stage_change(of: tuple[str, str], deal: str, at: int, moment: str, known: Row) -> StageChange:
    crm, currency = of
    changed = _moment(moment)
    closes = known.get("closed_on")
    return StageChange(
        _ref("change", crm, f"{deal}-{at:04}"), changed, _ref("deal", crm, deal), known.get("stage", ""), changed,
        changed.astimezone(ZONE).date(), _money(known.get("amount", ""), currency), date.fromisoformat(closes) if closes else None,
        _known("user", crm, known.get("owner", "")),
    )  # fmt: skip


def _activity(row: Row) -> Activity:
    crm, at = row["crm"], _moment(row["at"])
    return Activity(
        _ref("activity", crm, row["id"]), _moment(row["modified_at"]), row["type"], row["status"], _known("user", crm, row["person"]),
        _known("deal", crm, row["deal"]), _known("account", crm, row["account"]), at, at.astimezone(ZONE).date(),
        int(row["minutes"]) if row["minutes"] else None,
    )  # fmt: skip


def _money(amount: str, currency: str) -> Money | None:
    return Money.of(Decimal(amount), currency) if amount else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _day(moment: str) -> date | None:
    return _moment(moment).astimezone(ZONE).date() if moment else None

"""What the parts of a load share: the folder, the day, and which company id became which record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from connector.sandbox.salesforce.company_rows import Row, stamped
from connector.sandbox.salesforce.ids import record_id
from connector.sandbox.salesforce.organisation import Organisation

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class LoadedDeal:
    """As much of a deal as its activities, splits and history need."""

    id: str
    account: str | None
    owner: str


@dataclass(slots=True)
class Context:
    """One load; the maps live only as long as it runs."""

    org: Organisation
    folder: Path
    today: date
    currency: str
    stages: dict[str, str] = field(default_factory=dict)  # the company's stage → StageName
    users: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    deals: dict[str, LoadedDeal] = field(default_factory=dict)

    @property
    def has_currencies(self) -> bool:
        return "CurrencyType" in self.org.schema.objects

    def owner(self, row: Row, column: str = "owner") -> str:
        """The user of a person; Salesforce knows no record without one, so a stranger's go to the first."""
        return self.users.get(row.get(column, "")) or next(iter(self.users.values()))

    def moment(self, text: str | None) -> str:
        """A moment or a day as a stamp; nothing means the start of the company's today."""
        return stamped(text, self.today)


class Table:
    """Rows going into one object's table, numbered on from what is there."""

    def __init__(self, org: Organisation, name: str, columns: str) -> None:
        self._thing, self._database = org.schema.objects[name], org.database
        self.columns = columns.split()
        names = ", ".join(f'"{each}"' for each in ("row", "Id", "source", *self.columns))
        marks = ", ".join("?" * (len(self.columns) + 3))
        self._sql = f'INSERT INTO "{name}" ({names}) VALUES ({marks})'
        self._number = org.database.number(self._thing) - 1

    @property
    def next_number(self) -> int:
        return self._number + 1

    def add(self, rows: Iterable[Values]) -> None:
        """Each begins with the company's own id (or None), then the columns."""
        self._database.run_many(self._sql, map(self._numbered, rows))
        self._database.recount(self._thing)

    def add_named(self, rows: Iterable[dict[str, Any]]) -> None:
        """The same, by column; the company's id under `source`."""
        self.add((row.get("source"), *map(row.get, self.columns)) for row in rows)

    def _numbered(self, row: Values) -> Sequence[object]:
        self._number += 1
        return (self._number, record_id(self._thing.prefix, self._number), *row)

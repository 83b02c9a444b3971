"""A company whose mirror tests look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connector.model.calendar import Calendar
from connector.model.catalogue import Type
from connector.model.people import Assignment, Person, Roster
from connector.model.records import Record
from connector.model.settings import Company
from connector.normalise.mapping import FileColumn, FileTable
from connector.store import records
from connector.store.database import Store
from connector.store.mirror import open_mirror, refresh
from tests.store.made import TODAY, user_ref

TRAININGS = FileTable(
    name="trainings",
    file="trainings.csv",
    columns=(
        FileColumn("person", Type.TEXT, required=True),
        FileColumn("training", Type.CHOICE),
        FileColumn("completed_on", Type.DATE),
        FileColumn("score", Type.NUMBER),
    ),
    key=("person", "training"),
    person="person",
    date="completed_on",
)


def person(name: str, /, **said: Any) -> Person:
    usual: dict[str, Any] = {
        "id": f"p_{name}",
        "name": f"{name.title()} Silva",
        "email": f"{name}@example.com",
        "identities": (user_ref(name),),
        "active": True,
        "starts_on": None,
        "ends_on": None,
        "assignments": (Assignment(date(2026, 1, 1), {"team": "East"}),),
    }
    return Person(**(usual | said))


def company(currency: str = "EUR", **said: Any) -> Company:
    return Company("Example", currency, ZoneInfo("Europe/Berlin"), Calendar(**said))


@dataclass
class Mirrored:
    """A store with its mirror; what is saved is seen after `look`."""

    store: Store
    path: Path
    company: Company = field(default_factory=company)
    roster: Roster = field(default_factory=lambda: Roster.of([person("ana"), person("ben")]))
    files: Mapping[str, FileTable] = field(default_factory=dict)
    custom: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    today: date = TODAY

    def save(self, *some: Record) -> None:
        with self.store.writing() as tx:
            records.save(tx, some, TODAY)

    def refresh(self) -> None:
        refresh(
            self.store,
            self.path,
            company=self.company,
            roster=self.roster,
            files=self.files,
            custom=self.custom,
            today=self.today,
        )

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the mirror as it is."""
        mirror = open_mirror(self.path)
        try:
            return mirror.execute(sql).fetchall()  # type: ignore[no-any-return]
        finally:
            mirror.close()

    def look(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the refreshed mirror."""
        self.refresh()
        return self.ask(sql)

    def deal(self, columns: str) -> tuple[Any, ...]:
        """Columns of the only deal."""
        (row,) = self.look(f"select {columns} from deals")
        return row

    def everything(self, but: Sequence[str] = ("meta",)) -> dict[str, list[tuple[Any, ...]]]:
        """Every table, sorted."""
        names = [name for (name,) in self.ask("select table_name from duckdb_tables() where schema_name = 'main'")]
        return {name: self.ask(f'select * from "{name}" order by all') for name in sorted(names) if name not in but}

"""Where the organisation's records lie: one SQLite table per object, one column per field."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from connector.sandbox.salesforce.fields import SObject
from connector.sandbox.salesforce.ids import record_id

Stored = dict[str, Any]  # a row by column: field names, `row` and `source`

# Besides its fields every table has: row, the number in the id; source, the company folder's own id;
# visible, the stamp from which queries see the row (null: at once).
_EXTRA = "row INTEGER PRIMARY KEY, source TEXT, visible TEXT"
INDEXED = frozenset({"SystemModstamp", "OpportunityId", "WhatId"})


class Database:
    """The tables, behind one lock; `with database.transaction()` is all or nothing."""

    def __init__(self, path: str) -> None:
        self.lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=512)
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "temp_store=MEMORY", "cache_size=-200000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._next: dict[str, int] = {}
        self._nested = 0
        self.hidden: dict[str, str] = {}  # object → the last stamp at which something of it becomes visible

    def close(self) -> None:
        self._connection.close()

    def run(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        return self._connection.executemany(sql, rows).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nested ones roll back on their own."""
        mark = f"s{self._nested}"
        numbers = dict(self._next)
        self._connection.execute(f"SAVEPOINT {mark}")
        self._nested += 1
        try:
            yield
        except BaseException:
            self._connection.execute(f"ROLLBACK TO {mark}")
            self._next = numbers
            raise
        finally:
            self._nested -= 1
            self._connection.execute(f"RELEASE {mark}")

    def match(self, thing: SObject) -> None:
        """Make the table hold the object's fields, creating what is missing."""
        known = {name for _, name, *_ in self.run(f'PRAGMA table_info("{thing.name}")')}
        if not known:
            columns = "".join(f', "{each.name}" {each.affinity}' for each in thing.fields.values())
            for table in (thing.name, f"{thing.name} before"):
                self.run(f'CREATE TABLE "{table}" ({_EXTRA}, until TEXT{columns})')
            self.run(f'CREATE UNIQUE INDEX "{thing.name} Id" ON "{thing.name}" (Id)')
            known = set(thing.fields)
            self.index(thing, [name for name in thing.fields if name in INDEXED])
        for each in thing.fields.values():
            if each.name not in known:
                for table in (thing.name, f"{thing.name} before"):
                    self.run(f'ALTER TABLE "{table}" ADD COLUMN "{each.name}" {each.affinity}')
                if each.external_id:
                    self.index(thing, [each.name])
        self.index(thing, [each.name for each in thing.fields.values() if each.external_id])

    def index(self, thing: SObject, names: Iterable[str]) -> None:
        for name in names:
            self.run(f'CREATE INDEX IF NOT EXISTS "{thing.name} {name}" ON "{thing.name}" ("{name}")')

    @contextmanager
    def without_indexes(self, things: Iterable[SObject]) -> Iterator[None]:
        """For a bulk load: they are built once, afterwards, which is quicker."""
        known = list(things)
        for thing in known:
            for name in thing.fields:
                self.run(f'DROP INDEX IF EXISTS "{thing.name} {name}"') if name != "Id" else None
        yield
        for thing in known:
            self.match(thing)
            self.index(thing, [name for name in thing.fields if name in INDEXED])

    def recount(self, thing: SObject) -> None:
        """Forget the next number; it is looked up again."""
        self._next.pop(thing.name, None)

    def number(self, thing: SObject) -> int:
        """The next row's number, which is also the number in its id."""
        if thing.name not in self._next:
            (last,) = self.run(f'SELECT max(row) FROM "{thing.name}"').fetchone()
            self._next[thing.name] = last or 0
        self._next[thing.name] += 1
        return self._next[thing.name]

    def insert(self, thing: SObject, stored: Mapping[str, object]) -> str:
        """Add a row; its id comes back."""
        number = self.number(thing)
        row = {"row": number, "Id": record_id(thing.prefix, number), **stored}
        pattern = thing.fields["Name"].pattern if "Name" in thing.fields else ""
        if pattern:
            row["Name"] = re.sub(r"\{(0+)\}", lambda zeros: str(number).rjust(len(zeros[1]), "0"), pattern)
        elif thing.custom and not row.get("Name"):
            row["Name"] = row["Id"]
        names = ", ".join(f'"{name}"' for name in row)
        self.run(f'INSERT INTO "{thing.name}" ({names}) VALUES ({", ".join("?" * len(row))})', tuple(row.values()))
        return str(row["Id"])

    def update(self, thing: SObject, id: str, changed: Mapping[str, object]) -> None:
        sets = ", ".join(f'"{name}" = ?' for name in changed)
        self.run(f'UPDATE "{thing.name}" SET {sets} WHERE Id = ?', (*changed.values(), id))

    def get(self, thing: SObject, id: str) -> Stored | None:
        """The row with this id, deleted or not."""
        found = self.find(thing, "Id", id, deleted=True)
        return found[0] if found else None

    def find(self, thing: SObject, name: str, value: object, *, deleted: bool = False) -> list[Stored]:
        """Rows whose field has this very value."""
        where = "" if deleted or "IsDeleted" not in thing.fields else " AND IsDeleted = 0"
        cursor = self.run(f'SELECT * FROM "{thing.name}" WHERE "{name}" = ?{where} ORDER BY row', (value,))
        names = [each[0] for each in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def hide(self, thing: SObject, id: str, before: Stored | None, until: str, now: str) -> None:
        """Show queries what was there before (None: nothing) until that stamp."""
        self.hidden[thing.name] = max(until, self.hidden.get(thing.name, ""))
        self.run(f'UPDATE "{thing.name}" SET visible = ? WHERE Id = ?', (until, id))
        if before is None:
            return
        if (before["visible"] or "") > now:  # still hidden: what was shown so far goes on being shown
            self.run(f'UPDATE "{thing.name} before" SET until = ? WHERE Id = ?', (until, id))
            return
        row = {**before, "until": until, "visible": None}
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        self.run(f'INSERT OR REPLACE INTO "{thing.name} before" ({names}) VALUES ({marks})', tuple(row.values()))

    def reveal(self, thing: SObject, id: str) -> None:
        """Let queries see the row as it is."""
        if thing.name in self.hidden:
            self.run(f'UPDATE "{thing.name}" SET visible = NULL WHERE Id = ?', (id,))
            self.run(f'DELETE FROM "{thing.name} before" WHERE Id = ?', (id,))

    def seen(self, name: str, now: str) -> str:
        """What queries read from: the table, or while something is hidden, what stands in for it."""
        if self.hidden.get(name, "") <= now:
            return f'"{name}"'
        columns = ", ".join(f'"{column}"' for _, column, *_ in self.run(f'PRAGMA table_info("{name}")'))
        before = ", ".join(f'"{column}"' for _, column, *_ in self.run(f'PRAGMA table_info("{name} before")'))
        assert columns == before
        return (
            f"(SELECT {columns} FROM \"{name}\" WHERE coalesce(visible, '') <= '{now}' "
            f"UNION ALL SELECT {columns} FROM \"{name} before\" WHERE until > '{now}')"
        )

    def oldest_hidden(self, name: str, now: str) -> str | None:
        """The oldest stamp among the rows that queries do not see yet."""
        if self.hidden.get(name, "") <= now:
            return None
        found = self.run(f'SELECT min(SystemModstamp) FROM "{name}" WHERE visible > ?', (now,)).fetchone()
        return None if found[0] is None else str(found[0])

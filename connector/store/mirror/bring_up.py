"""Bringing the mirror up to the store: raw copies first, then whatever follows from what changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection
from sqlalchemy import Connection, func, select

from connector.model.catalogue import Type
from connector.model.people import Roster
from connector.model.settings import Company
from connector.normalise.mapping import FileTable
from connector.store import records, runs, tables
from connector.store.database import Store
from connector.store.mirror import given, rates
from connector.store.mirror.copy import copy
from connector.store.mirror.derive import (
    ACTED,
    ACTIVITIES,
    AMOUNT,
    DATED,
    DERIVED,
    Derived,
    calendar_statement,
    statement,
)
from connector.store.mirror.file import discard, is_busy, meta, open_working, remember, writing
from connector.store.mirror.history import LIVING, STAGE_CHANGES, STEPS, bring_up_history
from connector.store.mirror.periods import DEAL_CHANGES, SOLD
from connector.store.mirror.scope import ACTED as ACTED_DEALS
from connector.store.mirror.scope import ACTIVITIES as TOUCHED_ACTIVITIES
from connector.store.mirror.scope import Scope, forget, keep
from connector.store.pseudonyms import forgettings
from connector.store.upsert import counter


def refresh(
    store: Store,
    path: Path,
    *,
    company: Company,
    roster: Roster,
    files: Mapping[str, FileTable],
    custom: Mapping[str, Mapping[str, Type]],
    today: date | None = None,
) -> None:
    """Bring the mirror at `path` up to the store; safe to repeat, safe to kill: it knows how far it came only at the end.

    A mirror that cannot be read is thrown away and made anew. `today` only says how far the
    calendar reaches; without it, the day of the last run does. Raises StoreUnavailable when the disk
    does not take it, StoreBusy when another process has it open.
    """
    job = _Job(company, roster, files, custom, today)
    with writing(path):
        try:
            _run(store, path, job)
        except duckdb.Error as error:
            if is_busy(error):
                raise
            discard(path)
            _run(store, path, job)


@dataclass(frozen=True, slots=True)
class _Job:
    company: Company
    roster: Roster
    files: Mapping[str, FileTable]
    custom: Mapping[str, Mapping[str, Type]]
    today: date | None


def _run(store: Store, path: Path, job: _Job) -> None:
    with store.reading() as tx, closing(open_working(path, _whose(tx))) as mirror:
        mirror.execute("begin")
        changed = _bring_up(tx, mirror, job)
        mirror.execute("commit")
        if changed:
            mirror.execute("checkpoint")


def _whose(tx: Connection) -> str:
    """What a mirror is of: one made before somebody was forgotten holds their name, and is begun anew."""
    forgotten = forgettings(tx)
    return f"{counter(tx, 'store')}" + (f", {forgotten} forgotten" if forgotten else "")


def _bring_up(tx: Connection, mirror: DuckDBPyConnection, job: _Job) -> bool:
    """Do all of it; returns whether anything was to do."""
    known = meta(mirror)
    copied = copy(tx, mirror, known)
    prints = {name: str(seq) for name, seq in copied.upto.items()} | _give(tx, mirror, job)
    made = {"made:identities": prints["identities"]}
    if known.get("made:identities") != prints["identities"]:
        _make(mirror, "identities", given.identities(job.roster))
    made["made:people"] = _digest(prints["people"])
    if known.get("made:people") != made["made:people"]:
        _make(mirror, "people", given.people(job.roster))
        _make(mirror, "roster", given.assignments(job.roster))
        _make(mirror, "memberships", given.memberships(job.roster))
        _make(mirror, "territories", given.territories(job.roster))
    way = _Way(copied.carried_on, prints, known)
    history = _bring_up_deals(tx, mirror, job, way)
    made |= way.made | _derive(tx, mirror, job, DERIVED, prints, known)
    if history is not None:
        keep(mirror, "stage_changes", STAGE_CHANGES, history)
    made["made:files"] = _digest(prints["files"], prints["handles"])
    if known.get("made:files") != made["made:files"]:
        _make_files(tx, mirror, job)
    made["made:calendar"] = _digest(*sorted(made.values()), prints["calendar"])
    if known.get("made:calendar") != made["made:calendar"]:
        _make_calendar(tx, mirror, job)
    prints["sold"] = _digest(mirror.execute(SOLD).fetchone())
    made |= _derive(tx, mirror, job, DATED, prints, known)
    dated = way.scope("deal_changes", ("deals", "stage_changes"), ("identities", "rates", "base", "calendar"))
    if dated:
        changes = Scope(dated.whole or (history is not None and history.whole))
        mirror.execute(changes.told(STEPS))  # another calendar concerns deals that nothing changed about
        keep(mirror, "deal_changes", DEAL_CHANGES, changes)
    made |= way.made
    seqs = {f"seq:{name}": str(seq) for name, seq in copied.upto.items()}
    facts = {**made, **seqs, "currency": job.company.currency}
    new = {key: value for key, value in facts.items() if known.get(key) != value}
    if new:
        forget(mirror)
    remember(mirror, new)
    return bool(new)


@dataclass(slots=True)
class _Way:
    """Which tables have to be brought up, and whether a part of each will do."""

    carried_on: bool  # the raw copies were, and did not begin anew
    prints: Mapping[str, str]
    known: Mapping[str, str]
    made: dict[str, str] = field(default_factory=dict)

    def scope(self, name: str, rows: Sequence[str], rest: Sequence[str], key: Scope | None = None) -> Scope | None:
        """The rows to look at; None: the table is as it should be. `rest` is what concerns every row."""
        base = _digest(name, *(self.prints[each] for each in rest))
        self.made[f"base:{name}"] = base
        self.made[f"made:{name}"] = _digest(base, *(self.prints[each] for each in rows))
        if self.known.get(f"made:{name}") == self.made[f"made:{name}"]:
            return None
        part = self.carried_on and self.known.get(f"base:{name}") == base
        return replace(key or Scope(whole=True), whole=not part)


def _bring_up_deals(tx: Connection, mirror: DuckDBPyConnection, job: _Job, way: _Way) -> Scope | None:
    """The past of deals, and what was done on them; the scope of the past, None where it is as it was."""
    today = f"date '{_today(tx, job) or date.min}'"
    base = f"'{job.company.currency}'"
    done = way.scope("deal_acted", ("activities",), ("today",), Scope(whole=True, names=ACTED_DEALS))
    if done:
        keep(mirror, "deal_acted", ACTED.replace("{today}", today), done)
    new = way.scope(
        "activities", ("activities",), ("identities",), Scope(whole=True, names=TOUCHED_ACTIVITIES, key="ref")
    )
    if new:
        keep(mirror, "activities", ACTIVITIES, new)
    past = way.scope("deal_versions", ("deals", "stage_changes"), ("identities", "rates", "base"))
    return Scope(bring_up_history(mirror, AMOUNT, base, whole=past.whole)) if past else None


def _derive(  # noqa: PLR0917
    tx: Connection,
    mirror: DuckDBPyConnection,
    job: _Job,
    wanted: tuple[Derived, ...],
    prints: Mapping[str, str],
    known: Mapping[str, str],
) -> dict[str, str]:
    """Make anew what follows from something that changed; returns how each table is made now."""
    made: dict[str, str] = {}
    for derived in wanted:
        key = f"made:{derived.name}"
        made[key] = _digest(derived.sql, *(prints[name] for name in derived.sources))
        if known.get(key) != made[key]:
            custom = job.custom.get(derived.name, {})
            mirror.execute(statement(derived, job.company.currency, custom, _today(tx, job)))
    return made


def _give(tx: Connection, mirror: DuckDBPyConnection, job: _Job) -> dict[str, str]:
    """Lay out what the derived tables join with; returns a digest of each thing that is given."""
    converted = rates.rates(records.rates(tx), job.company.currency, _today(tx, job))
    mirror.execute(LIVING)
    named = "select currency from raw.deals union select currency from raw.stage_changes"
    codes = {code for (code,) in mirror.execute(named).fetchall() if code}
    known = given.currencies(codes | {job.company.currency})
    _make(mirror, "rates", converted, temporary=True, cast={"scaled": "hugeint"})
    planned = rates.plan_rates(job.company)
    _make(mirror, "plan_rates", planned, temporary=True, cast={"scaled": "hugeint"})
    _make(mirror, "currencies", known, temporary=True, cast={"minor": "hugeint"})
    newest = tx.execute(select(func.max(tables.readings.c.change_seq))).scalar()
    calendar = job.company.calendar
    return {
        "rates": _digest(converted.to_pylist()),
        "plan_rates": _digest(planned.to_pylist()),
        "identities": _digest(given.identities(job.roster).to_pylist()),
        "people": _digest(job.roster.people, job.roster.levels),
        "handles": _digest(sorted(given.handles(job.roster).items())),
        "today": _digest(_today(tx, job)),
        "base": _digest(job.company.currency),
        "custom.deals": _digest(sorted(job.custom.get("deals", {}).items())),
        "custom.accounts": _digest(sorted(job.custom.get("accounts", {}).items())),
        "files": _digest(newest, sorted(job.files.items())),
        "calendar": _digest(
            calendar.first_month,
            calendar.named_by_start,
            calendar.weeks,
            sorted(calendar.working_weekdays),
            sorted(calendar.holidays),
            _year(tx, job),
        ),
    }


def _make_files(tx: Connection, mirror: DuckDBPyConnection, job: _Job) -> None:
    """File tables anew; one that the mapping does not name any more goes."""
    handles = given.handles(job.roster)
    for (name,) in mirror.execute("select table_name from duckdb_tables() where not temporary").fetchall():
        if name.startswith("file_") and name.removeprefix("file_") not in job.files:
            mirror.execute(f'drop table "{name}"')
    for name, table in job.files.items():
        _make(mirror, f"file_{name}", given.file_table(table, records.readings(tx, name), handles))


def _make_calendar(tx: Connection, mirror: DuckDBPyConnection, job: _Job) -> None:
    """The calendar, from the first to the last date of any table, and to the end of next year at least."""
    dated = mirror.execute(
        "select table_name, column_name from duckdb_columns() where data_type = 'DATE' and schema_name = 'main' "
        "and not internal and table_name in (select table_name from duckdb_tables() where not temporary) "
        "and table_name not in ('roster', 'memberships', 'territories', 'calendar', 'rates', 'months', 'holidays', 'deal_changes', 'account_periods')"
    ).fetchall()
    days: list[date] = []
    for table, column in dated:
        ends = mirror.execute(f'select min("{column}"), max("{column}") from "{table}"').fetchall()[0]
        days += [day for day in ends if day is not None]
    if today := _today(tx, job):
        days += [date(today.year, 1, 1), date(today.year + 1, 12, 31)]
    calendar = job.company.calendar
    months = given.months(calendar, min(days), max(days)) if days else given.months(calendar, date.max, date.min)
    holidays = pa.table({"day": pa.array(sorted(calendar.holidays), pa.date32())})
    _make(mirror, "months", months, temporary=True)
    _make(mirror, "holidays", holidays, temporary=True)
    mirror.execute(calendar_statement(sorted(calendar.working_weekdays)))


def _year(tx: Connection, job: _Job) -> int | None:
    today = _today(tx, job)
    return None if today is None else today.year


def _today(tx: Connection, job: _Job) -> date | None:
    """The day it is, for all we know."""
    if job.today is not None:
        return job.today
    last = runs.last(tx)
    return job.company.day_of(last.started_at) if last else None


def _make(
    mirror: DuckDBPyConnection,
    name: str,
    rows: pa.Table,
    *,
    temporary: bool = False,
    cast: Mapping[str, str] | None = None,
) -> None:
    """Create a table from rows that were handed in."""
    replaced = "".join(f', "{column}"::{kind} as "{column}"' for column, kind in (cast or {}).items())
    chosen = f"* exclude ({', '.join(cast)}){replaced}" if cast else "*"
    mirror.register("handed_in", rows)
    mirror.execute(f'create or replace {"temp " if temporary else ""}table "{name}" as select {chosen} from handed_in')
    mirror.unregister("handed_in")


def _digest(*values: object) -> str:
    return hashlib.sha256("\x1f".join(map(repr, values)).encode("utf-8", "replace")).hexdigest()[:24]

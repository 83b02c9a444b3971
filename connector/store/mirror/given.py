"""What the mirror is given besides records: people, calendar, currencies, file tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connector.model.calendar import Calendar
from connector.model.catalogue import Type
from connector.model.money import digits
from connector.model.people import Assignment, Person, Roster
from connector.model.periods import AIMED
from connector.model.records import Reading, Scalar
from connector.normalise.mapping import FileTable

FIRST, LAST = date(1, 1, 1), date(9999, 12, 31)
EARLIEST, LATEST = 1900, 2200  # years of the calendar; a date beyond is a typing error
TERRITORY = "territory"
Span = tuple[date, date]  # half-open
_DAY, _TEXT = pa.date32(), pa.string()
_SPANS = {"person": _TEXT, "level": _TEXT, "unit": _TEXT, "starts_on": _DAY, "ends_before": _DAY}
ROSTER_COLUMNS = ("person", "starts_on", "ends_before", "manager")


def people(roster: Roster) -> pa.Table:
    """One row per person."""
    rows = [(p.id, p.name, p.email, p.active, p.starts_on, p.ends_on) for p in roster.people]
    text, day = pa.string(), pa.date32()
    return columns_of(
        {"person": text, "name": text, "email": text, "active": pa.bool_(), "started_on": day, "ended_on": day}, rows
    )


def identities(roster: Roster) -> pa.Table:
    """Which user of a CRM is which person."""
    rows = [(str(ref), person.id) for person in roster.people for ref in person.identities]
    return columns_of({"user_ref": pa.string(), "person": pa.string()}, rows)


def assignments(roster: Roster) -> pa.Table:
    """Where each person sat, from a day to before another; without a gap from the first day to the last."""
    levels = [name for name in _levels(roster) if name not in ROSTER_COLUMNS]
    rows: list[tuple[Any, ...]] = []
    for person in roster.people:
        rows += _places(person, levels)
    types = {"person": pa.string(), "starts_on": pa.date32(), "ends_before": pa.date32(), "manager": pa.string()}
    return columns_of(types | dict.fromkeys(levels, pa.string()), rows)


def memberships(roster: Roster) -> pa.Table:
    """Units that people sit in besides their seats: never the unit of the seat itself, and each day once."""
    rows = [
        (person.id, level, unit, starts_on, ends_before)
        for person in roster.people
        for (level, unit), spans in _units(person).items()
        for starts_on, ends_before in _without(spans, _seated(person, level, unit))
    ]
    return columns_of(_SPANS, rows)


def territories(roster: Roster) -> pa.Table:
    """Who sits where, by territory: by seat or besides it."""
    rows = [
        (person.id, TERRITORY, each.levels[TERRITORY], start, end)
        for person in roster.people
        for each, start, end in _stretches(person)
        if each.levels.get(TERRITORY)
    ]
    return pa.concat_tables([columns_of(_SPANS, rows), memberships(roster).filter(pc.field("level") == TERRITORY)])


def _units(person: Person) -> dict[tuple[str, str], list[Span]]:
    """The stretches of each unit, those that touch or overlap made one."""
    found: dict[tuple[str, str], list[Span]] = {}
    for each in sorted(person.memberships, key=lambda it: it.starts_on):
        end = LAST if each.ends_on is None else each.ends_on + timedelta(days=1)
        spans = found.setdefault((each.level, each.unit), [])
        if spans and each.starts_on <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], end)
        else:
            spans.append((each.starts_on, end))
    return found


def _seated(person: Person, level: str, unit: str) -> list[Span]:
    return [(start, end) for each, start, end in _stretches(person) if each.levels.get(level) == unit]


def _without(spans: Iterable[Span], taken: Sequence[Span]) -> Iterator[Span]:
    """What is left of some stretches when others are cut out of them."""
    for span in spans:
        left = [span]
        for start, end in taken:
            left = [
                part
                for low, high in left
                for part in ((low, min(high, start)), (max(low, end), high))
                if part[0] < part[1]
            ]
        yield from left


def handles(roster: Roster) -> Mapping[str, str]:
    """Person by id, lower-cased e-mail address or name; a name or address that two people have names nobody."""
    names = Counter(person.name.lower() for person in roster.people)
    found = {p.name.lower(): p.id for p in roster.people if names[p.name.lower()] == 1}
    found |= {address: people[0].id for address, people in roster.by_address.items() if len(people) == 1}
    return found | {person.id: person.id for person in roster.people}


def currencies(codes: Iterable[str]) -> pa.Table:
    """How many minor units make one of each currency."""
    rows = [(code, 10 ** digits(code)) for code in sorted(codes)]
    return columns_of({"currency": pa.string(), "minor": pa.int64()}, rows)


def months(calendar: Calendar, first: date, last: date) -> pa.Table:
    """The months from one day to another, with the periods they belong to."""
    rows = []
    day, end = date(max(first.year, EARLIEST), 1, 1), date(min(last.year, LATEST), 12, 31)
    while day <= end:
        spans = [calendar.containing(day, grain) for grain in AIMED]
        rows.append((spans[0].starts_on, spans[0].ends_before, *(each.id for each in spans)))
        day = spans[0].ends_before
    types = {"starts_on": pa.date32(), "ends_before": pa.date32()} | dict.fromkeys(AIMED, pa.string())
    return columns_of(types, rows)


def file_table(table: FileTable, readings: Sequence[Reading], known: Mapping[str, str]) -> pa.Table:
    """One file table, typed; `person` is whom a row names, and the name as given stays beside it."""
    taken = {"ref", "person"} | ({table.person} if table.person else set())
    types: dict[str, pa.DataType] = {"ref": pa.string(), "person": pa.string()}
    for column in table.columns:
        types[f"{column.name}_given" if column.name in taken else column.name] = ARROW[column.type]
    rows = []
    for reading in readings:
        given = reading.values.get(table.person) if table.person else None
        person = None if given is None else known.get(str(given).strip().lower())
        cells = (_cell(reading.values.get(column.name), column.type) for column in table.columns)
        rows.append((str(reading.ref), person, *cells))
    return columns_of(types, rows)


ARROW: Mapping[Type, pa.DataType] = {
    Type.TEXT: pa.string(),
    Type.CHOICE: pa.string(),
    Type.BOOLEAN: pa.bool_(),
    Type.NUMBER: pa.float64(),
    Type.RATIO: pa.float64(),
    Type.DAYS: pa.float64(),
    Type.MONEY: pa.int64(),
    Type.DATE: pa.date32(),
    Type.MOMENT: pa.timestamp("us"),
}


def _cell(value: Scalar, kind: Type) -> Scalar:
    """A value of the declared type; one of another type, from before the mapping changed, is none."""
    if value is None:
        return None
    match kind:
        case Type.TEXT | Type.CHOICE:
            return str(value)
        case Type.BOOLEAN:
            return value if isinstance(value, bool) else None
        case Type.NUMBER | Type.RATIO | Type.DAYS:
            return float(value) if isinstance(value, int | float | Decimal) else None
        case Type.MONEY:
            return value if isinstance(value, int) else None
        case Type.DATE:
            return value if isinstance(value, date) and not isinstance(value, datetime) else None
        case Type.MOMENT:
            return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else None


def _levels(roster: Roster) -> list[str]:
    named = (name for person in roster.people for each in person.assignments for name in each.levels)
    return list(dict.fromkeys([*roster.levels, *named]))


def _places(person: Person, levels: Sequence[str]) -> list[tuple[Any, ...]]:
    return [
        (person.id, start, end, each.manager, *(each.levels.get(name) for name in levels))
        for each, start, end in _stretches(person)
    ]


def _stretches(person: Person) -> list[tuple[Assignment, date, date]]:
    """Each seat from a day to before another; the first one has always been, the last one is for ever."""
    starts = [each.starts_on for each in person.assignments]
    starts[0] = FIRST
    ends = [*starts[1:], LAST]
    seats = zip(person.assignments, starts, ends, strict=True)
    return [(each, start, end) for each, start, end in seats if start < end]


def columns_of(types: Mapping[str, pa.DataType], rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows as columns of these types."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(types)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, types.values(), strict=True)]
    return pa.Table.from_arrays(arrays, names=list(types))

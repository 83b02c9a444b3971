"""Records in, and what is known about them out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, Table, bindparam, delete, func, or_, select, update

from connector.model.records import POINTERS, Rate, Reading, Record, RecordKind, Ref, Rejection, User
from connector.store import logins, tables
from connector.store.rows import KINDS, TABLES, row
from connector.store.sightings import note, sightings, users
from connector.store.typed import load_all
from connector.store.upsert import chunks, dialect_of, insert_into, next_changes, upsert

# What a record says in words goes with it; if it comes back, it brings them along.
WORDS: Mapping[Table, Mapping[str, str | None]] = {
    tables.accounts: {"name": "", "industry": None, "custom": "{}"},
    tables.deals: {"next_step": None},  # the rest is its past: a report that still counts it is told of it by its name
    tables.readings: {"values": "{}"},
}
TRIED_AGAIN_AFTER = timedelta(days=1)  # a record that was set aside, by the same rules

__all__ = ["sightings", "users"]  # these too belong to what is known about records


@dataclass(frozen=True, slots=True)
class Saved:
    """What a page brought."""

    stored: int  # new, changed, or back from deletion
    unchanged: int  # known already, or older than what we know


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record that could not be normalised, waiting for a mended mapping or a mended record."""

    ref: Ref
    kind: RecordKind
    reason: str
    first_seen: datetime
    last_seen: datetime
    times: int


def save(tx: Connection, records: Sequence[Record], seen_on: date) -> Saved:
    """Store records; repeating it changes nothing.

    `seen_on` is the company's day, under which a user's new team, manager or status is remembered. Whose a user
    is when it is first seen it stays (`logins.py`).
    """
    if not records:
        return Saved(0, 0)
    seq = first = next_changes(tx, len(records))
    dialect, groups = dialect_of(tx), defaultdict(list)
    users = [each for each in records if isinstance(each, User)]
    others = [each for each in records if not isinstance(each, User)] if users else records
    for record in (*others, *(logins.as_known(tx, users) if users else ())):
        groups[KINDS[type(record)]].append(row(record, seq, dialect))
        seq += 1
    stored = sum(upsert(tx, TABLES[kind], rows, first) for kind, rows in groups.items())
    _forgive(tx, (str(record.ref) for record in records))
    if RecordKind.USER in groups:
        note(tx, seen_on)
    return Saved(stored, len(records) - stored)


def remove(tx: Connection, gone: Mapping[Ref, datetime]) -> int:
    """Leave a tombstone with its moment on each record we hold; returns how many were still there."""
    if not gone:
        return 0
    moments = {str(ref): at for ref, at in gone.items()}
    removed = {kind: _bury(tx, table, moments) for kind, table in TABLES.items()}
    _forgive(tx, moments)
    if removed[RecordKind.USER]:
        note(tx, max(moments.values()).astimezone(UTC).date())
    return sum(removed.values())


def replace_all(  # noqa: PLR0917
    tx: Connection, connection: str, kind: RecordKind, object: str, keep: Sequence[Ref], at: datetime
) -> int:
    """After a full read of one object: whatever it no longer holds gets a tombstone."""
    table = TABLES[kind]
    held = select(table.c.ref).where(
        table.c.connection == connection,
        table.c.deleted_at.is_(None),
        table.c.ref.startswith(f"{connection}:{object}/", autoescape=True),
    )
    kept = set(map(str, keep))
    gone = [ref for ref in tx.execute(held).scalars() if ref not in kept]
    removed = _bury(tx, table, dict.fromkeys(gone, at))
    if removed and kind is RecordKind.USER:
        note(tx, at.astimezone(UTC).date())
    return removed


def keep_only(tx: Connection, kind: RecordKind, deals: Sequence[Ref], keep: Iterable[Ref], at: datetime) -> int:
    """These stage changes or splits are all that these deals have: others get a tombstone. Returns how many."""
    table = TABLES[kind]
    kept = set(map(str, keep))
    gone: list[str] = []
    for some in chunks(map(str, deals)):
        held = select(table.c.ref).where(table.c.deal.in_(some), table.c.deleted_at.is_(None))
        gone += [ref for ref in tx.execute(held).scalars() if ref not in kept]
    return _bury(tx, table, dict.fromkeys(gone, at))


def set_aside(tx: Connection, rejections: Sequence[Rejection], at: datetime, rules_version: str = "") -> None:
    """Remember what could not be normalised, and why; values are not kept. It is read again after a day."""
    if not rejections:
        return
    rows = [
        {
            "ref": str(each.raw.ref),
            "connection": each.raw.ref.connection,
            "kind": each.raw.kind.value,
            "reason": each.reason,
            "first_seen": at,
            "last_seen": at,
            "times": 1,
            "rules_version": rules_version,
            "next_try": at + TRIED_AGAIN_AFTER,
        }
        for each in rejections
    ]
    insert = insert_into(tx, tables.rejections)
    new = insert.excluded
    again = {name: new[name] for name in ("kind", "reason", "last_seen", "rules_version", "next_try")}
    once_more = {"times": tables.rejections.c.times + 1}
    tx.execute(insert.on_conflict_do_update(index_elements=["ref"], set_={**again, **once_more}), rows)


def to_read_again(tx: Connection, connection: str, rules_version: str, at: datetime) -> list[tuple[RecordKind, Ref]]:
    """What was set aside under other rules, or a day ago: the mapping, or the record, may be mended by now."""
    r = tables.rejections.c
    due = or_(r.rules_version != rules_version, r.next_try.is_(None), r.next_try <= at)
    chosen = select(r.kind, r.ref).where(r.connection == connection, due).order_by(r.ref)
    return [(RecordKind(kind), Ref.parse(ref)) for kind, ref in tx.execute(chosen)]


def stamps(tx: Connection, connection: str, kind: RecordKind, object: str) -> dict[str, datetime]:
    """Id → stamp of everything alive that we hold of one object of a CRM."""
    table = TABLES[kind]
    start = f"{connection}:{object}/"
    held = select(table.c.ref, table.c.modified_at).where(
        table.c.connection == connection,
        table.c.deleted_at.is_(None),
        table.c.ref.startswith(start, autoescape=True),
    )
    return {ref.removeprefix(start): stamp for ref, stamp in tx.execute(held)}


def pointers(table: Table) -> list[str]:
    """Columns that hold another record's reference."""
    return [name for name in POINTERS if name in table.c]


def pointing(tx: Connection, kind: RecordKind, refs: Iterable[Ref]) -> dict[Ref, dict[str, str | None]]:
    """Of those that we hold, the ids of the account, deal and parent that they belong to, as far as their kind has these."""
    c = TABLES[kind].c
    names = pointers(TABLES[kind])
    found: dict[Ref, dict[str, str | None]] = {}
    for some in chunks(map(str, refs)) if names else ():
        for ref, *others in tx.execute(select(c.ref, *(c[name] for name in names)).where(c.ref.in_(some))):
            ids = (None if each is None else Ref.parse(each).id for each in others)
            found[Ref.parse(ref)] = dict(zip(names, ids, strict=True))
    return found


def set_aside_list(tx: Connection) -> list[SetAside]:
    """What waits for a mended mapping or record, oldest first."""
    r = tables.rejections.c
    return [
        SetAside(Ref.parse(each.ref), RecordKind(each.kind), each.reason, each.first_seen, each.last_seen, each.times)
        for each in tx.execute(select(tables.rejections).order_by(r.first_seen, r.ref))
    ]


def readings(tx: Connection, table: str) -> list[Reading]:
    """The rows of one file table, by reference."""
    r = tables.readings.c
    chosen = select(r.ref, r.modified_at, r["values"]).where(r.file_table == table, r.deleted_at.is_(None))
    return [
        Reading(Ref.parse(ref), modified_at, load_all(values))
        for ref, modified_at, values in tx.execute(chosen.order_by(r.ref))
    ]


def rates(tx: Connection) -> list[Rate]:
    """Every exchange rate, by reference."""
    r = tables.rates.c
    chosen = select(r.ref, r.modified_at, r.currency, r.base, r.starts_on, r.rate).where(r.deleted_at.is_(None))
    return [
        Rate(Ref.parse(ref), modified_at, currency, base, starts_on, Decimal(rate))
        for ref, modified_at, currency, base, starts_on, rate in tx.execute(chosen.order_by(r.ref))
    ]


def counts(tx: Connection, kinds: Iterable[RecordKind] = TABLES) -> Mapping[tuple[str, str], int]:
    """How many records each connection holds of these kinds, by (connection, kind); deleted ones do not count."""
    found: dict[tuple[str, str], int] = {}
    for table in dict.fromkeys(TABLES[each] for each in kinds):
        c, kind = table.c, next(each for each, its in TABLES.items() if its is table)
        counted = select(c.connection, func.count()).where(c.deleted_at.is_(None)).group_by(c.connection)
        found |= {(connection, kind.value): count for connection, count in tx.execute(counted)}
    return found


def _bury(tx: Connection, table: Table, moments: Mapping[str, datetime | None]) -> int:
    """Put tombstones, and leave no texts; with no moment given, the record's own stamp is taken."""
    held: list[str] = []
    for some in chunks(moments):
        alive = select(table.c.ref).where(table.c.ref.in_(some), table.c.deleted_at.is_(None))
        held += tx.execute(alive).scalars()
    if not held:
        return 0
    first = next_changes(tx, len(held))
    stone = func.coalesce(bindparam("at", type_=table.c.deleted_at.type), table.c.modified_at)
    buried = update(table).where(table.c.ref == bindparam("buried"))
    buried = buried.values(deleted_at=stone, change_seq=bindparam("seq"), **WORDS.get(table, {}))
    tx.execute(buried, [{"buried": ref, "seq": first + index, "at": moments[ref]} for index, ref in enumerate(held)])
    return len(held)


def _forgive(tx: Connection, refs: Iterable[str]) -> None:
    """A record that is stored, or gone, is not set aside any more."""
    waiting = set(tx.execute(select(tables.rejections.c.ref)).scalars())
    if waiting:
        for some in chunks(waiting.intersection(refs)):
            tx.execute(delete(tables.rejections).where(tables.rejections.c.ref.in_(some)))

"""Records without the names of whoever was forgotten: on their way into the store, and as they lie in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select

from connector.model.catalogue import Type
from connector.model.notes import RATING
from connector.model.records import FILES, NOTES, Reading, Record, Ref, Scalar, User
from connector.normalise.mapping import FileTable
from connector.store import pseudonyms, tables
from connector.store.pseudonyms import Known
from connector.store.renaming import Word
from connector.store.typed import dump_all, load_all
from connector.store.upsert import chunks, next_changes

Files = Mapping[str, FileTable]
# Texts of the built-in tables that tell numbers apart, by the name of the column: they hold nobody's name, and stay.
_WORDS = frozenset(
    [
        "metric",
        "period",
        "currency",
        "level",
        "unit",
        "kind",
        "grain",
        "what",
        "rule",
        "role",
        "team",
        "region",
        "territory",
        "country",
        "language",
        "time_zone",
        "home",
    ]
)
_PEOPLE = frozenset({"approver", "by", "manager"})  # columns that name somebody else, whose word the row needs
_CODES: Mapping[str, frozenset[str]] = {"adjustments": frozenset({"reason"})}  # others may tell a story in it
_NO_LEVEL = frozenset({"name"})  # the text of `people` that is no level


def unnamed(tx: Connection, records: Sequence[Record], files: Files) -> list[Record]:
    """Records on their way into the store; whoever was forgotten comes back without name and address.

    A login is theirs by itself, or because one of theirs has its address; then it is known from now on. In rows of
    tables their names and addresses give way to what they are called since; numbers stay, and what they typed stays out.
    """
    if not any(isinstance(each, User | Reading) for each in records):
        return list(records)
    known = pseudonyms.known(tx)
    if not known:
        return list(records)
    held = _held(tx, [str(each.ref) for each in records if isinstance(each, User)])
    found: list[Record] = []
    for each in records:
        if isinstance(each, User):
            found.append(_user(tx, each, known, held))
        elif not isinstance(each, Reading):
            found.append(each)
        elif (row := reading(each, known, files)) is not None:
            found.append(row)
    return _told_apart(found)


def reading(row: Reading, known: Known, files: Files) -> Reading | None:
    """A row of a table without their names; None: it is what they typed, and goes wholly."""
    if row.ref.connection != FILES:
        return _note(row, known, row.values.get("person")) if row.of == NOTES else _others(row, known, None)
    table = files.get(row.table)
    column = (table.person if table else None) or "person"
    owner = _called(known, row.values.get(column))
    if row.table == NOTES:
        return _keyed(_note(row, known, row.values.get(column)), row, table)
    if table is None:  # no rule reads it any more
        return None if owner or any(map(known.called, row.ref.id.split("|"))) else _others(row, known, None)
    if owner is None:
        return _keyed(_others(row, known, table), row, table)
    stays = frozenset(each.name for each in table.columns if _tells_apart(table, each.name, each.type))
    kept = {name: each if name in stays or not isinstance(each, str) else None for name, each in row.values.items()}
    bare = _others(replace(row, values=kept | {column: None}), known, table)
    return _keyed(replace(bare, values={**bare.values, column: pseudonyms.id_of(owner)}), row, table)


def rewrite(tx: Connection, known: Known, files: Files, gone: Sequence[Word]) -> None:
    """The rows that lie in the store; `gone`: names and addresses as they are written, which tell more than digests."""
    r = tables.readings.c
    for stored in tx.execute(select(tables.readings).order_by(r.ref)).mappings().all():
        ref = Ref.parse(stored["ref"])
        if stored["deleted_at"] is not None:
            if any(map(known.called, ref.id.split("|"))):
                tx.execute(delete(tables.readings).where(r.ref == stored["ref"]))
            continue
        of = str(stored["file_table"]).rpartition(".")[2]
        before = Reading(ref, stored["modified_at"], load_all(stored["values"]), of)
        after = reading(before, known, files)
        after = None if after is None else _worded(after, gone)
        if after == before:
            continue
        tx.execute(delete(tables.readings).where(r.ref == stored["ref"]))
        if after is not None:
            new = {"ref": _free(tx, after.ref), "values": dump_all(after.values), "change_seq": next_changes(tx, 1)}
            tx.execute(insert(tables.readings), [{**stored, **new}])


def _held(tx: Connection, refs: Sequence[str]) -> Mapping[str, str]:
    """The name that the store has of each login that is in it."""
    u = tables.users.c
    found: dict[str, str] = {}
    for some in chunks(refs):
        found |= {str(ref): str(name) for ref, name in tx.execute(select(u.ref, u.name).where(u.ref.in_(some)))}
    return found


def _user(tx: Connection, user: User, known: Known, held: Mapping[str, str]) -> User:
    """A login that was never seen is theirs too by its address; where it has none, by its full name."""
    ref = str(user.ref)
    found = known.login(ref)
    if found is None and held.get(ref) in known.by_digest.values():
        found = held[ref]
    if found is None and ref not in held:
        handle = user.email or (user.name if len(user.name.split()) > 1 else "")
        found = known.called(handle)
    if found is None:
        return user
    new = [each for each in (ref, user.email) if each and known.login(each) is None]
    if new:
        pseudonyms.keep(tx, new, found)
    return replace(user, name=found, email=None, former=(), former_names=(), person=pseudonyms.id_of(found))


def _note(row: Reading, known: Known, about: Scalar) -> Reading | None:
    """What is typed about them or by them goes; what they rated stays a number, without their words."""
    if _called(known, about):
        return None
    if author := _called(known, row.values.get("author")):
        if str(row.values.get("kind") or "").strip().lower() != RATING:
            return None
        row = replace(row, values={**row.values, "author": author, "text": None, "answer": None})
    return _others(row, known, None)


def _others(row: Reading, known: Known, table: FileTable | None) -> Reading:
    """A row of somebody else: only the cell that names them is another."""
    choices = {each.name for each in table.columns if each.type is Type.CHOICE} if table else frozenset[str]()
    values = {name: _cell(each, known, name in _WORDS or name in choices) for name, each in row.values.items()}
    if row.ref.connection != FILES and row.values.get("person"):
        values["person"] = row.values["person"]  # a login, which leads to nobody's name any more
    return replace(row, values=values)


def _cell(value: Scalar, known: Known, is_word: bool) -> Scalar:
    """One that holds a word of the company may hold the word that is somebody's first name."""
    if not isinstance(value, str):
        return value
    whole = None if is_word and "@" not in value and len(value.split()) < 2 else known.called(value)
    return whole or known.gone_from(value)


def _called(known: Known, value: Scalar) -> str | None:
    return known.called(value) if isinstance(value, str) else None


def _tells_apart(table: FileTable, column: str, kind: Type) -> bool:
    """Whether a column of theirs is one that numbers are told apart by."""
    if table.name == "people":
        return column not in _NO_LEVEL
    named = column in _WORDS or column in _PEOPLE or column in _CODES.get(table.name, ())
    return named or kind is Type.CHOICE or column in table.key


def _keyed(row: Reading | None, before: Reading, table: FileTable | None) -> Reading | None:
    """With the reference that its key makes now: an address in it leads to them as well."""
    if row is None or table is None or all(row.values.get(each) == before.values.get(each) for each in table.key):
        return row
    return replace(row, ref=replace(row.ref, id=table.key_of(row.values)))


def _worded(row: Reading, gone: Sequence[Word]) -> Reading:
    """Names and addresses taken out of whatever text is left."""
    values, id = dict(row.values), row.ref.id
    for word in gone:
        if word.everywhere:
            values = {name: word.gone_from(each) if isinstance(each, str) else each for name, each in values.items()}
            id = word.gone_from(id) if row.ref.connection == FILES else id
    return replace(row, values=values, ref=replace(row.ref, id=id))


def _told_apart(found: list[Record]) -> list[Record]:
    """Two rows of one key, which a file had under the name and under the address: each stays a row of its own."""
    seen = Counter[Ref]()
    for at, each in enumerate(found):
        if isinstance(each, Reading) and each.ref.connection == FILES:
            seen[each.ref] += 1
            if seen[each.ref] > 1:
                found[at] = replace(each, ref=replace(each.ref, id=f"{each.ref.id}|{seen[each.ref]}"))
    return found


def _free(tx: Connection, ref: Ref) -> str:
    """The same in the store."""
    r, wanted, more = tables.readings.c, str(ref), 1
    while tx.execute(select(r.ref).where(r.ref == wanted)).first():
        more += 1
        wanted = f"{ref}|{more}"
    return wanted

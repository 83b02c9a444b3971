"""Records: kept, changed, archived, and shown the way HubSpot shows them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.sandbox.hubspot import history, links
from connector.sandbox.hubspot.computed import expression
from connector.sandbox.hubspot.kinds import TASKS, Kind
from connector.sandbox.hubspot.moments import parse_stamp, stamp_text, value_text
from connector.sandbox.hubspot.portal import APP_ID, Portal
from connector.sandbox.hubspot.replies import Json

ID_STEP = 50  # ids have gaps, as in a portal that many use


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it is kept; stamps in epoch milliseconds, `archived` None while it lives."""

    id: int
    created: int
    modified: int
    archived: int | None
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """What of a record the client wants to see; `properties` None: what HubSpot shows unasked."""

    properties: tuple[str, ...] | None = None
    with_history: tuple[str, ...] = ()
    associations: tuple[Kind, ...] = ()


def found(portal: Portal, kind: Kind, ids: Iterable[int], *, archived: bool = False) -> dict[int, Record]:
    """The records with these ids, by id; those in the other state (living, archived) are left out."""
    wanted = list(ids)
    if not wanted:
        return {}
    marks = ",".join("?" * len(wanted))
    state = "NOT NULL" if archived else "NULL"
    rows = portal.store.each(
        f"SELECT id, created, modified, archived, properties FROM {kind.table} WHERE id IN ({marks}) AND archived IS {state}",
        wanted,
    )
    return {row[0]: Record(row[0], row[1], row[2], row[3], json.loads(row[4])) for row in rows}


def numbered(text: object) -> int | None:
    """A record id; None for anything that no record could be called."""
    written = str(text)
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else None


def holder(portal: Portal, kind: Kind, property_name: str, value: str) -> int | None:
    """The id of the record that has this unique value."""
    row = portal.store.one(
        "SELECT id FROM uniques WHERE kind = ? AND property = ? AND value = ?", (kind.number, property_name, value)
    )
    return None if row is None else int(row[0])


def clash(portal: Portal, kind: Kind, values: Mapping[str, str], own: int | None = None) -> tuple[str, int] | None:
    """A unique property of the values that another record already holds, and that record's id."""
    for name, value in values.items():
        if value and portal.definitions(kind)[name].unique:
            taken = holder(portal, kind, name, value)
            if taken is not None and taken != own:
                return name, taken
    return None


def create(portal: Portal, kind: Kind, values: Mapping[str, str]) -> Record:
    """Keep a new record; the caller has judged its values."""
    now = portal.now()
    new_id = next_id(portal, kind)
    origin = {"hs_object_source": "INTEGRATION", "hs_object_source_id": APP_ID, "hs_object_source_label": "INTEGRATION"}
    created = parse_stamp(values.get(kind.created, "")) or now
    kept = {name: value for name, value in _with_consequences(kind, values, {}, now).items() if name != kind.created}
    record = Record(new_id, created, now, None, {**kept, **origin})
    remember_in_index(portal, kind, new_id, None, now)
    put(portal, kind, record)
    history.note(portal, kind, new_id, kept, now)
    if portal.told:
        portal.told.happened(kind, new_id, "creation", now)
    return record


def next_id(portal: Portal, kind: Kind) -> int:
    """Higher than that of any record of the kind, merged ones included."""
    highest = f"SELECT max(id) FROM (SELECT id FROM {kind.table} UNION ALL SELECT loser FROM merged WHERE kind = ?)"
    row = portal.store.one(highest, (kind.number,))
    return int(row[0] if row and row[0] else 10_001) + ID_STEP


def change(portal: Portal, kind: Kind, record: Record, values: Mapping[str, str], user: int | None = None) -> Record:
    """The record with new values; its modified stamp moves even where they are the old ones. `user`: a person's hand."""
    now = portal.now()
    values = _with_consequences(kind, values, record.properties, now)
    kept = {name: value for name, value in values.items() if name != kind.created}
    changed = replace(
        record,
        modified=now,
        created=parse_stamp(values.get(kind.created, "")) or record.created,
        properties={**record.properties, **kept},
    )
    remember_in_index(portal, kind, record.id, record, now)
    put(portal, kind, changed)
    differing = {name: value for name, value in kept.items() if record.properties.get(name, "") != value}
    history.note(portal, kind, record.id, differing, now, user=user)
    if portal.told and differing:
        portal.told.happened(kind, record.id, "propertyChange", now, differing)
    return changed


def touch(portal: Portal, kind: Kind, ids: Sequence[int]) -> None:
    """Move the modified stamp of records, and nothing else."""
    now = portal.now()
    for start in range(0, len(ids), 500):
        for record in found(portal, kind, ids[start : start + 500]).values():
            remember_in_index(portal, kind, record.id, record, now)
            portal.store.run(f"UPDATE {kind.table} SET modified = ? WHERE id = ?", (now, record.id))
    portal.store.touched(kind)


def archive(portal: Portal, kind: Kind, record: Record) -> None:
    """Take the record out of sight; its unique values become free, its links go."""
    now = portal.now()
    remember_in_index(portal, kind, record.id, record, now)
    portal.store.run(f"UPDATE {kind.table} SET archived = ? WHERE id = ?", (now, record.id))
    portal.store.run("DELETE FROM uniques WHERE kind = ? AND id = ?", (kind.number, record.id))
    links.cut_all(portal.store, kind, record.id)
    portal.store.touched(kind)
    if portal.told:
        portal.told.happened(kind, record.id, "deletion", now)


def winner_of(portal: Portal, kind: Kind, number: int) -> int:
    """Who answers to an id: whoever it was merged into, or the record itself."""
    if not portal.merges:
        return number
    row = portal.store.one("SELECT winner FROM merged WHERE kind = ? AND loser = ?", (kind.number, number))
    return number if row is None else int(row[0])


def shown(portal: Portal, kind: Kind, records: Sequence[Record], view: View) -> list[Json]:
    """The records as a reply shows them, in their order."""
    names = _names(kind, view)
    values = _values(portal, kind, records, names)
    pasts = history.of(portal, kind, records, view.with_history) if view.with_history else {}
    linked = links.shown(portal.store, kind, [record.id for record in records], view.associations)
    return [
        _shell(portal, kind, record)
        | {"properties": values[record.id]}
        | ({"propertiesWithHistory": pasts[record.id]} if view.with_history else {})
        | ({"associations": linked[record.id]} if record.id in linked else {})
        for record in records
    ]


def shown_after_write(portal: Portal, kind: Kind, record: Record, written: Iterable[str]) -> Json:
    """Replies to writes show what was written, and the system's own properties."""
    names = {*written, "hs_object_source", "hs_object_source_id", "hs_object_source_label"}
    values = _values(portal, kind, [record], [*kind.always_shown, *names])[record.id]
    known = {name: value for name, value in values.items() if value is not None}
    return _shell(portal, kind, record) | {"properties": dict(sorted(known.items()))}


def _shell(portal: Portal, kind: Kind, record: Record) -> Json:
    shell: Json = {
        "id": str(record.id),
        "properties": {},
        "createdAt": stamp_text(record.created),
        "updatedAt": stamp_text(record.modified),
        "archived": record.archived is not None,
        "url": f"https://app.hubspot.com/contacts/{portal.number}/record/{kind.type_id}/{record.id}",
    }
    return shell if record.archived is None else shell | {"archivedAt": stamp_text(record.archived)}


def _names(kind: Kind, view: View) -> list[str]:
    asked = kind.shown if view.properties is None else (*view.properties, *view.with_history)
    return sorted({*kind.always_shown, *asked})


def _values(
    portal: Portal, kind: Kind, records: Sequence[Record], names: Sequence[str]
) -> dict[int, dict[str, str | None]]:
    """Values by record id; a name that nobody defined is left out without a word, as HubSpot does."""
    known = [name for name in names if name in portal.definitions(kind)]
    computed = {name: sql for name in known if (sql := expression(kind, name)) is not None}
    worked_out: dict[int, tuple[str | None, ...]] = {}
    for start in range(0, len(records), 500):
        ids = [record.id for record in records[start : start + 500]]
        rows = portal.store.each(
            f"SELECT r.id, {', '.join(computed.values())} FROM {kind.table} r WHERE r.id IN ({','.join('?' * len(ids))})",
            ids,
        )
        worked_out.update((row[0], row[1:]) for row in rows)
    shown_values = {}
    for record in records:
        of_record = dict(zip(computed, worked_out[record.id], strict=True))
        shown_values[record.id] = {
            name: of_record[name] if name in of_record else record.properties.get(name) for name in known
        }
    return shown_values


def _with_consequences(kind: Kind, values: Mapping[str, str], before: Mapping[str, str], now: int) -> dict[str, str]:
    """What HubSpot itself adds to a write: a task that is completed gets the moment of it."""
    completed = kind is TASKS and values.get("hs_task_status") == "COMPLETED" != before.get("hs_task_status")
    return {"hs_task_completion_date": value_text(now), **values} if completed else dict(values)


def put(portal: Portal, kind: Kind, record: Record) -> None:
    """Keep the record as it is, in place of what was under its id."""
    text = json.dumps(dict(record.properties), ensure_ascii=False, separators=(",", ":"))
    portal.store.run(
        f"INSERT OR REPLACE INTO {kind.table} VALUES (?, ?, ?, ?, ?)",
        (record.id, record.created, record.modified, record.archived, text),
    )
    portal.store.run("DELETE FROM uniques WHERE kind = ? AND id = ?", (kind.number, record.id))
    held = [
        (kind.number, name, value, record.id)
        for name, value in record.properties.items()
        if value and (definition := portal.definitions(kind).get(name)) and definition.unique
    ]
    portal.store.many("INSERT INTO uniques VALUES (?, ?, ?, ?)", held)
    portal.store.touched(kind)


def remember_in_index(portal: Portal, kind: Kind, record_id: int, before: Record | None, now: int) -> None:
    """Keep the state that the search index will go on believing in until the lag is over."""
    lag = milliseconds_of(portal)
    if not lag:
        return
    portal.store.run(f"DELETE FROM {kind.shadow} WHERE replaced <= ?", (now - lag,))
    old = (None,) * 4 if before is None else (before.created, before.modified, before.archived, _text(before))
    portal.store.run(f"INSERT OR IGNORE INTO {kind.shadow} VALUES (?, ?, ?, ?, ?, ?)", (record_id, now, *old))


def _text(record: Record) -> str:
    return json.dumps(dict(record.properties), ensure_ascii=False, separators=(",", ":"))


def milliseconds_of(portal: Portal) -> int:
    """The search index's lag in milliseconds."""
    return round(portal.search_lag.total_seconds() * 1000)

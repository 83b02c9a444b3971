"""Raw records told apart and kept: stored, buried, or set aside; from a page, or read again by their ids."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import Connection

from connector.flow.drifting import stop_if_paused
from connector.flow.house import House
from connector.flow.merging import merge_away
from connector.model.periods import months_before
from connector.model.records import Activity, RawRecord, Record, RecordKind, Ref, Rejection
from connector.normalise.fields import Context
from connector.normalise.records import normalise
from connector.ports import Crm, Source
from connector.store import forgetting, nameless, records

AT_ONCE = 500  # records that are read again in one go
BAD_SHARE = 0.01  # of a window: more is no accident of single records
BY_CHANCE = 10  # records that may be bad in any window
# What is nobody's business by now may have been it by another mapping, or before: a task that became ours, a quota of a
# metric that is translated no longer. Others say less than they did: what was read of them stays.
_MAY_LEAVE = frozenset({RecordKind.ACTIVITY, RecordKind.READING})


@dataclass(frozen=True, slots=True)
class Sorted:
    """Records, told apart by what is to be done with them."""

    good: list[Record]
    past: list[Record]  # deals that were deleted, and are kept as they last were
    gone: dict[Ref, datetime]  # with the moment
    bad: list[Rejection]
    vanished: list[Ref] = field(default_factory=list)  # logins that the CRM does not even remember
    merged: list[RawRecord] = field(default_factory=list)  # tombstones of what lives on in another record


@dataclass(frozen=True, slots=True)
class Kept:
    """What a page brought."""

    stored: int  # new or changed
    removed: int
    astray: int = 0  # records that belong to one which was merged into another: they wait to be read again


def sort(raws: Iterable[RawRecord], context: Context) -> Sorted:
    """Normalise, and tell apart."""
    found = Sorted([], [], {}, [])
    for raw in raws:
        if raw.kind is RecordKind.USER and raw.deleted and not raw.fields:
            found.vanished.append(raw.ref)
            continue
        if _is_gone(raw):
            if raw.into:
                found.merged.append(raw)
            else:
                found.gone[raw.ref] = raw.modified_at
            continue
        outcome = normalise(raw, context)
        if outcome == () and raw.kind in _MAY_LEAVE:
            found.gone[raw.ref] = raw.modified_at
        elif not isinstance(outcome, Rejection):
            (found.past if raw.deleted and raw.kind is RecordKind.DEAL else found.good).extend(outcome)
        elif raw.deleted and raw.kind is RecordKind.DEAL:
            found.gone[raw.ref] = raw.modified_at
        else:
            found.bad.append(outcome)
    return found


def _is_gone(raw: RawRecord) -> bool:
    """Deleted records leave. Users who were archived stay, as people who have left.

    The past does not change: a deal stays where the CRM still shows how it was, and so do its versions.
    """
    if raw.kind is RecordKind.DEAL and raw.fields:
        return False
    return raw.deleted and raw.kind not in (RecordKind.USER, RecordKind.STAGE_CHANGE)


def keep(tx: Connection, house: House, found: Sorted, today: date) -> Kept:
    """Into the store, all of it."""
    saved = records.save(tx, _within(nameless.unnamed(tx, found.good, house.rules.files), house, today), today)
    gone = {**{each.ref: each.modified_at for each in found.merged}, **found.gone}
    removed, astray = merge_away(tx, house, found.merged)
    removed += records.save(tx, found.past, today).stored + records.remove(tx, gone)
    removed += forgetting.forget_vanished(tx, found.vanished, house.world.now(), drawn, house.rules.files)
    records.set_aside(tx, found.bad, house.world.now(), house.rules.version)
    return Kept(saved.stored, removed, astray)


def drawn() -> str:
    """What a pseudonym is made of: 12 hex digits by lot."""
    return uuid4().hex[:12]


def _within(found: Sequence[Record], house: House, today: date) -> list[Record]:
    """Without activities that would be thrown away again: what is kept for three years is not pulled for longer."""
    months = house.settings.privacy.keep.get("activities")
    if months is None:
        return list(found)
    first = months_before(today, months)
    return [each for each in found if not (isinstance(each, Activity) and each.kept_by < first)]


def is_systematic(bad: int, read: int) -> bool:
    """Whether so many bad records of a window are no accident: more than 1 %, beyond what chance explains."""
    usual = BAD_SHARE * read
    return bad > usual + 3 * math.sqrt(usual) + BY_CHANCE


def read_again(house: House, crm: Crm, source: Source, ids: Sequence[str], today: date) -> int:
    """Records by their ids, whatever the cursor says; returns how many are stored anew or gone.

    Raises SchemaDrifted where the source pauses.
    """
    stop_if_paused(house, crm, source)
    changed = 0
    for start in range(0, len(ids), AT_ONCE):
        found = sort(crm.read(source, ids[start : start + AT_ONCE]), house.context(crm.name))
        with house.store.writing() as tx:
            kept = keep(tx, house, found, today)
        changed += kept.stored + kept.removed
    return changed

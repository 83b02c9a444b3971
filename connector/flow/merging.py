"""What becomes of records that were merged into others, and of what belongs to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection

from connector.decide.health import OWN_IDS
from connector.flow.house import House
from connector.model.hints import Hint
from connector.model.records import RawRecord, RecordKind, Ref
from connector.store import hints, merging


def merge_away(tx: Connection, house: House, tombstones: Sequence[RawRecord]) -> tuple[int, int]:
    """Once what is left of them is stored: bury them and their notes, and hand over what is known of them.

    Returns how many are gone, and how many records wait to be read again. Doing it again changes nothing.
    """
    removed, left = 0, list[Ref]()
    for kind in sorted({each.kind for each in tombstones}):
        into = {each.ref: each.into for each in tombstones if each.kind is kind and each.into}
        gone = merging.not_yet(tx, kind, into)
        by_survivor: dict[Ref, list[Ref]] = defaultdict(list)
        for ref in gone:
            by_survivor[into[ref]].append(ref)
        for survivor, merged in by_survivor.items():
            merging.hand_over(tx, survivor, merged, OWN_IDS[house.rules.mappings[survivor.connection].type])
            if kind is RecordKind.DEAL:
                merging.keep_who_closed(tx, survivor, merged)
        removed += merging.bury(tx, kind, gone)
        for ref in gone:
            removed += merging.bury(tx, RecordKind.NOTE, merging.notes_on(tx, ref))
        left += merging.left_pointing(tx, gone)
    _to_be_read(tx, house, left)
    return removed, len(left)


def _to_be_read(tx: Connection, house: House, left: Sequence[Ref]) -> None:
    """Note, as hints, records that belong to one which was merged.

    The CRM moves their links to the one that is left, and may stamp nothing for it. Which one they belong to then, only it
    can say: of several it may name another one first.
    """
    for connection in {each.connection for each in left}:
        theirs = (Hint(each.object, each.id) for each in left if each.connection == connection)
        hints.note(tx, connection, theirs, house.world.now())

"""The object in which people type notes, where it is one of our own."""

from __future__ import annotations

from collections.abc import Iterator

from connector.model.changes import WantedField
from connector.model.notes import KINDS
from connector.normalise.mapping import NOTE_FIELDS, SourceMap

NOTES = "Attain note"
_LABELS = {"due_on": "Due", "done_on": "Done", "deal": "Deal in dispute"}


OURS = "attain_"


def is_ours(object_name: str) -> bool:
    """Whether `install` makes it."""
    return object_name.lower().startswith(OURS)


def note_fields(source: SourceMap, users: str, deals: str) -> Iterator[WantedField]:
    """Fields of an object of ours, or ours on a record of theirs; who created a record, say, is there already."""
    obj = source.object.partition(".")[0]
    for ours, theirs in source.fields.items():
        kind = NOTE_FIELDS[ours]
        made = theirs.endswith("__c") if is_ours(obj) else theirs.startswith(OURS)
        if not made:
            continue
        label = _LABELS.get(ours, ours.capitalize())
        points_at = {"person": users, "record": deals}.get(kind, "")
        yield WantedField(
            obj,
            theirs,
            label if is_ours(obj) else f"{NOTES}: {label.lower()}",
            "person" if kind == "record" else kind,
            choices=KINDS if ours == "kind" else (),
            points_at=points_at,
        )

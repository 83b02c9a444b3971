"""The object in which people type notes, where it is one of our own."""

from __future__ import annotations

from collections.abc import Iterator

from connector.model.changes import WantedField
from connector.model.notes import KINDS
from connector.normalise.mapping import NOTE_FIELDS, SourceMap

NOTES = "Attain note"
_LABELS = {"due_on": "Due", "done_on": "Done", "deal": "Deal in dispute"}


def is_ours(object_name: str) -> bool:
    """Whether `install` makes it."""
    return object_name.lower().startswith("attain_")


def note_fields(source: SourceMap, users: str, deals: str) -> Iterator[WantedField]:
    """Its fields; those of the CRM itself, like who created a record, are there already."""
    for ours, theirs in source.fields.items():
        kind = NOTE_FIELDS[ours]
        if not theirs.endswith("__c"):
            continue
        points_at = {"person": users, "record": deals}.get(kind, "")
        yield WantedField(
            source.object,
            theirs,
            _LABELS.get(ours, ours.capitalize()),
            "person" if kind == "record" else kind,
            choices=KINDS if ours == "kind" else (),
            points_at=points_at,
        )

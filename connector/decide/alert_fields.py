"""The object in which alerts lie where a CRM's tasks cannot carry a unique key of ours."""

from __future__ import annotations

from collections.abc import Iterator

from connector.decide.note_fields import is_ours
from connector.model.changes import WantedField
from connector.model.records import RecordKind
from connector.normalise.mapping import AlertTasks, CrmMapping

ALERTS = "Attain alert"
KEY_LENGTH = 40  # 32 hex digits
_TYPES = {"person": "person", "text": "long_text", "due_on": "date", "due_at": "moment"}  # everything else is a line


def alert_fields(mapping: CrmMapping, users: str) -> Iterator[WantedField]:
    """The key, on whichever object carries it; and every field of an object of our own."""
    where = mapping.write.alerts
    if where is None:
        return
    yield WantedField(where.object, where.key_field, "Attain key", "text", unique=True, length=KEY_LENGTH)
    if not is_ours(where.object):
        return
    for name, each in where.fields.items():
        if name.endswith("__c"):
            label = each.removeprefix("=").strip().replace("_", " ").capitalize()
            kind = "text" if each.startswith("=") else _TYPES.get(each, "text")
            yield WantedField(where.object, name, label, kind, points_at=users if kind == "person" else "")
    yield from _marks(mapping, where)


def _marks(mapping: CrmMapping, where: AlertTasks) -> Iterator[WantedField]:
    """Tasks that automation makes of our alerts are nobody's activity: they carry the key too, if not as a unique one."""
    for source in mapping.sources:
        key = source.fields.get("key")
        if source.kind is RecordKind.ACTIVITY and key == where.key_field:
            yield WantedField(source.object, key, "Attain key", "text", length=KEY_LENGTH)

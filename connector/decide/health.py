"""The health of deals and accounts as fields of their own records, where a mapping names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from connector.model.changes import Change, Row, Value, WantedField
from connector.model.records import RecordKind, Ref
from connector.model.results import Health
from connector.normalise.mapping import CrmMapping, RecordFields

KINDS = {"deals": RecordKind.DEAL, "accounts": RecordKind.ACCOUNT}
OWN_IDS = {"salesforce": "Id", "hubspot": "hs_object_id"}
REASONS = 3  # as many as somebody reads
_SAID = 255  # characters
_SIX = Decimal("0.000001")

HEALTH_ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "health": ("Health", "number"),
    "health_band": ("Health band", "text"),
    "health_reasons": ("Health reasons", "text"),
    "next_step": ("Suggested next step", "text"),
    "retention": ("Retention", "ratio"),  # of accounts
}


def health_changes(
    mappings: Mapping[str, CrmMapping], found: Iterable[Health], places: Mapping[str, str]
) -> Iterator[Change]:
    """A change for each record of a connection whose mapping has fields for it; `places` are the rules' by kind."""
    for each in found:
        ref = Ref.parse(each.ref)
        mapping = mappings.get(ref.connection)
        where = written(mapping, each.kind) if mapping else None
        if mapping and where and ref.object == where.object:
            values = _values(each)
            yield Change(
                Row(ref.connection, where.object, OWN_IDS[mapping.type], ref.id),
                {name: values[attribute] for name, attribute in where.fields.items()},
                because=places.get(each.kind, ""),
                subject=each.name,
            )


def emptied(
    connection: str, mapping: CrmMapping, shown: Mapping[Row, Mapping[str, Value]], wanted: Iterable[Row]
) -> Iterator[Change]:
    """Changes that take our words off records that are judged no longer: a closed deal has no health."""
    still = set(wanted)
    for kind in KINDS:
        where = written(mapping, kind)
        for row, values in shown.items() if where else ():
            if where and row.object == where.object and row.by_own_id and row not in still:
                gone = {name: None for name in where.fields if values.get(name) is not None}
                if gone:
                    yield Change(
                        row, gone, because=f"no {kind} rule is about it any more", subject=f"{connection} {row.key}"
                    )


def written(mapping: CrmMapping, kind: str) -> RecordFields | None:
    """Where the health of a kind of record goes."""
    return mapping.write.deals if kind == "deals" else mapping.write.accounts


def health_fields(mapping: CrmMapping) -> Iterator[WantedField]:
    """What `install` creates for it."""
    for kind in KINDS:
        where = written(mapping, kind)
        for name, attribute in where.fields.items() if where else ():
            label, type_ = HEALTH_ATTRIBUTES[attribute]
            yield WantedField(where.object if where else "", name, f"Attain: {label.lower()}", type_)


def _values(health: Health) -> Mapping[str, Value]:
    reasons = "; ".join(f"{each.says} ({each.add:+d})" for each in health.reasons[:REASONS])
    return {
        "health": health.points,
        "health_band": health.band,
        "health_reasons": _short(reasons),
        "next_step": _short(health.next_step),
        "retention": None if health.retention is None else health.retention.quantize(_SIX),
    }


def _short(text: str) -> str | None:
    if len(text) > _SAID:
        text = text[: _SAID - 1] + "…"
    return text or None

"""What the CRMs told of their fields, under our names: the values that each offers, and which are calculated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from connector.model.catalogue import Field, Relation, Type
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.ports import CrmField, CrmSchema
from connector.rulebook.mapped_names import KNOWN

FILLED = frozenset({"currency", "term_months"})  # the company's currency and a year, where nothing is mapped
_KINDS = {"deals": RecordKind.DEAL, "accounts": RecordKind.ACCOUNT, "people": RecordKind.USER}


def informed(
    relations: Mapping[str, Relation], mappings: Mapping[str, CrmMapping], schemas: Mapping[str, CrmSchema]
) -> dict[str, Relation]:
    """The relations, whose fields know what the CRMs said when somebody last looked."""
    found = dict(relations)
    for name, kind in _KINDS.items():
        sources = [
            (source, schemas.get(connection))
            for connection, mapping in mappings.items()
            for source in mapping.sources
            if source.kind is kind
        ]
        fields = {key: _informed(each, sources) for key, each in found[name].fields.items()}
        found[name] = replace(found[name], fields=fields)
    return found


def _informed(field: Field, sources: Iterable[tuple[SourceMap, CrmSchema | None]]) -> Field:
    """The union of what all connections offer; one that was never looked at, or offers no list, leaves it open."""
    sources = list(sources)
    offered: dict[str, None] = {}
    known, calculated = True, False
    for source, schema in sources:
        written = source.custom[field.name].field if field.name in source.custom else source.fields.get(field.name)
        if written is None:
            offered |= dict.fromkeys(filter(None, [source.constants.get(field.name)]))
            continue
        described = _described(schema, source.object, written)
        calculated = calculated or (described.calculated if described else False)
        if described is None or not described.choices or field.name in source.values:
            known = False
        else:
            offered |= dict.fromkeys(described.choices)
    if field.type is not Type.CHOICE or field.choices or not known:
        offered = {}
    names = {name for source, _ in sources for name in (*source.fields, *source.constants, *source.custom)}
    mapped = not sources or field.name in names or field.name not in KNOWN[sources[0][0].kind] or field.name in FILLED
    return replace(field, offered=tuple(offered), calculated=calculated, mapped=mapped)


def _described(schema: CrmSchema | None, obj: str, name: str) -> CrmField | None:
    return schema.objects.get(obj, {}).get(name) if schema else None

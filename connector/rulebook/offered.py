"""What the CRMs told of their fields, under our names: the values that each offers, and which are calculated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from connector.model.catalogue import Field, Relation, Teams, Type
from connector.model.records import RecordKind
from connector.model.schema import CrmField, CrmSchema
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.rulebook.mapped_names import KNOWN

# What it is where nothing is mapped: the company's currency, a year, a term from the close date on.
FILLED = frozenset({"currency", "term_months", "term_starts_on"})
# Fields of a relation that come from another section of the mapping.
_ELSEWHERE = {
    ("deals", "account_territory"): RecordKind.ACCOUNT_TERRITORY,
    ("accounts", "territory"): RecordKind.ACCOUNT_TERRITORY,
}
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
    for (name, key), kind in _ELSEWHERE.items():
        mapped = not mappings or any(each.kind is kind for mapping in mappings.values() for each in mapping.sources)
        field = replace(found[name].fields[key], mapped=mapped, hint="`account_territories:`")
        found[name] = replace(found[name], fields={**found[name].fields, key: field})
    return found


def teams(mappings: Mapping[str, CrmMapping], schemas: Mapping[str, CrmSchema]) -> Teams:
    """What the mappings say of who is on the team of a deal, and the roles that the CRMs offer."""
    sources = [(name, each) for name, mapping in mappings.items() for each in mapping.sources]
    members = [(name, each) for name, each in sources if each.kind is RecordKind.TEAM_MEMBER]
    named = any(each.kind is RecordKind.DEAL and "team" in each.fields for _, each in sources)
    in_roles = [(schemas.get(name), each) for name, each in members if "role" in (*each.fields, *each.constants)]
    offered = [_roles(schema, each) for schema, each in in_roles]
    words = dict.fromkeys(word for each in offered for word in each) if all(offered) else {}
    return Teams(not mappings or named or bool(members), not mappings or bool(in_roles), tuple(words))


def _roles(schema: CrmSchema | None, source: SourceMap) -> tuple[str, ...]:
    """The roles of one CRM, in our words; none where nobody knows."""
    if "role" in source.constants:
        return (source.constants["role"],)
    described = _described(schema, source.object, source.fields["role"])
    theirs = described.choices if described else ()
    ours = source.values.get("role")
    return tuple(dict.fromkeys(ours[each] for each in theirs if each in ours)) if ours else theirs


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

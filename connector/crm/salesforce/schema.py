"""The org's schema in the words of the port: fields with their choices, stages with their outcomes, currencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from connector.crm.salesforce import soql
from connector.crm.salesforce.corporate import CURRENCIES
from connector.crm.salesforce.describe import Describer, FieldShape
from connector.crm.salesforce.org import Org
from connector.errors import SchemaDrifted
from connector.model.records import RecordKind
from connector.model.schema import CrmField, CrmSchema, Stage
from connector.normalise.mapping import CrmMapping

_STAGES = "OpportunityStage"
_COUNTED_AT_ONCE = 25


def schema(org: Org, describer: Describer, mapping: CrmMapping) -> CrmSchema:
    """Every object that the mapping reads or writes, as far as it is shown."""
    objects: dict[str, Mapping[str, CrmField]] = {}
    for obj in dict.fromkeys(_objects(mapping)):
        if obj in describer.listing().names:
            objects[obj] = {name: field_of(field) for name, field in describer.shape(obj).fields.items()}
    return CrmSchema(objects, tuple(_stages(org, describer, mapping)), tuple(_currencies(org, describer)))


def _objects(mapping: CrmMapping) -> Iterable[str]:
    yield from (each.object for each in mapping.sources)
    yield from mapping.write.objects


def field_of(field: FieldShape) -> CrmField:
    """A field in the words of the port."""
    return CrmField(
        name=field.name,
        label=field.label,
        type=field.type,
        choices=field.choices,
        writable=field.updateable,
        unique=field.unique,
        calculated=field.calculated,
        retired=field.retired,
    )


def filled(org: Org, describer: Describer, obj: str, fields: Sequence[str]) -> tuple[int, dict[str, int]]:
    """How many records an object has, and how many have a value in each field.

    Fields that Salesforce does not count (checkboxes, long texts) are left out.
    """
    shape = describer.shape(obj)
    countable = [each for each in dict.fromkeys(fields) if each in shape.fields and shape.fields[each].aggregatable]
    counts: dict[str, int] = {}
    for start in range(0, len(countable), _COUNTED_AT_ONCE):
        names = countable[start : start + _COUNTED_AT_ONCE]
        rows = org.all_rows(soql.count_filled(names, obj))
        counts |= {name: int(rows[0][f"expr{at}"]) for at, name in enumerate(names)} if rows else {}
    return org.query(soql.count(obj)).total, counts


def _stages(org: Org, describer: Describer, mapping: CrmMapping) -> Iterable[Stage]:
    """The stages in the order of the sales process, with the outcome that each stands for."""
    source = next((each for each in mapping.sources if each.kind is RecordKind.DEAL), None)
    field = (
        describer.field(source.object, source.fields.get("stage", "")) if source and "stage" in source.fields else None
    )
    if source is None or field is None:
        return
    meant = _defined(org, describer) or _used(org, source.object, field.name)
    for name in dict.fromkeys((*field.choices, *meant)):
        outcome, label, probability = meant.get(name, ("open", name, None))
        yield Stage(name, label, None, outcome, probability)


_Meaning = tuple[str, str, float | None]  # outcome, label, probability


def _defined(org: Org, describer: Describer) -> dict[str, _Meaning]:
    """What the org's own table of stages says; empty where it is not shown."""
    names = ("ApiName", "MasterLabel", "IsClosed", "IsWon", "DefaultProbability")
    try:
        shape = describer.shape(_STAGES)
    except SchemaDrifted:
        return {}
    if not all(name in shape.fields for name in names):
        return {}
    rows = org.all_rows(soql.select(names, _STAGES))
    return {str(row["ApiName"]): (_outcome(row), str(row["MasterLabel"]), _share(row)) for row in rows}


def _share(row: Mapping[str, Any]) -> float | None:
    percent = row.get("DefaultProbability")
    return float(Decimal(percent) / 100) if percent is not None else None


def _used(org: Org, obj: str, stage: str) -> dict[str, _Meaning]:
    """What the deals themselves say: a stage that no deal is in stays unknown, and counts as open."""
    query = soql.select((stage, "IsWon", "IsClosed"), obj, group_by=(stage, "IsWon", "IsClosed"))
    return {str(row[stage]): (_outcome(row), str(row[stage]), None) for row in org.all_rows(query) if row.get(stage)}


def _outcome(row: Mapping[str, Any]) -> str:
    if row.get("IsWon"):
        return "won"
    return "lost" if row.get("IsClosed") else "open"


def _currencies(org: Org, describer: Describer) -> Iterable[str]:
    """Active currencies, the corporate one first; none where the org has only one."""
    if not describer.shows(CURRENCIES):
        return ()
    fields = ("IsoCode", "IsCorporate")
    rows = org.all_rows(soql.select(fields, CURRENCIES, where=[soql.truth("IsActive", is_set=True)]))
    rows.sort(key=lambda row: (not row.get("IsCorporate"), str(row["IsoCode"])))
    return tuple(str(row["IsoCode"]) for row in rows)

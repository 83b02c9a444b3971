"""What `attain init --connection` proposes: which stage means what, which amount field is filled how often."""

from __future__ import annotations

import re
from pathlib import Path

from connector.cli.terminal import counted, percent, say, spaced, table, writing
from connector.flow.house import House
from connector.model.records import RecordKind
from connector.model.schema import CrmField, CrmSchema, Stage
from connector.normalise.mapping import CrmMapping
from connector.ports import Crm

AMOUNT_TYPES = frozenset({"currency", "double", "number"})  # Salesforce's words and HubSpot's
OURS = re.compile(r"(?i)^attain_")


def propose_mapping(house: House, crm: Crm) -> None:
    """Print what was found, and write a proposal beside the mapping in use; nothing in use is touched."""
    mapping = house.rules.mappings[crm.name]
    settings = next(each for each in house.settings.connections if each.name == crm.name)
    schema = crm.schema()
    _stages_table(schema.stages)
    deals = mapping.object_of(RecordKind.DEAL)
    amounts = _amounts(crm, deals, schema)
    _amounts_table(deals, amounts, mapping)
    missing = _missing(mapping, schema)
    for name in missing:
        say(f"The mapping reads {name}, which this connection does not show.", "yellow")
    if settings.mapping_file is None:
        return
    target = settings.mapping_file.with_name(f"{crm.name}.proposed.yaml")
    with writing(target):
        target.write_text(_proposed(settings.mapping_file, mapping, schema.stages, amounts), encoding="utf-8")
    say()
    say(
        f"Wrote {target}. Compare it with {settings.mapping_file.name}, keep what is right, and run `attain check`.",
        "bold",
    )


def _stages_table(stages: tuple[Stage, ...]) -> None:
    say(f"{counted(len(stages), 'stage')} of deals", "bold")
    rows = [
        (
            each.pipeline or "",
            each.name,
            each.label,
            each.outcome,
            f"{each.probability:.0%}" if each.probability is not None else "",
        )
        for each in stages
    ]
    table(("pipeline", "stage", "label", "means", "probability"), rows, right=("probability",))


def _amounts(crm: Crm, deals: str, schema: CrmSchema) -> list[tuple[CrmField, int, int]]:
    """Number fields of deals: (field, records that have a value, all records), best filled first."""
    fields = [
        each
        for each in schema.objects.get(deals, {}).values()
        if each.type in AMOUNT_TYPES and not OURS.match(each.name) and not each.name.startswith("hs_v2_")
    ]
    total, filled = crm.filled(deals, [each.name for each in fields])
    found = [(each, filled.get(each.name, 0), total) for each in fields]
    return sorted(found, key=lambda each: (-each[1], each[0].name))


def _amounts_table(deals: str, amounts: list[tuple[CrmField, int, int]], mapping: CrmMapping) -> None:
    from decimal import Decimal

    say()
    say(f"Number fields of {deals}, by how often they are filled", "bold")
    used = _amount_field(mapping)
    rows = [
        (
            each.name,
            each.label,
            spaced(filled),
            percent(Decimal(filled) / total) if total else "",
            "the mapping's amount" if each.name == used else "calculated" if each.calculated else "",
        )
        for each, filled, total in amounts[:15]
    ]
    table(("field", "label", "filled", "share", ""), rows, right=("filled", "share"))


def _amount_field(mapping: CrmMapping) -> str:
    return next((each.fields.get("amount", "") for each in mapping.sources if each.kind is RecordKind.DEAL), "")


def _missing(mapping: CrmMapping, schema: CrmSchema) -> list[str]:
    return [
        f"{each.object}.{name}"
        for each in mapping.sources
        for name in each.names()
        if each.object in schema.objects and "." not in name and name not in schema.objects[each.object]
        if not OURS.match(name)
    ]


def _proposed(
    source: Path, mapping: CrmMapping, stages: tuple[Stage, ...], amounts: list[tuple[CrmField, int, int]]
) -> str:
    """The mapping in use, with stages spelt out and the best filled amount field."""
    text = source.read_text(encoding="utf-8")
    stage = next((each.fields.get("stage", "") for each in mapping.sources if each.kind is RecordKind.DEAL), "")
    won, lost = ([each.name for each in stages if each.outcome == outcome] for outcome in ("won", "lost"))
    if stage and won:
        block = f"outcome:\n  field: {stage}\n  won: [{_listed(won)}]\n  lost: [{_listed(lost)}]\n"
        text = re.sub(r"^outcome:\n(?:[ \t].*\n)+", lambda _: block, text, count=1, flags=re.MULTILINE)
    used = _amount_field(mapping)
    counts = {each.name: filled for each, filled, _ in amounts if not each.calculated}
    best = max(counts, key=lambda name: counts[name], default=used)
    note = f"filled on {counts.get(used, 0)} deals"
    if counts.get(best, 0) > counts.get(used, 0):
        note += f"; {best} on {counts[best]}"
    return re.sub(rf"^(\s+amount: {re.escape(used)})\b.*$", rf"\1  # {note}", text, count=1, flags=re.MULTILINE)


def _listed(names: list[str]) -> str:
    return ", ".join(name if re.fullmatch(r"[A-Za-z_][\w ]*", name) else f'"{name}"' for name in names)

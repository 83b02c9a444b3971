"""The doctor on rules of the account's own: what may refuse our writes, and what did.

What cannot be asked beforehand is learned from refusals; see `required`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from connector.crm.hubspot.errors import Refused
from connector.crm.hubspot.portal import BATCH, Portal
from connector.crm.hubspot.required import CREATE_AT, PIN, enforced
from connector.crm.refused import by_reason, finding
from connector.errors import CrmDenied
from connector.model.changes import Receipt, Wanted
from connector.normalise.mapping import CrmMapping
from connector.ports import Finding, Severity

SUBJECT = "required properties"
NAMED = 3  # stages in which records were refused
LOOKED_AT = 5 * BATCH  # records that were refused


def rules(connection: str, portal: Portal, mapping: CrmMapping, wanted: Wanted) -> Iterator[Finding]:
    """Whether this version obeys the account's rules, and which formats are asked of what we write."""
    version, objects = portal.transport.write_version, mapping.write.objects
    if not objects:
        return
    named = ", ".join(objects)
    if enforced(version):
        text = f"{version} refuses writes to {named} that leave out what the account requires of people; no call tells what that is"
        look = f"Look under Settings > Properties > Conditional logic and {CREATE_AT.format(object='each of them')}; or {PIN}."
        yield Finding(connection, SUBJECT, Severity.NOTE, text, look)
    else:
        yield Finding(connection, SUBJECT, Severity.OK, f"{version} does not hold our writes against them")
    for obj in filter(portal.has, objects):
        yield from _formats(connection, portal, obj, _written(mapping, wanted, obj))


def _written(mapping: CrmMapping, wanted: Wanted, obj: str) -> frozenset[str]:
    """Properties of an object that we set."""
    write = mapping.write
    mapped = [each.fields for each in (write.alerts, write.deals, write.accounts) if each and each.object == obj]
    return frozenset(name for fields in mapped for name in fields) | {
        each.name for each in wanted.fields if each.object == obj
    }


def _formats(connection: str, portal: Portal, obj: str, names: frozenset[str]) -> Iterator[Finding]:
    """Validation rules of properties that we set, in every version."""
    try:
        found = portal.validations(obj)
    except (CrmDenied, Refused):
        text = "HubSpot does not tell which formats it asks of their values"
        yield Finding(connection, f"{obj}.rules", Severity.NOTE, text)
        return
    for name in sorted(names & found.keys()):
        text = f"has a validation rule ({', '.join(found[name])}), which may refuse what we write"
        cure = f"See Settings > Properties > {name} > Rules."
        yield Finding(connection, f"{obj}.{name}", Severity.WARNING, text, cure)


def refusals(connection: str, portal: Portal, refused: Sequence[Receipt]) -> Iterator[Finding]:
    """What HubSpot would not take, once for each reason; of deals with the stages that they are in."""
    for (obj, _), receipts in by_reason(refused).items():
        ids = [each.row.key for each in receipts if each.row.by_own_id]
        yield finding(connection, receipts, _stages(portal, ids[:LOOKED_AT]) if obj == "deals" else "")


def _stages(portal: Portal, ids: Sequence[str]) -> str:
    """` in Signed (Sales Pipeline)`, the fullest first: stages with their pipelines; empty where nothing is known of them."""
    found: Counter[str] = Counter()
    for start in range(0, len(ids), BATCH):
        records = portal.read("deals", ids[start : start + BATCH], ("dealstage", "pipeline")).records
        found.update(each.properties.get("dealstage") or "" for each in records)
    found.pop("", None)
    labels: Mapping[str, str] = {each.id: f"{each.label} ({each.pipeline_label})" for each in portal.stages("deals")}
    shown = [labels.get(stage, stage) for stage, _ in found.most_common(NAMED)]
    more = len(found) - len(shown)
    return f" in {', '.join(shown)}{f' and {more} more stages' if more else ''}" if shown else ""

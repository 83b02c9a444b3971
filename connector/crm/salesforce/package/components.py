"""The Lightning components: written by hand in `lwc/`, but for two modules that are generated from the mapping.

Those carry what the mapping decides: the names of objects and fields, and every query. GraphQL aliases give each field
our name for it, so the components know attributes (`attainment`), never fields (`Attainment_Pct__c`). Source for the
queries' form: Salesforce, "GraphQL API Wire Adapter" (`lightning/graphql`), read 2026-11-29.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from connector.crm.salesforce.package.labels import label_name
from connector.crm.salesforce.package.metadata import BUNDLE, Part, document
from connector.crm.words import WORDS
from connector.model.changes import Wanted
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, ScoreRows

NEEDED = ("person", "period", "period_start", "period_end", "actual", "target", "attainment")
PAGES = ("attainMyNumbers", "attainTeam")  # of the app's own page
_MOST_ROWS = 2_000  # as many as one query gives
_HEALTH = {"deals": "attainDealHealth", "accounts": "attainAccountHealth"}
_NUMBERS = ("attainGauge", "attainTrend", "attainWhy", "attainNoteForm", "attainRecordLink")


@dataclass(frozen=True, slots=True)
class NotePlace:
    """Where people type, and which of its fields are ours: our name → field."""

    object: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Places:
    """Where a mapping shows what, as far as the fields are wanted: attribute → field, for each object."""

    scores: tuple[str, Mapping[str, str]] | None  # None: the pages would have nothing to show
    notes: NotePlace | None  # None: no notes are mapped, or not to an object of our own
    health: Mapping[str, tuple[str, Mapping[str, str]]]  # "deals" → object and fields


def places(mapping: CrmMapping, wanted: Wanted) -> Places:
    """What there is to show. A field of ours that nobody wants is not deployed, and nothing may name it."""
    known = {(each.object, each.name) for each in wanted.fields}

    def kept(obj: str, fields: Mapping[str, str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for ours, name in fields.items():
            if (obj, name) in known or not name.endswith("__c"):
                found.setdefault(ours, name)
        return found

    health = {}
    for kind, where in (("deals", mapping.write.deals), ("accounts", mapping.write.accounts)):
        if where is not None and (fields := kept(where.object, _reversed(where.fields))):
            health[kind] = where.object, fields
    return Places(_scores(mapping, kept), _notes_of(mapping, kept), health)


_Kept = Callable[[str, Mapping[str, str]], dict[str, str]]


def _reversed(fields: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, each in fields.items():
        found.setdefault(each, name)
    return found


def _scores(mapping: CrmMapping, kept: _Kept) -> tuple[str, Mapping[str, str]] | None:
    match mapping.write.scores:
        case ScoreRows() as rows:
            found = kept(rows.object, _reversed(rows.fields))
            if all(each in found for each in NEEDED) and ("metric" in found or "metric_title" in found):
                return rows.object, found
    return None


def _notes_of(mapping: CrmMapping, kept: _Kept) -> NotePlace | None:
    for source in mapping.sources:
        if source.kind is RecordKind.NOTE and source.object.lower().startswith("attain_"):
            return NotePlace(source.object, kept(source.object, source.fields))
    return None


def components(found: Places, version: str) -> Iterator[Part]:
    """The bundles that have something to show."""
    if not found.scores and not found.health:
        return
    yield _generated("attainLabels", _labels(), version)
    yield _generated("attainSchema", _schema(found), version)
    shared = ("attainRows", *(_NUMBERS if found.scores else ()), *(("attainHealthPanel",) if found.health else ()))
    for name in (*shared, *(PAGES if found.scores else ()), *(_HEALTH[kind] for kind in found.health)):
        yield _bundle(name, version)


def _bundle(name: str, version: str) -> Part:
    folder = files(__package__).joinpath("lwc", name)
    found = {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}
    found = {each: content.replace(b"@@VERSION@@", version.encode()) for each, content in sorted(found.items())}
    return Part(BUNDLE, name, files=found)


def _generated(name: str, text: str, version: str) -> Part:
    meta = document(BUNDLE, [("apiVersion", version), ("isExposed", "false")])
    return Part(BUNDLE, name, files={f"{name}.js": text.encode(), f"{name}.js-meta.xml": meta.encode()})


def _labels() -> str:
    lines = [f'import {name} from "@salesforce/label/c.{label_name(name)}";' for name in WORDS]
    return "\n".join([*lines, "", f"export const labels = {{ {', '.join(WORDS)} }};", ""])


def _schema(found: Places) -> str:
    notes, parts = found.notes, ['import { gql } from "lightning/graphql";', ""]
    if found.scores:
        parts += [_mine(*found.scores), _team(*found.scores), _notes(notes)]
    writable = {ours: name for ours, name in (notes.fields if notes else {}).items() if name.endswith("__c")}
    parts.append(f"export const NOTE = {_constant({'object': notes.object, 'fields': writable} if notes else None)};")
    for kind, (obj, fields) in found.health.items():
        names = {each: f"{obj}.{name}" for each, name in fields.items()}
        parts.append(f"export const {kind[:-1].upper()} = {_constant({'object': obj, 'fields': names})};")
    return "\n".join([*parts, ""])


def _constant(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _via(field: str) -> str:
    """The way through a look-up: `User__c` → `User__r`."""
    return field.removesuffix("__c") + "__r"


def _nodes(fields: Mapping[str, str]) -> str:
    return "\n".join(f"              {ours}: {name} {{ value }}" for ours, name in fields.items() if ours != "owner")


def _query(export: str, name: str, variables: str, root: str, nodes: str) -> str:
    return f"""export const {export} = gql`
  query {name}({variables}) {{
    uiapi {{
      query {{
        rows: {root} {{
          edges {{
            node {{
              Id
{nodes}
            }}
          }}
        }}
      }}
    }}
  }}
`;
"""


def _mine(obj: str, fields: Mapping[str, str]) -> str:
    start = fields["period_start"]
    where = f"and: [{{ {fields['person']}: {{ eq: $user }} }}, {{ {start}: {{ gte: {{ value: $since }} }} }}]"
    root = f"{obj}(first: {_MOST_ROWS}, where: {{ {where} }}, orderBy: {{ {start}: {{ order: DESC }} }})"
    return _query("MINE", "attainMine", "$user: ID, $since: Date", root, _nodes(fields))


def _team(obj: str, fields: Mapping[str, str]) -> str:
    end, via = fields["period_end"], _via(fields["person"])
    where = f"and: [{{ {via}: {{ ManagerId: {{ eq: $user }} }} }}, {{ {end}: {{ gte: {{ value: $today }} }} }}]"
    root = f"{obj}(first: {_MOST_ROWS}, where: {{ {where} }})"
    nodes = f"{_nodes(fields)}\n              who: {via} {{ Name {{ value }} }}"
    return _query("TEAM", "attainTeam", "$user: ID, $today: Date", root, nodes)


def _notes(notes: NotePlace | None) -> str:
    if notes is None or "person" not in notes.fields:
        return "export const NOTES = undefined;\n"
    shown = {ours: name for ours, name in notes.fields.items() if name.endswith("__c")}
    via = _via(notes.fields["person"])
    root = (
        f"{notes.object}(first: {_MOST_ROWS}, where: {{ {via}: {{ ManagerId: {{ eq: $user }} }} }}, "
        "orderBy: { CreatedDate: { order: DESC } })"
    )
    nodes = f"{_nodes(shown)}\n              written: CreatedDate {{ value }}"
    return _query("NOTES", "attainNotes", "$user: ID", root, nodes)

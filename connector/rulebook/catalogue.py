"""The relations as one company knows them: built-in fields, custom fields, levels, file tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from connector.language.parse import RESERVED
from connector.model.catalogue import RELATIONS, Catalogue, Field, Relation, Type, relation
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, CustomField, FileTable

_EXTENDED = {"deals": RecordKind.DEAL, "accounts": RecordKind.ACCOUNT}
_OF_PEOPLE = ("person", "from", "name", "manager", "start", "end", "home")  # columns of `people` that are no level


def catalogue(mappings: Iterable[CrmMapping], files: Mapping[str, FileTable], currency: str) -> Catalogue:
    """Everything that rules may name."""
    known = list(mappings)
    relations = dict(RELATIONS)
    for name, kind in _EXTENDED.items():
        relations[name] = _with(relations[name], [_custom(*each) for each in custom_fields(known, kind)])
    levels = [Field(each, Type.CHOICE, f"their {each}") for each in levels_of(known, files)]
    relations["people"] = _with(relations["people"], levels)
    for table in files.values():
        relations[f"files.{table.name}"] = _table(table)
    return Catalogue(relations, currency)


def custom_fields(mappings: Iterable[CrmMapping], kind: RecordKind) -> list[tuple[str, CustomField]]:
    """Every custom field of a kind of record, each time that a mapping names it."""
    return [
        (name, each)
        for mapping in mappings
        for source in mapping.sources
        if source.kind is kind
        for name, each in source.custom.items()
    ]


def levels_of(mappings: Iterable[CrmMapping], files: Mapping[str, FileTable]) -> tuple[str, ...]:
    """The levels by which the company is cut: those of the CRMs' users, and of `files.people`."""
    found = [level for each in mappings for level in each.levels()]
    people = files.get("people")
    found += [each.name for each in people.columns if each.name not in _OF_PEOPLE] if people else []
    return tuple(dict.fromkeys(found))


def _custom(name: str, field: CustomField) -> Field:
    return Field(name, field.type, field.says or f"{field.field}, a field of this company")


def _with(known: Relation, more: Iterable[Field]) -> Relation:
    """A relation with more fields; built-in ones win, and dates may say which period a record belongs to."""
    added = {each.name: each for each in more if each.name not in known.fields}
    dates = tuple(name for name, each in added.items() if each.type is Type.DATE and known.dates)
    return replace(known, fields={**known.fields, **added}, dates=(*known.dates, *dates))


def _table(table: FileTable) -> Relation:
    """A file table. Columns that the language could not name are left out."""
    fields = [
        Field(each.name, each.type, f"a column of {table.file}", _column(table, each.name), nullable=not each.required)
        for each in table.columns
        if each.name not in RESERVED
    ]
    dates = [each.name for each in table.columns if each.type is Type.DATE]
    first = [table.date] if table.date else []
    dated = tuple(dict.fromkeys([*first, *dates]))
    says = f"Rows of {table.file}."
    return relation(
        f"files.{table.name}", says, tuple(fields), dates=dated, credits=("person",) if table.person else ()
    )


def _column(table: FileTable, name: str) -> str:
    """The mirror keeps whom a row is about as `person`, and what was written there beside it."""
    return f'"{name}_given"' if name == table.person else ""

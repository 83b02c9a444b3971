"""What is read of CRMs and files, and what is written into CRMs: field by field, from the mappings and what install makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.appraisal.rules import Rules
from connector.decide.changes import wanted
from connector.model.records import FILES, RecordKind
from connector.model.settings import Settings
from connector.normalise.mapping import CrmMapping, FileTable, ScoreRows

# Kinds of records that are about people themselves; deals and accounts are about business, credited to people.
OF_PEOPLE = frozenset({RecordKind.USER, RecordKind.ACTIVITY, RecordKind.NOTE, RecordKind.MEMBERSHIP})
MARKED = (RecordKind.DEAL, "next_step")  # of whose text nothing but that there is one goes on from the door
ANSWER = "answer"  # of a note: what we write into what people typed


@dataclass(frozen=True, slots=True)
class ReadField:
    """A field of a CRM, or a column of a file, that is read."""

    connection: str  # FILES for a column
    object: str
    field: str
    as_: str  # what we call it
    of_people: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of a CRM that we write, or make for people to type in, and what it shows."""

    connection: str
    object: str
    field: str
    shows: str


def read(rules: Rules) -> Iterator[ReadField]:
    """Every field, connection by connection; then every column of every table."""
    for name, mapping in rules.mappings.items():
        yield from _of_crm(name, mapping)
    for table in rules.files.values():
        yield from _of_file(table)


def _of_crm(connection: str, mapping: CrmMapping) -> Iterator[ReadField]:
    for source in mapping.sources:
        personal = source.kind in OF_PEOPLE
        named = {**source.fields, **{name: each.field for name, each in source.custom.items()}}
        for name, theirs in named.items():
            marked = (source.kind, name) == MARKED
            what = "whether a next step is planned" if marked else f"{source.kind} {name}".replace("_", " ")
            yield ReadField(connection, source.object, theirs, what, personal)
        if source.kind is RecordKind.DEAL:
            for theirs in mapping.outcome.names():
                yield ReadField(connection, source.object, theirs, "deal outcome", of_people=False)


def _of_file(table: FileTable) -> Iterator[ReadField]:
    personal = table.person is not None or any(each.name == "person" for each in table.columns)
    for each in table.columns:
        yield ReadField(FILES, table.file, each.name, f"{table.name} {each.name}".replace("_", " "), personal)


def written(settings: Settings, rules: Rules) -> Iterator[Shown]:
    """What install makes and what the mapping names besides, each field once."""
    scorecards = {each.name: each for each in rules.scorecards}
    for name, mapping in rules.mappings.items():
        known = dict(_named(mapping))
        for each in wanted(mapping, rules.shown, scorecards).fields:
            known.setdefault((each.object, each.name), each.label.lower())
        for (obj, field), shows in known.items():
            yield Shown(name, obj, field, shows)
    for connection in settings.connections:
        if connection.options.get("bell") == "on":
            yield Shown(connection.name, "notification", "title, body", "an alert that was just created")


def _named(mapping: CrmMapping) -> Iterator[tuple[tuple[str, str], str]]:
    write = mapping.write
    rows = write.scores if isinstance(write.scores, ScoreRows) else None
    for place in (rows, write.alerts, write.deals, write.accounts):
        if place is not None:
            yield from (((place.object, name), each) for name, each in place.fields.items())
    for source in mapping.sources:
        if source.kind is RecordKind.NOTE:
            obj = source.object.partition(".")[0]
            yield from (
                ((obj, theirs), "answer to a note" if ours == ANSWER else f"note {ours}: typed by people")
                for ours, theirs in source.fields.items()
                if ours not in ("author", "written_at")
            )

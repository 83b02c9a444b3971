"""Fields that are not what they were when a source was read: the source pauses until somebody has looked.

What is stored was read as fields were then. A percent that became a number, or a stage that was replaced by another,
moves the stamp of no record: the old rows would stay as they are, and the new ones be taken for the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from connector.errors import SchemaDrifted
from connector.flow.house import House
from connector.model.records import RecordKind
from connector.model.schema import CrmField
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.ports import Crm, Source
from connector.store import shapes, streams
from connector.store.shapes import FieldWas, Shape

# The same values in a roomier field, in the words of either CRM.
_WIDER = frozenset(
    {("string", "textarea"), ("email", "string"), ("phone", "string"), ("phone_number", "string"), ("url", "string"), ("int", "double")}
)  # fmt: skip
SPARE = frozenset({RecordKind.NOTE, RecordKind.PERIOD})  # what people said, and what only the config is held against
_NAMED = 5  # values in one sentence


@dataclass(frozen=True, slots=True)
class Looked:
    """A source as it is described today, beside what it was read by."""

    connection: str
    object: str
    was: Shape | None  # None: it was never read
    today: Shape
    differences: tuple[str, ...]  # that pause it, a sentence each

    @property
    def is_to_be_read_anew(self) -> bool:
        """The mapping says something else of it by now, or somebody accepted what it has become."""
        return self.was is not None and self.was.mapping != self.today.mapping

    @property
    def cure(self) -> str:
        """What lets it go on."""
        accept = f"`attain drift {self.connection} --accept` where it still means the same"
        return f"{self.object} pauses: change the mapping, or {accept}; then all of it is read once more"

    @property
    def drift(self) -> str:
        """Why it pauses, and what to do; empty: it does not."""
        if self.is_to_be_read_anew or not self.differences:
            return ""
        return "\n".join([*(f"{self.connection}: {each}" for each in self.differences), f"  {self.cure}"])


def look(house: House, crm: Crm, source: Source) -> Looked:
    """Compare, and note nothing. Raises SchemaDrifted where a field is gone, and what asking a CRM raises."""
    mapping = house.rules.mappings[crm.name]
    described = crm.described(source)
    fields = {name: FieldWas(each.type, (*each.choices, *each.retired)) for name, each in described.items()}
    today = Shape(_fingerprint(mapping, source), fields)
    with house.store.reading() as tx:
        was = shapes.of(tx, crm.name, str(source))
    differences = tuple(_differences(source.object, was.fields, described, _named(mapping, source))) if was else ()
    return Looked(crm.name, source.object, was, today, differences)


def hold(house: House, crm: Crm, source: Source) -> Looked:
    """The same before a source is read, and note it. Raises SchemaDrifted where it pauses.

    What is to be read anew is noted as such, so that whoever comes after a death goes on with it; until then the
    connection is not whole, since some of its records mean what they did, and some what they do.
    """
    found = look(house, crm, source)
    if found.is_to_be_read_anew:
        with house.store.writing() as tx:
            shapes.read_once_more(tx, crm.name, str(source))
            if source.kind not in SPARE:
                streams.note_whole(tx, crm.name, whole=False)
        return found
    if found.was and found.drift:
        _keep(house, crm, source, replace(found.was, drift=found.drift))
        raise SchemaDrifted(found.drift)
    if found.was != found.today:
        _keep(house, crm, source, found.today)
    return found


def settle(house: House, crm: Crm, source: Source, found: Looked) -> None:
    """All of it was read as it is described today."""
    _keep(house, crm, source, found.today)


def stop_if_paused(house: House, crm: Crm, source: Source) -> None:
    """For whoever reads without asking what fields are like. Raises SchemaDrifted with what the last pull found."""
    with house.store.reading() as tx:
        was = shapes.of(tx, crm.name, str(source))
    if was and was.drift:
        raise SchemaDrifted(was.drift)


def _keep(house: House, crm: Crm, source: Source, shape: Shape) -> None:
    with house.store.writing() as tx:
        shapes.keep(tx, crm.name, str(source), shape, house.world.now())


def _fingerprint(mapping: CrmMapping, source: Source) -> str:
    """Of whatever decides what a record comes to."""
    given = mapping.source(source.kind, source.object)
    outcome = mapping.outcome if given.kind is RecordKind.DEAL else None
    told = {
        "fields": given.fields,
        "custom": {name: [each.field, each.type] for name, each in given.custom.items()},
        "constants": given.constants,
        "values": given.values,
        "outcome": outcome and [outcome.names(), sorted(outcome.won), sorted(outcome.lost)],
        "currency": mapping.default_currency,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=dict).encode()).hexdigest()[:16]


def _named(mapping: CrmMapping, source: Source) -> Mapping[str, frozenset[str]]:
    """Fields of which the mapping says what each value means, with the values that it names."""
    given: SourceMap = mapping.source(source.kind, source.object)
    found = {given.fields[ours]: frozenset(table) for ours, table in given.values.items() if ours in given.fields}
    if given.kind is RecordKind.DEAL and mapping.outcome.field:
        found[mapping.outcome.field] = mapping.outcome.won | mapping.outcome.lost
    return found


def _differences(
    obj: str, was: Mapping[str, FieldWas], now: Mapping[str, CrmField], named: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    for name, old in was.items():
        new = now.get(name)
        if new is None:
            continue  # what is gone is refused by whoever describes; the rest is not installed
        if old.type != new.type:
            if (old.type, new.type) not in _WIDER:
                yield f"{obj}.{name} was {old.type}, and is {new.type} now"
            continue
        # A list may be left out altogether, as HubSpot's of stages is at times: that says nothing of its values.
        told = (*new.choices, *new.retired)
        if told and (gone := [each for each in old.choices if each not in told]):
            yield f"{obj}.{name} no longer knows {_list(gone)}"
        added = [each for each in new.choices if each not in old.choices and each not in named.get(name, frozenset())]
        if name in named and added:
            yield f"{obj}.{name} offers {_list(added)} now, and the mapping says of each value what it means"


def _list(values: list[str]) -> str:
    told = ", ".join(f"`{each}`" for each in values[:_NAMED])
    return f"{told} and {len(values) - _NAMED} more" if len(values) > _NAMED else told

"""Fields that are not what they were when a source was read: the source pauses until somebody has looked.

What is stored was read as fields were then. A percent that became a number, or a stage that was replaced by another,
moves the stamp of no record: the old rows would stay as they are, and the new ones be taken for the same. What the
mapping says is part of it: where that has changed, a source is read once more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

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
_SHOWN = 5  # values in one sentence


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not what it was."""

    says: str
    is_about_old: bool = True  # stored records may mean something else by now; false: only those still to come


@dataclass(frozen=True, slots=True)
class Looked:
    """A source as it is described today, beside what it was read by."""

    connection: str
    object: str
    was: Shape | None  # None: it was never read
    today: Shape
    differences: tuple[Difference, ...]  # that pause it

    @property
    def cure(self) -> str:
        """What lets it go on."""
        accept = f"`attain drift {self.connection} --accept` where it still means the same"
        return f"{self.object} pauses: change the mapping, or {accept}"

    @property
    def drift(self) -> str:
        """Why it pauses, and what to do; empty: it does not."""
        if not self.differences:
            return ""
        return "\n".join([*(f"{self.connection}: {each.says}" for each in self.differences), f"  {self.cure}"])

    @property
    def noted(self) -> Shape:
        """What is to be remembered: as it is today, or as it was and why it pauses."""
        return replace(self.was, drift=self.drift) if self.was and self.drift else self.today


def expect(house: House, crm: Crm) -> None:
    """Before anything is read: note where the mapping says something else by now. No CRM is asked what it holds.

    Until such a source was read once more the connection is not whole: some of its records mean what they did, and some
    what they do. One whose first read never came to its end begins it again, and is read once.
    """
    sources = crm.sources()  # may ask, and whoever asks counts its call in the store
    with house.store.writing() as tx:
        for source in sources:
            was, now = shapes.of(tx, crm.name, str(source)), _fingerprint(house.rules.mappings[crm.name], source)
            if was is None or now == (was.wanted or was.mapping):
                continue
            if streams.forget_unread(tx, crm.name, str(source)):
                shapes.forget(tx, crm.name, str(source))
            else:
                _want(tx, house, crm, source, Shape(was.mapping, {}, wanted=now))


def look(house: House, crm: Crm, source: Source) -> Looked:
    """Compare, and note nothing. Raises SchemaDrifted where a field is gone, and what asking a CRM raises."""
    described = crm.described(source)
    with house.store.reading() as tx:
        return _compared(tx, house, crm, source, described)


def hold(house: House, crm: Crm, source: Source) -> None:
    """The same before a source is read, and note it. Raises SchemaDrifted where it pauses."""
    described = crm.described(source)
    with house.store.reading() as tx:
        found = _compared(tx, house, crm, source, described)
    if found.noted != found.was:
        with house.store.writing() as tx:  # compared again: somebody may have accepted it meanwhile
            found = _compared(tx, house, crm, source, described)
            shapes.keep(tx, crm.name, str(source), found.noted, house.world.now())
    if found.drift:
        raise SchemaDrifted(found.drift)


def accept(house: House, crm: Crm, source: Source, found: Looked) -> bool:
    """Somebody looked, and it still means the same. Where stored records may not, all is read once more: True."""
    again = any(each.is_about_old for each in found.differences)
    with house.store.writing() as tx:
        if again:
            wanted = _fingerprint(house.rules.mappings[crm.name], source)
            _want(tx, house, crm, source, replace(found.today, wanted=wanted))
        else:
            shapes.keep(tx, crm.name, str(source), found.today, house.world.now())
    return again


def anew(source: Source) -> str:
    """The stream of reading a source once more, beside its own."""
    return f"{source} anew"


def is_wanted(tx: Connection, crm: Crm, source: Source) -> bool:
    """Whether all of it is to be read once more: until then a part may mean what it did, and a part what it does."""
    shape = shapes.of(tx, crm.name, str(source))
    return shape is not None and bool(shape.wanted)


def settle(tx: Connection, house: House, crm: Crm, source: Source) -> None:
    """All of it was read once more: in the transaction that keeps the last of it."""
    shape = shapes.of(tx, crm.name, str(source))
    if shape:
        settled = replace(shape, mapping=shape.wanted, wanted="")
        shapes.keep(tx, crm.name, str(source), settled, house.world.now())
    streams.forget(tx, crm.name, anew(source))


def stop_if_paused(house: House, crm: Crm, source: Source) -> None:
    """For whoever reads without asking what fields are like. Raises SchemaDrifted with what the last pull found."""
    with house.store.reading() as tx:
        was = shapes.of(tx, crm.name, str(source))
    if was and was.drift:
        raise SchemaDrifted(was.drift)


def _want(tx: Connection, house: House, crm: Crm, source: Source, shape: Shape) -> None:
    """Read it once more from the beginning, whatever of that was under way."""
    shapes.keep(tx, crm.name, str(source), shape, house.world.now())
    streams.forget(tx, crm.name, anew(source))
    if source.kind not in SPARE:
        streams.note_whole(tx, crm.name, whole=False)


def _compared(tx: Connection, house: House, crm: Crm, source: Source, described: Mapping[str, CrmField]) -> Looked:
    mapping, was = house.rules.mappings[crm.name], shapes.of(tx, crm.name, str(source))
    before = was.fields if was else {}
    fields = {name: _noted(each, before.get(name)) for name, each in described.items()}
    if was is None:
        return Looked(crm.name, source.object, None, Shape(_fingerprint(mapping, source), fields), ())
    found = _differences(source.object, before, described, _meanings(mapping, source))
    return Looked(crm.name, source.object, was, replace(was, fields=fields, drift=""), tuple(found))


def _noted(field: CrmField, was: FieldWas | None) -> FieldWas:
    """A list that is left out today, as HubSpot's are at times, is remembered: that it is missing says nothing of its values."""
    kept = was.choices if was and was.type == field.type else ()
    return FieldWas(field.type, field.choices or kept)


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


def _meanings(mapping: CrmMapping, source: Source) -> Mapping[str, frozenset[str] | None]:
    """Fields whose values the mapping translates, with those it names; None: it says of each whether a deal is closed."""
    given: SourceMap = mapping.source(source.kind, source.object)
    found: dict[str, frozenset[str] | None] = {
        given.fields[ours]: frozenset(table) for ours, table in given.values.items() if ours in given.fields
    }
    if given.kind is RecordKind.DEAL and mapping.outcome.field:
        found[mapping.outcome.field] = None
    return found


def _differences(
    obj: str,
    was: Mapping[str, FieldWas],
    now: Mapping[str, CrmField],
    meanings: Mapping[str, frozenset[str] | None],
) -> Iterator[Difference]:
    for name, old in was.items():
        new = now.get(name)
        if new is None:
            continue  # what is gone is refused by whoever describes; the rest is not installed
        if old.type != new.type:
            if (old.type, new.type) not in _WIDER:
                yield Difference(f"{obj}.{name} was {old.type}, and is {new.type} now")
        elif old.choices and new.choices:
            yield from _of_lists(f"{obj}.{name}", old.choices, new, meanings.get(name, frozenset()))


def _of_lists(field: str, old: tuple[str, ...], new: CrmField, named: frozenset[str] | None) -> Iterator[Difference]:
    """A lost value was replaced by another, perhaps, in records whose stamps did not move.

    A new one is of no matter where each value stands for itself, or where the mapping leaves some to themselves.
    """
    gone = [each for each in old if each not in (*new.choices, *new.retired)]
    if gone:
        yield Difference(f"{field} no longer knows {_list(gone)}")
    added = [each for each in new.choices if each not in old and each not in (named or ())]
    if added and (named is None or (named and named.issuperset(old))):
        text = f"{field} offers {_list(added)} now, and the mapping says of each value what it means"
        yield Difference(text, is_about_old=False)


def _list(values: list[str]) -> str:
    told = ", ".join(f"`{each}`" for each in values[:_SHOWN])
    return f"{told} and {len(values) - _SHOWN} more" if len(values) > _SHOWN else told

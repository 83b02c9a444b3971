"""Notes that people typed in a CRM: who waits for an answer, and the answer on its way back to the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.appraisal.notes import notes
from connector.decide.health import OWN_IDS
from connector.errors import ConfigError, Place, Problem
from connector.flow.appraise import Tables, people_of
from connector.flow.guard import look
from connector.flow.house import House
from connector.flow.proposed import Proposal, Proposed, calls, expected
from connector.model.changes import Change, Row
from connector.model.notes import ANSWERED, Note
from connector.model.records import RecordKind, Ref


@dataclass(frozen=True, slots=True)
class Noted:
    """What was said, oldest first."""

    notes: tuple[Note, ...]
    names: Mapping[str, str]  # of people, by id
    problems: tuple[str, ...]  # a sentence for each row that is no note

    @property
    def waiting(self) -> tuple[Note, ...]:
        """Those that somebody should answer."""
        return tuple(each for each in self.notes if each.is_open)


def noted(house: House) -> Noted:
    """Every note, from CRMs and files."""
    roster = people_of(house)
    found, problems = notes(Tables(house), roster)
    return Noted(tuple(found), {each.id: each.name for each in roster.people}, tuple(problems))


def the_note(found: Noted, start: str) -> Note:
    """The one whose record id begins so. Raises ConfigError where none does, or several."""
    likely = [each for each in found.notes if start and (each.ref == start or each.id.startswith(start))]
    if len(likely) == 1:
        return likely[0]
    text = (
        f"no note has an id that begins with `{start}`" if not likely else f"{len(likely)} notes begin with `{start}`"
    )
    raise ConfigError([Problem(Place(f"note {start}"), "unknown-note", text, "`attain notes` lists them")])


@dataclass(frozen=True, slots=True)
class Answer:
    """The plan that puts an answer into the record, or what stands there already."""

    plan: Proposal | None
    stands: str = ""


def answering(house: House, note: Note, text: str) -> Answer:
    """An answer, held against the record. Raises ConfigError where there is no record, or no field for it.

    What somebody answered by hand stays, also between this look and the write.
    """
    try:
        ref = Ref.parse(note.ref)
    except ValueError:
        ref = None
    mapping = house.rules.mappings.get(ref.connection) if ref else None
    if ref is None or mapping is None:
        raise ConfigError([_unanswerable(note, "it was read from a file; write the answer there")])
    source = next((each for each in mapping.sources if (each.kind, each.object) == (RecordKind.NOTE, ref.object)), None)
    field = source.fields.get("answer") if source else None
    if field is None:
        raise ConfigError([_unanswerable(note, "its mapping has no field for `answer:`")])
    row = Row(ref.connection, ref.whole.object, OWN_IDS[mapping.type], ref.whole.id)
    change = Change(row, {field: text}, because=ANSWERED, subject=f"note of {note.written_on}")
    crm = house.crms[ref.connection]
    shown = look(crm, [change]).get(row)
    if shown is None:
        raise ConfigError([_unanswerable(note, "there is no such record any more")])
    stands = shown.get(field)
    if stands and str(stands) not in _earlier(house, note, ref):
        return Answer(None, str(stands))
    proposed = Proposed(change, dict(shown), new=False, expects=expected(change, shown))
    return Answer(Proposal(ref.connection, (proposed,), looked=True, calls=calls(crm, [change])))


def _earlier(house: House, note: Note, ref: Ref) -> set[str]:
    """Answers to earlier notes of the same record, where a record has room for one at a time."""
    if ref.whole == ref:
        return set()
    return {
        each.answer for each in noted(house).notes if each.ref != note.ref and Ref.parse(each.ref).whole == ref.whole
    }


def _unanswerable(note: Note, why: str) -> Problem:
    return Problem(Place(f"note {note.id}"), "no-answer", f"this note cannot be answered from here: {why}")

"""What a mapping puts where, as the pages must know it: numbers, scorecards, health, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.crm.hubspot.fields import NOTED, USERS
from connector.crm.hubspot.typed import notes_at
from connector.decide.attributes import SCORE_ATTRIBUTES
from connector.model.changes import Wanted, WantedField
from connector.model.periods import WRITTEN
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, RecordFields, ScoreProperties

UNITS = frozenset({"money", "ratio"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A metric over one kind of period, in properties of the person's record."""

    key: str
    title: str
    grain: str
    unit: str  # money | ratio | number
    fields: Mapping[str, str]  # attribute → property


@dataclass(frozen=True, slots=True)
class CardPlace:
    """A scorecard, in two properties of the person's record."""

    key: str
    title: str
    score: str
    band: str


@dataclass(frozen=True, slots=True)
class NotePlace:
    """Properties of a deal that people type a note into."""

    typed: tuple[str, ...]  # in the order of the form
    text: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class PageNotePlace:
    """The address that the app's own page sends a note to, and the properties in which it stands afterwards."""

    url: str
    text: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class Places:
    """All that there is to show."""

    people: str  # "users"; empty: no numbers are written to people
    reports: str | None
    numbers: tuple[Quantity, ...]
    cards: tuple[CardPlace, ...]
    deals: RecordFields | None
    accounts: RecordFields | None
    note: NotePlace | None
    page_note: PageNotePlace | None = None


def places(mapping: CrmMapping, wanted: Wanted, told_at: str = "") -> Places:
    """From the fields that `install` makes: what nobody wants is not shown. `told_at`: our door for webhooks, if there is one."""
    return replace(_shown(mapping, wanted), page_note=_page_note(mapping, told_at))


def _page_note(mapping: CrmMapping, told_at: str) -> PageNotePlace | None:
    own = (each for each in mapping.sources if (each.kind, each.object) == (RecordKind.NOTE, f"{USERS}{NOTED}"))
    source = next(own, None)
    if source is None or not told_at:
        return None
    return PageNotePlace(notes_at(told_at), source.fields["text"], source.fields.get("answer"))


def _shown(mapping: CrmMapping, wanted: Wanted) -> Places:
    where, write, note = mapping.write.scores, mapping.write, _note(mapping, wanted)
    if not isinstance(where, ScoreProperties):
        return Places("", None, (), (), write.deals, write.accounts, note)
    mine = [each for each in wanted.fields if each.object == where.object and each.name.startswith(where.prefix)]
    numbers, cards = tuple(_numbers(where, mine)), tuple(_cards(where, mine))
    return Places(where.object, where.reports, numbers, cards, write.deals, write.accounts, note)


def _note(mapping: CrmMapping, wanted: Wanted) -> NotePlace | None:
    """None where no notes are typed into deals: the card stands on these."""
    deals = mapping.object_of(RecordKind.DEAL)
    for source in mapping.sources:
        if source.kind is RecordKind.NOTE and source.object == f"{deals}{NOTED}":
            made = {each.name for each in wanted.fields if each.object == deals}
            typed = [source.fields.get(each, "") for each in ("kind", "metric", "period", "text", "rating")]
            return NotePlace(
                tuple(each for each in typed if each in made), source.fields["text"], source.fields.get("answer")
            )
    return None


def _numbers(where: ScoreProperties, fields: Sequence[WantedField]) -> Iterator[Quantity]:
    found: dict[str, dict[str, WantedField]] = {}
    for field in fields:
        for grain in WRITTEN:
            metric, middle, attribute = field.name.removeprefix(where.prefix).rpartition(f"_{grain}_")
            if middle and attribute in where.attributes and attribute in SCORE_ATTRIBUTES:
                found.setdefault(f"{metric}_{grain}", {})[attribute] = field
    for key, mine in found.items():
        title, _, over = next(iter(mine.values())).label.rpartition(": ")[0].rpartition(", ")
        amount = mine.get("actual") or mine.get("target")
        unit = amount.type if amount and amount.type in UNITS else "number"
        yield Quantity(key, title, over, unit, {name: each.name for name, each in mine.items()})


def _cards(where: ScoreProperties, fields: Sequence[WantedField]) -> Iterator[CardPlace]:
    names = {each.name for each in fields}
    for field in fields:
        start = field.name.removesuffix("_score")
        if start != field.name and f"{start}_band" in names:
            yield CardPlace(
                start.removeprefix(where.prefix), field.label.rpartition(": ")[0], field.name, f"{start}_band"
            )

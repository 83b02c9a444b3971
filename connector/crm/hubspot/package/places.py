"""What a mapping puts where, as the pages must know it: numbers, scorecards, health, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.crm.hubspot.typed import notes_at
from connector.decide.attributes import MANAGER, OWNER, SCORE_ATTRIBUTES
from connector.model.changes import Wanted, WantedField
from connector.model.periods import WRITTEN
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, RecordFields, ScoreProperties, ScoreRows

UNITS = frozenset({"money", "ratio"})
# What a page reads of a record of our own.
SHOWN = ("metric", "metric_title", "unit", "currency", "period", "actual", "target", "gap", "attainment", "pace",
         "projection", "rank", "band", "explanation", "evidence")  # fmt: skip


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
class RowPlace:
    """Numbers and scorecards in records of our own, one per person, metric and period."""

    object: str  # "attain_rep_period"
    key: str
    person: str  # the property that holds the owner's id of whoever it is about
    manager: str | None  # that of their manager; None: pages show no team
    ends: str | None  # the last day of the period; None: the newest period counts
    fields: Mapping[str, str]  # attribute → property


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

    reports: str | None
    numbers: tuple[Quantity, ...]
    cards: tuple[CardPlace, ...]
    deals: RecordFields | None
    accounts: RecordFields | None
    note: NotePlace | None
    rows: RowPlace | None = None  # takes the place of `numbers` and `cards`
    page_note: PageNotePlace | None = None

    @property
    def of_people(self) -> tuple[str, ...]:
        """What is written of people: titles, or the object of our own that has them; empty: nothing."""
        if self.rows:
            return (self.rows.object,)
        titles = (*(each.title for each in self.numbers), *(each.title for each in self.cards))
        return tuple(dict.fromkeys(titles))


def places(mapping: CrmMapping, wanted: Wanted, told_at: str = "") -> Places:
    """From the fields that `install` makes: what nobody wants is not shown. `told_at`: our door for webhooks, if there is one."""
    return replace(_shown(mapping, wanted), page_note=_page_note(mapping, told_at))


def _page_note(mapping: CrmMapping, told_at: str) -> PageNotePlace | None:
    """None without a door, and where people's numbers are not in their own record: nobody would find it for the note."""
    where = mapping.write.scores
    source = mapping.notes_on(where.object) if isinstance(where, ScoreProperties) else None
    if source is None or not told_at:
        return None
    return PageNotePlace(notes_at(told_at), source.fields["text"], source.fields.get("answer"))


def _shown(mapping: CrmMapping, wanted: Wanted) -> Places:
    where, write, note = mapping.write.scores, mapping.write, _note(mapping, wanted)
    if not isinstance(where, ScoreProperties):
        rows = _rows(where) if where else None
        return Places(None, (), (), write.deals, write.accounts, note, rows)
    mine = [each for each in wanted.fields if each.object == where.object and each.name.startswith(where.prefix)]
    numbers, cards = tuple(_numbers(where, mine)), tuple(_cards(where, mine))
    return Places(where.reports, numbers, cards, write.deals, write.accounts, note)


def _note(mapping: CrmMapping, wanted: Wanted) -> NotePlace | None:
    """None where no notes are typed into deals: the card stands on these."""
    deals = mapping.object_of(RecordKind.DEAL)
    source = mapping.notes_on(deals)
    if source is None:
        return None
    made = {each.name for each in wanted.fields if each.object == deals}
    typed = [source.fields.get(each, "") for each in ("kind", "metric", "period", "text", "rating")]
    return NotePlace(tuple(each for each in typed if each in made), source.fields["text"], source.fields.get("answer"))


def _rows(where: ScoreRows) -> RowPlace | None:
    """None where a record does not say whose number it is, of what, or when: nothing could be shown of it."""
    fields = {ours: theirs for theirs, ours in where.fields.items()}
    person = fields.get("person") or fields.get(OWNER)
    if not person or not {"metric", "period"} <= fields.keys() or not {"actual", "target"} & fields.keys():
        return None
    shown = {ours: theirs for ours, theirs in fields.items() if ours in SHOWN}
    return RowPlace(where.object, where.key_field, person, fields.get(MANAGER), fields.get("period_end"), shown)


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

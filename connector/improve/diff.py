"""Who moves when rules change: each person's numbers by two sets of rules, and the records that make the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from connector.appraisal.appraise import Appraisal
from connector.appraisal.payouts import payouts
from connector.appraisal.rules import Rules
from connector.measure.evidence import EvidenceLine, evidence
from connector.model.calendar import Calendar, Period
from connector.model.people import Roster
from connector.model.results import Card, Score, Subject
from connector.score.payout import Payout

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


@dataclass(frozen=True, slots=True)
class Side:
    """One set of rules, and what came of it on one day."""

    rules: Rules
    appraisal: Appraisal


@dataclass(frozen=True, slots=True)
class Shift:
    """One number of a person that differs; a side without it is None."""

    person: str
    what: str  # a metric or a scorecard
    before: Score | Card | None
    after: Score | Card | None
    because: tuple[str, ...]  # the rule lines that moved it

    @property
    def size(self) -> Decimal:
        """How far attainment or score moved; a number that came or went counts as whole."""
        values = [_reached(each) for each in (self.before, self.after)]
        if values == [None, None]:
            return Decimal(0)
        old, new = values
        return Decimal(1) if old is None or new is None else abs(new - old)


@dataclass(frozen=True, slots=True)
class Paid:
    """What a person is paid by each side, in minor units; None: nothing, or it cannot be told."""

    person: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything that two sets of rules disagree on in one period."""

    period: Period
    people: int  # with a number by either
    shifts: tuple[Shift, ...]  # widest first
    paid: tuple[Paid, ...] = ()
    rebanded: frozenset[str] = field(default_factory=frozenset)  # people whose band is another one

    @property
    def churn(self) -> Fraction:
        """The share of people whose band changes; without bands, whose attainment does."""
        return Fraction(len(self.rebanded), self.people) if self.people else Fraction(0)

    @property
    def payout_change(self) -> int:
        """What is paid more by the new rules, in minor units; negative: less."""
        return sum((each.after or 0) - (each.before or 0) for each in self.paid)


def diff(before: Side, after: Side, period: Period, roster: Roster, calendar: Calendar) -> Diff:
    """Both sides' scores, scorecards and payouts of a period, person by person."""
    names = before.rules.shown.keys() | after.rules.shown.keys()
    scores = [_scores(each, period, names) for each in (before, after)]
    cards = [_cards(each, period) for each in (before, after)]
    sources = _sources((before, after), period)
    shifts = [
        Shift(subject.id, metric, scores[0].get((metric, subject)), scores[1].get((metric, subject)), tuple(because))
        for metric, subject in sorted(scores[0].keys() | scores[1].keys())
        if (because := list(_why((before, after), metric, subject, scores, sources)))
    ]
    shifts += [
        Shift(subject.id, name, old, new, _places(before, after, name))
        for name, subject in sorted(cards[0].keys() | cards[1].keys())
        if _card_of(old := cards[0].get((name, subject))) != _card_of(new := cards[1].get((name, subject)))
    ]
    people = {subject.id for _, subject in (*scores[0], *scores[1], *cards[0], *cards[1])}
    banded = any(cards)
    rebanded = {
        each.person
        for each in shifts
        if (isinstance(each.before or each.after, Card) and _band(each.before) != _band(each.after))
        or (not banded and isinstance(each.before or each.after, Score) and each.size)
    }
    paid = tuple(_paid(before, after, period, roster, calendar))
    widest = sorted(shifts, key=lambda each: (-each.size, each.person, each.what))
    return Diff(period, len(people), tuple(widest), paid, frozenset(rebanded))


@dataclass(frozen=True, slots=True)
class MovedRecord:
    """A record that is credited differently; minor units where the metric is money, None where it is not counted."""

    ref: str
    name: str
    before: Decimal | None
    after: Decimal | None


def moved_records(
    mirror: DuckDBPyConnection, before: Side, after: Side, shift: Shift, *, period: Period, limit: int = 3
) -> tuple[MovedRecord, ...]:
    """The records behind a shift of a metric, those that moved most first; none behind a scorecard or a formula."""
    lines = [
        {each.ref: each for each in _lines(mirror, side, shift, period)} if shift.what in side.rules.metrics else {}
        for side in (before, after)
    ]
    found = [
        MovedRecord(ref, (old or new).name, _credited(old), _credited(new))  # type: ignore[union-attr]  # one is there
        for ref in sorted(lines[0].keys() | lines[1].keys())
        if _credited(old := lines[0].get(ref)) != _credited(new := lines[1].get(ref))
    ]
    zero = Decimal(0)
    return tuple(sorted(found, key=lambda each: -abs((each.after or zero) - (each.before or zero)))[:limit])


def _lines(mirror: DuckDBPyConnection, side: Side, shift: Shift, period: Period) -> Sequence[EvidenceLine]:
    metrics = side.rules.metrics
    subject = Subject("person", shift.person)
    aims = {(each.metric, each.subject, each.period.id): each.value for each in side.appraisal.targets}
    metric = metrics[shift.what]
    return evidence(mirror, metric, subject, period, side.appraisal.today, metrics=metrics, targets=aims).lines


def _credited(line: EvidenceLine | None) -> Decimal | None:
    if line is None:
        return None
    return line.credited if line.credited is not None else Decimal(line.share) / 1_000_000


def _scores(side: Side, period: Period, names: set[str]) -> dict[tuple[str, Subject], Score]:
    return {
        (each.metric, each.subject): each
        for each in side.appraisal.scores
        if each.period.id == period.id and each.subject.kind == "person" and each.metric in names
    }


def _cards(side: Side, period: Period) -> dict[tuple[str, Subject], Card]:
    return {
        (each.scorecard, each.subject): each
        for each in side.appraisal.cards
        if each.period.id == period.id and each.subject.kind == "person"
    }


_Sources = Mapping[tuple[str, Subject], Sequence[str]]


def _sources(sides: tuple[Side, Side], period: Period) -> _Sources:
    """Where each target of a period was written, by either side."""
    found: dict[tuple[str, Subject], list[str]] = {}
    for side in sides:
        for each in side.appraisal.targets:
            if each.period.id == period.id:
                found.setdefault((each.metric, each.subject), []).append(each.source)
    return found


def _why(
    sides: tuple[Side, Side],
    metric: str,
    subject: Subject,
    scores: Sequence[Mapping[tuple[str, Subject], Score]],
    sources: _Sources,
) -> Iterator[str]:
    """The places of the rules behind a difference; nothing where there is none."""
    old, new = (each.get((metric, subject)) for each in scores)
    if (old and old.actual) != (new and new.actual):
        yield from (str(each.rules.metrics[metric].place) for each in sides if metric in each.rules.metrics)
    if (old and old.target) != (new and new.target):
        yield from dict.fromkeys(sources.get((metric, subject), ()))
    moved = old is not None and new is not None and (old.rank, old.pace) != (new.rank, new.pace)
    if moved and (old.actual, old.target) == (new.actual, new.target):  # type: ignore[union-attr]  # both are there
        yield "by what others moved" if old.rank != new.rank else "by how it is paced"  # type: ignore[union-attr]


def _places(before: Side, after: Side, scorecard: str) -> tuple[str, ...]:
    places = (str(card.place) for side in (before, after) for card in side.rules.scorecards if card.name == scorecard)
    return tuple(dict.fromkeys(places))


def _card_of(card: Card | None) -> tuple[Decimal | None, str, int | None] | None:
    return None if card is None else (card.score, card.band, card.rank)


def _band(result: Score | Card | None) -> str:
    return result.band if result else ""


def _reached(result: Score | Card | None) -> Decimal | None:
    if result is None:
        return None
    return result.score if isinstance(result, Card) else result.attainment


def _paid(before: Side, after: Side, period: Period, roster: Roster, calendar: Calendar) -> Iterator[Paid]:
    """Payouts of both sides, of everybody whom either pays otherwise than the other."""
    sides = [_payouts(each, period, roster, calendar) for each in (before, after)]
    for person in sorted(sides[0].keys() | sides[1].keys()):
        old, new = (each[person].pays if person in each else None for each in sides)
        if old != new:
            yield Paid(person, old, new)


def _payouts(side: Side, period: Period, roster: Roster, calendar: Calendar) -> dict[str, Payout]:
    found = payouts(side.rules.plans, period, side.appraisal.scores, roster, calendar)
    return {each.subject.id: each for each in found}

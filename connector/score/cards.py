"""Scorecards filled in: each person's, and each unit's out of its people's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from connector.language.evaluate import truth
from connector.model.calendar import Period
from connector.model.people import Assignment, Person, Roster
from connector.model.results import COMPANY, Card, CardLine, Score, Subject, units
from connector.score.scorecard import Scorecard, Weighed

NEUTRAL = Decimal(1)
Scores = Mapping[tuple[str, Subject, str], Score]  # metric, subject, period id
Meant = Callable[[Person, Scorecard, Period], bool]


@dataclass(frozen=True, slots=True)
class Filling:
    """One scorecard in one period, with everybody's scores at hand."""

    scorecard: Scorecard
    period: Period
    scores: Scores
    today: date

    def person(self, person: Person) -> Card:
        """One person's card; `score` is None where nothing could be weighed, with the reason."""
        card, seat = self.scorecard, person.on(max(self.period.starts_on, person.starts_on or self.period.starts_on))
        lines = self._lines(person, seat)
        subject = Subject("person", person.id)
        score = _mean([(each.points, Fraction(each.weight)) for each in lines if each.points is not None])
        if score is None:
            return Card(card.name, subject, self.period, self.today, None, lines=lines, reason="nothing to weigh")
        held: list[str] = []
        for gate in card.gates:
            if truth(gate.when, self._actuals(person), self.today) is True:
                score = gate.held(score)
                held.append(f"{gate.when.text} ({gate.place})")
        return Card(card.name, subject, self.period, self.today, score, card.band(score), lines, tuple(held))

    def _actuals(self, person: Person) -> dict[str, object]:
        """What a gate may compare: the person's own numbers, by metric."""
        names = {name for gate in self.scorecard.gates for name in gate.when.fields}
        subject, period = Subject("person", person.id), self.period.id
        return {name: score.actual for name in names if (score := self.scores.get((name, subject, period)))}

    def _lines(self, person: Person, seat: Assignment) -> tuple[CardLine, ...]:
        """Each line with its points and the share of the weights that it really has."""
        found = [(each, self._reached(each, person, seat)) for each in self.scorecard.lines]
        whole = sum((each.weight for each, _ in found), Decimal(0))
        return tuple(self._line(each, reached, reason, whole) for each, (reached, reason) in found)

    def _line(self, line: Weighed, reached: Decimal | None, reason: str, whole: Decimal) -> CardLine:
        card, share = self.scorecard, line.weight / whole
        if reached is not None:
            return CardLine(line.name, line.weight, share, reached, card.clamped(line.scale.of(reached)))
        match card.missing:
            case "zero":
                return CardLine(
                    line.name, line.weight, share, None, card.clamped(Decimal(0)), f"{reason}: counts as zero"
                )
            case "neutral":
                return CardLine(line.name, line.weight, share, None, card.clamped(NEUTRAL), f"{reason}: counts as 100%")
            case _:
                return CardLine(
                    line.name, line.weight, Decimal(0), None, None, f"{reason}: left out, the others weigh more"
                )

    def _reached(self, line: Weighed, person: Person, seat: Assignment) -> tuple[Decimal | None, str]:
        subject = self._subject(line, person, seat)
        score = self.scores.get((line.metric, subject, self.period.id)) if subject else None
        if score is None:
            return None, "no number"
        reached = score.pace if self.scorecard.by == "pace" else score.attainment
        return reached, "" if reached is not None else score.reason or "no number"

    def _subject(self, line: Weighed, person: Person, seat: Assignment) -> Subject | None:
        if not line.of:
            return Subject("person", person.id)
        if line.of == COMPANY.kind:
            return COMPANY
        unit = seat.levels.get(line.of)
        return Subject(line.of, unit) if unit else None

    def group(self, subject: Subject, members: Sequence[tuple[Person, Card]]) -> Card:
        """A unit's card: the mean of its people's scores, by head or by target, over the full roster.

        Whoever has no score counts as the floor, unless the scorecard looks only at those who have one: leaving
        people out flatters.
        """
        card = self.scorecard
        counted = [each for each in members if card.whole_roster or each[1].score is not None]
        scored = sum(each.score is not None for _, each in members)
        says = f"{scored} of {len(members)} people have a score"
        score = _mean([(card.floor if each.score is None else each.score, self._weight(who)) for who, each in counted])
        if score is None or not scored:
            return Card(card.name, subject, self.period, self.today, None, reason=says)
        return Card(card.name, subject, self.period, self.today, score, card.band(score), reason=says)

    def _weight(self, person: Person) -> Fraction:
        """One per head, or the target of the first line's metric."""
        if self.scorecard.group == "head":
            return Fraction(1)
        score = self.scores.get((self.scorecard.lines[0].metric, Subject("person", person.id), self.period.id))
        return Fraction(score.target) if score and score.target is not None else Fraction(0)


def cards(
    scorecards: Sequence[Scorecard],
    periods: Sequence[Period],
    scores: Scores,
    roster: Roster,
    *,
    today: date,
    meant: Meant,
) -> tuple[Card, ...]:
    """Everybody's card, and every unit's and the company's, in each period of a scorecard's length; people ranked.

    `meant` says whether a scorecard is for a person in a period. A person has one card per period: that of the first
    scorecard that is meant for them.
    """
    found: list[Card] = []
    taken: set[tuple[str, str]] = set()
    for scorecard in scorecards:
        for period in (each for each in periods if each.grain is scorecard.period):
            filling = Filling(scorecard, period, scores, today)
            people = [
                each for each in roster.people if (each.id, period.id) not in taken and meant(each, scorecard, period)
            ]
            taken |= {(each.id, period.id) for each in people}
            mine = [(each, filling.person(each)) for each in people]
            found += _ranked([card for _, card in mine])
            found += _groups(filling, mine, roster)
    return tuple(found)


def _mean(weighed: Sequence[tuple[Decimal, Fraction]]) -> Decimal | None:
    """Points by their weights, divided once: thirds of 80 % are 80 %. None where nothing weighs."""
    whole = sum((weight for _, weight in weighed), Fraction(0))
    if not whole:
        return None
    mean = sum((Fraction(points) * weight for points, weight in weighed), Fraction(0)) / whole
    return Decimal(mean.numerator) / mean.denominator


def _groups(filling: Filling, mine: Sequence[tuple[Person, Card]], roster: Roster) -> list[Card]:
    found: dict[Subject, list[tuple[Person, Card]]] = {}
    for person, card in mine:
        seat = person.on(max(filling.period.starts_on, person.starts_on or filling.period.starts_on))
        for subject in (*units(seat.levels, roster.levels), COMPANY):
            found.setdefault(subject, []).append((person, card))
    return [filling.group(subject, members) for subject, members in sorted(found.items())]


def _ranked(found: Sequence[Card]) -> list[Card]:
    """Standard competition ranks on the unrounded score: 1, 2, 2, 4."""
    scores = sorted((each.score for each in found if each.score is not None), reverse=True)
    places = {score: place for place, score in reversed(list(enumerate(scores, start=1)))}
    return [each if each.score is None else replace(each, rank=places[each.score]) for each in found]

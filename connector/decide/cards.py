"""Scorecards as CRMs show them: a row of their own, or properties of the person's record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from connector.decide.attributes import MANAGER
from connector.decide.wording import percent
from connector.model.changes import Change, Row, Value, WantedField
from connector.model.results import Card, CardLine
from connector.normalise.mapping import ScoreProperties, ScoreRows
from connector.score.scorecard import Scorecard

KIND = "scorecard"  # what a row's key begins with, where a metric's begins with `attainment`
_SIX = Decimal("0.000001")
ONE = Decimal(1)


def card_row(
    connection: str,
    where: ScoreRows,
    card: Card,
    scorecard: Scorecard,
    *,
    user: str | None,
    manager: str | None,
    riding: Mapping[str, Value],
) -> Change:
    """A record of our own, beside those of the metrics: its attainment is the score, of which all is 100 %."""
    values = {**_values(card, scorecard, user), MANAGER: manager}
    key = f"{KIND}:{card.scorecard}:{card.subject.id}:{card.period.id}"
    return Change(
        Row(connection, where.object, where.key_field, key),
        {name: values[each] for name, each in where.fields.items() if each in values},
        because=str(scorecard.place),
        riding={name: riding[each] for name, each in where.fields.items() if each in riding},
    )


def card_properties(
    where: ScoreProperties, cards: Sequence[Card], scorecards: Mapping[str, Scorecard]
) -> Iterator[tuple[str, Value]]:
    """Names and values for the record of one person; a scorecard that is not theirs is emptied."""
    mine = {each.scorecard: each for each in cards}
    for name, scorecard in scorecards.items():
        card = mine.get(name)
        yield f"{_property(where, scorecard)}_score", _six(card.score) if card else None
        yield f"{_property(where, scorecard)}_band", (card.band or None) if card else None


def card_fields(where: ScoreProperties, scorecards: Mapping[str, Scorecard]) -> Iterator[WantedField]:
    """What `install` creates for them."""
    for scorecard in scorecards.values():
        title = f"{scorecard.title}, {scorecard.period}"
        yield WantedField(where.object, f"{_property(where, scorecard)}_score", f"{title}: score", "ratio")
        yield WantedField(where.object, f"{_property(where, scorecard)}_band", f"{title}: band", "text")


def said(card: Card) -> str:
    """In a few words: each line with what it is worth, and the gates that hold the score down."""
    parts = [_line(each) for each in card.lines]
    parts += [f"held down by {each}" for each in card.held]
    return "; ".join([*parts, *([card.reason] if card.reason else [])])


def _line(line: CardLine) -> str:
    weight = percent(line.share)
    if line.reached is None:
        return f"{line.name}: {line.says}"
    return f"{line.name} {percent(line.points)} x {weight}"


def _values(card: Card, scorecard: Scorecard, user: str | None) -> Mapping[str, Value]:
    score = _six(card.score)
    return {
        "person": user,
        "owner": user,
        "metric": card.scorecard,
        "metric_title": scorecard.title,
        "unit": "ratio",
        "period": card.period.id,
        "period_start": card.period.starts_on,
        "period_end": card.period.last_day,
        "actual": score,
        "target": ONE,
        "attainment": score,
        "rank": card.rank,
        "band": card.band or None,
        "reason": card.reason or None,
        "explanation": said(card),
    }


def _property(where: ScoreProperties, scorecard: Scorecard) -> str:
    return f"{where.prefix}{scorecard.name}_{scorecard.period}"


def _six(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_SIX, ROUND_HALF_UP)

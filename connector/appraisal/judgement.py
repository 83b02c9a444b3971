"""Scores weighed into scorecards, and records judged one by one for their health."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from connector.appraisal.rules import Rules
from connector.decide.wording import number
from connector.measure.facts import Fact, facts
from connector.model.calendar import Period
from connector.model.catalogue import Relation, Type
from connector.model.people import Person, Roster
from connector.model.results import Card, Health, Score, Subject
from connector.model.settings import Company
from connector.score.cards import cards
from connector.score.health import HealthRules, judge
from connector.score.scorecard import Scorecard
from connector.targets.presence import Presence, meant

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


def filled(
    rules: Rules, scores: Sequence[Score], periods: Sequence[Period], roster: Roster, company: Company, *, today: date
) -> tuple[Card, ...]:
    """Every scorecard filled in, for whoever is there on at least one day of the period."""
    presence = Presence(company.calendar)

    def is_meant(person: Person, scorecard: Scorecard, period: Period) -> bool:
        return presence.here(person, period) and meant(person, scorecard.for_, period)

    known = {(each.metric, each.subject, each.period.id): each for each in scores}
    return cards(rules.scorecards, periods, known, roster, today=today, meant=is_meant)


def banded(scores: Sequence[Score], found: Sequence[Card], rules: Rules) -> tuple[Score, ...]:
    """The same scores, each in the band that its person's scorecard gives it."""
    by_name = {each.name: each for each in rules.scorecards}
    bands: dict[tuple[str, Subject, str], str] = {
        (line.name, card.subject, card.period.id): by_name[card.scorecard].band(line.points)
        for card in found
        for line in card.lines
        if line.points is not None and line.reached is not None
    }
    keyed = (((each.metric, each.subject, each.period.id), each) for each in scores)
    return tuple(replace(each, band=bands[key]) if key in bands else each for key, each in keyed)


def health(mirror: DuckDBPyConnection, rules: Rules, currency: str, as_of: date) -> tuple[Health, ...]:
    """Every record that `rules/health.yaml` is about."""
    found: list[Health] = []
    for each in rules.health:
        relation = rules.catalogue.relations[each.kind]
        shown = partial(as_read, relation, currency)
        found += judge(each, _facts(mirror, relation, each, as_of), shown)
    return tuple(found)


def _facts(mirror: DuckDBPyConnection, relation: Relation, rules: HealthRules, as_of: date) -> Iterator[Fact]:
    conditions = [each.when for each in rules.points]
    return facts(mirror, relation, conditions, rules.words, chosen=rules.for_, as_of=as_of)


def as_read(relation: Relation, currency: str, name: str, value: object) -> str:
    """A field as people read it; an empty one is a dash."""
    if value is None:
        return "–"
    match relation.fields[name].type, value:
        case Type.MONEY, int():
            return number(Decimal(value), "money", currency)
        case Type.RATIO, int() | float() | Decimal():
            return number(Decimal(str(value)), "ratio", currency)
        case _, float():
            return number(Decimal(str(value)), "", currency).strip()
        case _, datetime():
            return value.date().isoformat()
        case _:
            return str(value)

"""What there is to praise: whoever beats their own best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.decide.readers import MANAGER, Matter, readers, spoken, told
from connector.decide.rule import Praise
from connector.decide.wording import ENGLISH, number
from connector.measure.metric import Metric
from connector.model.people import Person, Roster
from connector.model.results import Alert, Score

BAND = "praise"


@dataclass(frozen=True, slots=True)
class Best:
    """What somebody reached in their best period so far, of those before this one."""

    value: Decimal
    period: str


def best_of(numbers: Mapping[str, Decimal], least: int) -> Best | None:
    """The best of somebody's periods, by period id, the earliest of equals; None: fewer than `least` are known."""
    if len(numbers) < least or not numbers:
        return None
    period = max(sorted(numbers), key=lambda each: numbers[each])
    return Best(numbers[period], period)


@dataclass(frozen=True, slots=True)
class Praiseworthy:
    """Somebody who beat their own best."""

    person: Person
    score: Score
    best: Best


def praise_alerts(
    rule: Praise,
    found: Iterable[Praiseworthy],
    roster: Roster,
    metric: Metric,
    *,
    connections: Sequence[str],
    currency: str,
    today: date,
    language: str = ENGLISH,
) -> Iterator[Alert]:
    """A word to the manager of each, once in a period."""
    for each in found:
        score = each.score
        matter = Matter(rule.name, score.subject, score.period, BAND, today, score.metric)
        for reader in readers((MANAGER,), each.person, roster, today):
            spoken_in, message = spoken(rule.say, reader.person, today, language)
            words = {
                "person": each.person.name,
                "metric": metric.title,
                "period": score.period.id,
                "actual": number(score.actual, score.unit, currency, spoken_in),
                "best": number(each.best.value, score.unit, currency, spoken_in),
                "best_period": each.best.period,
            }
            yield told(matter, reader, connections, message, words)

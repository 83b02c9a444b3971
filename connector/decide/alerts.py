"""Which rules speak up today, about whom, and to whom."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.decide.home import home
from connector.decide.rule import AlertRule
from connector.decide.wording import filled, number, percent
from connector.language.evaluate import truth
from connector.measure.metric import Metric
from connector.model.people import Person, Roster
from connector.model.results import Alert, Score


@dataclass(frozen=True, slots=True)
class Days:
    """One person's scores in a rule's metric and period, one per working day, oldest first.

    They begin with the period's first working day and end with the day asked about, or the last working day before.
    """

    person: Person
    scores: Sequence[Score]


def alerts(
    rule: AlertRule,
    histories: Sequence[Days],
    roster: Roster,
    metric: Metric,
    *,
    connections: Sequence[str],
    currency: str,
    today: date,
) -> list[Alert]:
    """The alerts of one rule that stand today; a rule tells the rep, their manager, or both.

    Decided from the days of the period alone, never from what was said before: a rule raises once its condition held
    for `after` working days in a row, and stands until its `until` holds. A first run and a long one agree.
    """
    found: list[Alert] = []
    for each in histories:
        raised_on = _standing_since(rule, each.scores)
        if raised_on and _meant(rule, each.person, today):
            words = _words(each, metric, currency)
            found += [
                _alert(rule, each.scores[-1], raised_on, told, band, connections=connections, words=words)
                for told, band in _told(rule, each.person, roster)
            ]
    return found


def _standing_since(rule: AlertRule, days: Sequence[Score]) -> date | None:
    """The day on which an alert was raised that still stands; None: there is none.

    Read backwards, so that days before the last on which the rule was clear need not even be scored: an alert is
    raised on the first day since then, that one included, by which the condition held `after` days in a row.
    """
    since = len(days) - 1
    holding = dict[int, bool]()  # whether the condition held, by the day's place

    def held(at: int) -> bool:
        if at not in holding:
            holding[at] = truth(rule.when, _values(days[at]), days[at].as_of) is True
        return holding[at]

    def clear(at: int) -> bool:
        if rule.until is None:
            return not held(at)
        return truth(rule.until, _values(days[at]), days[at].as_of) is True

    while since > 0 and not clear(since):
        since -= 1
    in_a_row = 0
    while in_a_row < rule.after and in_a_row < since and held(since - 1 - in_a_row):
        in_a_row += 1
    for at in range(max(since, 0), len(days)):
        in_a_row = in_a_row + 1 if held(at) else 0
        if in_a_row >= rule.after:
            return days[at].as_of
    return None


def _values(score: Score) -> Mapping[str, object]:
    """A score as a condition sees it."""
    return {
        "attainment": score.attainment,
        "pace": score.pace,
        "actual": score.actual,
        "target": score.target,
        "expected": score.expected / score.target if score.expected is not None and score.target else None,
        "expected_amount": score.expected,
        "gap": score.gap,
        "rank": score.rank,
        "elapsed_share": Decimal(score.elapsed) / score.working_days if score.working_days else None,
        "days_left": score.working_days - score.elapsed,
    }


def _meant(rule: AlertRule, person: Person, today: date) -> bool:
    """Whether the rule is about them, as they are today."""
    if not person.active or not person.employed(today):
        return False
    values = {**person.on(today).levels, "name": person.name, "email": person.email}
    return rule.for_ is None or truth(rule.for_, values, today) is True


def _told(rule: AlertRule, person: Person, roster: Roster) -> Iterator[tuple[Person, str]]:
    """Who hears of it, and in which band; the manager's is another one, since it is another message."""
    if "rep" in rule.tell:
        yield person, rule.band
    manager = roster.get(person.assignments[-1].manager or "") if "manager" in rule.tell else None
    if manager:
        yield manager, f"{rule.band}, to the manager"


def _alert(
    rule: AlertRule,
    score: Score,
    raised_on: date,
    told: Person,
    band: str,
    *,
    connections: Sequence[str],
    words: Mapping[str, str],
) -> Alert:
    meaning = "|".join((home(told, connections) or "", rule.name, str(score.subject), score.period.id, band))
    return Alert(
        key=hashlib.sha256(meaning.encode()).hexdigest()[:32],
        rule=rule.name,
        subject=score.subject,
        period=score.period,
        band=band,
        metric=score.metric,
        raised_on=raised_on,
        person=told.id,
        title=filled(rule.title, words),
        text=filled(rule.text, words),
    )


def _words(days: Days, metric: Metric, currency: str) -> Mapping[str, str]:
    """What a message may say."""
    score = days.scores[-1]
    return {
        "name": days.person.name,
        "metric": metric.title,
        "period": score.period.id,
        "actual": number(score.actual, score.unit, currency),
        "target": number(score.target, score.unit, currency),
        "expected": number(score.expected, score.unit, currency),
        "gap": number(score.gap, score.unit, currency),
        "attainment": percent(score.attainment),
        "pace": percent(score.pace),
        "days_left": str(score.working_days - score.elapsed),
        "rank": "unknown" if score.rank is None else str(score.rank),
    }

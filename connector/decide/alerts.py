"""Which rules about a metric speak up today, about whom, and to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.decide.readers import Matter, is_meant, readers, spoken, told
from connector.decide.rule import AlertRule
from connector.decide.wording import ENGLISH, number, percent
from connector.language.evaluate import truth
from connector.measure.metric import Metric
from connector.model.people import Person, Roster
from connector.model.results import Alert, Score, Target, TargetStep

ADJUSTED = ("relief", "raise", "override")  # the steps of a target that was changed after it was set


@dataclass(frozen=True, slots=True)
class Days:
    """One person's scores in a rule's metric and period, one per working day, oldest first.

    They begin with the period's first working day and end with the day asked about, or the last working day before.
    """

    person: Person
    scores: Sequence[Score]
    target: Target | None = None


def alerts(
    rule: AlertRule,
    histories: Sequence[Days],
    roster: Roster,
    metric: Metric,
    *,
    connections: Sequence[str],
    currency: str,
    today: date,
    language: str = ENGLISH,
) -> list[Alert]:
    """The alerts of one rule that stand today; a rule tells the rep, their manager, or somebody named.

    Decided from the days of the period alone, never from what was said before: a rule raises once its condition held
    for `after` working days in a row, and stands until its `until` holds. A first run and a long one agree.
    """
    found: list[Alert] = []
    for each in histories:
        raised = _raised(rule, each) if is_meant(rule.for_, each.person, today) else None
        if raised is None:
            continue
        score = each.scores[-1]
        matter = Matter(rule.name, score.subject, score.period, raised.band, raised.on, score.metric)
        for reader in readers(rule.tell, each.person, roster, today):
            spoken_in, message = spoken(rule.say, reader.person, today, language)
            words = _words(each, raised, metric, currency, spoken_in)
            found.append(told(matter, reader, connections, message, words))
    return found


@dataclass(frozen=True, slots=True)
class _Raised:
    """Since when an alert stands, and as which."""

    on: date
    band: str
    mark: Decimal | None = None  # of a milestone


def _raised(rule: AlertRule, known: Days) -> _Raised | None:
    """The alert that stands at the end of the days."""
    days = known.scores
    if rule.milestones:
        return _milestone(rule, days)
    if rule.changed_target:
        return _changed(known)
    on = _standing_after_rests(rule, days) if rule.cool_down else _standing_since(rule, days)
    return _Raised(on, rule.band) if on else None


def _changed(known: Days) -> _Raised | None:
    """A target that was adjusted: told once, and again when it is adjusted again."""
    steps = _adjusted(known.target)
    if not steps or known.target is None or not known.scores:
        return None
    return _Raised(known.scores[-1].as_of, f"target of {known.target.value.normalize():f}")


def _adjusted(target: Target | None) -> list[TargetStep]:
    return [each for each in target.steps if each.what in ADJUSTED] if target else []


def _milestone(rule: AlertRule, days: Sequence[Score]) -> _Raised | None:
    """The highest mark alone, so that a first look tells one."""
    last = days[-1] if days else None
    if last is None or last.attainment is None or last.target is None:
        return None
    mark = max((each for each in rule.milestones if last.attainment >= each), default=None)
    if mark is None:
        return None
    at = len(days)
    while at and (reached := days[at - 1].attainment) is not None and reached >= mark:
        at -= 1
    band = percent(mark) + (f" of {last.target.normalize():f}" if rule.rearm else "")
    return _Raised(days[at].as_of, band, mark)


def _standing_since(rule: AlertRule, days: Sequence[Score]) -> date | None:
    """The day on which an alert was raised that still stands; None: there is none.

    Read backwards, so that days before the last on which the rule was clear need not even be scored: an alert is
    raised on the first day since then, that one included, by which the condition held `after` days in a row.
    """
    since = len(days) - 1
    holding = dict[int, bool]()  # whether the condition held, by the day's place

    def held(at: int) -> bool:
        if at not in holding:
            holding[at] = rule.when is not None and truth(rule.when, score_values(days[at]), days[at].as_of) is True
        return holding[at]

    def clear(at: int) -> bool:
        if rule.until is None:
            return not held(at)
        return truth(rule.until, score_values(days[at]), days[at].as_of) is True

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


def _standing_after_rests(rule: AlertRule, days: Sequence[Score]) -> date | None:
    """The same where a rule rests after it cleared: every day is walked through, since each clearing counts."""
    raised: date | None = None
    in_a_row, rests_until = 0, 0
    for at, each in enumerate(days):
        holds = rule.when is not None and truth(rule.when, score_values(each), each.as_of) is True
        over = truth(rule.until, score_values(each), each.as_of) is True if rule.until else not holds
        if raised and over:
            raised, rests_until = None, at + 1 + rule.cool_down
        in_a_row = in_a_row + 1 if holds else 0
        if raised is None and in_a_row >= rule.after and at >= rests_until:
            raised = each.as_of
    return raised


def score_values(score: Score) -> Mapping[str, object]:
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


def _words(days: Days, raised: _Raised, metric: Metric, currency: str, language: str) -> Mapping[str, str]:
    """What a message may say."""
    score, steps = days.scores[-1], _adjusted(days.target)

    def said(value: Decimal | None) -> str:
        return number(value, score.unit, currency, language)

    before = steps[0].value - steps[0].change if steps else score.target
    return {
        "name": days.person.name,
        "person": days.person.name,
        "metric": metric.title,
        "period": score.period.id,
        "actual": said(score.actual),
        "target": said(score.target),
        "expected": said(score.expected),
        "gap": said(score.gap),
        "attainment": percent(score.attainment, language),
        "pace": percent(score.pace, language),
        "days_left": str(score.working_days - score.elapsed),
        "rank": number(None if score.rank is None else Decimal(score.rank), "", currency, language).strip(),
        "mark": percent(raised.mark, language),
        "target_before": said(before),
        "because": "; ".join(f"{each.what}: {each.says}" for each in steps),
    }

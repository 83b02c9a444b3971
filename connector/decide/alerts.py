"""Which rules speak up today, about whom, and to whom."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.decide.home import home
from connector.decide.rule import AlertRule, Message
from connector.decide.wording import ENGLISH, filled, number, percent
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
    language: str = ENGLISH,
) -> list[Alert]:
    """The alerts of one rule that stand today; a rule tells the rep, their manager, or both.

    Decided from the days of the period alone, never from what was said before: a rule raises once its condition held
    for `after` working days in a row, and stands until its `until` holds. A first run and a long one agree.
    """
    found: list[Alert] = []
    for each in histories:
        raised = _raised(rule, each.scores) if _meant(rule, each.person, today) else None
        if raised:
            for told, band in _told(rule, raised.band, each.person, roster, today):
                spoken = _language(rule, told, today, language)
                words = {**_words(each, metric, currency, spoken), "mark": percent(raised.mark, spoken)}
                message = rule.other_languages.get(spoken) or Message(rule.title, rule.text)
                found.append(
                    _alert(
                        rule,
                        each.scores[-1],
                        raised.on,
                        told,
                        band,
                        connections=connections,
                        words=words,
                        message=message,
                    )
                )
    return found


@dataclass(frozen=True, slots=True)
class _Raised:
    """Since when an alert stands, and as which."""

    on: date
    band: str
    mark: Decimal | None = None  # of a milestone


def _raised(rule: AlertRule, days: Sequence[Score]) -> _Raised | None:
    """The alert that stands at the end of the days; of milestones the highest alone, so that a first look tells one."""
    if not rule.milestones:
        on = _standing_after_rests(rule, days) if rule.cool_down else _standing_since(rule, days)
        return _Raised(on, rule.band) if on else None
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
            holding[at] = rule.when is not None and truth(rule.when, _values(days[at]), days[at].as_of) is True
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


def _standing_after_rests(rule: AlertRule, days: Sequence[Score]) -> date | None:
    """The same where a rule rests after it cleared: every day is walked through, since each clearing counts."""
    raised: date | None = None
    in_a_row, rests_until = 0, 0
    for at, each in enumerate(days):
        holds = rule.when is not None and truth(rule.when, _values(each), each.as_of) is True
        over = truth(rule.until, _values(each), each.as_of) is True if rule.until else not holds
        if raised and over:
            raised, rests_until = None, at + 1 + rule.cool_down
        in_a_row = in_a_row + 1 if holds else 0
        if raised is None and in_a_row >= rule.after and at >= rests_until:
            raised = each.as_of
    return raised


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


def _told(rule: AlertRule, band: str, person: Person, roster: Roster, today: date) -> Iterator[tuple[Person, str]]:
    """Who hears of it, and in which band; another reader's is another one, since it is another message.

    Whoever left is replaced by their manager, and that one by theirs.
    """
    for reader in rule.tell:
        match reader:
            case "rep":
                yield person, band
            case "manager":
                manager = _still_here(roster.get(person.assignments[-1].manager or ""), roster, today)
                if manager:
                    yield manager, f"{band}, to the manager"
            case address:
                named = next((each for each in roster.people if each.email == address), None)
                found = _still_here(named, roster, today)
                if found:
                    yield found, f"{band}, to {address}"


def _still_here(person: Person | None, roster: Roster, today: date) -> Person | None:
    """The person, or whoever above them is still there; None: nobody is."""
    seen = set[str]()
    while person and person.id not in seen and not (person.active and person.employed(today)):
        seen.add(person.id)
        person = roster.get(person.assignments[-1].manager or "")
    return person if person and person.id not in seen else None


def _alert(
    rule: AlertRule,
    score: Score,
    raised_on: date,
    told: Person,
    band: str,
    *,
    connections: Sequence[str],
    words: Mapping[str, str],
    message: Message,
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
        title=filled(message.title, words),
        text=filled(message.text, words),
    )


def _language(rule: AlertRule, reader: Person, today: date, language: str) -> str:
    """What somebody reads, where the rule speaks it: their level `language`, else the company's; English otherwise."""
    spoken = reader.on(today).levels.get("language") or language
    return spoken if spoken in rule.other_languages else ENGLISH


def _words(days: Days, metric: Metric, currency: str, language: str) -> Mapping[str, str]:
    """What a message may say."""
    score = days.scores[-1]
    return {
        "name": days.person.name,
        "person": days.person.name,
        "metric": metric.title,
        "period": score.period.id,
        "actual": number(score.actual, score.unit, currency, language),
        "target": number(score.target, score.unit, currency, language),
        "expected": number(score.expected, score.unit, currency, language),
        "gap": number(score.gap, score.unit, currency, language),
        "attainment": percent(score.attainment, language),
        "pace": percent(score.pace, language),
        "days_left": str(score.working_days - score.elapsed),
        "rank": number(None if score.rank is None else Decimal(score.rank), "", currency, language).strip(),
    }

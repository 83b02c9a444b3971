"""What a manager may help with, and what there is to praise: people's numbers beside their own past and their peers'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from connector.appraisal.history import as_of, looks_at_today
from connector.appraisal.rules import Rules
from connector.decide.alerts import score_values
from connector.decide.coaching import Coachable, Standing, Weakness, coaching_alerts, weakest
from connector.decide.praise import Praiseworthy, best_of, praise_alerts
from connector.decide.readers import is_meant
from connector.decide.rule import Coaching
from connector.language.evaluate import truth
from connector.measure.facts import Weighty, heaviest
from connector.measure.formulas import Key, family
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Period
from connector.model.people import Person, Roster
from connector.model.results import Alert, Measurement, Score, Subject
from connector.model.settings import Company

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

PAST = 4  # like periods that somebody is compared with
BEST_OF = 8  # like periods among which somebody's best is found


def coached(
    mirror: DuckDBPyConnection,
    rules: Rules,
    roster: Roster,
    company: Company,
    scores: Sequence[Score],
    *,
    today: date,
) -> Iterator[Alert]:
    """For whoever is behind: a word to their manager about the driver that holds them back, and three records."""
    for rule in rules.speaking.coaching:
        period = company.calendar.containing(today, rule.period)
        behind = {
            person.id: (person, score)
            for person, score in _scored(scores, rule.metric, period, roster)
            if is_meant(rule.for_, person, today) and truth(rule.when, score_values(score), today) is True
        }
        if not behind:
            continue
        drivers = [rules.metrics[each.metric] for each in rule.drivers]
        numbers = _Numbers.of(mirror, drivers, rules, company.calendar, period, today)
        found = {
            person.id: weakness
            for person, _ in behind.values()
            if (weakness := _weakest(rule, person, roster, numbers, today))
        }
        to_see = _records(mirror, rule, found, period, today)
        yield from coaching_alerts(
            rule,
            [Coachable(*behind[each], weakness, to_see.get(each, ())) for each, weakness in found.items()],
            roster,
            rules.metrics,
            connections=list(rules.mappings),
            currency=company.currency,
            today=today,
            language=company.language,
        )


def praised(
    mirror: DuckDBPyConnection,
    rules: Rules,
    roster: Roster,
    company: Company,
    scores: Sequence[Score],
    *,
    today: date,
) -> Iterator[Alert]:
    """For whoever beat their own best of the like periods before: a word to their manager."""
    for rule in rules.speaking.praise:
        metric, period = rules.metrics[rule.metric], company.calendar.containing(today, rule.period)
        before = company.calendar.past(period, BEST_OF)
        measured = measure(mirror, family(metric, rules.metrics, former=True), before, [], today).values
        found: list[Praiseworthy] = []
        for person, score in _scored(scores, rule.metric, period, roster):
            numbers = {
                each.id: known.value
                for each in before
                if (known := measured.get((rule.metric, score.subject, each.id))) and known.value is not None
            }
            best = best_of(numbers, rule.least) if is_meant(rule.for_, person, today) else None
            if best and score.actual is not None and score.actual > best.value:
                found.append(Praiseworthy(person, score, best))
        yield from praise_alerts(
            rule,
            found,
            roster,
            metric,
            connections=list(rules.mappings),
            currency=company.currency,
            today=today,
            language=company.language,
        )


def _scored(scores: Sequence[Score], metric: str, period: Period, roster: Roster) -> Iterator[tuple[Person, Score]]:
    for each in scores:
        if each.metric == metric and each.period.id == period.id and each.subject.kind == "person":
            person = roster.get(each.subject.id)
            if person:
                yield person, each


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Drivers measured in a period so far, and in the like periods before, each up to the same working day."""

    drivers: Sequence[Metric]
    values: Mapping[Key, Measurement]
    now: Period
    past: Sequence[Period]

    @classmethod
    def of(  # noqa: PLR0917
        cls,
        mirror: DuckDBPyConnection,
        drivers: Sequence[Metric],
        rules: Rules,
        calendar: Calendar,
        period: Period,
        today: date,
    ) -> _Numbers:
        kin = {each.name: each for driver in drivers for each in family(driver, rules.metrics, former=True)}
        over = sum(calendar.is_working(day) for day in period.days() if day <= today)
        now = as_of(period, today)
        past = [as_of(each, _working_day(each, over, calendar)) for each in calendar.past(period, PAST)]
        values = dict(measure(mirror, list(kin.values()), [now, *past], [], today).values)
        return cls(drivers, values, now, past)

    def of_person(self, metric: str, person: str, period: Period) -> Measurement | None:
        return self.values.get((metric, Subject("person", person), period.id))


def _working_day(period: Period, count: int, calendar: Calendar) -> date:
    """The day that so many working days of a period are over with; its last one, where it has fewer."""
    for day in period.days():
        count -= calendar.is_working(day)
        if count <= 0:
            return day
    return period.last_day


def _weakest(rule: Coaching, person: Person, roster: Roster, numbers: _Numbers, today: date) -> Weakness | None:
    """Against their own past, and whoever else the rule is for and has the same role."""
    role = person.on(today).levels.get("role")
    peers = [
        each.id
        for each in roster.people
        if each.id != person.id and each.on(today).levels.get("role") == role and is_meant(rule.for_, each, today)
    ]
    standings = []
    for each in numbers.drivers:
        old = looks_at_today(each, [today])
        past = () if old else [numbers.of_person(each.name, person.id, period) for period in numbers.past]
        others = [numbers.of_person(each.name, peer, numbers.now) for peer in peers]
        standings.append(
            Standing(
                each.name,
                numbers.of_person(each.name, person.id, numbers.now),
                [known for known in past if known],
                [known for known in others if known],
                each.accumulates,
                each.better == "lower",
            )
        )
    return weakest(standings, least=rule.least, peers=rule.peers)


def _records(
    mirror: DuckDBPyConnection, rule: Coaching, found: Mapping[str, Weakness], period: Period, today: date
) -> dict[str, list[Weighty]]:
    """The largest deals to look at, of each person by their weakest driver."""
    records: dict[str, list[Weighty]] = {}
    for each in rule.drivers:
        owners = sorted(person for person, weak in found.items() if weak.standing.metric == each.metric)
        records |= heaviest(mirror, each.look_at, owners, since=period.starts_on, as_of=today)
    return records

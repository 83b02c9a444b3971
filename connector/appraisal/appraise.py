"""One day appraised: rules, records and a day in; targets, scores, scorecards, health and alerts out. Commits nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from connector.appraisal.agreed import EVERYTHING, Agreed, as_agreed
from connector.appraisal.bases import bases
from connector.appraisal.history import Expected
from connector.appraisal.judgement import banded, filled, health
from connector.appraisal.outlooks import outlooks, seasons
from connector.appraisal.pipeline import still_open
from connector.appraisal.reached import reached
from connector.appraisal.restated import restated
from connector.appraisal.rules import Rules
from connector.appraisal.speaking import gathered, heard
from connector.appraisal.true_ups import trued_up
from connector.decide.attributes import EVIDENCE, WHY
from connector.decide.changes import Shown, changes
from connector.decide.quiet import Sorted, by_hour
from connector.measure.evidence import Evidence, listed
from connector.measure.measure import Measurements, measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Period
from connector.model.changes import Change
from connector.model.closings import Closed
from connector.model.people import Roster
from connector.model.records import Reading
from connector.model.results import Alert, Card, Health, Score, Subject, Target
from connector.model.settings import Company
from connector.score.outlook import Outlook
from connector.score.payout import Payout
from connector.score.progress import Progress, progress
from connector.score.rank import rank
from connector.score.score import score
from connector.targets.known import Known
from connector.targets.shares import SEASON
from connector.targets.targets import Targets, targets

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


RECORDS = 5  # as many as somebody reads in a field


@dataclass(frozen=True, slots=True)
class Appraisal:
    """Everything that follows from the records on one day."""

    today: date
    periods: tuple[Period, ...]
    measurements: Measurements
    targets: tuple[Target, ...]
    scores: tuple[Score, ...]  # by metric, subject and period, in that order
    alerts: tuple[Alert, ...]
    problems: tuple[str, ...] = field(default=())  # what could not be obeyed, each with its place
    cards: tuple[Card, ...] = ()
    health: tuple[Health, ...] = ()
    outlooks: Mapping[tuple[str, str], Outlook] = field(default_factory=dict)  # by metric and period id
    closed: Closed = field(default_factory=Closed)  # what it was told of closed periods
    payouts: tuple[Payout, ...] = ()  # what plans that are on would pay; a cycle's only
    behind: Mapping[tuple[str, Subject, str], Evidence] = field(default_factory=dict)  # where a mapping shows records


def appraise(
    mirror: DuckDBPyConnection,
    rules: Rules,
    roster: Roster,
    company: Company,
    quotas: Mapping[str, Sequence[Reading]],
    *,
    today: date,
    periods: Sequence[Period] = (),
    closed: Closed = Closed(),  # noqa: B008  (frozen)
    agreed: Agreed = EVERYTHING,
    everything: bool = True,
    judged: bool = True,
) -> Appraisal:
    """Measure, aim, score and alert for every open period, and those asked for besides; a locked one is as it was.

    `quotas` are the rows of file tables, by table name. There is a score for every person, unit and the company that
    has a measurement or a target. The same records, rules and day give the same appraisal, in whatever order the records
    arrived. What may not be known by `agreed` is not in it. Without `everything`, metrics that nobody is held against are
    left out; without `judged`, the health of records and the records behind numbers, which only a CRM and a page show.
    """
    asked = _asked(company, today, periods, closed)
    aimed = _aimed(mirror, rules, roster, company, quotas, asked=asked, today=today)
    aims = {key: each.value for key, each in aimed.values.items()}
    metrics = tuple(rules.metrics.values()) if everything else rules.needed
    measured = measure(mirror, metrics, asked, roster.levels, today, targets=aims)
    measured = trued_up(measured, closed, asked, rules, roster)
    expected = Expected(aimed, outlooks(mirror, _aimed_at(rules, today), asked, company, today))
    first = reached(mirror, rules, aimed, asked, calendar=company.calendar, today=today)
    keys = {*aims, *(each for each in measured if everything or each[0] in rules.scored)}
    expected = replace(expected, still_open=still_open(mirror, rules, asked, roster, today))
    scored = _scores(rules, roster, company, measured, expected, keys=keys, asked=asked, today=today, reached=first)
    weighed = filled(rules, _weighable(scored, agreed), asked, roster, company, today=today)
    told = heard(mirror, rules, roster, company, quotas, expected=expected, scored=scored, today=today, agreed=agreed)
    locked = closed.of(periods)
    found = Appraisal(
        today,
        asked,
        measured,
        (*aimed.all, *(each for it in locked for each in it.targets)),
        (*banded(scored, weighed, rules), *restated(mirror, rules, roster, company, locked, today=today)),
        gathered(told, rules, roster, company, today=today),
        (*roster.unmatched, *aimed.problems),
        (*weighed, *(each for it in locked for each in it.cards)),
        health(mirror, rules, company.currency, today) if judged else (),
        expected.outlooks,
        closed,
        behind=_behind(mirror, rules, company.calendar, today) if judged else {},
    )
    return as_agreed(found, agreed)


def _aimed(
    mirror: DuckDBPyConnection,
    rules: Rules,
    roster: Roster,
    company: Company,
    tables: Mapping[str, Sequence[Reading]],
    *,
    asked: Sequence[Period],
    today: date,
) -> Targets:
    """Everybody's targets, from policies, rows of tables, and the past."""
    known = Known(
        tables,
        seasons(mirror, _seasonal(rules), company, today),
        bases(mirror, rules.targets, rules.metrics, asked, calendar=company.calendar, today=today),
    )
    return targets(
        rules.targets, roster, asked, company.calendar, known, metrics=rules.metrics, currency=company.currency
    )


def _weighable(scored: Sequence[Score], agreed: Agreed) -> list[Score]:
    """What scorecards are made of: everybody's, since units' are made of them, but no unit's that is too small."""
    return [each for each in scored if not agreed.small.is_small(each.subject, each.period)]


def _aimed_at(rules: Rules, today: date) -> list[Metric]:
    """The metrics that anybody has a target of, as they are defined today."""
    return [each.on(today) or each for name, each in rules.metrics.items() if name in rules.aimed]


def _seasonal(rules: Rules) -> list[Metric]:
    """The metrics whose targets follow a season."""
    return [
        rules.metrics[name] for name in dict.fromkeys(each.metric for each in rules.targets if each.months == SEASON)
    ]


def _asked(company: Company, today: date, periods: Sequence[Period], closed: Closed) -> tuple[Period, ...]:
    """What is appraised: open periods that nobody closed, and those asked for that are not locked."""
    open_ = (each for each in company.calendar.open_on(today, company.close_after) if each.id not in closed.closed)
    wanted = {each.id: each for each in (*open_, *periods) if each.id not in closed.locked}
    return tuple(sorted(wanted.values(), key=lambda each: (each.starts_on, each.id)))


def desired(
    appraisal: Appraisal,
    rules: Rules,
    roster: Roster,
    company: Company,
    *,
    run: str,
    computed_at: datetime,
) -> list[Change]:
    """What the CRMs should show: metrics with a target in the current month, quarter and year, scorecards, health, alerts.

    An alert whose reader has a quiet hour is not among them: it is told when the hour is over, if it still stands.
    """
    current = {each.id for each in company.calendar.current(appraisal.today)}
    shown = rules.shown
    besides = Shown(
        [each for each in appraisal.cards if each.period.id in current],
        {each.name: each for each in rules.scorecards},
        appraisal.health,
        {each.kind: str(each.place) for each in rules.health},
        _paid(appraisal.payouts, rules),
        appraisal.behind,
    )
    return changes(
        [each for each in appraisal.scores if each.period.id in current and each.metric in shown],
        told_now(appraisal, rules, roster, company, computed_at).now,
        roster,
        rules.mappings,
        shown,
        currency=company.currency,
        run=run,
        rules_version=rules.version,
        computed_at=computed_at,
        places=rules.speaking_places,
        besides=besides,
    )


def _behind(
    mirror: DuckDBPyConnection, rules: Rules, calendar: Calendar, today: date
) -> dict[tuple[str, Subject, str], Evidence]:
    """The newest records behind what CRMs show, where a mapping has a field for them.

    Activities have no names: a list of them would explain nothing.
    """
    if not any(each.write.shows(shown) for each in rules.mappings.values() for shown in (WHY, EVIDENCE)):
        return {}
    return {
        (name, evidence.subject, period.id): evidence
        for name, metric in rules.shown.items()
        if metric.of != "activities"
        for period in calendar.current(today)
        for evidence in listed(mirror, metric, period, today, each=RECORDS).values()
    }


def _paid(found: Sequence[Payout], rules: Rules) -> dict[tuple[str, Subject, str], int]:
    """Each payout beside the number that it is paid for first."""
    first = {each.name: each.measures[0].metric for each in rules.plans}
    return {(first[each.plan], each.subject, each.period.id): each.pays for each in found if each.pays is not None}


def told_now(appraisal: Appraisal, rules: Rules, roster: Roster, company: Company, at: datetime) -> Sorted:
    """The alerts that may be told at a moment, and those that wait for the morning."""
    return by_hour(appraisal.alerts, rules.speaking.quiet, roster, at, company.zone)


def _scores(
    rules: Rules,
    roster: Roster,
    company: Company,
    measured: Measurements,
    expected: Expected,
    *,
    keys: Iterable[tuple[str, Subject, str]],
    asked: Sequence[Period],
    today: date,
    reached: Mapping[tuple[str, str, str], date],
) -> tuple[Score, ...]:
    """Every score, ranked, in a steady order."""
    periods = {each.id: each for each in asked}
    definitions = {
        (name, each.id): (metric.on(each.starts_on) or metric, expected.outlook(name, each.id))
        for name, metric in rules.metrics.items()
        for each in asked
    }
    far = _progress(roster, company.calendar, today)
    found = []
    for key in _in_order(keys):
        name, subject, period = key
        metric, outlook = definitions[name, period]
        found.append(
            score(
                measured.get(*key),
                expected.targets.values.get(key),
                metric,
                subject,
                periods[period],
                calendar=company.calendar,
                today=today,
                outlook=outlook,
                still_open=expected.open_deals(metric, key),
                days=far(subject, periods[period]),
            )
        )
    return tuple(rank(found, rules.metrics.values(), rules.leaderboards, reached))


def _in_order(keys: Iterable[tuple[str, Subject, str]]) -> list[tuple[str, Subject, str]]:
    """By metric, subject and period id: each of the three is put in order by itself, which is far fewer comparisons."""
    known = list(keys)
    names, subjects, periods = (
        {each: at for at, each in enumerate(sorted({key[part] for key in known}))} for part in range(3)
    )
    many, few = len(subjects) * len(periods), len(periods)
    return sorted(known, key=lambda each: names[each[0]] * many + subjects[each[1]] * few + periods[each[2]])


def _progress(roster: Roster, calendar: Calendar, today: date) -> Callable[[Subject, Period], Progress]:
    """How far somebody's period has come: worked out once for all metrics."""
    known: dict[tuple[Subject, str], Progress] = {}

    def far(subject: Subject, period: Period) -> Progress:
        key = subject, period.id
        if key not in known:
            person = roster.get(subject.id) if subject.kind == "person" else None
            known[key] = progress(calendar, period, today, person)
        return known[key]

    return far

"""Scores and alerts as the values a CRM should show, and the fields it needs for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from connector.decide.alert_fields import ALERTS, alert_fields
from connector.decide.attributes import OWNER, RIDING_TYPES, SCORE_ATTRIBUTES, Written, alert_value
from connector.decide.cards import card_properties, card_row
from connector.decide.health import health_changes, health_fields
from connector.decide.home import home, manager, record, user
from connector.decide.note_fields import NOTES, is_ours, note_fields
from connector.decide.person_fields import person_fields, property_name, reports_to
from connector.measure.evidence import Evidence
from connector.measure.metric import Metric
from connector.model.calendar import Grain
from connector.model.changes import Change, Row, Value, Wanted, WantedField
from connector.model.people import Person, Roster
from connector.model.periods import WRITTEN
from connector.model.records import RecordKind, Ref
from connector.model.results import Alert, Card, Health, Score, Subject
from connector.normalise.mapping import AlertTasks, CrmMapping, ScoreProperties, ScoreRows
from connector.score.scorecard import Scorecard

R = TypeVar("R", Score, Card)
KEY_LENGTH = 120  # attainment:<metric>:<person>:<period>


@dataclass(frozen=True, slots=True)
class Run:
    """What rides along with everything that one run writes."""

    id: str
    rules_version: str
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What changes are made with."""

    roster: Roster
    mappings: Mapping[str, CrmMapping]  # by connection, in the config's order
    metrics: Mapping[str, Metric]
    currency: str
    run: Run
    places: Mapping[str, str] = field(default_factory=dict)  # of rules that speak up, by name
    scorecards: Mapping[str, Scorecard] = field(default_factory=dict)
    payouts: Mapping[tuple[str, Subject, str], int] = field(default_factory=dict)
    behind: Mapping[tuple[str, Subject, str], Evidence] = field(default_factory=dict)

    def written(self, score: Score, metric: Metric, person: Person, connection: str) -> Written:
        """A score with what it is written with."""
        key = score.metric, score.subject, score.period.id
        return Written(
            score,
            metric,
            self.currency,
            user(person, connection),
            self.payouts.get(key),
            self.behind.get(key),
            connection,
            manager=manager(self.roster, person, connection),
        )

    @property
    def riding(self) -> Mapping[str, Value]:
        """What is sent along with every row of our own."""
        return {"computed_at": self.run.computed_at, "run": self.run.id, "rules_version": self.run.rules_version}


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown besides scores and alerts."""

    cards: Sequence[Card] = ()
    scorecards: Mapping[str, Scorecard] = field(default_factory=dict)
    health: Sequence[Health] = ()
    health_rules: Mapping[str, str] = field(default_factory=dict)  # by kind, the place of the rules
    payouts: Mapping[tuple[str, Subject, str], int] = field(default_factory=dict)  # by metric, person and period
    behind: Mapping[tuple[str, Subject, str], Evidence] = field(
        default_factory=dict
    )  # the newest records of each number


def changes(
    scores: Sequence[Score],
    alerts: Sequence[Alert],
    roster: Roster,
    mappings: Mapping[str, CrmMapping],
    metrics: Mapping[str, Metric],
    *,
    currency: str,
    run: str,
    rules_version: str,
    computed_at: datetime,
    places: Mapping[str, str] | None = None,
    besides: Shown = Shown(),
) -> list[Change]:
    """Desired values for every active person, in every connection where they have a user.

    The scores given are those to show: the current month's, quarter's and year's. Where a connection keeps rows, there
    is one change per metric and period; where it keeps properties of the person's record, one change per person, in
    which a metric without a score is None, so that last month's number does not linger. An alert goes to the home
    connection of the person it is told to, and only there. Whoever has no user gets nothing.
    """
    desk = Desk(
        roster,
        mappings,
        metrics,
        currency,
        Run(run, rules_version, computed_at),
        places=places or {},
        scorecards=besides.scorecards,
        payouts=besides.payouts,
        behind=besides.behind,
    )
    mine = _by_person(scores)
    cards = _by_person(besides.cards)
    found: list[Change] = []
    for connection in mappings:
        reports = reports_to(roster, mappings[connection].write.scores, connection)
        for person in roster.people:
            own = _Own(mine.get(person.id, ()), cards.get(person.id, ()), reports.get(person.id, ()))
            if person.active and any((own.scores, own.cards, own.reports)) and user(person, connection):
                found += _shown(desk, connection, person, own)
    found += health_changes(mappings, besides.health, besides.health_rules)
    return [*found, *_alerted(desk, alerts)]


def _by_person(results: Iterable[R]) -> dict[str, list[R]]:
    found: dict[str, list[R]] = {}
    for each in results:
        if each.subject.kind == "person":
            found.setdefault(each.subject.id, []).append(each)
    return found


@dataclass(frozen=True, slots=True)
class _Own:
    """What one person is shown."""

    scores: Sequence[Score]
    cards: Sequence[Card]
    reports: Sequence[str]  # records of those who report to them, where the connection keeps that


def _shown(desk: Desk, connection: str, person: Person, own: _Own) -> Iterator[Change]:
    where = desk.mappings[connection].write.scores
    match where:
        case ScoreRows():
            for each in sorted(own.scores, key=lambda it: (it.metric, it.period)):
                yield _row(desk, connection, where, person, each)
            for card in own.cards:
                scorecard = desk.scorecards[card.scorecard]
                row = card_row(
                    connection,
                    where,
                    card,
                    scorecard,
                    user=user(person, connection),
                    manager=manager(desk.roster, person, connection),
                    riding=desk.riding,
                )
                yield replace(row, subject=f"{person.name} · {card.scorecard} · {card.period.id}")
        case ScoreProperties():
            remote = record(person, connection)
            if remote:
                row_ = Row(connection, where.object, "hs_object_id", remote)
                change = _properties(desk, row_, where, person, own.scores)
                more = dict(card_properties(where, own.cards, desk.scorecards))
                manages = {where.reports: ";".join(sorted(own.reports)) or None} if where.reports else {}
                yield replace(change, fields={**change.fields, **more, **manages})
        case None:
            return


def _row(desk: Desk, connection: str, where: ScoreRows, person: Person, score: Score) -> Change:
    """A record of our own."""
    metric = desk.metrics[score.metric]
    it = desk.written(score, metric, person, connection)
    key = f"attainment:{metric.lasting_name}:{person.id}:{score.period.id}"
    return Change(
        Row(connection, where.object, where.key_field, key),
        {name: SCORE_ATTRIBUTES[each].value(it) for name, each in where.fields.items() if each not in RIDING_TYPES},
        because=str((metric.on(score.period.starts_on) or metric).place),
        riding={name: desk.riding[each] for name, each in where.fields.items() if each in RIDING_TYPES},
        subject=f"{person.name} · {score.metric} · {score.period.id}",
    )


def _properties(desk: Desk, row: Row, where: ScoreProperties, person: Person, scores: Sequence[Score]) -> Change:
    """Properties of the person's own record."""
    found = {(each.metric, each.period.grain): each for each in scores}
    fields: dict[str, Value] = {}
    for metric in desk.metrics.values():
        for grain in WRITTEN:
            score = found.get((metric.name, grain))
            it = desk.written(score, metric, person, row.connection) if score else None
            for each in where.attributes:
                value = SCORE_ATTRIBUTES[each].value(it) if it else None
                fields[property_name(where, metric.lasting_name, grain, each)] = value
    return Change(row, fields, because="rules/metrics.yaml", subject=person.name)


def _alerted(desk: Desk, alerts: Iterable[Alert]) -> Iterator[Change]:
    """Alerts in the home connections of those they are told to; about a record, where it lies, if they have a user there."""
    for alert in alerts:
        told = desk.roster.get(alert.person)
        there = Ref.parse(alert.record).connection if alert.record else ""
        connection = there if told and user(told, there) else home(told, desk.mappings) if told else None
        where = desk.mappings[connection].write.alerts if connection else None
        if told and connection and where:
            yield _alert(desk, connection, where, told, alert)


def _alert(desk: Desk, connection: str, where: AlertTasks, told: Person, alert: Alert) -> Change:
    """A task, written once; a field mapped to `= text` gets that text."""
    today = desk.run.computed_at.date()
    owner = user(told, connection)
    fields = {
        name: each.removeprefix("=").strip()
        if each.startswith("=")
        else alert_value(each, alert, owner, today, connection)
        for name, each in where.fields.items()
    }
    about = Ref.parse(alert.record) if alert.record and "record" not in where.fields.values() else None
    return Change(
        Row(connection, where.object, where.key_field, alert.key),
        fields,
        links={about.object: about.id} if about and about.connection == connection else {},
        because=desk.places.get(alert.rule, alert.rule),
        once=True,
        subject=f"{told.name} · {alert.rule} · {alert.period.id}",
    )


def wanted(
    mapping: CrmMapping,
    metrics: Mapping[str, Metric],
    scorecards: Mapping[str, Scorecard] | None = None,
    grains: Iterable[Grain] = WRITTEN,
) -> Wanted:
    """Everything that `install` should create for one mapping; fields of the CRM's own tasks are there already."""
    objects: list[tuple[str, str]] = []
    fields: list[WantedField] = []
    match mapping.write.scores:
        case ScoreRows() as rows:
            objects.append((rows.object, rows.label))
            fields += _row_fields(rows, _users(mapping))
        case ScoreProperties() as properties:
            fields += person_fields(properties, metrics, scorecards or {}, tuple(grains))
        case None:
            pass
    if mapping.write.alerts and is_ours(mapping.write.alerts.object):
        objects.append((mapping.write.alerts.object, ALERTS))
    fields += alert_fields(mapping, _users(mapping))
    fields += health_fields(mapping)
    for each in mapping.sources:
        if each.kind is RecordKind.NOTE:
            objects += [(each.object, NOTES)] if is_ours(each.object) else []
            fields += note_fields(each, _users(mapping), _deals(mapping))
    return Wanted(tuple(objects), tuple(fields))


def _deals(mapping: CrmMapping) -> str:
    return next((each.object for each in mapping.sources if each.kind is RecordKind.DEAL), "")


def _users(mapping: CrmMapping) -> str:
    """The object that owner fields point at."""
    return next((each.object for each in mapping.sources if each.kind is RecordKind.USER), "")


def _row_fields(rows: ScoreRows, users: str) -> Iterator[WantedField]:
    yield WantedField(rows.object, rows.key_field, "Attain key", "text", unique=True, length=KEY_LENGTH)
    for name, each in rows.fields.items():
        if each == OWNER:
            continue
        if each in RIDING_TYPES:
            label, kind = RIDING_TYPES[each]
            yield WantedField(rows.object, name, label, kind)
            continue
        attribute = SCORE_ATTRIBUTES[each]
        # One field holds every metric's numbers, whatever their unit.
        kind = "number" if attribute.type == "amount" else attribute.type
        points_at = users if kind == "person" else ""
        yield WantedField(rows.object, name, attribute.label, kind, points_at=points_at)

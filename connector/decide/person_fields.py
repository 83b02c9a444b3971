"""Properties on the record of a person, where a CRM has no rows of our own: their names, their types, and who reports to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connector.decide.attributes import SCORE_ATTRIBUTES
from connector.decide.cards import card_fields
from connector.decide.home import record
from connector.measure.metric import Metric
from connector.model.calendar import Grain
from connector.model.changes import WantedField
from connector.model.people import Roster
from connector.normalise.mapping import ScoreProperties, ScoreRows
from connector.score.scorecard import Scorecard


def property_name(where: ScoreProperties, metric: str, grain: Grain, attribute: str) -> str:
    """`attain_bookings_quarter_attainment`; a metric is called by its first name, since a property keeps its own."""
    return f"{where.prefix}{metric}_{grain}_{attribute}"


def person_fields(
    where: ScoreProperties,
    metrics: Mapping[str, Metric],
    scorecards: Mapping[str, Scorecard],
    grains: Sequence[Grain],
) -> Iterator[WantedField]:
    """What `install` creates on it."""
    for metric in metrics.values():
        for grain in grains:
            for each in where.attributes:
                attribute = SCORE_ATTRIBUTES[each]
                kind = _kind(metric) if attribute.type == "amount" else attribute.type
                label = f"{metric.title}, {grain}: {attribute.label.lower()}"
                yield WantedField(where.object, property_name(where, metric.lasting_name, grain, each), label, kind)
    yield from card_fields(where, scorecards)
    if where.reports:
        yield WantedField(where.object, where.reports, "Who reports to them", "long_text")


def _kind(metric: Metric) -> str:
    return metric.unit if metric.unit in ("money", "ratio") else "number"


def reports_to(
    roster: Roster, where: ScoreRows | ScoreProperties | None, connection: str
) -> Mapping[str, Sequence[str]]:
    """Of each manager the records of those who report to them today, where the connection keeps that; else nobody."""
    found: dict[str, list[str]] = {}
    if not isinstance(where, ScoreProperties) or where.reports is None:
        return found
    for person in roster.people:
        if person.active and person.manager and (remote := record(person, connection)):
            found.setdefault(person.manager, []).append(remote)
    return found

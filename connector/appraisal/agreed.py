"""What the company agreed to becomes of an appraisal: what nobody may know of a person is not there to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from connector.appraisal.appraise import Appraisal
from connector.measure.metric import Metric
from connector.model.people import Roster
from connector.model.results import Score, Subject
from connector.model.settings import Privacy

ACTIVITIES = "activities"


def as_agreed(found: Appraisal, metrics: Mapping[str, Metric], roster: Roster, privacy: Privacy) -> Appraisal:
    """The appraisal without ranks, people, metrics and teams that were not agreed to."""
    withheld = held_back(roster, privacy, found.today)
    hidden = per_team(metrics, privacy)
    small = too_small(roster, privacy, found.today)

    def may_be(metric: str, subject: Subject) -> bool:
        if subject.kind == "person":
            return subject.id not in withheld and metric not in hidden
        return subject not in small

    return replace(
        found,
        targets=tuple(each for each in found.targets if may_be(each.metric, each.subject)),
        scores=tuple(_ranked(each, privacy) for each in found.scores if may_be(each.metric, each.subject)),
        cards=tuple(
            each if privacy.ranks else replace(each, rank=None) for each in found.cards if may_be("", each.subject)
        ),
        alerts=tuple(
            each for each in found.alerts if each.person not in withheld and may_be(each.metric, each.subject)
        ),
        behind={key: each for key, each in found.behind.items() if may_be(key[0], key[1])},
    )


def _ranked(score: Score, privacy: Privacy) -> Score:
    return score if privacy.ranks or score.rank is None else replace(score, rank=None, field_size=0)


def held_back(roster: Roster, privacy: Privacy, today: date) -> frozenset[str]:
    """People of whom nothing is worked out, since their country has not agreed yet."""
    if not privacy.hold_back:
        return frozenset()
    return frozenset(each.id for each in roster.people if each.on(today).levels.get("country") in privacy.hold_back)


def per_team(metrics: Mapping[str, Metric], privacy: Privacy) -> frozenset[str]:
    """Metrics that are known of teams only: those that count what people do all day, and whatever is made of them."""
    if privacy.activities == "person":
        return frozenset()
    hidden = {name for name, each in metrics.items() if each.of == ACTIVITIES}
    while more := {name for name, each in metrics.items() if hidden.intersection(each.inputs)} - hidden:
        hidden |= more
    return frozenset(hidden)


def too_small(roster: Roster, privacy: Privacy, today: date) -> frozenset[Subject]:
    """Units with so few people that a total would tell of one."""
    if privacy.least_team <= 1:
        return frozenset()
    sizes: dict[Subject, int] = {}
    for person in roster.people:
        if person.active:
            for level, unit in person.on(today).levels.items():
                sizes[Subject(level, unit)] = sizes.get(Subject(level, unit), 0) + 1
    return frozenset(subject for subject, size in sizes.items() if size < privacy.least_team)


def seen_by(scores: Sequence[Score], viewer: str, roster: Roster, privacy: Privacy, today: date) -> list[Score]:
    """What a person may see: their own numbers, those of whoever reports to them, and totals of units.

    Where `reps_see` is team, also those of their own team. `viewer` is a person id.
    """
    me = roster.get(viewer)
    team = me.on(today).levels.get("team") if me else None
    shown = {viewer} | reports_of(roster, viewer, today)
    if privacy.reps_see == "team" and team:
        shown |= {each.id for each in roster.people if each.on(today).levels.get("team") == team}
    return [each for each in scores if each.subject.kind != "person" or each.subject.id in shown]


def reports_of(roster: Roster, manager: str, today: date) -> set[str]:
    """Everybody below a manager, however far."""
    below: set[str] = set()
    layer = {manager}
    while layer:
        layer = {each.id for each in roster.people if each.on(today).manager in layer} - below - {manager}
        below |= layer
    return below

"""What may be known of whom: asked at every door through which a number of somebody comes, and before it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from connector.language.calls import TARGET
from connector.measure.metric import Metric
from connector.model.people import Roster
from connector.model.results import Alert, Score, Subject
from connector.model.settings import Privacy

if TYPE_CHECKING:
    from connector.appraisal.appraise import Appraisal  # which asks here itself

ACTIVITIES = "activities"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the company agreed to, of the people and units that there are on a day."""

    withheld: frozenset[str] = frozenset()  # ids of people of whom nothing is worked out
    hidden: frozenset[str] = frozenset()  # metrics that are known of teams only
    small: frozenset[Subject] = frozenset()  # units whose total would tell of one
    ranks: bool = True

    @classmethod
    def of(cls, metrics: Mapping[str, Metric], roster: Roster, privacy: Privacy, today: date) -> Agreed:
        """By the `privacy:` block."""
        return cls(
            held_back(roster, privacy, today),
            per_team(metrics, privacy),
            too_small(roster, privacy, today),
            privacy.ranks,
        )

    def may_know(self, metric: str, subject: Subject) -> bool:
        """Whether a metric may be known of somebody, of a unit, or of the company; without a name: anything at all."""
        return not self.why_not(metric, subject)

    def why_not(self, metric: str, subject: Subject) -> str:
        """The sentence for whoever asks for what nobody may know; empty where it may be known."""
        if subject.kind == "person" and subject.id in self.withheld:
            return "nothing is worked out of them before their country agrees: `privacy: hold_back:` in the config"
        if subject.kind == "person" and metric in self.hidden:
            return of_teams_only(metric)
        if subject in self.small:
            return (
                f"{subject.kind} {subject.id} is smaller than `privacy: least_team:`, and its total would tell of one"
            )
        return ""

    def may_tell(self, alert: Alert) -> bool:
        """Whether an alert may reach its reader."""
        return alert.person not in self.withheld and self.may_know(alert.metric, alert.subject)

    def people(self, roster: Roster) -> Roster:
        """The roster without whoever nothing is worked out of."""
        if not self.withheld:
            return roster
        known = [each for each in roster.people if each.id not in self.withheld]
        return Roster.of(known, roster.levels, roster.unmatched)

    def scores(self, found: Iterable[Score]) -> tuple[Score, ...]:
        """Those that may be known, and without a place where nobody has one."""
        return tuple(self._placed(each) for each in found if self.may_know(each.metric, each.subject))

    def _placed(self, score: Score) -> Score:
        return score if self.ranks or score.rank is None else replace(score, rank=None, field_size=0)


EVERYTHING = Agreed()


def of_teams_only(metric: str) -> str:
    """The sentence for whoever asks for a person's number, and for rules that do."""
    return f"`{metric}` is measured of teams only, by `privacy: activities: team`"


def as_agreed(found: Appraisal, agreed: Agreed) -> Appraisal:
    """The appraisal without ranks, people, metrics and teams that were not agreed to."""
    return replace(
        found,
        targets=tuple(each for each in found.targets if agreed.may_know(each.metric, each.subject)),
        scores=agreed.scores(found.scores),
        cards=tuple(
            each if agreed.ranks else replace(each, rank=None)
            for each in found.cards
            if agreed.may_know("", each.subject)
        ),
        alerts=tuple(each for each in found.alerts if agreed.may_tell(each)),
        behind={key: each for key, each in found.behind.items() if agreed.may_know(key[0], key[1])},
    )


def held_back(roster: Roster, privacy: Privacy, today: date) -> frozenset[str]:
    """People of whom nothing is worked out, since their country has not agreed yet."""
    if not privacy.hold_back:
        return frozenset()
    return frozenset(each.id for each in roster.people if each.on(today).levels.get("country") in privacy.hold_back)


def per_team(metrics: Mapping[str, Metric], privacy: Privacy) -> frozenset[str]:
    """Metrics that are known of teams only: those that count what people do all day, and whatever is made of them.

    By any definition that they ever had: a past period is read by the one that was in force.
    """
    if privacy.activities == "person":
        return frozenset()
    hidden = {name for name, each in metrics.items() if any(one.of == ACTIVITIES for one in (each, *each.before))}
    while more := {name for name, each in metrics.items() if hidden.intersection(_made_of(each))} - hidden:
        hidden |= more
    return frozenset(hidden)


def _made_of(metric: Metric) -> set[str]:
    return {each.removeprefix(TARGET) for one in (metric, *metric.before) for each in one.inputs}


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

"""What may be known of whom: asked at every door through which a number of somebody comes, and before it is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Protocol, TypeVar

from connector.appraisal.holding_back import held_back
from connector.appraisal.small_units import SmallUnits
from connector.language.calls import TARGET
from connector.measure.metric import Metric
from connector.model.calendar import Period
from connector.model.people import Roster
from connector.model.results import Alert, Score, Subject
from connector.model.settings import Privacy

if TYPE_CHECKING:
    from connector.appraisal.appraise import Appraisal  # which asks here itself

ACTIVITIES = "activities"
WITHHELD = "nothing is worked out of them before their country agrees: `privacy: hold_back:` in the config"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the company agreed to, of the people and units that there are on a day."""

    withheld: frozenset[str] = frozenset()  # ids of people of whom nothing is worked out
    hidden: frozenset[str] = frozenset()  # metrics that are known of teams only
    small: SmallUnits = field(default_factory=SmallUnits)  # units whose total would tell of a few, period by period
    ranks: bool = True

    @classmethod
    def of(cls, metrics: Mapping[str, Metric], roster: Roster, privacy: Privacy, today: date) -> Agreed:
        """By the `privacy:` block."""
        return cls(
            held_back(roster, privacy, today),
            per_team(metrics, privacy),
            SmallUnits(roster, privacy.least_team),
            privacy.ranks,
        )

    def may_know(self, metric: str, subject: Subject, period: Period | None) -> bool:
        """Whether a metric may be known of somebody, of a unit, or of the company; without a name: anything at all."""
        return not self.why_not(metric, subject, period)

    def why_not(self, metric: str, subject: Subject, period: Period | None) -> str:
        """The sentence for whoever asks for what nobody may know; empty where it may be known.

        A unit is asked about in a period, as its size is the period's; of people it makes no difference.
        """
        if subject.kind == "person" and subject.id in self.withheld:
            return WITHHELD
        if subject.kind == "person" and metric in self.hidden:
            return of_teams_only(metric)
        if self.small.is_small(subject, period):
            return (
                f"{subject.kind} {subject.id} is smaller than `privacy: least_team:`, or the total of one that is could "
                "be worked out from its own"
            )
        return ""

    def may_tell(self, alert: Alert) -> bool:
        """Whether an alert may reach its reader."""
        return alert.person not in self.withheld and self.may_know(alert.metric, alert.subject, alert.period)

    def people(self, roster: Roster) -> Roster:
        """The roster without whoever nothing is worked out of."""
        if not self.withheld:
            return roster
        known = [each for each in roster.people if each.id not in self.withheld]
        return Roster.of(known, roster.levels, roster.unmatched)

    def scores(self, found: Iterable[Score]) -> tuple[Score, ...]:
        """Those that may be known, and without a place where nobody has one."""
        return tuple(self._placed(each) for each in found if self.may_know(each.metric, each.subject, each.period))

    def _placed(self, score: Score) -> Score:
        return score if self.ranks or score.rank is None else replace(score, rank=None, field_size=0)


EVERYTHING = Agreed()


def of_teams_only(metric: str) -> str:
    """The sentence for whoever asks for a person's number, and for rules that do."""
    return f"`{metric}` is measured of teams only, by `privacy: activities: team`"


def as_agreed(found: Appraisal, agreed: Agreed) -> Appraisal:
    """The appraisal without ranks, people, metrics and teams that were not agreed to."""
    periods = {each.id: each for each in found.periods}
    return replace(
        found,
        targets=tuple(each for each in found.targets if agreed.may_know(each.metric, each.subject, each.period)),
        scores=agreed.scores(found.scores),
        cards=tuple(
            each if agreed.ranks else replace(each, rank=None)
            for each in found.cards
            if agreed.may_know("", each.subject, each.period)
        ),
        alerts=tuple(each for each in found.alerts if agreed.may_tell(each)),
        behind={
            key: each for key, each in found.behind.items() if agreed.may_know(key[0], key[1], periods.get(key[2]))
        },
    )


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


class Viewed(Protocol):
    """Something that is told of a person, a unit or the company."""

    @property
    def subject(self) -> Subject:
        """Of whom."""
        ...


V = TypeVar("V", bound=Viewed)


def seen_by(found: Iterable[V], people: Collection[str]) -> list[V]:
    """What somebody may see who may see these people's numbers: theirs, and totals of units."""
    return [each for each in found if each.subject.kind != "person" or each.subject.id in people]


def people_seen(viewer: str, roster: Roster, privacy: Privacy, today: date) -> frozenset[str]:
    """Whose numbers a person may see: their own, and those of whoever reports to them.

    Where `reps_see` is team, also those of their own team. `viewer` is a person id.
    """
    me = roster.get(viewer)
    team = me.on(today).levels.get("team") if me else None
    shown = {viewer} | reports_of(roster, viewer, today)
    if privacy.reps_see == "team" and team:
        shown |= {each.id for each in roster.people if each.on(today).levels.get("team") == team}
    return frozenset(shown)


def reports_of(roster: Roster, manager: str, today: date) -> set[str]:
    """Everybody below a manager, however far."""
    below: set[str] = set()
    layer = {manager}
    while layer:
        layer = {each.id for each in roster.people if each.on(today).manager in layer} - below - {manager}
        below |= layer
    return below

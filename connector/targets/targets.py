"""What everybody should reach in each period: the policies applied to the roster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.model.calendar import Calendar, Period
from connector.model.people import Roster
from connector.model.periods import AIMED
from connector.model.records import Reading
from connector.model.results import Subject, Target
from connector.targets.aim import Aim
from connector.targets.building import BuildingUp
from connector.targets.chain import Chain
from connector.targets.level import Level
from connector.targets.policy import TargetPolicy
from connector.targets.presence import Presence
from connector.targets.quotas import own_numbers
from connector.targets.rollup import rolled_up
from connector.targets.season import Past

Key = tuple[str, Subject, str]  # metric name, subject, period id


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets by metric, subject and period id; somebody without one is absent, not zero."""

    values: Mapping[Key, Target] = field(default_factory=dict)
    problems: tuple[str, ...] = ()  # what could not be obeyed, each with its place

    def get(self, metric: str, subject: Subject, period: str) -> Target | None:
        """The target; None: there is none."""
        return self.values.get((metric, subject, period))


def targets(
    policies: Sequence[TargetPolicy],
    roster: Roster,
    periods: Sequence[Period],
    calendar: Calendar,
    quotas: Mapping[str, Sequence[Reading]],
    *,
    metrics: Mapping[str, Aim],
    currency: str,
    past: Past = Past(),  # noqa: B008  (frozen)
) -> Targets:
    """Apply every policy to everybody, in each period; `quotas` are rows by file table, `past` what seasons are learned from.

    A person's month comes about step by step: the number, its spread, its split, their working days; quarters,
    halves and years add their months up; weeks and windows that move have no targets. A person's own row wins over
    all of that, also where `for:` would not choose them, and is taken as it stands: a longer row is spread over the
    months without one, shorter rows are added up.
    Units and the company get the numbers that were given for them, else the sum of their people's. A number that
    does not build up (a ratio, an average, days) is the same in every period. Whoever is absent throughout a period
    has no target in it.
    """
    owned = own_numbers(policies, roster, calendar, quotas, metrics=metrics, currency=currency)
    presence = Presence(calendar)
    problems = list(owned.problems)
    values: dict[Key, Target] = {}
    for name in dict.fromkeys(each.metric for each in policies):
        mine = [each for each in policies if each.metric == name]
        aim = metrics.get(name)
        if aim is None:
            problems.append(f"{mine[0].place}: there is no metric `{name}`")
            continue
        way: BuildingUp | Level
        if aim.accumulates:
            way = BuildingUp(mine, aim, roster, presence, owned, name, past)
        else:
            way = Level(mine, aim, roster, presence, owned, name)
        for period in (each for each in periods if each.grain in AIMED):
            found = way.chains(period)
            found |= rolled_up(found, roster, period, aim)
            values |= {
                (name, subject, period.id): _target(name, subject, period, chain, aim)
                for subject, chain in found.items()
            }
        problems += way.problems
    return Targets(values, tuple(dict.fromkeys(problems)))


def _target(metric: str, subject: Subject, period: Period, chain: Chain, aim: Aim) -> Target:
    return Target(metric, subject, period, chain.value, aim.unit, chain.steps, chain.source, chain.kind)

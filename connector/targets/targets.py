"""What everybody should reach in each period: the policies applied to the roster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Roster
from connector.model.periods import AIMED
from connector.model.results import Subject, Target
from connector.targets.adjustments import adjustments
from connector.targets.aim import Aim
from connector.targets.building import BuildingUp
from connector.targets.fixed import fixed
from connector.targets.known import Known
from connector.targets.level import Level
from connector.targets.market import series
from connector.targets.policy import TargetPolicy
from connector.targets.presence import Presence
from connector.targets.quotas import own_numbers
from connector.targets.rollup import rolled_up

Key = tuple[str, Subject, str]  # metric name, subject, period id


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets by metric, subject and period id; somebody without one is absent, not zero.

    A metric may have numbers of several kinds: those of its first policy's kind are what scores are measured
    against, the others stand beside them.
    """

    values: Mapping[Key, Target] = field(default_factory=dict)
    problems: tuple[str, ...] = ()  # what could not be obeyed, each with its place
    besides: tuple[Target, ...] = ()  # of other kinds

    def get(self, metric: str, subject: Subject, period: str) -> Target | None:
        """The target; None: there is none."""
        return self.values.get((metric, subject, period))

    @property
    def all(self) -> tuple[Target, ...]:
        """Of every kind."""
        return (*self.values.values(), *self.besides)


def targets(
    policies: Sequence[TargetPolicy],
    roster: Roster,
    periods: Sequence[Period],
    calendar: Calendar,
    known: Known,
    *,
    metrics: Mapping[str, Aim],
    currency: str,
) -> Targets:
    """Apply every policy to everybody, in each period; `known` has the rows of tables, and the past.

    A person's month comes about step by step: the number, its spread, its split, the market, their ramp, their
    working days; quarters, halves and years add their months up; weeks and windows that move have no targets. A
    person's own row wins over all of that, also where `for:` would not choose them, and is taken as it stands: a
    longer row is spread over the months without one, shorter rows are added up. Adjustments come last, over both.
    Units and the company get the numbers that were given for them, else the sum of their people's. A number that
    does not build up (a ratio, an average, days) is the same in every period. Whoever is absent throughout a period
    has no target in it.
    """
    work = _Work(policies, roster, calendar, known, metrics, currency)
    asked = [each for each in periods if each.grain in AIMED]
    values: dict[Key, Target] = {}
    besides: list[Target] = []
    for name in dict.fromkeys(each.metric for each in policies):
        if name not in metrics:
            place = next(each.place for each in policies if each.metric == name)
            work.problems.append(f"{place}: there is no metric `{name}`")
            continue
        kinds = list(dict.fromkeys(each.kind for each in policies if each.metric == name))
        values |= {(name, each.subject, each.period.id): each for each in work.of(name, kinds[0], asked)}
        besides += [each for kind in kinds[1:] for each in work.of(name, kind, asked)]
    return Targets(values, tuple(dict.fromkeys(work.problems)), tuple(besides))


class _Work:
    """One run over all policies: what they share is read once."""

    def __init__(  # noqa: PLR0917
        self,
        policies: Sequence[TargetPolicy],
        roster: Roster,
        calendar: Calendar,
        known: Known,
        metrics: Mapping[str, Aim],
        currency: str,
    ) -> None:
        self.policies, self.roster, self.known, self.metrics, self.currency = policies, roster, known, metrics, currency
        self.presence = Presence(calendar)
        self.owned = {
            kind: own_numbers(policies, roster, calendar, known.tables, metrics=metrics, currency=currency, kind=kind)
            for kind in dict.fromkeys(each.kind for each in policies)
        }
        self.adjusted = adjustments(known.tables, roster, metrics, currency)
        self.series = {each.market.index: series(known.tables, each.market.index) for each in policies if each.market}
        self.problems = [
            *(problem for each in self.owned.values() for problem in each.problems),
            *self.adjusted.problems,
            *(problem for each in self.series.values() for problem in each.problems),
        ]

    def of(self, metric: str, kind: str, periods: Sequence[Period]) -> Iterator[Target]:
        """Everybody's numbers of one kind."""
        aim = self.metrics[metric]
        way = self._way([each for each in self.policies if (each.metric, each.kind) == (metric, kind)], aim, periods)
        for period in periods:
            found = way.chains(period)
            found |= rolled_up(found, self.roster, period, aim)
            for subject, chain in found.items():
                yield Target(metric, subject, period, chain.value, aim.unit, chain.steps, chain.source, chain.kind)
        self.problems += way.problems

    def _way(self, mine: Sequence[TargetPolicy], aim: Aim, periods: Sequence[Period]) -> BuildingUp | Level:
        metric, owned, problems = mine[0].metric, self.owned[mine[0].kind], list[str]()
        if not aim.accumulates:
            return Level(mine, aim, self.roster, self.presence, owned, metric, self.adjusted, problems)
        years = dict.fromkeys(self.presence.calendar.containing(each.starts_on, Grain.YEAR) for each in periods)
        stay = {
            at: fixed(
                policy,
                self.roster,
                self.presence.calendar,
                self.known.tables,
                metrics=self.metrics,
                currency=self.currency,
                years=list(years),
                problems=problems,
            )
            for at, policy in enumerate(mine)
        }
        return BuildingUp(
            mine,
            aim,
            self.roster,
            self.presence,
            owned,
            metric,
            known=self.known,
            adjusted=self.adjusted,
            fixed=stay,
            series=self.series,
            problems=problems,
        )

"""What everybody should reach in each period: the policies applied to the roster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Roster
from connector.model.periods import AIMED
from connector.model.results import Subject, Target
from connector.targets.adjustments import adjustments
from connector.targets.aim import Aim
from connector.targets.building import BuildingUp
from connector.targets.chain import Chain
from connector.targets.fixed import fixed
from connector.targets.known import Known
from connector.targets.level import Level
from connector.targets.market import series
from connector.targets.placing import moved, places
from connector.targets.policy import TargetPolicy
from connector.targets.presence import Presence
from connector.targets.quotas import own_numbers
from connector.targets.rollup import rolled_up

Way = BuildingUp | Level
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
    longer row is spread over the months without one, shorter rows are added up. Adjustments come last, over both; an
    override by a number is a person's own, also where nothing else gives them one, and a row that changes nothing is named.
    Units and the company get the numbers that were given for them, else the sum of their people's: of somebody who moved
    each month belongs to the unit that they sat in when it began, so that a unit's months add up too. A number that
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
        ways = [work.way(name, kind, asked, scored=kind == kinds[0]) for kind in kinds]
        values |= {(name, each.subject, each.period.id): each for each in work.of(ways[0], asked)}
        besides += [each for way in ways[1:] for each in work.of(way, asked)]
        work.note_idle(name, ways, asked)
    work.note_strays({each.metric for each in policies})
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

    def of(self, way: Way, periods: Sequence[Period]) -> Iterator[Target]:
        """Everybody's numbers of one kind."""
        metric, aim = way.metric, way.aim
        for period in periods:
            found = way.chains(period)
            placed = self._placed(way, found, period)
            found |= rolled_up(found, placed, aim)
            for subject, chain in found.items():
                person = self.roster.get(subject.id) if subject.kind == "person" else None
                parts = placed[person.id] if person and moved(person, period) else {}
                yield Target(
                    metric, subject, period, chain.value, aim.unit, chain.steps, chain.source, chain.kind, tuple(parts.items())
                )  # fmt: skip
        self.problems += way.problems

    def _placed(self, way: Way, found: Mapping[Subject, Chain], period: Period) -> dict[str, Mapping[Subject, Decimal]]:
        """By person id, what each of their units has of their number."""
        placed: dict[str, Mapping[Subject, Decimal]] = {}
        levels, unit = self.roster.levels, way.aim.unit
        for person in self.roster.people:
            chain = found.get(Subject("person", person.id))
            if chain:
                months = way.months(person, period) if moved(person, period) else ()
                placed[person.id] = places(person, chain.value, period, months, levels=levels, unit=unit)
        return placed

    def note_idle(self, metric: str, ways: Sequence[Way], periods: Sequence[Period]) -> None:
        """Say which adjustments of these periods change nothing in all of their fiscal years, whatever the kind."""
        years = dict.fromkeys(self.presence.calendar.containing(each.starts_on, Grain.YEAR) for each in periods)
        for person in self.roster.people:
            for row in self.adjusted.of(metric, person.id):
                asked = any(row.starts_on < each.ends_before and row.ends_on >= each.starts_on for each in periods)
                if asked and not any(way.met_by(row, person, year) for way in ways for year in years):
                    what = f"the {row.kind} changes nothing of {person.name}'s {metric}"
                    self.problems.append(f"{row.source}: {what}: {ways[0].idle}")

    def note_strays(self, aimed: set[str]) -> None:
        """Say which adjustments are of metrics that nothing is wanted of."""
        for (metric, _), rows in self.adjusted.rows.items():
            if metric not in aimed:
                self.problems += [f"{row.source}: there is no target policy of `{metric}` to change" for row in rows]

    def way(self, metric: str, kind: str, periods: Sequence[Period], *, scored: bool) -> Way:
        """How one metric's targets of one kind come about."""
        mine = [each for each in self.policies if (each.metric, each.kind) == (metric, kind)]
        aim, owned, problems = self.metrics[metric], self.owned[kind], list[str]()
        adjusted = replace(self.adjusted, scored=scored)
        if not aim.accumulates:
            return Level(mine, aim, self.roster, self.presence, owned, metric, adjusted, problems)
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
            adjusted=adjusted,
            fixed=stay,
            series=self.series,
            problems=problems,
        )

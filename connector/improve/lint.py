"""Targets held against SMART: is each specific, measurable, achievable, relevant, time-bound, and fair among peers?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from connector.appraisal.appraise import Appraisal
from connector.appraisal.rules import Rules
from connector.decide.alerts import ADJUSTED
from connector.improve.fairness import Chance, unfair
from connector.improve.finding import Finding, Severity
from connector.improve.months import MonthlyPast, same_draws
from connector.improve.pulls import pulling
from connector.improve.ways import known_potential
from connector.measure.filled import filled
from connector.measure.formulas import family
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Person, Roster
from connector.model.results import COMPANY, Score, Subject, Target, TargetStep
from connector.score.reach import Reach, reach
from connector.targets.building import OWN
from connector.targets.presence import Presence
from connector.targets.reconcile import reconciled

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PRORATION = "proration"  # the step of a target that takes off days
UNLIKELY, CERTAIN = 0.10, 0.95
LEFT_OUT = Decimal("0.10")  # of the records that a metric chooses
EMPTY = 0.20  # of the records, in a field that a metric is made of
MOVED = 6  # months, before one that never changed is odd
AWAY = Decimal("0.10")  # of a number, that nobody has for the days that people are not there
HEDGE_WARNS, HEDGE_FAILS = Decimal("0.25"), Decimal("0.50")  # conventions of the field, not facts


@dataclass(frozen=True)
class Lint:
    """Everything that targets are held against."""

    mirror: DuckDBPyConnection
    rules: Rules
    roster: Roster
    calendar: Calendar
    appraisal: Appraisal
    period: Period

    def findings(self) -> list[Finding]:
        """All of them, the worst first."""
        mine = [each for each in self.appraisal.targets if each.period.id == self.period.id]
        found = list(self._specific())
        names = list(dict.fromkeys(each.metric for each in mine))
        for name in names:
            metric, targets = self.rules.metrics[name], [each for each in mine if each.metric == name]
            found += self._measurable(metric, targets)
            found += self._relevant(metric, targets)
            found += self._time_bound(targets)
            if metric.accumulates and metric.better == "higher":
                found += self._achievable(metric, targets)
        if mine:
            pasts = {name: self._past(name) for name in names}
            found += pulling(pasts, self.rules.metrics, mine, self.roster.people)
        return sorted(found, key=lambda each: (-each.severity, each.check, each.metric, each.subject))

    def _specific(self) -> Iterator[Finding]:
        """One metric, one owner, one period: what could not be obeyed names nobody, or two."""
        for problem in self.appraisal.problems:
            where, _, says = problem.partition(": ")
            yield Finding(
                "specific", Severity.WARNING, "", COMPANY, self.period.id, says or problem,
                "name one person, one metric and one period in that row", where if says else "",
            )  # fmt: skip

    def _measurable(self, metric: Metric, targets: Sequence[Target]) -> Iterator[Finding]:
        """The fields behind it are filled, and it moved at all in the last year."""
        where = targets[0].source
        year = Period(self.appraisal.today - timedelta(days=365), self.appraisal.today, "the last year", Grain.ROLLING)
        kin = family(metric, self.rules.metrics, former=True)
        found = measure(self.mirror, kin, [year], [], self.appraisal.today).get(metric.name, COMPANY, year.id)
        chosen = found.records + found.left_out if found else 0
        if not chosen and not metric.inputs:
            yield self._about(
                "measurable", Severity.ERROR, metric.name, COMPANY, "nothing was measured in the last 365 days",
                "see that the CRM holds what it is made of: `attain doctor`, `attain explain company`", where,
            )  # fmt: skip
            return
        if found and chosen and Decimal(found.left_out) / chosen > LEFT_OUT:
            yield self._about(
                "measurable", Severity.WARNING, metric.name, COMPANY,
                f"{found.left_out} of {chosen} records of the last 365 days could not be counted",
                f"`attain explain company {metric.name}` lists them with reasons", where,
            )  # fmt: skip

        relation = self.rules.catalogue.relations.get(metric.of)
        for name, share in filled(self.mirror, metric, relation, year).items() if relation else ():
            if 1 - share > EMPTY:
                yield self._about(
                    "measurable", Severity.WARNING, metric.name, COMPANY,
                    f"`{name}`, which it is made of, is empty in {1 - share:.0%} of the records that it looks at, of the last 365 days",
                    "have it filled in, map another field, or take it out of the metric", str(metric.place),
                )  # fmt: skip
        past = self._past(metric.name)
        if metric.accumulates and len(past.totals) >= MOVED and len(set(past.totals)) == 1:
            yield self._about(
                "measurable", Severity.NOTE, metric.name, COMPANY,
                f"was the same in each of the last {len(past.totals)} months: nothing that anybody did moved it",
                "see whether it measures what it is meant to: `attain explain company`", str(metric.place),
            )  # fmt: skip

    def _relevant(self, metric: Metric, targets: Sequence[Target]) -> Iterator[Finding]:
        """What people are to reach adds up to what their unit and the company are to reach."""
        if not metric.accumulates:
            return
        whole = {each.target.subject: each for each in reconciled(list(map(_whole, targets)), self.roster)}
        for each in reconciled(targets, self.roster):
            hedge = each.hedge
            if hedge is None or each.target.steps[0].what == "people":
                continue  # made of its people's: it cannot differ
            missed = hedge < 0 and whole[each.target.subject].gap >= 0  # it is days that are missing, and no number
            if hedge < -(AWAY if missed else 0) or hedge > HEDGE_WARNS:
                says = (
                    f"its {each.people} people together have {abs(hedge):.0%} {'less' if hedge < 0 else 'more'} than it"
                    f"{', for days that some of them are not there' if missed else ''}"
                )
                failed = hedge > HEDGE_FAILS or (hedge < -HEDGE_WARNS and not missed)
                severity = Severity.ERROR if failed else Severity.WARNING
                yield self._about(
                    "relevant", severity, metric.name, each.target.subject, says,
                    "reconcile the two: `attain targets` shows each level beside the next", each.target.source,
                )  # fmt: skip

    def _time_bound(self, targets: Sequence[Target]) -> Iterator[Finding]:
        """There are days to reach it in."""
        if targets and not any(map(self.calendar.is_working, self.period.days())):
            yield self._about(
                "time-bound", Severity.ERROR, targets[0].metric, COMPANY, f"{self.period.id} has no working day",
                "see `holidays` and `working_days` in the config", targets[0].source,
            )  # fmt: skip
            return
        presence = Presence(self.calendar)
        for person, each in self._people(targets):
            there, whole = presence.days(person, self.period)
            prorated = any(step.what in (PRORATION, *ADJUSTED) for step in _after_own(each))
            if whole and there * 2 < whole and not prorated:
                yield self._about(
                    "time-bound", Severity.WARNING, each.metric, each.subject,
                    f"{there} of {whole} working days are there, and the target is a whole one",
                    "let the policy `prorate`, or add a row to files/adjustments.csv", each.source,
                )  # fmt: skip

    def _achievable(self, metric: Metric, targets: Sequence[Target]) -> Iterator[Finding]:
        """How likely each is to be reached, by own months and those of people who do the same; and how alike that is."""
        past = self._past(metric.name)
        by_role: dict[str, list[Chance]] = {}
        few: list[Target] = []
        for person, each in self._people(targets):
            chance = self._chance(metric, past, person, each)
            if chance.probability is None:
                few.append(each)
                continue
            role = person.on(self.appraisal.today).levels.get("role", "")
            by_role.setdefault(role, []).append(Chance(person, each, chance.probability))
            yield from self._likely(each, chance)
        if few:
            yield self._about(
                "achievable", Severity.NOTE, metric.name, COMPANY,
                f"not enough history to say how likely {len(few)} of the targets are",
                "nothing to do: it comes with time", few[0].source,
            )  # fmt: skip
        for role, found in by_role.items():
            yield from unfair(role, found, self._potential, self.appraisal.today, self.period.id)

    def _likely(self, target: Target, chance: Reach) -> Iterator[Finding]:
        assert chance.probability is not None
        says = (
            f"reached in {chance.probability:.0%} of draws ({chance.low:.0%} to {chance.high:.0%}), "
            f"from {chance.own} own months and {chance.peers} of peers"
        )
        if chance.high <= UNLIKELY:
            yield self._about(
                "achievable", Severity.WARNING, target.metric, target.subject, says,
                "lower it, or say what will be different this time", target.source,
            )  # fmt: skip
        elif chance.low >= CERTAIN:
            yield self._about(
                "achievable", Severity.NOTE, target.metric, target.subject, says, "raise it, or take it as a floor",
                target.source,
            )  # fmt: skip

    def _chance(self, metric: Metric, past: MonthlyPast, person: Person, target: Target) -> Reach:
        score = self._scores.get((metric.name, target.subject))
        so_far = float(score.actual or 0) if score else 0.0
        rng = same_draws(metric.name, person.id, self.period.id)
        return reach(
            past.history(person, rng), float(target.value), past.to_come(person, self.period), rng, so_far=so_far
        )

    def _past(self, metric: str) -> MonthlyPast:
        if metric not in self._pasts:
            given = self.rules.metrics[metric], self.rules, self.calendar, self.roster, self.appraisal.today
            self._pasts[metric] = MonthlyPast.of(self.mirror, *given)
        return self._pasts[metric]

    @cached_property
    def _pasts(self) -> dict[str, MonthlyPast]:
        return {}

    @cached_property
    def _potential(self) -> Mapping[str, Decimal]:
        """What each person's accounts could bring, where a mapping says so."""
        return known_potential(self.mirror, self.rules.catalogue)

    @cached_property
    def _scores(self) -> Mapping[tuple[str, Subject], Score]:
        return {(each.metric, each.subject): each for each in self.appraisal.scores if each.period.id == self.period.id}

    def _people(self, targets: Sequence[Target]) -> Iterator[tuple[Person, Target]]:
        for each in targets:
            person = self.roster.get(each.subject.id) if each.subject.kind == "person" else None
            if person:
                yield person, each

    def _about(  # noqa: PLR0917
        self, check: str, severity: Severity, metric: str, subject: Subject, says: str, cure: str, where: str
    ) -> Finding:
        return Finding(check, severity, metric, subject, self.period.id, says, cure, where)


def _after_own(target: Target) -> Sequence[TargetStep]:
    """The steps after a person's own number, which is taken as it stands; else all of them."""
    own = next((at for at, step in enumerate(target.steps) if step.what == OWN), -1)
    return target.steps[own + 1 :]


def _whole(target: Target) -> Target:
    """The target as it would be for somebody who is there for all of the period."""
    missed = sum((step.change for step in _after_own(target) if step.what == PRORATION), Decimal(0))
    return replace(target, value=target.value - missed)

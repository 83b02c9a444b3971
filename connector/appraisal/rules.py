"""The rules as the appraisal wants them: checked, typed, with a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from connector.decide.digest import RULE as DIGEST
from connector.decide.recognition import Recognition
from connector.decide.rule import AlertRule, Speaking
from connector.language.calls import TARGET
from connector.measure.formulas import family
from connector.measure.metric import Metric
from connector.model.catalogue import Catalogue
from connector.model.records import NOTES, QUOTAS, RecordKind, table_of
from connector.normalise.mapping import CrmMapping, FileTable
from connector.score.health import HealthRules
from connector.score.payout import Plan
from connector.score.rank import Leaderboard
from connector.score.scorecard import Scorecard
from connector.targets.policy import TargetPolicy


def crm_quotas(mappings: Mapping[str, CrmMapping]) -> tuple[str, ...]:
    """The tables of quotas that connections keep: `emea.quotas`."""
    return _tables(mappings, RecordKind.READING, QUOTAS)


def crm_notes(mappings: Mapping[str, CrmMapping]) -> tuple[str, ...]:
    """The tables of notes that people type in connections: `emea.notes`."""
    return _tables(mappings, RecordKind.NOTE, NOTES)


def _tables(mappings: Mapping[str, CrmMapping], kind: RecordKind, of: str) -> tuple[str, ...]:
    kept = (name for name, each in mappings.items() if any(it.kind is kind for it in each.sources))
    return tuple(table_of(each, of) for each in kept)


@dataclass(frozen=True)
class Rules:
    """Everything that ops wrote, in one value."""

    metrics: Mapping[str, Metric]
    targets: tuple[TargetPolicy, ...]
    alerts: Mapping[str, AlertRule]
    mappings: Mapping[str, CrmMapping]  # by connection
    files: Mapping[str, FileTable]  # by table name
    catalogue: Catalogue
    version: str  # 12 hex digits of the content of every rule and mapping file
    warnings: tuple[str, ...] = ()
    scorecards: tuple[Scorecard, ...] = ()
    leaderboards: Mapping[str, Leaderboard] = field(default_factory=dict)  # by metric; others by 1, 2, 2, 4
    health: tuple[HealthRules, ...] = ()
    plans: tuple[Plan, ...] = ()
    speaking: Speaking = field(default_factory=Speaking)
    recognition: Recognition = field(default_factory=Recognition)

    @property
    def aimed(self) -> frozenset[str]:
        """The metrics that somebody has a target of."""
        return frozenset(each.metric for each in self.targets)

    @cached_property
    def scored(self) -> frozenset[str]:
        """The metrics that somebody is held against: by a target, a scorecard, a gate, an alert, a board or a plan."""
        used = {*self.aimed, *(each.metric for each in self.alerts.values()), *self.leaderboards}
        used |= {each.metric for each in self.speaking.coaching} | {each.metric for each in self.speaking.praise}
        used |= self.recognition.metrics
        for card in self.scorecards:
            used |= {line.metric for line in card.lines} | {name for gate in card.gates for name in gate.when.fields}
        used |= {name for plan in self.plans for each in plan.measures for name in (each.metric, each.counting)}
        return frozenset(used & self.metrics.keys())

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that rows are read of: files, and the quotas and notes that CRMs keep."""
        return (*self.files, *crm_quotas(self.mappings), *crm_notes(self.mappings))

    @property
    def speaking_places(self) -> Mapping[str, str]:
        """Where each rule that speaks up was written, by its name."""
        digest = self.speaking.digest
        found = {each.name: str(each.place) for each in self.speaking.rules}
        found |= {DIGEST: str(digest.place)} if digest else {}
        earned = self.recognition
        for rules in (earned.badges, earned.levels, earned.supports):
            found |= {each.name: str(each.place) for each in rules}
        return {**found, **{name: str(each.place) for name, each in self.alerts.items()}}

    @cached_property
    def needed(self) -> tuple[Metric, ...]:
        """Those, and whatever their formulas are made of, now or before."""
        held = (each for name in sorted(self.scored) for each in family(self.metrics[name], self.metrics, former=True))
        names = {each.name for each in held}
        return tuple(each for name, each in self.metrics.items() if name in names)

    @property
    def idle(self) -> tuple[str, ...]:
        """Metrics of which there is no target, and that no scorecard, gate, alert or other metric speaks of."""
        used = set(self.scored)
        used |= {name.removeprefix(TARGET) for each in self.metrics.values() for name in each.inputs}
        return tuple(name for name in self.metrics if name not in used)

    @property
    def shown(self) -> Mapping[str, Metric]:
        """The metrics that CRMs show: those that somebody has a target of. `attain scores` has all."""
        return {name: each for name, each in self.metrics.items() if name in self.aimed}

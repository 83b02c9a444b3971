"""Targets of metrics that do not build up (ratios, averages, days): the same in every period, never prorated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from connector.model.calendar import Grain, Period
from connector.model.people import Person, Roster
from connector.model.periods import AIMED
from connector.model.results import COMPANY, Subject
from connector.targets.adjustments import Adjustments
from connector.targets.aim import Aim
from connector.targets.chain import Chain, starting
from connector.targets.policy import TargetPolicy
from connector.targets.presence import Presence, meant
from connector.targets.quotas import OwnNumber, Quotas


@dataclass(slots=True)
class Level:
    """One metric's policies."""

    policies: Sequence[TargetPolicy]
    aim: Aim
    roster: Roster
    presence: Presence
    owned: Quotas
    metric: str
    adjusted: Adjustments = field(default_factory=Adjustments)
    problems: list[str] = field(default_factory=list)

    def chains(self, period: Period) -> dict[Subject, Chain]:
        """Everybody's number for a period; the first policy that is meant for somebody decides."""
        found: dict[Subject, Chain] = {}
        for policy in self.policies:
            source = str(policy.place)
            if policy.year and self.presence.calendar.period(policy.year) != self._year(period):
                continue
            if policy.company is not None:
                found.setdefault(COMPANY, starting("company", _SAME, policy.company, source, policy.kind))
            for unit, number in policy.units.items():
                found.setdefault(
                    Subject(policy.level or "", unit), starting("unit", _SAME, number, source, policy.kind)
                )
        for person in self.roster.people:
            chain = self._person(person, period) if self.presence.here(person, period) else None
            if chain:
                found[Subject("person", person.id)] = self._adjusted(person, chain, period)
        return found

    def _year(self, period: Period) -> Period:
        return self.presence.calendar.containing(period.starts_on, Grain.YEAR)

    def _person(self, person: Person, period: Period) -> Chain | None:
        chain = next(
            (
                starting("each", _SAME, each.each, str(each.place), each.kind)
                for each in self.policies
                if each.each is not None
                and (each.year is None or self.presence.calendar.period(each.year) == self._year(period))
                and meant(person, each.for_, period)
            ),
            None,
        )
        own = self._own(person, period)
        if own is None:
            return chain
        says = f"{own.source} for {own.period.id}"
        return (
            chain.then("own quota", says, own.value, own.source)
            if chain
            else starting("own quota", says, own.value, own.source)
        )

    def _adjusted(self, person: Person, chain: Chain, period: Period) -> Chain:
        """With the changes that are in force on the period's last day: such a number has no parts to change."""
        for row in self.adjusted.of(self.metric, person.id):
            if row.starts_on <= period.last_day <= row.ends_on:
                chain = row.level(chain, self.aim.unit)
        return chain

    def _own(self, person: Person, period: Period) -> OwnNumber | None:
        """The row of the period, or of the shortest longer one."""
        own = self.owned.of(self.metric, person.id)
        for grain in AIMED:
            longer = self.presence.calendar.containing(period.starts_on, grain)
            if longer.ends_before >= period.ends_before and longer.id in own:
                return own[longer.id]
        return None


_SAME = "the same in every period"

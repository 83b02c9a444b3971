"""Targets of metrics that do not build up (ratios, averages, days): the same in every period, never prorated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from connector.model.calendar import Grain, Period
from connector.model.people import Person, Roster
from connector.model.periods import AIMED
from connector.model.results import COMPANY, Subject
from connector.targets.adjustments import Adjustment, Adjustments
from connector.targets.aim import Aim
from connector.targets.chain import Chain, starting
from connector.targets.policy import TargetPolicy
from connector.targets.presence import Presence, meant
from connector.targets.quotas import OwnNumber, Quotas


@dataclass(slots=True)
class Level:
    """One metric's policies."""

    idle: ClassVar = "they have no number in a period that ends on one of its days"  # why an adjustment changes nothing
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
            if not self.presence.here(person, period):
                continue
            chain = self._adjusted(person, self._person(person, period), period)
            if chain:
                found[Subject("person", person.id)] = chain
        return found

    def months(self, person: Person, period: Period) -> list[tuple[Period, Decimal]]:  # noqa: ARG002
        """No months: such a number has no parts, and belongs whole to the unit that they sat in when the period began."""
        return []

    def met_by(self, row: Adjustment, person: Person, year: Period) -> bool:
        """Whether an adjustment is in force on the last day of a period in which the person has a number."""
        periods = (each for grain in AIMED for each in self.presence.calendar.within(year, grain))
        met = (each for each in periods if _in_force(row, each) and self.presence.here(person, each))
        return any(self.adjusted.gives(row) or self._person(person, each) is not None for each in met)

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

    def _adjusted(self, person: Person, chain: Chain | None, period: Period) -> Chain | None:
        """With the changes that are in force on the period's last day: such a number has no parts to change."""
        for row in self.adjusted.of(self.metric, person.id):
            if _in_force(row, period) and (chain or self.adjusted.gives(row)):
                chain = row.level(chain, self.aim.unit, self.policies[0].kind)
        return chain

    def _own(self, person: Person, period: Period) -> OwnNumber | None:
        """The row of the period, or of the shortest longer one."""
        own = self.owned.of(self.metric, person.id)
        for grain in AIMED:
            longer = self.presence.calendar.containing(period.starts_on, grain)
            if longer.ends_before >= period.ends_before and longer.id in own:
                return own[longer.id]
        return None


def _in_force(row: Adjustment, period: Period) -> bool:
    return row.starts_on <= period.last_day <= row.ends_on


_SAME = "the same in every period"

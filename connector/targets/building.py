"""Targets of metrics that build up: made month by month, added up to quarters, halves and years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from connector.model.calendar import Grain, Period
from connector.model.people import Person, Roster
from connector.model.results import Subject, TargetStep
from connector.targets.adjustments import Adjustment, Adjustments
from connector.targets.aim import Aim
from connector.targets.cascade import Cascade
from connector.targets.chain import Chain, added, starting
from connector.targets.fixed import Fixed
from connector.targets.known import Known
from connector.targets.market import Series
from connector.targets.policy import TargetPolicy
from connector.targets.presence import Presence, employed
from connector.targets.quotas import OwnNumber, Quotas
from connector.targets.shares import SEASON, spread

OWN = "own quota"


@dataclass(slots=True)
class BuildingUp:
    """One metric's policies, and the months they have been worked out for."""

    idle: ClassVar = "they have no number on its days, or are not there"  # why an adjustment changes nothing
    policies: Sequence[TargetPolicy]
    aim: Aim
    roster: Roster
    presence: Presence
    owned: Quotas
    metric: str
    known: Known = field(default_factory=Known)
    adjusted: Adjustments = field(default_factory=Adjustments)
    fixed: Mapping[int, Fixed] = field(default_factory=dict)  # by the place of the policy among the policies
    series: Mapping[str, Series] = field(default_factory=dict)  # by index table
    problems: list[str] = field(default_factory=list)
    _months: dict[str, dict[Subject, Chain]] = field(default_factory=dict)
    _people: dict[tuple[str, str], Chain | None] = field(default_factory=dict)

    def chains(self, period: Period) -> dict[Subject, Chain]:
        """Everybody's number for a period, as given or split; roll-ups are not among them."""
        months = self.presence.calendar.within(period, Grain.MONTH)
        found: dict[Subject, Chain] = {}
        for subject in dict.fromkeys(each for month in months for each in self._month(month)):
            if subject.kind != "person":
                found[subject] = added([chain for month in months if (chain := self._month(month).get(subject))])
        for person in self.roster.people:
            chain = self._adjusted(person, period) if self.presence.here(person, period) else None
            if chain:
                found[Subject("person", person.id)] = chain
        return found

    def _month(self, month: Period) -> dict[Subject, Chain]:
        """What the policies alone say of a month."""
        if month.id not in self._months:
            found: dict[Subject, Chain] = {}
            for at, policy in enumerate(self.policies):
                for subject, chain in self._cascade(at, policy).month(month):
                    if found.setdefault(subject, chain) is not chain:
                        self._note_second(subject, chain, found[subject])
            self._months[month.id] = found
        return self._months[month.id]

    def _cascade(self, at: int, policy: TargetPolicy) -> Cascade:
        market = self.series.get(policy.market.index, Series()) if policy.market else Series()
        return Cascade(
            policy,
            self.aim,
            self.roster,
            self.presence,
            self.known,
            fixed=self.fixed.get(at, Fixed()),
            market=market,
            problems=self.problems,
        )

    def _note_second(self, subject: Subject, second: Chain, first: Chain) -> None:
        person = self.roster.get(subject.id)
        who = person.name if person else str(subject)
        self.problems.append(f"{second.source}: {who} already has a target for {self.metric} from {first.source}")

    def months(self, person: Person, period: Period) -> list[tuple[Period, Decimal]]:
        """What somebody is to reach in each month of a period, but those that they are away throughout."""
        months = (
            each for each in self.presence.calendar.within(period, Grain.MONTH) if self.presence.here(person, each)
        )
        return [(month, chain.value) for month in months if (chain := self._adjusted(person, month))]

    def met_by(self, row: Adjustment, person: Person, year: Period) -> bool:
        """Whether an adjustment finds a number to change in a fiscal year, and days on which the person is there."""
        months = self.presence.calendar.within(year, Grain.MONTH)
        met = (each for each in months if row.days(person, each, self.presence))
        return any(self.adjusted.gives(row) or self._person(person, each) is not None for each in met)

    def _adjusted(self, person: Person, period: Period) -> Chain | None:
        """The person's number with what was changed later; a longer period changes by what its months do."""
        chain, rows = self._person(person, period), self.adjusted.of(self.metric, person.id)
        rows = tuple(each for each in rows if each.starts_on < period.ends_before and each.ends_on >= period.starts_on)
        if not rows:
            return chain
        changes: dict[str, list[TargetStep]] = {each.source: [] for each in rows}
        for month in self.presence.calendar.within(period, Grain.MONTH):
            running = self._person(person, month)
            for row in rows:
                if running is None and not self.adjusted.gives(row):
                    continue
                after = row.month(running, person, month, self.presence, unit=self.aim.unit)
                changes[row.source] += after.steps[len(running.steps) if running else 0 :] if after else ()
                running = after
        for row in rows:
            steps = changes[row.source]
            if steps:
                change, says = sum((each.change for each in steps), Decimal(0)), "; ".join(each.says for each in steps)
                chain = (
                    chain.then(row.kind, says, chain.value + change, row.source)
                    if chain
                    else starting(row.kind, says, change, row.source, self.policies[0].kind)
                )
        return chain

    def _person(self, person: Person, period: Period) -> Chain | None:
        """A person's own row where there is one, else shorter periods added up; None: no target."""
        key = person.id, period.id
        if key not in self._people:
            self._people[key] = self._worked_out(person, period)
        return self._people[key]

    def _worked_out(self, person: Person, period: Period) -> Chain | None:
        own = self.owned.of(self.metric, person.id)
        if period.id in own:
            return _replaced(self._split(person, period), own[period.id], own[period.id], period)
        if period.grain is not Grain.MONTH:
            parts = self._parts(period, own)
            found = [each for each in (self._person(person, part) for part in parts) if each]
            return added(found) if found else None
        chain = self._split(person, period)
        longer = self._longer(own, period)
        return self._part_of(chain, longer, person, period) if longer else chain

    def _parts(self, period: Period, own: Mapping[str, OwnNumber]) -> tuple[Period, ...]:
        """What a longer period is added up from: halves only where they have rows of their own."""
        calendar = self.presence.calendar
        if period.grain is Grain.YEAR:
            halves = calendar.within(period, Grain.HALF)
            return halves if any(each.id in own for each in halves) else calendar.within(period, Grain.QUARTER)
        return calendar.within(period, Grain.QUARTER if period.grain is Grain.HALF else Grain.MONTH)

    def _split(self, person: Person, period: Period) -> Chain | None:
        """What the policies alone say, their months added up."""
        months = self.presence.calendar.within(period, Grain.MONTH)
        found = [chain for each in months if (chain := self._month(each).get(Subject("person", person.id)))]
        return added(found) if found else None

    def _longer(self, own: Mapping[str, OwnNumber], month: Period) -> OwnNumber | None:
        """The row of the quarter, else of the half or the year, that a month lies in."""
        for grain in (Grain.QUARTER, Grain.HALF, Grain.YEAR):
            row = own.get(self.presence.calendar.containing(month.starts_on, grain).id)
            if row:
                return row
        return None

    def _part_of(self, chain: Chain | None, row: OwnNumber, person: Person, month: Period) -> Chain:
        """A month's part of a longer row, spread over the months in which the person is employed."""
        months = next((each.months for each in self.policies if each.quotas), "equal")
        if months == SEASON:
            year = self.presence.calendar.containing(month.starts_on, Grain.YEAR)
            months = self.known.past.spread(self.metric, year, self.presence.calendar).months
        parts = spread(
            row.value,
            row.period,
            months,
            self.presence.calendar,
            self.aim.unit,
            counts=lambda each: employed(person, each),
        )
        return _replaced(chain, row, OwnNumber(row.period, parts[month.id], row.source), month)


def _replaced(chain: Chain | None, row: OwnNumber, number: OwnNumber, period: Period) -> Chain:
    """An own number in place of what the split says, which stays visible as the steps before it."""
    says = f"{row.source} for {row.period.id}" + ("" if row.period == period else f", spread to {period.id}")
    if chain is None:
        return starting(OWN, says, number.value, row.source)
    return chain.then(OWN, says, number.value, row.source)

"""One policy applied to one fiscal year: the company's number down to each person's months."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from connector.model.calendar import Grain, Period
from connector.model.people import Person, Roster
from connector.model.results import COMPANY, Subject
from connector.targets.aim import Aim
from connector.targets.chain import SPREAD, Chain, starting
from connector.targets.fixed import Fixed
from connector.targets.known import Known
from connector.targets.market import Series
from connector.targets.personal import Personal
from connector.targets.policy import SplitStep, TargetPolicy
from connector.targets.presence import Presence, employed, meant, seat
from connector.targets.season import Spread
from connector.targets.shares import SEASON, divided, rounded, spread
from connector.targets.sharing import Sharing, whole_weights


@dataclass(frozen=True, slots=True)
class Group:
    """People who share a number."""

    subject: Subject
    people: tuple[Person, ...]
    chain: Chain


@dataclass(frozen=True, slots=True)
class Cascade:
    """A policy with everything it is applied to."""

    policy: TargetPolicy
    aim: Aim
    roster: Roster
    presence: Presence
    known: Known = field(default_factory=Known)
    fixed: Fixed = field(default_factory=Fixed)
    market: Series = field(default_factory=Series)
    problems: list[str] = field(default_factory=list)

    def month(self, month: Period) -> Iterator[tuple[Subject, Chain]]:
        """Everybody's number for one month of a metric that builds up, people after the units they sit in."""
        if not self._in_force(month):
            return
        people = tuple(
            each for each in self.roster.people if employed(each, month) and meant(each, self.policy.for_, month)
        )
        if self.policy.each is not None:
            for person in people:
                yield from self._personal(person, self._start("each", self.policy.each, month), month)
            return
        for group in self._given(people, month):
            yield group.subject, group.chain
            yield from self._down(group, self.policy.split, month)

    def _in_force(self, month: Period) -> bool:
        year = self.presence.calendar.containing(month.starts_on, Grain.YEAR)
        return self.policy.year is None or self.presence.calendar.period(self.policy.year) == year

    def _given(self, people: tuple[Person, ...], month: Period) -> Iterator[Group]:
        """Where the cascade starts: the company, or the units that have a number of their own."""
        if self.policy.company is not None:
            yield Group(COMPANY, people, self._start("company", self.policy.company, month))
        level = self.policy.level or ""
        for unit, number in self.policy.units.items():
            sitting = tuple(each for each in people if seat(each, month).levels.get(level) == unit)
            yield Group(Subject(level, unit), sitting, self._start("unit", number, month))

    def _start(self, what: str, number: Decimal, month: Period) -> Chain:
        """The number as it was given, and its spread down to the month."""
        grain = self.policy.every or Grain.YEAR
        given = self.presence.calendar.containing(month.starts_on, grain)
        chain = starting(what, f"for {given.id}", number, str(self.policy.place), self.policy.kind)
        if grain is Grain.MONTH:
            return chain
        by = self._spread_by(month)
        parts = spread(number, given, by.months, self.presence.calendar, self.aim.unit)
        return chain.then(SPREAD, by.says, parts[month.id])

    def _spread_by(self, month: Period) -> Spread:
        """What spreads the month's year."""
        if self.policy.months != SEASON:
            return Spread(self.policy.months, _spread_says(self.policy.months))
        year = self.presence.calendar.containing(month.starts_on, Grain.YEAR)
        return self.known.past.spread(self.policy.metric, year, self.presence.calendar)

    def _down(self, group: Group, steps: Sequence[SplitStep], month: Period) -> Iterator[tuple[Subject, Chain]]:
        """A group's number over its units, and theirs over the next level's, down to people."""
        if not steps:
            return
        step, rest = steps[0], steps[1:]
        for share in self._split(group, step, month):
            if step.level == "person":
                yield from self._personal(share.people[0], share.chain, month)
            else:
                if not rest:
                    yield share.subject, share.chain
                yield from self._down(share, rest, month)

    def _split(self, group: Group, step: SplitStep, month: Period) -> Iterator[Group]:
        """One step down: fixed numbers first, the others share what remains. Weights of empty units are nobody's."""
        units = _units(group.people, step.level, month)
        self._note_strangers(group, step, units)
        stay = self._staying(step.level, units, month)
        open_ = {unit: people for unit, people in units.items() if unit not in stay}
        left = self._left(group, stay, step, month)
        for unit, (value, says) in stay.items():
            yield Group(Subject(step.level, unit), units[unit], group.chain.then(f"split by {step.level}", says, value))
        shares = Sharing(step, self.policy, self.presence, self.known.bases).shares(open_, month, alone=bool(stay))
        if not any(each.weight for each in shares.values()):
            return
        weights = [each.weight for each in shares.values()]
        nobodys = max(1 - sum(weights, Fraction(0)), Fraction(0)) if step.by == "weights" and not stay else Fraction(0)
        parts = divided(left, whole_weights([*weights, nobodys]), self.aim.unit)
        hedge = self.policy.over_assign.get(step.level, self.policy.over_assign.get("", Decimal(0)))
        for (unit, share), value in zip(shares.items(), parts, strict=False):
            if share.weight:
                chain = group.chain.then(f"split by {step.level}", share.says, value)
                if hedge:
                    more = rounded(value * (1 + hedge), self.aim.unit)
                    says = f"{hedge.scaleb(2).normalize():f}% on top"
                    chain = chain.then(f"over-assigned by {step.level}", says, more)
                yield Group(Subject(step.level, unit), units[unit], chain)

    def _staying(self, level: str, units: Iterable[str], month: Period) -> dict[str, tuple[Decimal, str]]:
        """The units with a number that the split does not move."""
        if not self.fixed.numbers:
            return {}
        months, calendar = self._spread_by(month).months, self.presence.calendar
        found = (
            (each, self.fixed.month(level, each, month, months, calendar=calendar, aim=self.aim)) for each in units
        )
        return {unit: number for unit, number in found if number}

    def _left(self, group: Group, stay: Mapping[str, tuple[Decimal, str]], step: SplitStep, month: Period) -> Decimal:
        """What is left for the others; where fixed numbers are more than there is, nothing, and it is said.

        A month may be a minor unit short for each of them, since each rounds its months for itself: the year is not.
        """
        left = group.chain.value - sum((value for value, _ in stay.values()), Decimal(0))
        if left < -len(stay):
            self.problems.append(
                f"{self.policy.place}: what is fixed by {step.level} is more than {group.subject} has in {month.id}"
            )
            return Decimal(0)
        return left

    def _note_strangers(self, group: Group, step: SplitStep, units: dict[str, tuple[Person, ...]]) -> None:
        """Say which part of the number is nobody's, and whom the weights forget."""
        if not units:
            self.problems.append(
                f"{self.policy.place}: nobody in {group.subject} takes a share of {self.policy.metric}"
            )
        if step.by == "weights":
            forgotten = [
                f"{step.level} `{unit}` has people and no weight" for unit in units if unit not in step.weights
            ]
            empty = [f"{step.level} `{unit}` has a weight and no people" for unit in step.weights if unit not in units]
            self.problems.extend(f"{self.policy.place}: {each}" for each in (*forgotten, *empty))

    def _personal(self, person: Person, chain: Chain, month: Period) -> Iterator[tuple[Subject, Chain]]:
        """A person's month, less what is not theirs of it."""
        moved = self._with_market(person, chain, month)
        yield Subject("person", person.id), Personal(self.policy, self.aim, self.presence).month(person, moved, month)

    def _with_market(self, person: Person, chain: Chain, month: Period) -> Chain:
        market = self.policy.market
        if market is None:
            return chain
        segment = seat(person, month).levels.get(market.by, "") if market.by else ""
        found = self.market.moved(market, segment, month)
        if found.problem:
            self.problems.append(f"{self.policy.place}: {found.problem}")
        if found.factor == 1:
            return chain
        return chain.then("market", found.says, rounded(chain.value * found.factor, self.aim.unit))


def _units(people: Sequence[Person], level: str, month: Period) -> dict[str, tuple[Person, ...]]:
    """People by unit of a level, or one by one; whoever has no unit is in a group of its own, named ``."""
    if level == "person":
        return {each.id: (each,) for each in sorted(people, key=lambda each: each.id)}
    found: dict[str, tuple[Person, ...]] = {}
    for each in people:
        unit = seat(each, month).levels.get(level) or ""
        found[unit] = (*found.get(unit, ()), each)
    return dict(sorted(found.items()))


def _spread_says(months: str | tuple[Decimal, ...]) -> str:
    return f"by {months.removeprefix('by ')}" if isinstance(months, str) else "by the weights given"

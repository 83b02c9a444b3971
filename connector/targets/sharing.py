"""By what a number is shared out among units or people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from connector.model.calendar import Grain, Period
from connector.model.people import Person
from connector.targets.bases import BASES, Bases
from connector.targets.policy import SplitStep, TargetPolicy
from connector.targets.presence import Presence

Units = Mapping[str, Sequence[Person]]


class Share(NamedTuple):
    """How much of the number a unit gets, in proportion to the others, and why."""

    weight: Fraction
    says: str


@dataclass(frozen=True, slots=True)
class Sharing:
    """One step of a split, with everything that its weights may come from."""

    step: SplitStep
    policy: TargetPolicy
    presence: Presence
    bases: Bases

    def shares(self, units: Units, month: Period, *, alone: bool) -> dict[str, Share]:
        """A share for each unit; `alone`: others have fixed numbers, so that what is left is these units' alone."""
        match self.step.by:
            case "weights":
                return {unit: self._weighed(unit, alone=alone) for unit in units}
            case by if by in BASES:
                return self._by_basis(by, units, month)
            case by:
                people = sum(map(len, units.values()))
                return {unit: self._counted(by, unit, units, people) for unit in units}

    def _weighed(self, unit: str, *, alone: bool) -> Share:
        weight = self.step.weights.get(unit, Decimal(0))
        says = f"{unit}: {weight.scaleb(2).normalize():f}%{' of the weights, of what is left' if alone else ''}"
        return Share(Fraction(weight), says)

    def _counted(self, by: str, unit: str, units: Units, people: int) -> Share:
        if by == "headcount":
            says = f"{unit or 'no ' + self.step.level}, by headcount: {len(units[unit])} of {people} people"
            return Share(Fraction(len(units[unit])), says)
        return Share(Fraction(1), f"equal: 1 of {len(units)}")

    def _by_basis(self, basis: str, units: Units, month: Period) -> dict[str, Share]:
        year = self.presence.calendar.containing(month.starts_on, Grain.YEAR)
        people = [each for sitting in units.values() for each in sitting]
        weights = self.bases.weights(basis, self.policy.metric, year, people, self.presence)
        if not weights:  # nobody has a number: by heads, which is equal where people share
            return {
                unit: Share(Fraction(len(sitting)), f"by headcount, since nobody has a number for {basis}")
                for unit, sitting in units.items()
            }
        found = {unit: sum((weights[each.id] for each in sitting), Fraction(0)) for unit, sitting in units.items()}
        return {unit: Share(share, f"by {basis}: {float(share):.2%}") for unit, share in found.items()}


def whole_weights(weights: Sequence[Fraction]) -> list[Decimal]:
    """The same proportions in whole numbers, so that dividing by them is exact."""
    together = lcm(*(each.denominator for each in weights))
    return [Decimal(each.numerator * (together // each.denominator)) for each in weights]

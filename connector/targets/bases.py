"""What shares are taken from: what each person reached last year, had in the pipeline, or could sell to their accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from connector.model.calendar import Period
from connector.model.people import Person
from connector.targets.presence import Presence

LAST_YEAR, PIPELINE, POTENTIAL = "last year", "pipeline", "account potential"
POTENTIAL_FIELD = "potential"  # of accounts, mapped under `custom:`
BASES = (LAST_YEAR, PIPELINE, POTENTIAL)


@dataclass(frozen=True, slots=True)
class Bases:
    """A number per person, by basis, metric and the fiscal year that is shared out; whoever has none is absent, not zero."""

    numbers: Mapping[tuple[str, str, str], Mapping[str, Decimal]] = field(default_factory=dict)

    def weights(
        self, basis: str, metric: str, year: Period, people: Sequence[Person], presence: Presence
    ) -> dict[str, Fraction]:
        """Everybody's share by person id; together they are 1. Empty where nobody has a number.

        What somebody reached in a part of last year is scaled up to the whole of it. Whoever has no number gets an
        equal share, and the others divide what remains in proportion to theirs.
        """
        known = self.numbers.get((basis, metric, year.id), {})
        before = presence.calendar.before(year)
        found: dict[str, Fraction] = {}
        for each in people:
            number = known.get(each.id)
            there, whole = presence.days(each, before) if basis == LAST_YEAR else (1, 1)
            if basis == LAST_YEAR and there and number is None:
                number = Decimal(0)  # there, and reached nothing
            if number is not None and there:
                found[each.id] = Fraction(max(number, Decimal(0))) * whole / there
        total = sum(found.values(), Fraction(0))
        if not total:
            return {}
        newcomers = len(people) - len(found)
        left = 1 - Fraction(newcomers, len(people))
        return {
            each.id: found[each.id] / total * left if each.id in found else Fraction(1, len(people)) for each in people
        }

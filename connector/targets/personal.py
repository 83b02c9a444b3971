"""What of a person's month is theirs: ramp by tenure first, then the part of the month that they are there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from connector.model.calendar import Period
from connector.model.people import Person
from connector.targets.aim import Aim
from connector.targets.chain import Chain
from connector.targets.policy import Ramp, TargetPolicy
from connector.targets.presence import Presence, meant
from connector.targets.shares import part, rounded


@dataclass(frozen=True, slots=True)
class Personal:
    """The steps between a number for anybody and that of one person."""

    policy: TargetPolicy
    aim: Aim
    presence: Presence

    def month(self, person: Person, chain: Chain, month: Period) -> Chain:
        """The chain, with a step for whatever makes the person's month smaller."""
        return self._prorated(person, self._ramped(person, chain, month), month)

    def _ramped(self, person: Person, chain: Chain, month: Period) -> Chain:
        ramp = self.policy.ramp
        if ramp is None or person.starts_on is None or not meant(person, ramp.for_, month):
            return chain
        completed = tenure(ramp, person.starts_on, month)
        if completed >= len(ramp.months):
            return chain
        share = ramp.months[completed]
        value = share if ramp.amounts else rounded(chain.value * share, self.aim.unit)
        easier = value > chain.value if self.aim.better == "lower" else value < chain.value
        if not easier:  # a ramp never makes it harder: a share of "at most ten" would, and is left alone like days away
            return chain
        said = "a fixed number" if ramp.amounts else f"{share.scaleb(2).normalize():f}%"
        return chain.then("ramp", f"{completed} completed months: {said}", value)

    def _prorated(self, person: Person, chain: Chain, month: Period) -> Chain:
        """Counts and amounts are prorated; what is better when lower is not."""
        if self.policy.prorate == "none" or self.aim.better == "lower":
            return chain
        there, whole = self._days(person, month)
        if there >= whole:
            return chain
        unit = {"working_days": "working days", "days": "days", "months": "months"}[self.policy.prorate]
        return chain.then(
            "proration", f"{month.id}: {there} of {whole} {unit}", part(chain.value, there, whole, self.aim.unit)
        )

    def _days(self, person: Person, month: Period) -> tuple[int, int]:
        """What the person is there for, of how much."""
        first = None if self.policy.start_day == "included" else person.starts_on
        match self.policy.prorate:
            case "working_days":
                there, whole = self.presence.days(person, month)
                missed = first is not None and first in month and self.presence.works(person, first, month)
                return there - missed, whole
            case "days":
                days = list(month.days())
                return sum(person.present(day) and day != first for day in days), len(days)
            case _:
                there_throughout = person.employed(month.starts_on) and person.employed(month.last_day)
                return int(there_throughout and first != month.starts_on), 1


def tenure(ramp: Ramp, hired: date, month: Period) -> int:
    """Months of tenure that are completed when a month begins; the month of hiring is the 0th."""
    begin = hired
    if ramp.begins == "first_full_month" and hired.day != 1:
        begin = (hired.replace(day=1) + timedelta(days=32)).replace(day=1)
    start = month.starts_on
    months = (start.year - begin.year) * 12 + start.month - begin.month - (start.day < begin.day)
    return max(months, 0)

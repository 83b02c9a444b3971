"""How much of a whole month is somebody's: by their ramp, and the working days that they are there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connector.appraisal.rules import Rules
from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Period
from connector.model.people import Person
from connector.targets.personal import tenure
from connector.targets.policy import Ramp
from connector.targets.presence import Presence, meant


@dataclass(frozen=True, slots=True)
class Shares:
    """What may be expected of somebody in a month, of what is expected of anybody; 0 to 1."""

    ramp: Ramp | None
    presence: Presence

    @classmethod
    def of(cls, rules: Rules, metric: Metric, calendar: Calendar) -> Shares:
        """By the ramp that targets of the metric have, if any."""
        ramp = next((each.ramp for each in rules.targets if each.metric == metric.name and each.ramp), None)
        return cls(ramp, Presence(calendar))

    def of_month(self, person: Person, month: Period) -> float:
        """Of all of it."""
        there, whole = self.presence.days(person, month)
        return self._ramped(person, month) * (there / whole if whole else 1.0)

    def left(self, person: Person, month: Period, today: date) -> float:
        """Of what a month still is from a day on; a month without a working day is over."""
        days = [day for day in month.days() if self.presence.works(person, day, month)]
        there = sum(day >= today and person.present(day) for day in days)
        return self._ramped(person, month) * there / len(days) if days else 0.0

    def _ramped(self, person: Person, month: Period) -> float:
        ramp = self.ramp
        if ramp is None or ramp.amounts or person.starts_on is None or not meant(person, ramp.for_, month):
            return 1.0
        completed = tenure(ramp, person.starts_on, month)
        return min(float(ramp.months[completed]), 1.0) if 0 <= completed < len(ramp.months) else 1.0

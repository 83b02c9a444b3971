"""What a connection must be able to hold, by its mapping and the metrics."""

from __future__ import annotations

from connector.decide.changes import wanted
from connector.flow.house import House
from connector.model.changes import Wanted


def wanted_by(house: House, connection: str) -> Wanted:
    """The objects and fields that `install` creates and `doctor` looks for."""
    scorecards = {each.name: each for each in house.rules.scorecards}
    return wanted(house.rules.mappings[connection], house.rules.shown, scorecards)

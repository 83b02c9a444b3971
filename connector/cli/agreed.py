"""What is answered to whoever asks for a number that nobody may know."""

from __future__ import annotations

from datetime import date

import typer

from connector.cli.terminal import complain
from connector.flow.house import House
from connector.model.people import Roster
from connector.model.results import Subject


def refuse_unknown(house: House, roster: Roster, subject: Subject | None, today: date, metric: str = "") -> None:
    """Exit 3 with the setting of `privacy:` by which it may not be known; nothing where nobody is asked about."""
    why = house.agreed(roster, today).why_not(metric, subject) if subject else ""
    if why:
        complain(why)
        raise typer.Exit(3)

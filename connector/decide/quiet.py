"""Hours in which nobody is told anything, by the clock of whoever is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.decide.rule import Quiet
from connector.model.people import Person, Roster
from connector.model.results import Alert

LEVEL = "time_zone"  # of a person: files/people.csv, or what a mapping takes from the CRM's user


class Sorted(NamedTuple):
    """Alerts to tell now, and those that wait for the morning of their reader."""

    now: tuple[Alert, ...]
    later: tuple[Alert, ...]


def by_hour(alerts: Iterable[Alert], quiet: Quiet | None, roster: Roster, at: datetime, company: tzinfo) -> Sorted:
    """Sort alerts by whether their reader's hour is quiet at a moment; whoever has no zone lives in the company's."""
    now, later = list[Alert](), list[Alert]()
    for each in alerts:
        reader = roster.get(each.person)
        local = at.astimezone(_zone(reader, at, company))
        hushed = quiet is not None and quiet.holds(local.time(), local.weekday())
        (later if hushed else now).append(each)
    return Sorted(tuple(now), tuple(later))


def _zone(reader: Person | None, at: datetime, company: tzinfo) -> tzinfo:
    name = reader.on(at.date()).levels.get(LEVEL) if reader else None
    try:
        return ZoneInfo(name) if name else company
    except (ZoneInfoNotFoundError, ValueError):
        return company  # a name that is none: `attain check` cannot know every zone of every machine

"""All detectors that the company allows, over the periods that are over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from connector.appraisal.agreed import ACTIVITIES, EVERYTHING, Agreed
from connector.improve.looking.commits import NAME as COMMIT_BIAS
from connector.improve.looking.commits import commit_biases
from connector.improve.looking.look import Look, odd, worst_first
from connector.improve.looking.patterns import PATTERNS, counted
from connector.model.calendar import Calendar, Period
from connector.model.settings import Privacy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


def looks(
    mirror: DuckDBPyConnection,
    privacy: Privacy,
    periods: Sequence[Period],
    calendar: Calendar,
    agreed: Agreed = EVERYTHING,
) -> list[Look]:
    """What is worth a look, by the detectors that `privacy` allows; periods oldest first. Nothing is kept.

    Nobody is looked at, nor compared with, of whom nothing is worked out; activities not at all, where they are known
    of teams only.
    """
    found = list[Look]()
    for pattern in PATTERNS:
        tiered = "$tiers" in pattern.sql
        if pattern.of == ACTIVITIES and privacy.activities != "person":
            continue
        if pattern.name in privacy.detectors and periods and (privacy.amount_tiers or not tiered):
            rows = counted(mirror, pattern, periods, calendar, privacy.amount_tiers)
            found += odd(pattern.name, pattern.says, [each for each in rows if each.person not in agreed.withheld])
    if COMMIT_BIAS in privacy.detectors:
        found += commit_biases(mirror, periods, agreed.withheld)
    return worst_first(found)

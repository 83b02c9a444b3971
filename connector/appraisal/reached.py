"""On which day each person reached their target: for leaderboards that rank by who got there first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from connector.appraisal.history import as_of, daily
from connector.appraisal.rules import Rules
from connector.measure.formulas import family, in_force
from connector.model.calendar import Calendar, Period
from connector.model.periods import AIMED
from connector.targets.targets import Targets

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

Key = tuple[str, str, str]  # metric, person id, period id
FIRST = "first_to_reach"


def reached(
    mirror: DuckDBPyConnection,
    rules: Rules,
    aimed: Targets,
    periods: Sequence[Period],
    *,
    calendar: Calendar,
    today: date,
) -> Mapping[Key, date]:
    """The first working day at whose end the target was there, by today's records and targets.

    Only for metrics that build up and have such a leaderboard; whoever has not reached it is absent.
    """
    found: dict[Key, date] = {}
    for name in (each for each, board in rules.leaderboards.items() if board.ties == FIRST):
        kin = family(rules.metrics[name], rules.metrics, former=True)
        for period in (each for each in periods if each.grain in AIMED and each.starts_on <= today):
            if not any(each.name == name and each.accumulates for each in in_force(kin, period.starts_on)):
                continue
            days = [each for each in period.days() if each <= today and calendar.is_working(each)]
            aims = {key: each.value for key, each in aimed.values.items() if key[2] == period.id}
            measured = daily(mirror, kin, period, days, aims) if days else {}
            for (metric, subject, _), aim in aims.items():
                if metric != name or subject.kind != "person" or aim <= 0:
                    continue
                for day in days:
                    known = measured.get((name, subject, as_of(period, day).id))
                    if known and known.value is not None and known.value >= aim:
                        found[name, subject.id, period.id] = day
                        break
    return found

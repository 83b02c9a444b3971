"""Recognition of one day: the scores of the periods that are over, and how contests stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.appraisal.agreed import Agreed
from connector.appraisal.rules import Rules
from connector.decide.recognising import TABLE, Recognising, over
from connector.decide.recognition import Recognised
from connector.measure.formulas import family
from connector.measure.measure import measure
from connector.model.calendar import Grain, Period
from connector.model.people import Roster
from connector.model.records import Reading
from connector.model.results import Score
from connector.model.settings import Company

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

RUNNING = timedelta(days=15)  # how long after its end a contest's places are still shown


def recognised(
    mirror: DuckDBPyConnection,
    rules: Rules,
    roster: Roster,
    company: Company,
    tables: Mapping[str, Sequence[Reading]],
    *,
    today: date,
    agreed: Agreed,
    scores_of: Callable[[Sequence[Period]], Sequence[Score]],
) -> list[Recognised]:
    """Everything that is recognised on a day; `scores_of` finds the scores of periods that are over.

    Nobody takes part of whom nothing is worked out.
    """
    given = rules.recognition
    periods = {each.id: each for grain, many in given.back for each in over(company.calendar, grain, today, many)}
    scores = scores_of(list(periods.values())) if periods else ()
    return Recognising(
        given,
        agreed.people(roster),
        company.calendar,
        today,
        {(each.metric, each.subject, each.period.id): each for each in scores},
        _standings(mirror, rules, today, agreed),
        tables.get(TABLE, ()),
    ).all()


def _standings(mirror: DuckDBPyConnection, rules: Rules, today: date, agreed: Agreed) -> dict[str, dict[str, Decimal]]:
    """Everybody's number in each contest that has begun, and did not end long ago; none where nobody has a place."""
    found: dict[str, dict[str, Decimal]] = {}
    for contest in rules.recognition.contests if agreed.ranks else ():
        if not contest.starts_on <= today <= contest.ends_on + RUNNING:
            continue
        span = Period(contest.starts_on, contest.ends_on + timedelta(days=1), contest.name, Grain.ROLLING)
        kin = family(rules.metrics[contest.metric], rules.metrics, former=True)
        values = measure(mirror, kin, [span], [], min(today, contest.ends_on)).values
        found[contest.name] = {
            subject.id: each.value
            for (metric, subject, _), each in values.items()
            if metric == contest.metric and subject.kind == "person" and each.value is not None
            if agreed.may_know(metric, subject, span)
        }
    return found

"""Locked periods whose results follow the CRM all the same, for metrics with `after_lock: restate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from connector.appraisal.rules import Rules
from connector.decide.wording import number
from connector.measure.formulas import family
from connector.measure.measure import measure
from connector.model.closings import Locked
from connector.model.people import Roster
from connector.model.results import Score
from connector.model.settings import Company
from connector.score.outlook import Outlook
from connector.score.score import score

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

RESTATE = "restate"


def restated(
    mirror: DuckDBPyConnection,
    rules: Rules,
    roster: Roster,
    company: Company,
    locked: Sequence[Locked],
    *,
    today: date,
) -> Iterator[Score]:
    """The scores of locked periods: as they were, or today's number against the target that was locked.

    A restated score says so, with what was locked; its rank, band and days stay those that were locked.
    """
    again = {name for name, each in rules.metrics.items() if each.after_lock == RESTATE}
    for each in locked:
        mine = {known.metric for known in each.scores} & again
        kin = {
            one.name: one for name in sorted(mine) for one in family(rules.metrics[name], rules.metrics, former=True)
        }
        period = each.closing.period
        aims = {(target.metric, target.subject, period.id): target.value for target in each.targets}
        now = measure(mirror, list(kin.values()), [period], roster.levels, today, targets=aims) if kin else None
        targets = {(target.metric, target.subject): target for target in each.targets}
        for was in each.scores:
            if now is None or was.metric not in mine:
                yield was
                continue
            defined = rules.metrics[was.metric]
            found = score(
                now.get(was.metric, was.subject, period.id),
                targets.get((was.metric, was.subject)),
                defined.on(period.starts_on) or defined,
                was.subject,
                period,
                calendar=company.calendar,
                today=today,
                outlook=Outlook(),
            )
            yield was if found.actual == was.actual else _said(found, was, company.currency)


def _said(found: Score, was: Score, currency: str) -> Score:
    said = number(was.actual, was.unit, currency)
    reason = "; ".join(filter(None, (found.reason, f"restated: {said} when it was locked")))
    return replace(
        found,
        reason=reason,
        rank=was.rank,
        field_size=was.field_size,
        band=was.band,
        elapsed=was.elapsed,
        working_days=was.working_days,
    )

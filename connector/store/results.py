"""Targets, scores and alerts, as the last appraisal left them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, select, update
from sqlalchemy import Row as SqlRow

from connector.model.results import Alert, Card, Score, Subject, Target, TargetStep
from connector.store import tables
from connector.store.cards import save_cards
from connector.store.spans import as_decimal, as_text, period_of, replace, span, upsert

AMOUNTS = (
    "actual", "target", "attainment", "gap", "expected", "pace",
    "surplus", "run_rate", "required_rate", "ahead", "projection", "projection_error",
)  # fmt: skip
PLAIN = (
    "as_of", "unit", "elapsed", "working_days", "reason", "rank", "pace_by", "records", "left_out",
    "projection_by", "band", "field_size",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownAlert:
    """An alert and whether it still holds."""

    alert: Alert  # `raised_on` is the day it was raised first
    cleared_on: date | None  # None: it is open


def save(  # noqa: PLR0917
    tx: Connection,
    run_id: str,
    as_of: date,
    targets: Sequence[Target],
    scores: Sequence[Score],
    alerts: Sequence[Alert],
    cards: Sequence[Card] = (),
) -> None:
    """Replace what is stored of every metric and period spoken of, and clear alerts that hold no more.

    Several calls of one run add up. Somebody whom an earlier run measured and this one does not
    has no number any more.
    """
    save_numbers(tx, run_id, as_of, targets, scores)
    save_cards(tx, run_id, cards)
    upsert(tx, tables.alerts, [_alert_row(each, run_id) for each in alerts], keep={"raised_on"})
    a = tables.alerts.c
    over = and_(a.run_id != run_id, a.cleared_on.is_(None))
    tx.execute(update(tables.alerts).where(over).values(cleared_on=as_of))


def save_numbers(tx: Connection, run_id: str, as_of: date, targets: Sequence[Target], scores: Sequence[Score]) -> None:
    """The same for targets and scores alone."""
    replace(tx, tables.targets, [_target_row(each, run_id, as_of) for each in targets], run_id)
    replace(tx, tables.scores, [_score_row(each, run_id) for each in scores], run_id)


def rename(tx: Connection, former: Mapping[str, str]) -> None:
    """What is stored of metrics by old names follows their present ones. Where a period is known by both, the present holds."""
    for old, new in former.items():
        for table in (tables.targets, tables.scores):
            c = table.c
            known = select(c.period_id).where(c.metric == new)
            tx.execute(delete(table).where(c.metric == old, c.period_id.in_(known.scalar_subquery())))
            tx.execute(update(table).where(c.metric == old).values(metric=new))
        tx.execute(update(tables.alerts).where(tables.alerts.c.metric == old).values(metric=new))


def scores(
    tx: Connection, period_id: str | None = None, metric: str | None = None, subject_kind: str | None = None
) -> list[Score]:
    """Stored scores, by period, metric and subject."""
    return [_score(row) for row in _chosen(tx, tables.scores, period_id, metric, subject_kind)]


def targets(
    tx: Connection, period_id: str | None = None, metric: str | None = None, subject_kind: str | None = None
) -> list[Target]:
    """Stored targets with their derivation, by period, metric and subject."""
    return [
        Target(
            metric=row.metric,
            subject=Subject(row.subject_kind, row.subject_id),
            period=period_of(row),
            value=Decimal(row.value),
            unit=row.unit,
            steps=_steps(row.steps),
            source=row.source,
            kind=row.kind,
        )
        for row in _chosen(tx, tables.targets, period_id, metric, subject_kind)
    ]


def alerts(tx: Connection) -> list[KnownAlert]:
    """Alerts open and past, oldest first."""
    a = tables.alerts.c
    found = tx.execute(select(tables.alerts).order_by(a.raised_on, a.key))
    return [KnownAlert(_alert(row), row.cleared_on) for row in found]


def _chosen(
    tx: Connection, table: Table, period_id: str | None, metric: str | None, subject_kind: str | None
) -> Iterable[SqlRow[Any]]:
    c = table.c
    wanted = {"period_id": period_id, "metric": metric, "subject_kind": subject_kind}
    conditions = [c[name] == value for name, value in wanted.items() if value is not None]
    order = (c.starts_on, c.period_id, c.metric, c.subject_kind, c.subject_id)
    return tx.execute(select(table).where(*conditions).order_by(*order))


def _target_row(target: Target, run_id: str, as_of: date) -> dict[str, Any]:
    steps = [[each.what, each.says, str(each.change), str(each.value)] for each in target.steps]
    return {
        **span(target.period),
        **_about(target.metric, target.subject),
        "kind": target.kind,
        "value": str(target.value),
        "unit": target.unit,
        "steps": json.dumps(steps, ensure_ascii=False),
        "source": target.source,
        "as_of": as_of,
        "run_id": run_id,
    }


def _score_row(score: Score, run_id: str) -> dict[str, Any]:
    return {
        **span(score.period),
        **_about(score.metric, score.subject),
        **{name: as_text(getattr(score, name)) for name in AMOUNTS},
        **{name: getattr(score, name) for name in PLAIN},
        "run_id": run_id,
    }


def _alert_row(alert: Alert, run_id: str) -> dict[str, Any]:
    return {
        **span(alert.period),
        **_about(alert.metric, alert.subject),
        "key": alert.key,
        "rule": alert.rule,
        "band": alert.band,
        "raised_on": alert.raised_on,
        "cleared_on": None,
        "person": alert.person,
        "title": alert.title,
        "text": alert.text,
        "run_id": run_id,
    }


def _score(row: SqlRow[Any]) -> Score:
    amounts: dict[str, Any] = {name: as_decimal(getattr(row, name)) for name in AMOUNTS}
    plain: dict[str, Any] = {name: getattr(row, name) for name in PLAIN}
    subject = Subject(row.subject_kind, row.subject_id)
    return Score(metric=row.metric, subject=subject, period=period_of(row), **amounts, **plain)


def _alert(row: SqlRow[Any]) -> Alert:
    return Alert(
        key=row.key,
        rule=row.rule,
        subject=Subject(row.subject_kind, row.subject_id),
        period=period_of(row),
        band=row.band,
        metric=row.metric,
        raised_on=row.raised_on,
        person=row.person,
        title=row.title,
        text=row.text,
    )


def _about(metric: str, subject: Subject) -> dict[str, str]:
    return {"metric": metric, "subject_kind": subject.kind, "subject_id": subject.id}


def _steps(text: str) -> tuple[TargetStep, ...]:
    return tuple(
        TargetStep(what, says, Decimal(change), Decimal(value)) for what, says, change, value in json.loads(text)
    )

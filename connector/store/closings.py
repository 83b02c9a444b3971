"""Closed and locked periods. A locked one is never written again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Connection, insert, select, update

from connector.model.closings import CLOSED, LOCKED, Closed, Closing, Locked, LockedCredit, TrueUp
from connector.model.results import Subject
from connector.store import results, tables
from connector.store.cards import stored_cards
from connector.store.spans import period_of, span, upsert


def closings(tx: Connection) -> list[Closing]:
    """All of them, oldest first."""
    c = tables.closings.c
    return [
        Closing(
            period_of(row),
            row.state,
            row.at,
            row.by,
            row.note,
            row.rules_version,
            row.inputs,
            row.calendar,
            tuple(filter(None, row.kinds.split(";"))),
        )
        for row in tx.execute(select(tables.closings).order_by(c.starts_on, c.period_id))
    ]


def known(tx: Connection) -> Closed:
    """What an appraisal needs: which periods are closed, the results of locked ones, and what changed since."""
    found = closings(tx)
    locked = {
        each.period.id: Locked(
            each,
            tuple(results.targets(tx, each.period.id)),
            tuple(results.scores(tx, each.period.id)),
            tuple(stored_cards(tx, each.period.id)),
        )
        for each in found
        if each.state == LOCKED
    }
    return Closed(frozenset(each.period.id for each in found), locked, tuple(true_ups(tx)))


def close(tx: Connection, closing: Closing) -> None:
    """Note that a period is closed, or locked; its open alerts end with it, whether or not anything changed."""
    row = {
        **span(closing.period),
        "state": closing.state,
        "at": closing.at,
        "by": closing.by,
        "note": closing.note,
        "rules_version": closing.rules_version,
        "inputs": closing.inputs,
        "calendar": closing.calendar,
        "kinds": ";".join(closing.kinds),
    }
    upsert(tx, tables.closings, [row])
    a = tables.alerts.c
    ending = (a.period_id == closing.period.id) & a.cleared_on.is_(None)
    tx.execute(update(tables.alerts).where(ending).values(cleared_on=closing.period.ends_before))


def keep_credits(tx: Connection, credits_: Sequence[LockedCredit]) -> None:
    """What a period's people, units and company were credited with, kept at its lock."""
    rows = [
        {
            "period_id": each.period,
            "metric": each.metric,
            "subject_kind": each.subject.kind,
            "subject_id": each.subject.id,
            "ref": each.ref,
            "name": each.name,
            "happened_on": each.happened_on,
            "credited": str(each.credited),
        }
        for each in credits_
    ]
    if rows:
        tx.execute(insert(tables.locked_credits), rows)


def locked_credits(tx: Connection, period_id: str) -> list[LockedCredit]:
    """The credits of a locked period, by metric, subject and record."""
    c = tables.locked_credits.c
    chosen = (
        select(tables.locked_credits)
        .where(c.period_id == period_id)
        .order_by(c.metric, c.subject_kind, c.subject_id, c.ref)
    )
    return [
        LockedCredit(
            row.period_id,
            row.metric,
            Subject(row.subject_kind, row.subject_id),
            row.ref,
            row.name,
            row.happened_on,
            Decimal(row.credited),
        )
        for row in tx.execute(chosen)
    ]


def true_ups(tx: Connection) -> list[TrueUp]:
    """Every difference so far, oldest first."""
    c = tables.true_ups.c
    return [
        TrueUp(
            row.period_id,
            row.metric,
            Subject(row.subject_kind, row.subject_id),
            row.ref,
            row.name,
            row.on_day,
            Decimal(row.amount),
        )
        for row in tx.execute(
            select(tables.true_ups).order_by(c.on_day, c.period_id, c.metric, c.subject_kind, c.subject_id, c.ref)
        )
    ]


def add_true_ups(tx: Connection, found: Sequence[TrueUp]) -> None:
    """New differences; a second one of the same day and record joins the first."""
    earlier = {(each.period, each.metric, each.subject, each.ref, each.on): each.amount for each in true_ups(tx)}
    rows = [
        {
            "period_id": each.period,
            "metric": each.metric,
            "subject_kind": each.subject.kind,
            "subject_id": each.subject.id,
            "ref": each.ref,
            "on_day": each.on,
            "name": each.name,
            "amount": str(
                each.amount + earlier.get((each.period, each.metric, each.subject, each.ref, each.on), Decimal(0))
            ),
        }
        for each in found
    ]
    upsert(tx, tables.true_ups, rows)


__all__ = [
    "CLOSED",
    "LOCKED",
    "add_true_ups",
    "close",
    "closings",
    "keep_credits",
    "known",
    "locked_credits",
    "true_ups",
]

"""Scorecards, as the last appraisal filled them in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy import Row as SqlRow

from connector.model.results import Card, CardLine, Subject
from connector.store import tables
from connector.store.spans import as_decimal, as_text, period_of, replace, span


def save_cards(tx: Connection, run_id: str, cards: Sequence[Card]) -> None:
    """Replace what is stored of every scorecard and period spoken of."""
    replace(tx, tables.cards, [_row(each, run_id) for each in cards], run_id, by="scorecard")


def stored_cards(tx: Connection, period_id: str | None = None) -> list[Card]:
    """Stored scorecards, by period, scorecard and subject."""
    c = tables.cards.c
    chosen = select(tables.cards).order_by(c.starts_on, c.period_id, c.scorecard, c.subject_kind, c.subject_id)
    if period_id is not None:
        chosen = chosen.where(c.period_id == period_id)
    return [_card(row) for row in tx.execute(chosen)]


def _row(card: Card, run_id: str) -> dict[str, Any]:
    lines = [
        [each.name, str(each.weight), str(each.share), as_text(each.reached), as_text(each.points), each.says]
        for each in card.lines
    ]
    return {
        **span(card.period),
        "scorecard": card.scorecard,
        "subject_kind": card.subject.kind,
        "subject_id": card.subject.id,
        "as_of": card.as_of,
        "score": as_text(card.score),
        "band": card.band,
        "lines": json.dumps(lines, ensure_ascii=False),
        "held": json.dumps(card.held, ensure_ascii=False),
        "reason": card.reason,
        "rank": card.rank,
        "run_id": run_id,
    }


def _card(row: SqlRow[Any]) -> Card:
    lines = tuple(
        CardLine(name, Decimal(weight), Decimal(share), as_decimal(reached), as_decimal(points), says)
        for name, weight, share, reached, points, says in json.loads(row.lines)
    )
    return Card(
        row.scorecard,
        Subject(row.subject_kind, row.subject_id),
        period_of(row),
        row.as_of,
        as_decimal(row.score),
        row.band,
        lines,
        tuple(json.loads(row.held)),
        row.reason,
        row.rank,
    )

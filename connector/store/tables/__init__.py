"""The tables, seen only inside the store; `migrations/` brings a database to this shape."""

from __future__ import annotations

from sqlalchemy import Index, Table, text
from sqlmodel import SQLModel

from connector.store.tables import closed, held, progress, said
from connector.store.tables.columns import Moment

__all__ = ["Moment"]


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


users, deals, stage_changes, splits = (
    table_of(each) for each in (held.UserRow, held.DealRow, held.StageChangeRow, held.SplitRow)
)
team_members, account_territories = (table_of(each) for each in (held.TeamMemberRow, held.AccountTerritoryRow))
activities, accounts, rates, readings = (
    table_of(each) for each in (held.ActivityRow, held.AccountRow, held.RateRow, held.ReadingRow)
)
sightings, rejections, streams, counters = (
    table_of(each) for each in (held.SightingRow, held.RejectionRow, progress.StreamRow, progress.CounterRow)
)
circuits, calls, jobs = (table_of(each) for each in (progress.CircuitRow, progress.CallsRow, progress.JobRow))
forgotten, hints = (table_of(each) for each in (progress.ForgottenRow, progress.HintRow))
organisations = table_of(progress.OrganisationRow)
shapes, unreadable = (table_of(each) for each in (progress.ShapeRow, progress.UnreadableRow))
runs, targets, scores, alerts = (
    table_of(each) for each in (progress.RunRow, said.TargetRow, said.ScoreRow, said.AlertRow)
)
cards = table_of(said.CardRow)
closings, locked_credits, true_ups = (
    table_of(each) for each in (closed.ClosingRow, closed.LockedCreditRow, closed.TrueUpRow)
)
ledger, outbox, journal, decisions = (
    table_of(each) for each in (said.LedgerRow, said.OutboxRow, said.JournalRow, said.DecisionRow)
)

OPEN = text("state <> 'acked'")
Index(
    "ix_outbox_open",
    outbox.c.connection,
    outbox.c.object,
    outbox.c.key_field,
    outbox.c.key,
    unique=True,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)
Index("ix_outbox_state", outbox.c.connection, outbox.c.state)

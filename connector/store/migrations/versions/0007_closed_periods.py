"""Periods that are closed or locked, what was credited in them, and what changed afterwards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closings",
        sa.Column("period_id", sa.Text(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("by", "note", "rules_version", "inputs", "calendar")),
        sa.PrimaryKeyConstraint("period_id"),
    )
    named = ("period_id", "metric", "person", "ref")
    op.create_table(
        "locked_credits",
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*named, "name", "credited")),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint(*named),
    )
    op.create_table(
        "true_ups",
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*named, "name", "amount")),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint(*named, "on_day"),
    )


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

"""What people approved, what was written and what stood there before, and why an entry waits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("approval", "undoes"):
        op.add_column("outbox", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("expects", "shown"):
        op.add_column("outbox", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("gone", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("ledger", sa.Column("edited", sa.Text(), nullable=True))
    named = ("connection", "object", "key_field", "key")
    op.create_table(
        "journal",
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*named, "field")),
        sa.Column("revision", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("run_id", "wished_by", "because", "subject", "value")
        ),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("prior", "remote_id")),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("created", "gone")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(*named, "revision", "field"),
    )
    op.create_index("ix_journal_run_id", "journal", ["run_id"])
    op.create_index("ix_journal_remote_id", "journal", ["remote_id"])
    op.create_table(
        "decisions",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "what", "connection", "reason")),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "connection"),
    )


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

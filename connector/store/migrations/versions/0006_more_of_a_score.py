"""Where a score leads, and scorecards: what an appraisal says is kept whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("surplus", "run_rate", "required_rate", "ahead", "projection", "projection_error"):
        op.add_column("scores", sa.Column(name, sa.Text(), nullable=True))
    for name in ("projection_by", "band"):
        op.add_column("scores", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("scores", sa.Column("field_size", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "cards",
        sa.Column("period_id", sa.Text(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=False),
        sa.Column("scorecard", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("score", sa.Text(), nullable=True),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("period_id", "scorecard", "subject_kind", "subject_id"),
    )


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

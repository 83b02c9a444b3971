"""How deals stood: whose they were at each change, for how long they are paid; read from the beginning again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stage_changes", sa.Column("owner", sa.Text(), nullable=True))
    op.add_column("deals", sa.Column("term_months", sa.BigInteger(), nullable=True))
    # Versions were kept of stages only, and of deals in the recycle bin nothing at all.
    op.execute(
        "update streams set covered = null, until = null, after = '' "
        "where source like 'stage_change/%' or source like 'deal/%'"
    )


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

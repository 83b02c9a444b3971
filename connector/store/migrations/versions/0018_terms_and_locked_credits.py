"""When a deal's term begins, and which deals renew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deals", sa.Column("term_starts_on", sa.Date(), nullable=True))
    op.add_column("deals", sa.Column("is_renewal", sa.Boolean(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

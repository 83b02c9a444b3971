"""The territory and the team of a deal; deals are read from the beginning again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("territory", "closed_territory", "team"):
        op.add_column("deals", sa.Column(name, sa.Text(), nullable=True))
    op.execute("update streams set covered = null, until = null, after = '' where source like 'deal/%'")


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

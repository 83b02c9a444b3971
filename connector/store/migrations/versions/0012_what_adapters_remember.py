"""What an adapter wants to know at its next read of a source, in its own words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("streams", sa.Column("memo", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

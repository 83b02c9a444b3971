"""What the CRM itself made of a deal's amount, in the company's currency; deals are read from the beginning again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deals", sa.Column("amount_converted", sa.BigInteger(), nullable=True))
    op.execute("update streams set covered = null, until = null, after = '' where source like 'deal/%'")


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

"""Names that a login had before, so that these too are forgotten with whoever had them; kept from now on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("former_names", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

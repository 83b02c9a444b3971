"""Who is on the team of a deal, and which territories an account lies in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _fact("team_members", _text("deal"), _text("user"), _text("role", nullable=True))
    _fact("account_territories", _text("account"), _text("territory"))


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _fact(name: str, *columns: sa.Column[str]) -> None:
    """A table of records, with what every record carries."""
    op.create_table(
        name,
        sa.Column("ref", sa.Text(), primary_key=True),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change_seq", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        *columns,
    )
    op.create_index(f"ix_{name}_change_seq", name, ["change_seq"])


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

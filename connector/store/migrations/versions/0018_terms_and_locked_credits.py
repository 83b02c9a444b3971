"""Locked credits and true-ups by whom they are of, units and the company too; when a deal's term begins, and what renews.

What was locked before has the credits of people alone (`closings.kinds` is empty), and goes on being judged by these.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NAMED = ("period_id", "metric", "subject_kind", "subject_id", "ref")


def upgrade() -> None:
    op.add_column("deals", sa.Column("term_starts_on", sa.Date(), nullable=True))
    op.add_column("deals", sa.Column("is_renewal", sa.Boolean(), nullable=True))
    op.add_column("closings", sa.Column("kinds", sa.Text(), nullable=False, server_default=""))
    _keyed_anew("locked_credits", ("name", "credited"), sa.Column("happened_on", sa.Date(), nullable=False))
    _keyed_anew("true_ups", ("name", "amount"), sa.Column("on_day", sa.Date(), nullable=False), "on_day")


def _keyed_anew(name: str, texts: tuple[str, ...], day: sa.Column[object], *keys: str) -> None:
    """The table with a kind of subject in its key, which SQLite cannot change; a row of a whole metric is the company's."""
    now = f"{name}_now"
    op.create_table(
        now,
        *(sa.Column(each, sa.Text(), nullable=False) for each in (*NAMED, *texts)),
        day,
        sa.PrimaryKeyConstraint(*NAMED, *keys),
    )
    same = ", ".join(("period_id", "metric", "ref", *texts, day.name))
    op.execute(
        f"insert into {now} (subject_kind, subject_id, {same}) "
        "select case when person = '' then 'company' else 'person' end, "
        f"case when person = '' then 'company' else person end, {same} from {name}"
    )
    op.drop_table(name)
    op.rename_table(now, name)


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

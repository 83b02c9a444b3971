"""What the CRMs hold, and how far we have read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _users()
    _deals()
    _stage_changes()
    _splits()
    _activities()
    _accounts()
    _rates()
    _readings()
    _sightings()
    _rejections()
    _streams()
    _counters()
    _runs()
    _number_this_store()


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")


def _number_this_store() -> None:
    """A number by which a mirror knows that it was made from this store and no other."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    number = "abs(random() % 1000000000000000)" if sqlite else "(random() * 1e15)::bigint"
    op.execute(f"insert into counters (name, value) values ('change_seq', 0), ('store', {number})")


def _fact(name: str, *columns: sa.Column[object]) -> None:
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


def _users() -> None:
    _fact(
        "users",
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("human", sa.Boolean(), nullable=False),
        sa.Column("manager", sa.Text(), nullable=True),
        sa.Column("levels", sa.Text(), nullable=False),
        sa.Column("scores_on", sa.Text(), nullable=True),
    )


def _deals() -> None:
    _fact(
        "deals",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("pipeline", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("closed_owner", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("probability", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("forecast_category", sa.Text(), nullable=True),
        sa.Column("deal_type", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("custom", sa.Text(), nullable=False),
    )


def _stage_changes() -> None:
    _fact(
        "stage_changes",
        sa.Column("deal", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
    )
    op.create_index("ix_stage_changes_deal", "stage_changes", ["deal"])


def _splits() -> None:
    _fact(
        "splits",
        sa.Column("deal", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("percent", sa.Text(), nullable=False),
        sa.Column("overlay", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_splits_deal", "splits", ["deal"])


def _activities() -> None:
    _fact(
        "activities",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("performer", sa.Text(), nullable=True),
        sa.Column("deal", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("minutes", sa.BigInteger(), nullable=True),
    )


def _accounts() -> None:
    _fact(
        "accounts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=True),
        sa.Column("custom", sa.Text(), nullable=False),
    )


def _rates() -> None:
    _fact(
        "rates",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
    )


def _readings() -> None:
    _fact(
        "readings",
        sa.Column("file_table", sa.Text(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
    )


def _sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("levels", sa.Text(), nullable=False),
        sa.Column("manager", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("user", "seen_on"),
    )


def _rejections() -> None:
    op.create_table(
        "rejections",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ref"),
    )


def _streams() -> None:
    op.create_table(
        "streams",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("covered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "source"),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_runs_started_at", "runs", ["started_at"])

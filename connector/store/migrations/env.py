"""Alembic's way in: runs on the connection that `connector.store.database` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import connector.store.tables  # noqa: F401  (fills the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
    transactional_ddl=True,  # true on SQLite too, since we say BEGIN ourselves
    render_as_batch=True,  # SQLite alters a table by making it anew
)

with context.begin_transaction():
    context.run_migrations()

"""Whose each login is, kept from now on whatever its address becomes; and the addresses that it had before.

Whoever is in the store stays who they were: the id is the one that was made anew of today's address until now.
"""

from __future__ import annotations

import hashlib
import re

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_DRAWN = re.compile(r"Somebody \(([0-9a-f]{12})\)")


def upgrade() -> None:
    op.add_column("users", sa.Column("person", sa.Text(), nullable=False, server_default=""))
    op.add_column("users", sa.Column("former", sa.Text(), nullable=False, server_default=""))
    tx = op.get_bind()
    salt = tx.execute(sa.text("select value from counters where name = 'store'")).scalar() or 0
    forgotten: dict[str, str] = {each.digest: each.pseudonym for each in tx.execute(sa.text("select * from forgotten"))}
    for ref, email in tx.execute(sa.text("select ref, email from users")).all():
        drawn = _DRAWN.fullmatch(forgotten.get(_sha256(f"{salt}:{ref}"), ""))
        person = f"p_{drawn[1]}" if drawn else f"p_{_sha256(email or ref)[:12]}"
        tx.execute(sa.text("update users set person = :person where ref = :ref"), {"person": person, "ref": ref})


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def downgrade() -> None:
    raise NotImplementedError("a store goes forward only; keep a copy of the file")

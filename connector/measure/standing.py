"""How things stood: each person's open pipeline on a day, and the potential of their accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.measure.sql import quoted, table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


def open_pipeline(mirror: DuckDBPyConnection, on: date, until: date) -> Mapping[str, Decimal]:
    """What was open at the beginning of a day and due from then until before another one, by the owner it had then.

    In minor units of the company's currency. A deal of which no history is known stood as it does now.
    """
    rows = mirror.execute(
        """
        select owner, sum(amount) from (
            select * from deal_versions where changed_on < $1
            qualify row_number() over (partition by deal order by from_at desc) = 1
        )
        where outcome = 'open' and closed_on >= $1 and closed_on < $2 and until_at > $1
            and owner is not null and amount is not null
        group by owner
        """,
        [on, until],
    ).fetchall()
    return {owner: Decimal(amount) for owner, amount in rows}


def account_potential(mirror: DuckDBPyConnection, field: str) -> Mapping[str, Decimal]:
    """The sum of a field over each person's accounts, as it is now; whoever has no account with one is absent."""
    column = quoted(field)
    rows = mirror.execute(
        f"select owner, sum({column}) from {table('accounts')} "
        f"where owner is not null and {column} is not null group by owner"
    ).fetchall()
    return {owner: Decimal(str(amount)) for owner, amount in rows}

"""How things stood: each person's open pipeline on a day, and the potential of their accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.measure.metric import Metric
from connector.measure.sql import quoted, table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


def open_pipeline(
    mirror: DuckDBPyConnection, on: date, until: date, since: date | None = None
) -> Mapping[str, Decimal]:
    """What was open at the beginning of a day and due from then (or `since`) until before another one, by its owner then.

    In minor units of the company's currency. A deal of which no history is known stood as it does now.
    """
    rows = mirror.execute(
        """
        select owner, sum(amount) from (
            select * from deal_versions where changed_on < $1
            qualify row_number() over (partition by deal order by from_at desc) = 1
        )
        where outcome = 'open' and closed_on >= $3 and closed_on < $2 and until_at > $1
            and owner is not null and amount is not null
        group by owner
        """,
        [on, until, since or on],
    ).fetchall()
    return {owner: Decimal(amount) for owner, amount in rows}


@dataclass(frozen=True, slots=True)
class Stretch:
    """From the beginning of a day until just before another one."""

    on: date
    until: date


ENOUGH_CLOSED = 20  # deals, before a stage has a chance of its own

_AS_IF_WON = """
    select * replace (
        'won' as outcome,
        is_first_win or (outcome <> 'won' and account is not null
            and account not in (select account from deals where outcome = 'won' and account is not null)) as is_first_win
    ) from deals
"""


def if_won(metric: Metric, today: date) -> str:
    """The metric's own condition on a deal, in SQL, for the deal as if it were won; empty where any that is won will do.

    It may be the first one of its account, too, as long as none was won; its group is not looked at.
    """
    if metric.where is None or metric.where.fields <= {"outcome"}:
        return ""
    return f"({metric.where.sql(today)})"


def likely(
    mirror: DuckDBPyConnection, stretches: Sequence[Stretch], if_won: str = ""
) -> Mapping[Stretch, Mapping[str, Decimal]]:
    """What deals that were open at the beginning of each stretch, and due in it, were likely to bring, by their owner then.

    In minor units; `` has those of nobody we know. Each deal counts by how many of the closed deals that were ever in
    its stage were won, as is known today. Stages of which too few were closed bring nothing. With a condition, which
    today's fields of a deal are held against, whatever does not meet it brings nothing, nor does what was deleted since.
    """
    counted = f"and v.deal in (select ref from ({_AS_IF_WON}) where {if_won})" if if_won else ""
    rows = mirror.execute(
        f"""
        with stretches as (select unnest($ons) as starts, unnest($untils) as ends),
        odds as (
            select s.connection, s.pipeline, s.stage, avg((d.outcome = 'won')::integer) as won
            from deal_stays s join deals d on d.ref = s.deal where d.outcome <> 'open'
            group by all having count(*) >= $enough
        )
        select m.starts, m.ends, coalesce(v.owner, ''), round(sum(v.amount * o.won))::bigint
        from stretches m
        join deal_versions v on v.from_at < m.starts and v.until_at > m.starts
            and v.outcome = 'open' and v.closed_on >= m.starts and v.closed_on < m.ends and v.amount is not null
            {counted}
        join odds o on o.connection = v.connection and o.pipeline is not distinct from v.pipeline and o.stage = v.stage
        group by all
        """,
        {"ons": [each.on for each in stretches], "untils": [each.until for each in stretches], "enough": ENOUGH_CLOSED},
    ).fetchall()
    found: dict[Stretch, dict[str, Decimal]] = {each: {} for each in stretches}
    for starts, ends, owner, amount in rows:
        found[Stretch(starts, ends)][owner] = Decimal(amount)
    return found


def account_potential(mirror: DuckDBPyConnection, field: str) -> Mapping[str, Decimal]:
    """The sum of a field over each person's accounts, as it is now; whoever has no account with one is absent."""
    column = quoted(field)
    rows = mirror.execute(
        f"select owner, sum({column}) from {table('accounts')} "
        f"where owner is not null and {column} is not null group by owner"
    ).fetchall()
    return {owner: Decimal(str(amount)) for owner, amount in rows}

"""How the open pipeline came from one moment to another: what it held then, each reason of change, what it holds now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.model.calendar import Period

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


@dataclass(frozen=True, slots=True)
class Bar:
    """Minor units of the company's currency, negative where the pipeline lost them, and of how many deals."""

    amount: int
    deals: int


@dataclass(frozen=True, slots=True)
class Waterfall:
    """`start` and all bars between add up to `end`, to the minor unit.

    A deal that leaves does so with its amount at the start, one that arrives with its amount at the end, one that
    stays contributes the difference. A deal that came and went in between appears nowhere.
    """

    start: Bar
    created: Bar
    reopened: Bar
    raised: Bar
    cut: Bar
    won: Bar
    lost: Bar
    deleted: Bar
    moved: Bar  # stayed open, but its close date came into the scope or left it
    end: Bar


# A deal without an amount, or without a rate, is there and worth nothing.
_SQL = """
with before as (
    select * from deal_versions where from_at <= $start and until_at > $start
),
after as (
    select * from deal_versions where from_at <= $end and until_at > $end
),
deals as (
    select coalesce(t.deal, l.deal) as deal,
        coalesce(t.outcome = 'open' and (t.closed_on between $first and $last or $first is null), false) as was_in,
        coalesce(l.outcome = 'open' and (l.closed_on between $first and $last or $first is null), false) as is_in,
        t.outcome as was, l.outcome as now, coalesce(t.created_at, l.created_at) > $start as is_new,
        coalesce(t.amount, 0) as had, coalesce(l.amount, 0) as has
    from before t full join after l on l.deal = t.deal
),
bars as (
    select case
        when was_in and is_in then case when has > had then 'raised' when has < had then 'cut' end
        when was_in then case now when 'open' then 'moved' when 'won' then 'won' when 'lost' then 'lost' else 'deleted' end
        when was = 'open' then 'moved'
        when is_new then 'created'
        else 'reopened' end as bar,
        case when is_in then has else 0 end - case when was_in then had else 0 end as amount
    from deals where was_in or is_in
    union all select 'start', had from deals where was_in
    union all select 'end', has from deals where is_in
)
select bar, sum(amount)::bigint, count(*) from bars where bar is not null group by bar
"""


def waterfall(mirror: DuckDBPyConnection, start: datetime, end: datetime, closing: Period | None = None) -> Waterfall:
    """The pipeline from `start` to `end`, both aware; `closing` leaves only deals whose close date lies in it.

    All versions of a deal are converted at one rate, so currencies on the move make no bar.
    """
    given = {
        "start": start.astimezone(UTC).replace(tzinfo=None),
        "end": end.astimezone(UTC).replace(tzinfo=None),
        "first": closing.starts_on if closing else None,
        "last": closing.last_day if closing else None,
    }
    found = {str(name): Bar(amount, deals) for name, amount, deals in mirror.execute(_SQL, given).fetchall()}
    return Waterfall(**{name: found.get(name, Bar(0, 0)) for name in Waterfall.__slots__})

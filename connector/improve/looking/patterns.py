"""The patterns that are counted record by record, each in SQL over the mirror."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from connector.improve.looking.look import Counted
from connector.model.calendar import Calendar, Period

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

LAST_DAYS = 5  # working days at the end of a period
UNDER = 0.05  # of a tier: so close below it an amount is just under it
BURST, WITHIN = 8, 600  # activities of one kind, and seconds


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is counted, and how it is said. The query gives person, hits, records and the refs with the pattern."""

    name: str
    says: str
    sql: str
    of: str = "deals"  # deals | activities


_PERIODS = "with periods as (select unnest($starts) as s, unnest($ends) as e, unnest($cuts) as cut)"

# How each won deal stood just before it was won, since closing sets the close date to the day.
_WON = """,
won as (
    select d.ref, d.amount, d.owner_at_close as person, p.e,
        arg_max(v.closed_on, v.from_at) filter (v.outcome = 'open') as due
    from deals d
    join periods p on d.closed_on >= p.s and d.closed_on < p.e
    left join deal_versions v on v.deal = d.ref
    where d.outcome = 'won' and d.owner_at_close is not null group by all
)"""

PATTERNS = (
    Pattern(
        "bunching",
        f"{{hits}} of {{of}} won deals closed in the last {LAST_DAYS} working days of a period ({{own}}, others {{base}})",
        _PERIODS
        + """
select d.owner_at_close, count(*) filter (d.closed_on >= p.cut), count(*),
    list(d.ref order by d.amount desc nulls last) filter (d.closed_on >= p.cut)
from deals d join periods p on d.closed_on >= p.s and d.closed_on < p.e
where d.outcome = 'won' and d.owner_at_close is not null group by 1
""",
    ),
    Pattern(
        "pulled in",
        "{hits} of {of} won deals were due in a later period until they were won ({own}, others {base})",
        _PERIODS
        + _WON
        + """
select person, count(*) filter (due >= e), count(*), list(ref order by amount desc nulls last) filter (due >= e)
from won group by 1
""",
    ),
    Pattern(
        "pushed out",
        f"{{hits}} of {{of}} deals that were due in the last {LAST_DAYS} working days of a period left it then "
        "({own}, others {base})",
        _PERIODS
        + """
select v.owner, count(*) filter (coalesce(later, false)), count(*),
    list(deal order by amount desc nulls last) filter (coalesce(later, false))
from (
    select v.deal, v.owner, v.amount, n.outcome = 'open' and n.closed_on >= p.e as later
    from periods p
    join deal_versions v on v.from_at < p.cut and v.until_at >= p.cut and v.outcome = 'open'
        and v.closed_on >= p.cut and v.closed_on < p.e and v.owner is not null
    left join deal_versions n on n.deal = v.deal and n.from_at < p.e and n.until_at >= p.e
) v group by 1
""",
    ),
    Pattern(
        "just under a tier",
        "{hits} of {of} deals that were at or above a tier were cut to just below it ({own}, others {base})",
        """
with tiers as (select unnest($tiers) as tier),
reached as (
    select d.ref, d.amount, d.owner as person, t.tier, d.amount < t.tier and d.amount >= t.tier * (1 - $under) as cut
    from deals d join tiers t on exists (
        select 1 from deal_versions v where v.deal = d.ref and v.amount >= t.tier
    )
    where d.owner is not null and d.amount is not null and d.created_on >= $first and d.created_on < $after
)
select person, count(*) filter (cut), count(*), list(ref order by amount desc) filter (cut) from reached group by 1
""",
    ),
    Pattern(
        "burst of activities",
        f"{{hits}} of {{of}} activities were logged {BURST} or more of a kind within {WITHIN // 60} minutes "
        "({own}, others {base})",
        """
with done as (
    select ref, performer as person, count(*) over (
        partition by performer, type order by epoch(happened_at) range between $within preceding and $within following
    ) as near
    from activities
    where status = 'completed' and performer is not null and happened_at is not null and coalesce(minutes, 0) <= 1
        and happened_on >= $first and happened_on < $after
)
select person, count(*) filter (near >= $burst), count(*), (list(ref order by ref) filter (near >= $burst))[:50]
from done group by 1
""",
        of="activities",
    ),
)


def counted(
    mirror: DuckDBPyConnection, pattern: Pattern, periods: Sequence[Period], calendar: Calendar, tiers: Sequence[int]
) -> list[Counted]:
    """How often everybody's records of some periods, oldest first, show a pattern."""
    given: Mapping[str, object] = {
        "starts": [each.starts_on for each in periods],
        "ends": [each.ends_before for each in periods],
        "cuts": [last_days(each, calendar) for each in periods],
        "first": periods[0].starts_on,
        "after": periods[-1].ends_before,
        "tiers": list(tiers),
        "under": UNDER,
        "burst": BURST,
        "within": WITHIN // 2,
    }
    used = {name: value for name, value in given.items() if f"${name}" in pattern.sql}
    rows = mirror.execute(pattern.sql, used).fetchall()
    return [Counted(person, hits, of, tuple(refs or ())) for person, hits, of, refs in sorted(rows)]


def last_days(period: Period, calendar: Calendar) -> date:
    """The first of the last working days of a period."""
    day, left = period.ends_before, LAST_DAYS
    while left and day > period.starts_on:
        day -= timedelta(days=1)
        left -= calendar.is_working(day)
    return day

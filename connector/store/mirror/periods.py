"""Relations that need the calendar: how open deals changed, and what accounts paid in each period."""

from __future__ import annotations

DEAL_CHANGES = """
with changed as (
    select s.*, f.field
    from steps s cross join (values ('closed_on'), ('amount'), ('owner')) f(field)
    where s.while_open and case f.field
        when 'closed_on' then s.closed_on is distinct from s.was_closed_on
        when 'amount' then s.amount_raw is distinct from s.was_amount_raw or s.currency is distinct from s.was_currency
        else s.was_owner_user <> s.owner_user end
)
select c.ref || '.' || c.field as ref, c.connection, c.deal, c.field, c.changed_on,
    case when c.field = 'closed_on' then c.was_closed_on end as old_closed_on,
    case when c.field = 'closed_on' then c.closed_on end as new_closed_on,
    {later} and o.month is distinct from n.month as left_month,
    {later} and o.quarter is distinct from n.quarter as left_quarter,
    {later} and o.year is distinct from n.year as left_year,
    case when c.field = 'amount' then
        case when c.amount_raw is null then 0 else c.amount end
        - case when c.was_amount_raw is null then 0 else c.was_amount end
    end as difference,
    c.amount, coalesce(c.owner, d.owner) as owner
from changed c
join deals d on d.ref = c.deal
left join calendar o on o.day = c.was_closed_on
left join calendar n on n.day = c.closed_on
""".replace("{later}", "coalesce(c.field = 'closed_on' and c.closed_on > c.was_closed_on, false)")

# What accounts pay follows from this much of the deals that were won: while it is the same, so is what they pay.
SOLD = """
select count(*), sum(hash(ref, connection, account, amount_raw, currency, closed_on, term_months, term_starts_on)::hugeint)
from deals where outcome = 'won' and account is not null
"""

# A period starts with what the day before it ended with: what one ends with, the next starts with.
ACCOUNT_PERIODS = """
create or replace table account_periods as
with sold as (
    select connection, account, currency, term_starts_on as starts_on,
        (term_starts_on + to_months(term_months::integer))::date as ends_before,
        sign(amount_raw) * ((24 * abs(amount_raw)::hugeint + term_months::hugeint) // (2 * term_months::hugeint))
            as yearly
    from deals where outcome = 'won' and account is not null and amount_raw is not null and term_starts_on is not null
),
customers as (
    select account, min(closed_on) as since from deals where outcome = 'won' and account is not null group by account
),
grains as (
    select 'month' as grain, month as period, day from calendar
    union all select 'quarter', quarter, day from calendar
    union all select 'half', half, day from calendar
    union all select 'year', year, day from calendar
),
spans as (
    select grain, period, min(day) as starts_on, least(max(day), {until}) as last_on from grains group by grain, period
    having min(day) <= {until} and max(day) >= (select min(since) from customers)
),
ends as (
    select grain, period, starts_on, starts_on - 1 as day, true as is_start from spans
    union all select grain, period, starts_on, last_on, false from spans
),
worth as (
    select s.connection, s.account, s.currency, e.day, sum(s.yearly) as yearly
    from sold s join (select distinct day from ends) e on e.day >= s.starts_on and e.day < s.ends_before group by all
),
given as (  -- in each deal's own currency
    select w.connection, w.account, w.currency, e.grain, e.period, e.starts_on,
        coalesce(sum(w.yearly) filter (e.is_start), 0) as at_start,
        coalesce(sum(w.yearly) filter (not e.is_start), 0) as at_end
    from worth w join ends e on e.day = w.day group by all
),
dates as (select distinct connection, currency, starts_on from given where currency <> {base}),
first_rates as (select connection, currency, arg_min(scaled, starts_on) as scaled from rates group by all),
rated as (  -- both ends at the rate of the period's start: what a currency does is no growth and no loss
    select d.connection, d.currency, d.starts_on, coalesce(r.scaled, f.scaled) as scaled, c.minor,
        b.minor as base_minor
    from dates d
    asof left join rates r
        on r.connection = d.connection and r.currency = d.currency and d.starts_on >= r.starts_on
    join first_rates f on f.connection = d.connection and f.currency = d.currency
    join currencies c on c.currency = d.currency
    join currencies b on b.currency = {base}
),
both_ends as (
    select g.connection, g.account, g.grain, g.period, g.starts_on,
        sum(case when g.currency = {base} then g.at_start else {start_amount} end)::bigint as start_value,
        sum(case when g.currency = {base} then g.at_end else {end_amount} end)::bigint as end_value
    from given g
    left join rated r on r.connection = g.connection and r.currency = g.currency and r.starts_on = g.starts_on
    where g.currency = {base} or r.scaled is not null
    group by all
)
select b.account as ref, b.connection, b.account, a.owner, b.period, b.grain, b.starts_on, b.start_value, b.end_value,
    least(b.start_value, b.end_value) as kept_value,
    b.start_value = 0 and b.end_value <> 0 and c.since < b.starts_on as came_back
from both_ends b
join customers c on c.account = b.account
left join accounts a on a.ref = b.account
where b.start_value <> 0 or b.end_value <> 0
"""

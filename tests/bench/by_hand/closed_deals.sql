-- Decided deals by their close date, for the owner at close.
with asked(period, lower, upper) as (
    values ($month, $month_from, $month_until), ($quarter, $quarter_from, $quarter_until), ($year, $year_from, $year_until)
), closed as (
    select d.owner_at_close as person, r.team, r.region, a.period, d.outcome = 'won' as won, d.amount, d.account,
        d.closed_on - d.created_on as days, d.is_first_win, d.is_first_win_of_group
    from deals d
    join asked a on d.closed_on >= a.lower and d.closed_on < a.upper
    left join roster r on r.person = d.owner_at_close and d.closed_on >= r.starts_on and d.closed_on < r.ends_before
    where d.outcome in ('won', 'lost') and d.closed_on <= $today
)
select case when grouping(person) = 0 then 'person' when grouping(team) = 0 then 'team'
        when grouping(region) = 0 then 'region' else 'company' end as kind,
    case when grouping(person) = 0 then person when grouping(team) = 0 then team
        when grouping(region) = 0 then region else 'company' end as subject, period,
    count(*) filter (won) / count(*) as win_rate,
    sum(amount) filter (won) / sum(amount) as win_rate_value,
    median(days) filter (won) as sales_cycle,
    avg(days) filter (won) as sales_cycle_mean,
    quantile_cont(days, 0.8) filter (won) as sales_cycle_p80,
    count(distinct account) filter (won and is_first_win) as new_customers,
    count(distinct account) filter (won and is_first_win_of_group) as new_customer_groups
from closed group by grouping sets ((period, person), (period, team), (period, region), (period))

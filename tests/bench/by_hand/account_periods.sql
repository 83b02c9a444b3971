-- What accounts paid per year when each period began and ended, for the account's owner.
with paid as (
    select p.owner as person, r.team, r.region, p.period, p.start_value, p.end_value, p.kept_value, p.came_back
    from account_periods p
    left join roster r on r.person = p.owner and p.starts_on >= r.starts_on and p.starts_on < r.ends_before
    where p.period in ($month, $quarter, $year)
)
select case when grouping(person) = 0 then 'person' when grouping(team) = 0 then 'team'
        when grouping(region) = 0 then 'region' else 'company' end as kind,
    case when grouping(person) = 0 then person when grouping(team) = 0 then team
        when grouping(region) = 0 then region else 'company' end as subject, period,
    count(*) filter (start_value > 0 and end_value > 0) / nullif(count(*) filter (start_value > 0), 0)
        as customer_retention,
    sum(kept_value) filter (start_value > 0) / sum(start_value) filter (start_value > 0) as gross_retention,
    sum(end_value) filter (start_value > 0) / sum(start_value) filter (start_value > 0) as net_retention,
    count(*) filter (came_back) as reactivations
from paid group by grouping sets ((period, person), (period, team), (period, region), (period))

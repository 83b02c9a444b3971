-- Completed activities, for whoever did them.
with asked(period, lower, upper) as (
    values ($month, $month_from, $month_until), ($quarter, $quarter_from, $quarter_until), ($year, $year_from, $year_until)
), done as (
    select t.performer as person, r.team, r.region, a.period, t.type, t.account
    from activities t
    join asked a on t.happened_on >= a.lower and t.happened_on < a.upper
    left join roster r on r.person = t.performer and t.happened_on >= r.starts_on and t.happened_on < r.ends_before
    where t.status = 'completed' and t.happened_on <= $today
)
select case when grouping(person) = 0 then 'person' when grouping(team) = 0 then 'team'
        when grouping(region) = 0 then 'region' else 'company' end as kind,
    case when grouping(person) = 0 then person when grouping(team) = 0 then team
        when grouping(region) = 0 then region else 'company' end as subject, period,
    count(*) as activities,
    count(*) filter (type = 'call') as calls_made,
    count(*) filter (type = 'email') as emails_sent,
    count(*) filter (type = 'meeting') as meetings_held,
    count(distinct account) as accounts_touched
from done group by grouping sets ((period, person), (period, team), (period, region), (period))

-- Deals that came into the second stage of their pipeline, and whether they ever came further.
with asked(period, lower, upper) as (
    values ($month, $month_from, $month_until), ($quarter, $quarter_from, $quarter_until), ($year, $year_from, $year_until)
), came as (
    select s.owner as person, r.team, r.region, a.period, s.furthest > s.position as passed
    from stage_changes s
    join asked a on s.changed_on >= a.lower and s.changed_on < a.upper
    left join roster r on r.person = s.owner and s.changed_on >= r.starts_on and s.changed_on < r.ends_before
    where s.position = 2 and s.changed_on <= $today
)
select case when grouping(person) = 0 then 'person' when grouping(team) = 0 then 'team'
        when grouping(region) = 0 then 'region' else 'company' end as kind,
    case when grouping(person) = 0 then person when grouping(team) = 0 then team
        when grouping(region) = 0 then region else 'company' end as subject, period,
    count(*) filter (passed) / count(*) as stage_conversion
from came group by grouping sets ((period, person), (period, team), (period, region), (period))

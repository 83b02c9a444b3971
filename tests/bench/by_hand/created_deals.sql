-- Deals by the day they were created, for whoever owns them, or did when they closed.
with asked(period, lower, upper) as (
    values ($month, $month_from, $month_until), ($quarter, $quarter_from, $quarter_until), ($year, $year_from, $year_until)
), created as (
    select d.owner_at_close as person, r.team, r.region, a.period, d.outcome
    from deals d
    join asked a on d.created_on >= a.lower and d.created_on < a.upper
    left join roster r on r.person = d.owner_at_close and d.created_on >= r.starts_on and d.created_on < r.ends_before
    where d.created_on <= $today
)
select case when grouping(person) = 0 then 'person' when grouping(team) = 0 then 'team'
        when grouping(region) = 0 then 'region' else 'company' end as kind,
    case when grouping(person) = 0 then person when grouping(team) = 0 then team
        when grouping(region) = 0 then region else 'company' end as subject, period,
    count(*) filter (outcome = 'won') / count(*) as win_rate_cohort,
    count(*) filter (outcome = 'open') / count(*) as cohort_open_share
from created group by grouping sets ((period, person), (period, team), (period, region), (period))

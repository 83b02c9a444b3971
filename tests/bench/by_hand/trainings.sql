-- Trainings by the day they were completed.
with asked(period, lower, upper) as (
    values ($month, $month_from, $month_until), ($quarter, $quarter_from, $quarter_until), ($year, $year_from, $year_until)
), done as (
    select f.person, r.team, r.region, a.period
    from file_trainings f
    join asked a on f.completed_on >= a.lower and f.completed_on < a.upper
    left join roster r on r.person = f.person and f.completed_on >= r.starts_on and f.completed_on < r.ends_before
    where f.completed_on <= $today
)
select case when grouping(person) = 0 then 'person' when grouping(team) = 0 then 'team'
        when grouping(region) = 0 then 'region' else 'company' end as kind,
    case when grouping(person) = 0 then person when grouping(team) = 0 then team
        when grouping(region) = 0 then region else 'company' end as subject, period,
    count(*) as trainings
from done group by grouping sets ((period, person), (period, team), (period, region), (period))

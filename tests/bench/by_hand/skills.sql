-- Skills by the day they were due, and whether they are reached.
with asked(period, lower, upper) as (
    values ($month, $month_from, $month_until), ($quarter, $quarter_from, $quarter_until), ($year, $year_from, $year_until)
), due as (
    select f.person, r.team, r.region, a.period, f.reached_on
    from file_skills f
    join asked a on f.due_on >= a.lower and f.due_on < a.upper
    left join roster r on r.person = f.person and f.due_on >= r.starts_on and f.due_on < r.ends_before
)
select case when grouping(person) = 0 then 'person' when grouping(team) = 0 then 'team'
        when grouping(region) = 0 then 'region' else 'company' end as kind,
    case when grouping(person) = 0 then person when grouping(team) = 0 then team
        when grouping(region) = 0 then region else 'company' end as subject, period,
    count(*) filter (reached_on is not null) / count(*) as skill_plan_progress
from due group by grouping sets ((period, person), (period, team), (period, region), (period))

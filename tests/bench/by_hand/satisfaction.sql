-- Answers by the day they came; fewer than five say nothing.
with asked(period, lower, upper) as (
    values ($month, $month_from, $month_until), ($quarter, $quarter_from, $quarter_until), ($year, $year_from, $year_until)
), answers as (
    select f.person, r.team, r.region, a.period, f.survey, f.score
    from file_satisfaction f
    join asked a on f.answered_on >= a.lower and f.answered_on < a.upper
    left join roster r on r.person = f.person and f.answered_on >= r.starts_on and f.answered_on < r.ends_before
)
select case when grouping(person) = 0 then 'person' when grouping(team) = 0 then 'team'
        when grouping(region) = 0 then 'region' else 'company' end as kind,
    case when grouping(person) = 0 then person when grouping(team) = 0 then team
        when grouping(region) = 0 then region else 'company' end as subject, period,
    case when count(*) filter (survey = 'csat') >= 5 then
        count(*) filter (survey = 'csat' and score >= 4) / count(*) filter (survey = 'csat') end as csat,
    case when count(*) filter (survey = 'nps') >= 5 then
        (count(*) filter (survey = 'nps' and score >= 9) - count(*) filter (survey = 'nps' and score <= 6))
        / count(*) filter (survey = 'nps') end as nps
from answers group by grouping sets ((period, person), (period, team), (period, region), (period))

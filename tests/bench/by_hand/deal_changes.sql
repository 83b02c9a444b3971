-- Close dates that were pushed out of their quarter, in the period that they left.
with asked(period, lower, upper) as (
    values ($month, $month_from, $month_until), ($quarter, $quarter_from, $quarter_until), ($year, $year_from, $year_until)
), slipped as (
    select c.owner as person, r.team, r.region, a.period, c.deal, c.amount
    from deal_changes c
    join asked a on c.old_closed_on >= a.lower and c.old_closed_on < a.upper
    left join roster r on r.person = c.owner and c.old_closed_on >= r.starts_on and c.old_closed_on < r.ends_before
    where c.left_quarter
)
select case when grouping(person) = 0 then 'person' when grouping(team) = 0 then 'team'
        when grouping(region) = 0 then 'region' else 'company' end as kind,
    case when grouping(person) = 0 then person when grouping(team) = 0 then team
        when grouping(region) = 0 then region else 'company' end as subject, period,
    count(distinct deal) as slipped_deals,
    sum(amount) as slipped_value
from slipped group by grouping sets ((period, person), (period, team), (period, region), (period))

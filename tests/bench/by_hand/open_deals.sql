-- Open deals by the close date that they hope for, for their owner.
with asked(period, lower, upper) as (
    values ($month, $month_from, $month_until), ($quarter, $quarter_from, $quarter_until), ($year, $year_from, $year_until)
), waiting as (
    select d.owner as person, r.team, r.region, a.period, d.amount, d.closed_on,
        round(d.amount * d.probability)::hugeint as likely, round(d.amount * d.own_probability)::hugeint as likely_own,
        $today - coalesce(d.last_activity_on, d.created_on) > 14 as stale,
        $today - d.stage_entered_on > d.stage_p75_days as stuck
    from deals d
    join asked a on d.closed_on >= a.lower and d.closed_on < a.upper
    left join roster r on r.person = d.owner and d.closed_on >= r.starts_on and d.closed_on < r.ends_before
    where d.outcome = 'open'
)
select case when grouping(person) = 0 then 'person' when grouping(team) = 0 then 'team'
        when grouping(region) = 0 then 'region' else 'company' end as kind,
    case when grouping(person) = 0 then person when grouping(team) = 0 then team
        when grouping(region) = 0 then region else 'company' end as subject, period,
    sum(amount) as open_pipeline,
    count(*) as open_deals,
    sum(likely) as weighted_pipeline,
    sum(likely_own) as weighted_pipeline_own,
    count(*) filter (closed_on < $today) as past_due_deals,
    count(*) filter (stale) as stale_deals,
    count(*) filter (stale) / count(*) as stale_share,
    count(*) filter (stuck) as stuck_deals
from waiting group by grouping sets ((period, person), (period, team), (period, region), (period))

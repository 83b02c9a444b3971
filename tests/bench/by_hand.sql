-- The default metrics as somebody would write them by hand for this one company: month, quarter and year that hold
-- the day, for people, teams, regions and the company. Shares are allocated to whole cents by largest remainder.
with asked as (
    select * from (values ($month, 0), ($quarter, 1), ($year, 2)) t (period, grain)
), days as (
    select day, case a.grain when 0 then month when 1 then quarter else year end as period
    from calendar join asked a on a.period in (month, quarter, year)
    where case a.grain when 0 then month when 1 then quarter else year end = a.period
), part as (
    select d.ref, d.closed_on, c.person, c.overlay, c.share, c.pos, d.amount, sign(d.amount)::bigint as sgn,
           abs(d.amount)::hugeint * c.share as scaled, abs(d.amount)::hugeint as size
    from deals d join credits c on c.deal = d.ref and c.basis = 'splits'
    where d.outcome = 'won' and d.closed_on >= $from and d.closed_on <= $today
), cut as (
    select *, scaled // 1000000 as base, scaled % 1000000 as rest from part
), ranked as (
    select *, size - sum(base) over w as spare, row_number() over (partition by ref, overlay order by rest desc, pos) as place
    from cut window w as (partition by ref, overlay)
), credited as (
    select ref, closed_on, person, overlay,
           case when overlay then round(scaled / 1000000.0) else sgn * (base + (place <= spare)::int) end as credit
    from ranked
), whole as (
    select d.ref, d.closed_on, d.amount, d.outcome, d.account, d.is_first_win, d.created_on, d.owner_at_close, d.owner
    from deals d where d.closed_on >= $from and d.closed_on < $until
)
select 'person' as kind, x.person as subject, y.period, 'bookings' as metric, sum(x.credit)::double as value
from credited x join days y on y.day = x.closed_on group by all
union all
select 'person', x.person, y.period, 'deals_won', count(*) from credited x join days y on y.day = x.closed_on group by all
union all
select 'team', r.team, y.period, 'bookings', sum(x.credit)
from credited x join days y on y.day = x.closed_on
join roster r on r.person = x.person and x.closed_on >= r.starts_on and x.closed_on < r.ends_before
where not x.overlay and r.team is not null group by all
union all
select 'region', r.region, y.period, 'bookings', sum(x.credit)
from credited x join days y on y.day = x.closed_on
join roster r on r.person = x.person and x.closed_on >= r.starts_on and x.closed_on < r.ends_before
where not x.overlay and r.region is not null group by all
union all
select 'company', 'company', y.period, 'bookings', sum(w.amount)
from whole w join days y on y.day = w.closed_on where w.outcome = 'won' and w.closed_on <= $today group by all
union all
select 'person', w.owner_at_close, y.period, unnest(['win_rate', 'sales_cycle', 'new_customers']),
       unnest([count(*) filter (where w.outcome = 'won') / nullif(count(*) filter (where w.outcome <> 'open'), 0),
               median(w.closed_on - w.created_on) filter (where w.outcome = 'won' and w.created_on is not null),
               count(distinct w.account) filter (where w.outcome = 'won' and w.is_first_win)])
from whole w join days y on y.day = w.closed_on
where w.closed_on <= $today and w.owner_at_close is not null group by w.owner_at_close, y.period
union all
select kind, subject, period, unnest(['win_rate', 'sales_cycle', 'new_customers']),
       unnest([won / nullif(closed, 0), cycle, customers])
from (
    select 'team' as kind, r.team as subject, y.period, count(*) filter (where w.outcome = 'won') as won,
           count(*) filter (where w.outcome <> 'open') as closed,
           median(w.closed_on - w.created_on) filter (where w.outcome = 'won' and w.created_on is not null) as cycle,
           count(distinct w.account) filter (where w.outcome = 'won' and w.is_first_win) as customers
    from whole w join days y on y.day = w.closed_on
    join roster r on r.person = w.owner_at_close and w.closed_on >= r.starts_on and w.closed_on < r.ends_before
    where w.closed_on <= $today and r.team is not null group by all
    union all
    select 'region', r.region, y.period, count(*) filter (where w.outcome = 'won'),
           count(*) filter (where w.outcome <> 'open'),
           median(w.closed_on - w.created_on) filter (where w.outcome = 'won' and w.created_on is not null),
           count(distinct w.account) filter (where w.outcome = 'won' and w.is_first_win)
    from whole w join days y on y.day = w.closed_on
    join roster r on r.person = w.owner_at_close and w.closed_on >= r.starts_on and w.closed_on < r.ends_before
    where w.closed_on <= $today and r.region is not null group by all
    union all
    select 'company', 'company', y.period, count(*) filter (where w.outcome = 'won'),
           count(*) filter (where w.outcome <> 'open'),
           median(w.closed_on - w.created_on) filter (where w.outcome = 'won' and w.created_on is not null),
           count(distinct w.account) filter (where w.outcome = 'won' and w.is_first_win)
    from whole w join days y on y.day = w.closed_on where w.closed_on <= $today group by all
) t
union all
select 'person', w.owner, y.period, 'open_pipeline', sum(w.amount)
from whole w join days y on y.day = w.closed_on where w.outcome = 'open' and w.owner is not null group by all
union all
select 'company', 'company', y.period, 'open_pipeline', sum(w.amount)
from whole w join days y on y.day = w.closed_on where w.outcome = 'open' group by all
union all
select kind, subject, period, unnest(['activities', 'meetings_held']), unnest([done, meetings])
from (
    select 'person' as kind, a.performer as subject, y.period, count(*) as done, count(*) filter (where a.type = 'meeting') as meetings
    from activities a join days y on y.day = a.happened_on
    where a.status = 'completed' and a.happened_on <= $today and a.performer is not null group by all
    union all
    select 'team', r.team, y.period, count(*), count(*) filter (where a.type = 'meeting')
    from activities a join days y on y.day = a.happened_on
    join roster r on r.person = a.performer and a.happened_on >= r.starts_on and a.happened_on < r.ends_before
    where a.status = 'completed' and a.happened_on <= $today and r.team is not null group by all
    union all
    select 'region', r.region, y.period, count(*), count(*) filter (where a.type = 'meeting')
    from activities a join days y on y.day = a.happened_on
    join roster r on r.person = a.performer and a.happened_on >= r.starts_on and a.happened_on < r.ends_before
    where a.status = 'completed' and a.happened_on <= $today and r.region is not null group by all
    union all
    select 'company', 'company', y.period, count(*), count(*) filter (where a.type = 'meeting')
    from activities a join days y on y.day = a.happened_on
    where a.status = 'completed' and a.happened_on <= $today group by all
) t
union all
select 'person', f.person, y.period, 'trainings', count(*)
from file_trainings f join days y on y.day = f.completed_on where f.completed_on <= $today and f.person is not null group by all

-- Deals whose money is shared by splits, in whole cents by largest remainder: an overlay counts for its person alone.
-- A deal is counted once for each person and unit that has a part of it, and the company has all of it.
with asked(period, lower, upper) as (
    values ($month, $month_from, $month_until), ($quarter, $quarter_from, $quarter_until), ($year, $year_from, $year_until)
), picked as (
    select ref, closed_on, amount, outcome = 'won' and closed_on <= $today as won,
        outcome = 'won' or lower(forecast_category) = 'commit' as committed,
        outcome = 'won' or lower(forecast_category) in ('commit', 'best case', 'best_case', 'bestcase') as best,
        outcome = 'open' and lower(coalesce(forecast_category, 'pipeline'))
            in ('pipeline', 'commit', 'best case', 'best_case', 'bestcase') as hoped
    from deals where outcome in ('won', 'open') and closed_on >= $from and closed_on < $until
), part as (
    select p.*, c.person, c.overlay, c.share, c.pos, sign(amount) as plus,
        abs(amount)::hugeint * share // 1000000 as base, abs(amount)::hugeint * share % 1000000 as rest
    from picked p join credits c on c.deal = p.ref and c.basis = 'splits'
), alone as (
    select ref, closed_on, won, committed, best, hoped, person, overlay, amount as credit
    from part where share = 1000000 and not overlay
), placed as (
    select *, abs(amount) - sum(base) over w as spare,
        row_number() over (partition by ref, overlay order by rest desc, pos, person) as place
    from part where share <> 1000000 or overlay window w as (partition by ref, overlay)
), credited as (
    select * from alone union all
    select ref, closed_on, won, committed, best, hoped, person, overlay,
        plus * (base + case when overlay then (rest * 2 >= 1000000)::int else (place <= spare)::int end)
    from placed
), seated as (
    select c.*, a.period, r.team, r.region from credited c
    join asked a on c.closed_on >= a.lower and c.closed_on < a.upper
    left join roster r on r.person = c.person and c.closed_on >= r.starts_on and c.closed_on < r.ends_before
), found as (
    select 'person' as kind, person as subject, * from seated
    union all select 'team', team, * from seated where not overlay and team is not null
    union all select 'region', region, * from seated where not overlay and region is not null
)
select kind, subject, period,
    sum(credit) filter (won) as bookings,
    count(distinct ref) filter (won) as deals_won,
    sum(credit) filter (won) / nullif(count(distinct ref) filter (won), 0) as average_deal,
    sum(credit) filter (committed) as forecast_commit,
    sum(credit) filter (best) as forecast_best_case,
    sum(credit) filter (hoped) as forecast_pipeline
from found group by kind, subject, period
union all
select 'company', 'company', a.period,
    sum(amount) filter (won), count(*) filter (won), sum(amount) filter (won) / nullif(count(*) filter (won), 0),
    sum(amount) filter (committed), sum(amount) filter (best), sum(amount) filter (hoped)
from picked p join asked a on p.closed_on >= a.lower and p.closed_on < a.upper group by a.period

"""How deals stood at any moment, deleted ones too, and what follows from it, each in SQL.

`{of_deal}` and `{of_ref}` say which deals are looked at: all, or those that something changed about.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from connector.store.mirror.scope import Scope, keep

# Deals that are there, the deleted ones left out.
LIVING = "create or replace temp view living as select * exclude (deleted_at) from raw.deals where deleted_at is null;"

# Of several rows of one moment the last holds. A deal without history has always been as it is. One that was merged into
# another never was: the other one has its past.
_SEEN = """
create or replace temp table seen as
with told as (
    select ref, deal, stage, changed_at, changed_on, amount, currency, closed_on, owner from raw.stage_changes
    where {of_deal}
    qualify row_number() over (partition by deal, changed_at order by ref desc) = 1
    union all
    select d.ref, d.ref, d.stage, coalesce(d.created_at, d.closed_on, timestamp '1970-01-01'), d.created_on,
        d.amount, d.currency, d.closed_on, d.owner
    from (select * from raw.deals where {of_ref}) d anti join raw.stage_changes s on s.deal = d.ref
)
select t.*, d.connection, d.pipeline, d.created_at, d.deleted_at, d.stage as stage_now, d.outcome as outcome_now,
    case when d.outcome = 'open' then null else d.closed_on end as sold_on
from told t join raw.deals d on d.ref = t.deal
where coalesce(d.deleted_at > timestamp '1970-01-01', true);
"""

# When each deal first came to each of its stages.
_ENTRIES = """
select connection, pipeline, stage, deal, min(changed_at) as came_at from seen where stage is not null group by all
"""

# What a stage means, the deals in it say: one that no deal is in is open. Its place is where deals come to it.
_STAGES = """
with counted as (
    select connection, pipeline, stage, outcome, count(*) as deals from raw.deals where stage is not null group by all
),
meant as (
    select connection, pipeline, stage, arg_max(outcome, (deals, outcome)) as outcome from counted group by all
),
known as (
    select e.*, coalesce(m.outcome, 'open') as outcome
    from stage_entries e left join meant m
        on m.connection = e.connection and m.pipeline is not distinct from e.pipeline and m.stage = e.stage
),
placed as (
    select *, row_number() over (partition by deal, outcome order by came_at, stage) as place from known
),
middle as (
    select connection, pipeline, stage, outcome, median(place) as middle, avg(place) as mean from placed group by all
)
select connection, pipeline, stage, outcome,
    (row_number() over (
        partition by connection, pipeline
        order by case outcome when 'open' then 1 when 'won' then 2 else 3 end, middle, mean, stage
    ))::integer as position
from middle
"""

# All versions of a deal are converted at one rate, so that only a change of the amount changes it.
_VERSIONS = """
with pairs as (
    select distinct deal, connection, currency, sold_on from seen where amount is not null and currency <> {base}
),
rated as (
    select p.deal, p.currency, r.scaled, c.minor, b.minor as base_minor
    from pairs p
    asof join rates r
        on r.connection = p.connection and r.currency = p.currency
        and coalesce(p.sold_on, date '9999-12-31') >= r.starts_on
    join currencies c on c.currency = p.currency
    join currencies b on b.currency = {base}
)
select d.ref, d.deal, d.connection, d.pipeline, d.changed_at as from_at,
    least(
        coalesce(lead(d.changed_at) over (partition by d.deal order by d.changed_at), timestamp '9999-12-31'),
        coalesce(d.deleted_at, timestamp '9999-12-31')
    ) as until_at,
    d.changed_on, d.stage,
    case when d.stage is not distinct from d.stage_now then d.outcome_now else coalesce(g.outcome, 'open') end
        as outcome,
    d.amount as amount_raw, d.currency,
    case when d.currency = {base} then d.amount else {amount} end as amount,
    d.closed_on, d.owner as owner_user, i.person as owner,
    coalesce(d.created_at, min(d.changed_at) over (partition by d.deal)) as created_at, d.deleted_at
from seen d
left join stages g
    on g.connection = d.connection and g.pipeline is not distinct from d.pipeline and g.stage = d.stage
left join rated r on r.deal = d.deal and r.currency = d.currency
left join identities i on i.user_ref = d.owner
"""

# Each version beside the one before it, and the times that a deal was in a stage.
STEPS = """
create or replace temp view steps as
select *,
    row_number() over w as nth,
    lag(stage) over w as was_stage, lag(outcome) over w as was_outcome, lag(closed_on) over w as was_closed_on,
    lag(amount_raw) over w as was_amount_raw, lag(currency) over w as was_currency, lag(amount) over w as was_amount,
    lag(owner_user) over w as was_owner_user,
    outcome = 'open' and lag(outcome) over w = 'open' as while_open,
    -- without a rate, amounts of one currency can be compared all the same
    case when currency = lag(currency) over w then amount_raw - lag(amount_raw) over w
        else amount - lag(amount) over w end as raised_by
from (select * from deal_versions where {of_deal})
where from_at < coalesce(deleted_at, timestamp '9999-12-31')
window w as (partition by deal order by from_at);

create or replace temp view visits as
select ref, deal, connection, pipeline, stage, from_at, changed_on, amount_raw, currency, closed_on,
    lead(changed_on) over (partition by deal order by from_at) as left_on
from steps where stage is not null and (nth = 1 or stage is distinct from was_stage);
"""

# How each deal moved while it was open, and who closed it.
_PAST = """
select deal, max(closed_on) filter (nth = 1) as first_closed_on,
    count(*) filter (while_open and closed_on > was_closed_on) as pushes,
    count(*) filter (while_open and closed_on < was_closed_on) as pulls,
    count(*) filter (while_open and raised_by > 0) as raises,
    count(*) filter (while_open and raised_by < 0) as cuts,
    count(*) filter (outcome = 'open' and was_outcome <> 'open') as reopened,
    arg_max((owner_user, owner), from_at) filter (
        outcome <> 'open' and coalesce(was_outcome, 'open') = 'open' and owner_user is not null and ref <> deal
    ) as closer
from steps group by deal
"""

# How long each deal was in each of its stages, and since when the last time.
_STAYS = """
select connection, pipeline, stage, deal, sum(left_on - changed_on) as days, max(changed_on) as entered_on
from visits group by all
"""

STAGE_CHANGES = """
with furthest as (
    select v.deal, max(g.position) as position
    from visits v join stages g
        on g.connection = v.connection and g.pipeline is not distinct from v.pipeline and g.stage = v.stage
    where g.outcome <> 'lost' group by v.deal
)
select v.ref, v.connection, v.deal, v.stage, v.from_at as changed_at, v.changed_on, v.left_on,
    g.position, f.position as furthest, d.outcome, d.amount, v.amount_raw, v.currency, v.closed_on, d.owner
from visits v
join deals d on d.ref = v.deal
left join stages g on g.connection = v.connection and g.pipeline is not distinct from v.pipeline and g.stage = v.stage
left join furthest f on f.deal = v.deal
where v.ref <> v.deal
"""


def bring_up_history(mirror: DuckDBPyConnection, amount: str, base: str, *, whole: bool) -> bool:
    """Bring everything that is kept of each deal's past up to the records; returns whether all of it was made anew.

    Unless `whole`, only the deals that something changed about are looked at; where that moves a stage to another
    place, or gives it another meaning, every deal is, since its past is told in stages.
    """
    scope = Scope(whole)
    mirror.execute(scope.told(_SEEN))
    keep(mirror, "stage_entries", _ENTRIES, scope)
    mirror.execute(f"create or replace temp table stages_now as {_STAGES}")
    if not whole and _moved(mirror):
        return bring_up_history(mirror, amount, base, whole=True)
    mirror.execute("create or replace table stages as from stages_now")
    versions = _VERSIONS.replace("{amount}", amount).replace("{base}", base)
    keep(mirror, "deal_versions", versions, scope)
    mirror.execute(scope.told(STEPS))
    keep(mirror, "deal_past", _PAST, scope)
    keep(mirror, "deal_stays", _STAYS, scope)
    return whole


def _moved(mirror: DuckDBPyConnection) -> bool:
    difference = "(from stages except from stages_now) union all (from stages_now except from stages)"
    return mirror.execute(f"select 1 from ({difference}) limit 1").fetchone() is not None

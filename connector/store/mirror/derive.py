"""The relations that rules speak about, made from the raw copies, each in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connector.model.catalogue import Type
from connector.store.mirror.credits import CREDITS, MILLIONTHS, TOLERANCE
from connector.store.mirror.periods import ACCOUNT_PERIODS
from connector.store.mirror.terms import TERMS

ENOUGH_CLOSED, ENOUGH_WON = 20, 10  # deals, before a stage has a chance or a usual length of its own


@dataclass(frozen=True, slots=True)
class Derived:
    """A table of the mirror, and what it is made from."""

    name: str
    sources: tuple[str, ...]  # raw tables and given ones; unless one of them changed, it stays
    sql: str  # `{base}` is the company's currency, `{custom}` the columns that only this company has


_DEALS = """
create or replace table deals as
with recursive climb(account, reach, path) as (  -- from each customer to its parents; a circle ends where it closes
    select distinct account, account, [account] from living where outcome = 'won' and account is not null
    union all
    select c.account, a.parent, list_append(c.path, a.parent)
    from climb c join raw.accounts a on a.ref = c.reach
    where a.parent is not null and not list_contains(c.path, a.parent)
),
reached as (
    select account, arg_max(reach, len(path)) as reach, arg_max(path, len(path)) as path from climb group by account
),
tops as (
    select r.account, case when a.parent is null then r.reach
        else list_min(list_slice(r.path, list_position(r.path, a.parent), len(r.path))) end as top
    from reached r left join raw.accounts a on a.ref = r.reach
),
wins as (
    select d.ref, d.account, t.top, (coalesce(d.closed_on, date '9999-12-31'), d.ref) as place
    from living d join tops t on t.account = d.account where d.outcome = 'won'
),
first_win as (select arg_min(ref, place) as ref from wins group by account),
first_of_group as (select arg_min(ref, place) as ref from wins group by top),
odds as (  -- few deals say nothing
    select v.connection, v.pipeline, v.stage,
        case when count(*) >= {closed} then avg((d.outcome = 'won')::integer) end as won,
        case when count(v.days) filter (d.outcome = 'won') >= {won} then
            quantile_disc(v.days, 0.75) filter (d.outcome = 'won') end as p75
    from deal_stays v join living d on d.ref = v.deal where d.outcome <> 'open' group by all
),
dated as (  -- an open deal is worth what it would be worth today
    select *, case when outcome = 'open' then null else closed_on end as sold_on from living
),
rated as (
    select d.ref as rated, r.scaled, c.minor, b.minor as base_minor
    from dated d
    asof join rates r
        on r.connection = d.connection and r.currency = d.currency
        and coalesce(d.sold_on, date '9999-12-31') >= r.starts_on
    join currencies c on c.currency = d.currency
    join currencies b on b.currency = {base}
    where d.amount is not null and d.currency <> {base}
),
lying as (
    {lying}
),
{terms},
planned as (  -- the plan rate of the fiscal year that it closes in; an open deal without a date: of this one
    select d.ref as planned, p.scaled, c.minor, b.minor as base_minor
    from dated d
    join plan_rates p on p.currency = d.currency
        and coalesce(d.closed_on, {today}) >= p.starts_on and coalesce(d.closed_on, {today}) < p.ends_before
    join currencies c on c.currency = d.currency
    join currencies b on b.currency = {base}
    where d.amount is not null and d.currency <> {base}
)
select d.ref, d.connection, d.name, d.account, a.name as account_name,
    d.owner as owner_user, o.person as owner, d.pipeline, d.stage, d.outcome,
    d.amount as amount_raw, d.currency,
    case when d.currency = {base} then d.amount else {amount} end as amount,
    case when d.currency = {base} then d.amount else {planned_amount} end as amount_at_plan,
    case when d.currency = {base} then d.amount else d.amount_converted end as amount_by_crm,
    case when d.currency = {base} then 0 else {amount} - {planned_amount} end as fx_effect,
    d.probability::double as probability,
    d.forecast_category, d.deal_type, d.source, case when d.next_step is not null then true end as next_step, d.created_at, d.created_on, d.closed_on,
    case when d.outcome <> 'open' and h.closer is not null then h.closer[2]
        when d.closed_owner is null then o.person else c.person end as owner_at_close,
    f.ref is not null as is_first_win, g.ref is not null as is_first_win_of_group,
    coalesce(e.entered_on, d.created_on) as stage_entered_on,
    t.last_on as last_activity_on, t.next_on as next_activity_on,
    h.first_closed_on, h.pushes, h.pulls, h.raises, h.cuts, h.reopened,
    w.won as own_probability, w.p75::double as stage_p75_days,
    coalesce(d.term_months, 12) as term_months,
    case when d.outcome = 'won' then coalesce(s.starts_on, d.term_starts_on, d.closed_on) else d.term_starts_on end
        as term_starts_on,
    coalesce(d.is_renewal, false) as is_renewal,
    coalesce(d.closed_territory, d.territory) as territory, l.units as account_territory, d.team as team_users
    {custom}
from living d
left join raw.accounts a on a.ref = d.account
left join identities o on o.user_ref = d.owner
left join identities c on c.user_ref = d.closed_owner
left join rated r on r.rated = d.ref
left join planned p on p.planned = d.ref
left join first_win f on f.ref = d.ref
left join first_of_group g on g.ref = d.ref
left join deal_stays e on e.deal = d.ref and e.stage = d.stage
    and e.connection = d.connection and e.pipeline is not distinct from d.pipeline
left join deal_past h on h.deal = d.ref
left join odds w on w.connection = d.connection and w.pipeline is not distinct from d.pipeline and w.stage = d.stage
left join deal_acted t on t.deal = d.ref
left join lying l on l.account = d.account
left join terms s on s.ref = d.ref
"""

# The territories of each account, set apart as those of a deal are.
LYING = """select account, string_agg(distinct territory, ';' order by territory) as units
    from raw.account_territories group by account"""

# amount / 10^minor digits / rate * 10^base digits, in whole numbers, half away from zero: one division.
AMOUNT = """try_cast(sign(d.amount) * (
        (2 * abs(d.amount::hugeint) * 1000000000000 * r.base_minor + r.scaled * r.minor)
        // nullif(2 * r.scaled * r.minor, 0)
    ) as bigint)"""

ACTIVITIES = """
select a.ref, a.connection, a.type, a.status, i.person as performer, a.deal, a.account,
    a.happened_at, a.happened_on, a.minutes::integer as minutes
from (select * from raw.activities where {of_ref}) a
left join identities i on i.user_ref = a.performer
"""

# When something was done on each deal, and when something is planned next.
ACTED = """
select deal, max(happened_on) filter (status = 'completed') as last_on,
    min(happened_on) filter (status = 'planned' and happened_on >= {today}) as next_on
from raw.activities where deal is not null and {of_deal} group by deal
"""

_ACCOUNTS = """
create or replace table accounts as
with sold as (  -- what each won deal pays a year, while its term lasts
    select account, outcome, amount, closed_on, term_starts_on as starts_on,
        case when outcome = 'won' then round(amount * 12.0 / term_months) end as yearly,
        (term_starts_on + to_months(term_months::integer))::date as ends_before
    from deals where account is not null
),
traded as (
    select account,
        min(closed_on) filter (outcome = 'won') as first_on, max(closed_on) filter (outcome = 'won') as last_on,
        count(*) filter (outcome = 'open') as open_deals, (sum(amount) filter (outcome = 'open'))::bigint as open_amount,
        (sum(yearly) filter (starts_on <= {today} and ends_before > {today}))::bigint as yearly_value,
        (sum(yearly) filter (starts_on <= {today} - interval 1 year and ends_before > {today} - interval 1 year))::bigint
            as yearly_value_before
    from sold group by account
),
done as (
    select account, max(happened_on) filter (status = 'completed') as last_on,
        min(happened_on) filter (status = 'planned' and happened_on >= {today}) as next_on
    from raw.activities where account is not null group by account
),
done_on_deals as (
    select account, max(last_activity_on) as last_on, min(next_activity_on) as next_on
    from deals where account is not null group by account
)
select d.ref, d.connection, d.name, d.parent, i.person as owner, d.industry, d.country, d.created_on,
    w.first_on as first_won_on, w.last_on as last_won_on,
    coalesce(w.open_deals, 0) as open_deals, coalesce(w.open_amount, 0) as open_amount,
    coalesce(w.yearly_value, 0) as yearly_value, coalesce(w.yearly_value_before, 0) as yearly_value_before,
    greatest(a.last_on, b.last_on) as last_activity_on, least(a.next_on, b.next_on) as next_activity_on,
    l.units as territory
    {custom}
from raw.accounts d
left join ({lying}) l on l.account = d.ref
left join identities i on i.user_ref = d.owner
left join traded w on w.account = d.ref
left join done a on a.account = d.ref
left join done_on_deals b on b.account = d.ref
"""

CALENDAR = """
create or replace table calendar as
select day, month, quarter, half, year,
    working, (sum(working::integer) over (order by day))::integer as working_number
from (
    select *, (isodow(day) - 1) in ({weekdays}) and day not in (select day from holidays) as working
    from (
        select unnest(generate_series(starts_on, ends_before - 1, interval 1 day))::date as day,
            month, quarter, half, year
        from months
    )
)
"""

_SHARED = ("deals", "splits", "team_members", "account_territories")
_PAST = ("deals", "stage_changes", "identities", "rates", "base")
DERIVED = (
    Derived(
        "deals",
        (*_PAST, "accounts", "account_territories", "activities", "custom.deals", "plan_rates", "today"),
        _DEALS.replace("{planned_amount}", AMOUNT.replace("r.", "p."))
        .replace("{lying}", LYING)
        .replace("{terms}", TERMS)
        .replace("{amount}", AMOUNT)
        .replace("{closed}", f"{ENOUGH_CLOSED}")
        .replace("{won}", f"{ENOUGH_WON}"),
    ),
    Derived("credits", (*_SHARED, "identities", "rates", "plan_rates", "base", "people", "today"), CREDITS),
    Derived(
        "accounts",
        ("accounts", "account_territories", *_PAST, "activities", "custom.accounts", "plan_rates", "today"),
        _ACCOUNTS.replace("{lying}", LYING),
    ),
)

# After the calendar, which has every day that it looks up.
DATED = (
    Derived(
        "account_periods",
        ("sold", "rates", "base", "accounts", "identities", "today", "calendar"),
        ACCOUNT_PERIODS.replace("{start_amount}", AMOUNT.replace("d.amount", "g.at_start")).replace(
            "{end_amount}", AMOUNT.replace("d.amount", "g.at_end")
        ),
    ),
)


def statement(derived: Derived, base: str, custom: Mapping[str, Type], today: date | None) -> str:
    """The SQL that makes a table anew; without a today nothing is over and nothing is still to come."""
    words = {
        "{today}": f"date '{today or date.min}'",
        "{until}": f"date '{today or date.max}'",
        "{base}": f"'{base}'",
        "{custom}": _custom(custom),
        "{whole}": f"{MILLIONTHS}",
    }
    sql = derived.sql.replace("{tolerance}", str(TOLERANCE))
    for mark, word in words.items():
        sql = sql.replace(mark, word)
    return sql


def calendar_statement(weekdays: Sequence[int]) -> str:
    """The SQL that makes the calendar, from `months` and `holidays`."""
    return CALENDAR.replace("{weekdays}", ", ".join(map(str, weekdays)) or "-1")


def _custom(fields: Mapping[str, Type]) -> str:
    """Columns out of the JSON, each by its declared type; what does not fit is null."""
    found = []
    for name, kind in fields.items():
        path = '$."' + name.replace('"', "") + '"'
        text = "json_extract_string(d.custom, '" + path.replace("'", "''") + "')"
        sql = text if _SQL[kind] == "VARCHAR" else f"try_cast({text} as {_SQL[kind]})"
        found.append(f', {sql} as "{name}"')
    return "".join(found)


_SQL: Mapping[Type, str] = {
    Type.TEXT: "VARCHAR",
    Type.CHOICE: "VARCHAR",
    Type.BOOLEAN: "BOOLEAN",
    Type.NUMBER: "DOUBLE",
    Type.RATIO: "DOUBLE",
    Type.DAYS: "DOUBLE",
    Type.MONEY: "BIGINT",
    Type.DATE: "DATE",
    Type.MOMENT: "TIMESTAMP",
}

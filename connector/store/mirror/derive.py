"""The relations that rules speak about, made from the raw copies, each in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.model.catalogue import Type

MILLIONTHS = 1_000_000  # 100 %
TOLERANCE = 100  # splits may miss 100 % by 0.01 %: three times 33.33 is meant to be all


@dataclass(frozen=True, slots=True)
class Derived:
    """A table of the mirror, and what it is made from."""

    name: str
    sources: tuple[str, ...]  # raw tables and given ones; unless one of them changed, it stays
    sql: str  # `{base}` is the company's currency, `{custom}` the columns that only this company has


_DEALS = """
create or replace table deals as
with last_activity as (
    select deal, max(happened_on) as last_on from raw.activities
    where status = 'completed' and deal is not null group by deal
),
entered as (
    select deal, stage, arg_max(changed_on, changed_at) as entered_on from raw.stage_changes group by deal, stage
),
first_win as (
    select arg_min(ref, (coalesce(closed_on, date '9999-12-31'), ref)) as ref from raw.deals
    where outcome = 'won' and account is not null group by account
),
dated as (  -- an open deal is worth what it would be worth today
    select *, case when outcome = 'open' then null else closed_on end as sold_on from raw.deals
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
)
select d.ref, d.connection, d.name, d.account, a.name as account_name,
    d.owner as owner_user, o.person as owner, d.pipeline, d.stage, d.outcome,
    d.amount as amount_raw, d.currency,
    case when d.currency = {base} then d.amount else {amount} end as amount,
    d.probability::double as probability,
    d.forecast_category, d.deal_type, d.source, d.next_step, d.created_at, d.created_on, d.closed_on,
    case when d.closed_owner is null then o.person else c.person end as owner_at_close,
    f.ref is not null as is_first_win,
    coalesce(e.entered_on, d.created_on) as stage_entered_on,
    t.last_on as last_activity_on
    {custom}
from raw.deals d
left join raw.accounts a on a.ref = d.account
left join identities o on o.user_ref = d.owner
left join identities c on c.user_ref = d.closed_owner
left join rated r on r.rated = d.ref
left join first_win f on f.ref = d.ref
left join entered e on e.deal = d.ref and e.stage = d.stage
left join last_activity t on t.deal = d.ref
"""

# amount / 10^minor digits / rate * 10^base digits, in whole numbers, half away from zero: one division.
_AMOUNT = """try_cast(sign(d.amount) * (
        (2 * abs(d.amount::hugeint) * 1000000000000 * r.base_minor + r.scaled * r.minor)
        // nullif(2 * r.scaled * r.minor, 0)
    ) as bigint)"""

_SPLITS = """
create or replace temp table lines as
select s.ref, s.deal, s.user, i.person, s.overlay,
    round(s.percent::decimal(18, 6) * 10000)::bigint as share
from raw.splits s
semi join raw.deals d on d.ref = s.deal
left join identities i on i.user_ref = s.user;

create or replace temp table primaries as
select deal, sum(share)::bigint as whole, min(s.user) filter (person is null) as stranger
from lines s where not overlay group by deal;

create or replace temp table refused as
select deal, whole, stranger from primaries
where abs(whole - {whole}) > {tolerance} or stranger is not null;
"""

_CREDITS = (
    _SPLITS
    + """
create or replace table credits as
select ref as deal, owner as person, 'owner' as basis, {whole}::bigint as share, false as overlay, 1::integer as pos
from deals where owner is not null
union all
select ref, owner_at_close, 'owner_at_close', {whole}, false, 1 from deals where owner_at_close is not null
union all
select ref, owner_at_close, 'splits', {whole}, false, 1
from deals anti join primaries p on p.deal = ref where owner_at_close is not null
union all
select deal, person, 'splits', share, overlay,
    (1 + row_number() over (partition by deal order by overlay, ref))::integer
from lines anti join refused using (deal) where person is not null;

create or replace table faults as
select deal as ref, case when abs(whole - {whole}) > {tolerance}
    then printf('its splits add up to %g %%, not to 100 %%', whole / 10000.0)
    else 'a split belongs to ' || stranger || ', who is nobody we know' end as what
from refused
union all
select ref, 'there is no rate for ' || currency || ' on the day it closed' from deals
where amount_raw is not null and amount is null
union all
select ref, 'it belongs to ' || owner_user || ', who is nobody we know' from deals
where owner_user is not null and owner is null;
"""
)

_ACTIVITIES = """
create or replace table activities as
select a.ref, a.connection, a.type, a.status, i.person as performer, a.deal, a.account,
    a.happened_at, a.happened_on, a.minutes::integer as minutes
from raw.activities a
left join identities i on i.user_ref = a.performer
"""

_ACCOUNTS = """
create or replace table accounts as
with won as (select account, min(closed_on) as first_on from raw.deals where outcome = 'won' group by account)
select d.ref, d.connection, d.name, d.parent, i.person as owner, d.industry, d.country, d.created_on,
    w.first_on as first_won_on
    {custom}
from raw.accounts d
left join identities i on i.user_ref = d.owner
left join won w on w.account = d.ref
"""

_STAGE_CHANGES = """
create or replace table stage_changes as
select s.ref, s.connection, s.deal, s.stage, s.changed_at, s.changed_on,
    s.amount as amount_raw, s.currency, s.closed_on, i.person as owner
from raw.stage_changes s
join raw.deals d on d.ref = s.deal
left join identities i on i.user_ref = d.owner
"""

CALENDAR = """
create or replace table calendar as
select day, month, quarter, year,
    (isodow(day) - 1) in ({weekdays}) and day not in (select day from holidays) as working
from (
    select unnest(generate_series(starts_on, ends_before - 1, interval 1 day))::date as day, month, quarter, year
    from months
)
"""

DERIVED = (
    Derived(
        "deals",
        ("deals", "accounts", "activities", "stage_changes", "identities", "rates", "base", "custom.deals"),
        _DEALS.replace("{amount}", _AMOUNT),
    ),
    Derived("credits", ("deals", "splits", "identities", "rates", "base"), _CREDITS),
    Derived("activities", ("activities", "identities"), _ACTIVITIES),
    Derived("accounts", ("accounts", "deals", "identities", "custom.accounts"), _ACCOUNTS),
    Derived("stage_changes", ("stage_changes", "deals", "identities"), _STAGE_CHANGES),
)


def statement(derived: Derived, base: str, custom: Mapping[str, Type]) -> str:
    """The SQL that makes a table anew."""
    words = {"{base}": f"'{base}'", "{custom}": _custom(custom), "{whole}": f"{MILLIONTHS}"}
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

"""Who gets what of a deal, and which records cannot be credited: the tables `credits` and `faults`."""

from __future__ import annotations

MILLIONTHS = 1_000_000  # 100 %
TOLERANCE = 100  # splits may miss 100 % by 0.01 %: three times 33.33 is meant to be all

_SPLITS = """
create or replace temp table lines as
select s.ref, s.deal, s.user, i.person, s.overlay,
    round(s.percent::decimal(18, 6) * 10000)::bigint as share
from raw.splits s
semi join living d on d.ref = s.deal
left join identities i on i.user_ref = s.user;

create or replace temp table primaries as
select deal, sum(share)::bigint as whole, min(s.user) filter (person is null) as stranger
from lines s where not overlay group by deal;

create or replace temp table refused as
select deal, whole, stranger from primaries
where abs(whole - {whole}) > {tolerance} or stranger is not null;
"""

# Who works on a deal besides its owner, and who sits in its territories, or its account's, on the day it closes: each
# has all of it. A role is told apart from others in small letters.
_EACH = """
create or replace table team_roles as
select distinct m.deal, i.person, lower(trim(m.role)) as role
from raw.team_members m semi join living d on d.ref = m.deal join identities i on i.user_ref = m.user
where m.role is not null;

create or replace temp table companions as
select d.ref as deal, i.person from (
    select ref, unnest(string_split(team_users, ';')) as user_ref from deals where team_users is not null
    union all
    select m.deal, m.user from raw.team_members m semi join living d on d.ref = m.deal
) d join identities i on i.user_ref = d.user_ref
union
select ref, owner_at_close from deals where owner_at_close is not null;

create or replace temp table lands as
select ref as deal, 'territory' as basis, 'its territory' as whose,
    coalesce(closed_on, {today}) as day, trim(unnest(string_split(territory, ';'))) as unit
from deals where territory is not null
union all
select ref, 'account_territory', 'the territory of its account',
    coalesce(closed_on, {today}), trim(unnest(string_split(account_territory, ';')))
from deals where account_territory is not null;

create or replace temp table keepers as
select distinct l.basis, l.deal, t.person from lands l
join territories t on lower(t.unit) = lower(l.unit) and l.day >= t.starts_on and l.day < t.ends_before;
"""

CREDITS = (
    _SPLITS
    + _EACH
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
from lines anti join refused using (deal) where person is not null
union all
select deal, person, 'team', {whole}, false, (row_number() over (partition by deal order by person))::integer
from companions
union all
select deal, person, basis, {whole}, false, (row_number() over (partition by deal, basis order by person))::integer
from keepers;

create or replace table faults as
select deal as ref, case when abs(whole - {whole}) > {tolerance}
    then printf('its splits add up to %g %%, not to 100 %%', whole / 10000.0)
    else 'a split belongs to ' || stranger || ', who is nobody we know' end as what
from refused
union all
select deal, 'nobody sat in ' || whose || ' ' || unit || ' on the day it closed'
from lands anti join keepers using (deal, basis) where (select count(*) from territories) > 0
union all
select ref, 'there is no rate for ' || currency || ' on the day it closed' from deals
where amount_raw is not null and amount is null
union all
select ref, 'there is no plan rate for ' || currency || ' in the year it closed' from deals
where amount_raw is not null and amount_at_plan is null and (select count(*) from plan_rates) > 0
union all
select ref, 'it belongs to ' || owner_user || ', who is nobody we know' from deals
where owner_user is not null and owner is null;
"""
)

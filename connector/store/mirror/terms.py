"""When the paid term of a deal begins that renews another one."""

from __future__ import annotations

# Of accounts that renewed something: what they bought is gone through in the order in which it was won, with the days on
# which their terms end. A renewal begins when the first of these ends, and takes its place: two that are won before one
# ends follow each other. Whatever is no renewal, such as an add-on, begins when it is won. What was not paid, or paid
# back, is no term to be renewed.
TERMS = """bought as (
    select account, ref, closed_on, term_starts_on, coalesce(is_renewal, false) as renews, amount > 0 as is_paid,
        to_months(coalesce(term_months, 12)::integer) as term,
        row_number() over (partition by account order by closed_on, coalesce(is_renewal, false), ref) as place
    from living
    where outcome = 'won' and closed_on is not null and amount is not null
        and account in (select account from living where outcome = 'won' and is_renewal)
),
terms as (  -- `ends` has the first day of each running term that is paid for no more
    select account, 0::bigint as place, null::varchar as ref, null::date as starts_on, []::date[] as ends
    from bought where place = 1
    union all
    select account, place, ref, starts_on,
        case when is_paid then list_append(ends, (starts_on + term)::date) else ends end as ends
    from (
        select account, place, ref, term, is_paid,
            coalesce(term_starts_on, case when renews and is_paid then running[1] end, closed_on) as starts_on,
            case when renews and is_paid then running[2:] else running end as ends
        from (
            select b.*, list_sort(list_filter(t.ends, lambda day: day > b.closed_on)) as running
            from terms t join bought b on b.account = t.account and b.place = t.place + 1
        )
    )
)"""

"""Ways to credit a deal of which several people have a part, or all: where the mirror says who they are."""

from __future__ import annotations

from collections.abc import Sequence

from connector.measure.sql import literal

WHOLE = 1_000_000  # a share of 100 %, in millionths

TERRITORY = "territory"  # the level by which people sit in territories
LANDS = (TERRITORY, "account_territory")  # ways to credit by where a deal lies: its own territories, its account's
TEAM = "team"
EACH = (TEAM, *LANDS)  # ways to credit in which everybody has the whole deal, and a unit has it once
SHARED = ("splits", *EACH)


def joined(credit: str, roles: Sequence[str] = ()) -> str:
    """The join of deals, as `p`, with who has what of each, as `c`: person, share, overlay, pos.

    A deal that nobody has stays, and counts for the company. With `roles` only those count who are on its team in one of
    them, its owner like anybody else, and a deal that nobody has so is none of the metric's.
    """
    if not roles:
        return f"left join (select * from credits where basis = {literal(credit)}) c on c.deal = p._ref"
    named = ", ".join(literal(each.strip().lower()) for each in roles)
    members = (
        f"(select distinct deal, person, {WHOLE}::bigint as share, false as overlay, 1 as pos "
        f"from team_roles where role in ({named}))"
    )
    return f"join {members} c on c.deal = p._ref"

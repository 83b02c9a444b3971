"""Who sat where on the day of a record, as SQL: the seat, and units besides it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from connector.measure.sql import literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


def sits_twice(mirror: DuckDBPyConnection, levels: Sequence[str]) -> bool:
    """Whether somebody sits in more units than one of these levels; nearly nowhere, and then nothing is asked twice."""
    if not levels:
        return False
    marks = ", ".join("?" * len(levels))
    found = mirror.execute(f"select 1 from memberships where level in ({marks}) limit 1", list(levels)).fetchone()
    return found is not None


def besides(levels: Sequence[str]) -> str:
    """The join that says in which units `_person` sat on `_day` besides their seat."""
    named = ", ".join(map(literal, levels))
    on = f"m.person = _person and m.level in ({named}) and _day >= m.starts_on and _day < m.ends_before"
    return f"join memberships m on {on}"


def seats(levels: Sequence[str]) -> str:
    """The join that says where `_person` sat on `_day`; without levels nobody asks."""
    on = "r.person = _person and _day >= r.starts_on and _day < r.ends_before"
    return f"left join roster r on {on}" if levels else ""


def subjects(levels: Sequence[str], *, of: str = "r", company: bool = True) -> str:
    """Two columns that lay a row out once per subject: `kind` and `subject`, null where there is none.

    `of` is where the units of the levels stand.
    """
    named = named_subjects(levels, of=of, company=company)
    kinds = ", ".join(map(literal, named))
    return f"unnest([{kinds}]) as kind, unnest([{', '.join(named.values())}]) as subject"


def named_subjects(levels: Sequence[str], *, of: str, company: bool = True) -> dict[str, str]:
    """Each kind of subject, and the SQL that says which one of it a row belongs to."""
    named = {"person": "_person"} | ({"company": "'company'"} if company else {})
    return named | {level: f"{of}.{quoted(level)}" for level in levels}

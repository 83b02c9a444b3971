"""Tables with rows per deal or per activity: made anew, or brought up for those that something changed about."""

from __future__ import annotations

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

# References that the copy brought, each list in a temporary table: deals with anything new about them, deals whose
# activities are new, and the activities themselves.
TOUCHED, ACTED, ACTIVITIES = "touched_deals", "acted_deals", "touched_activities"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows are looked at."""

    whole: bool
    names: str = TOUCHED  # where the others are listed
    key: str = "deal"  # the column that says whose a row is

    def told(self, sql: str) -> str:
        """The statement for these rows."""
        listed = f"(select ref from {self.names})"
        of_deal, of_ref = ("true", "true") if self.whole else (f"deal in {listed}", f"ref in {listed}")
        return sql.replace("{of_deal}", of_deal).replace("{of_ref}", of_ref)


def prepare(mirror: DuckDBPyConnection) -> None:
    """Empty lists, before a copy fills them."""
    for name in (TOUCHED, ACTED, ACTIVITIES):
        mirror.execute(f"create or replace temp table {name} (ref varchar)")


def note(mirror: DuckDBPyConnection, name: str, select: str) -> None:
    """Add to a list."""
    mirror.execute(f"insert into {name} {select}")


def keep(mirror: DuckDBPyConnection, table: str, select: str, scope: Scope) -> None:
    """A table made of a query: all of it, or its rows of the scope in place of those that it had."""
    if scope.whole:
        mirror.execute(f"create or replace table {table} as {scope.told(select)}")
        return
    mirror.execute(f"delete from {table} where {scope.key} in (select ref from {scope.names})")
    mirror.execute(f"insert into {table} {scope.told(select)}")

"""Tables with rows per deal or per activity: made anew, or brought up for those that something changed about."""

from __future__ import annotations

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

# References that the copy brought: deals with anything new about them, deals whose activities are new, and the
# activities themselves. They are kept with the copies until everything follows from them: of a record that moved from
# one deal to another, a copy that was cut short has nothing left that would tell of the first.
TOUCHED, ACTED, ACTIVITIES = "raw.touched_deals", "raw.acted_deals", "raw.touched_activities"


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
    """Lists for a copy to fill; what one that was cut short left in them stays."""
    for name in (TOUCHED, ACTED, ACTIVITIES):
        mirror.execute(f"create table if not exists {name} (ref varchar)")


def forget(mirror: DuckDBPyConnection) -> None:
    """Empty the lists, once everything follows from what they say."""
    for name in (TOUCHED, ACTED, ACTIVITIES):
        mirror.execute(f"delete from {name}")


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

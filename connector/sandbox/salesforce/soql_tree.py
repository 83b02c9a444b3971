"""The parts of a SOQL query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Path:
    """`Amount`, or `Owner.Name`; `at` is its place in the text, counted from 0."""

    steps: tuple[str, ...]
    at: int

    def __str__(self) -> str:
        return ".".join(self.steps)


@dataclass(frozen=True, slots=True)
class Call:
    """`SUM(Amount)`, `COUNT()`, `CALENDAR_YEAR(CloseDate)`, `FIELDS(ALL)`."""

    name: str  # upper case
    argument: Path | None
    at: int


@dataclass(frozen=True, slots=True)
class Item:
    """One thing selected."""

    of: Path | Call
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Something that SOQL knows and this stand-in does not answer: a child query, TYPEOF."""

    what: str
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A value, and how it was written."""

    kind: str  # string | number | currency | boolean | null | date | datetime | relative
    value: str | float | bool | date | datetime | None
    at: int
    count: int = 0  # the n of LAST_N_DAYS:n


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison; a tuple or a query on the right belongs to IN and NOT IN."""

    left: Path | Call
    operator: str  # = != < <= > >= LIKE IN NOT IN
    right: Literal | tuple[Literal, ...] | Query


@dataclass(frozen=True, slots=True)
class Both:
    """AND."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """OR."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """NOT."""

    part: Condition


Condition = Test | Both | Either | Not


@dataclass(frozen=True, slots=True)
class Order:
    """One key of ORDER BY; without a word, nulls come first both ways."""

    by: Path | Call
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query."""

    text: str
    items: tuple[Item | Unanswered, ...]
    entity: str
    entity_at: int
    where: Condition | None = None
    group: tuple[Path | Call, ...] = ()
    having: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False

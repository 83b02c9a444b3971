"""Checked expressions: what the rest of the house gets to see of the language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlglot import exp

from connector.errors import Place
from connector.model.catalogue import Type


@dataclass(frozen=True, slots=True)
class Expression:
    """A value or condition over one record, parsed and type-checked."""

    text: str
    type: Type
    relation: str
    fields: frozenset[str]
    place: Place
    tree: exp.Expression = field(repr=False, compare=False)

    def sql(self, today: date) -> str:
        """DuckDB SQL over the columns of the relation; money literals are in minor units."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One number made out of many records."""

    function: str  # sum | count | count_distinct | avg | median | count_if | sum_if
    value: Expression | None  # None: count() and count_if
    condition: Expression | None  # for count_if and sum_if
    type: Type


@dataclass(frozen=True, slots=True)
class Quotient:
    """The outcome of a measure; both whole sides are kept where it is one division."""

    value: Decimal | None
    top: Decimal | None = None
    bottom: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """Aggregates, and the arithmetic that makes one number of them."""

    text: str
    type: Type
    aggregates: tuple[Aggregate, ...]
    place: Place
    tree: exp.Expression = field(repr=False, compare=False)  # aggregates replaced by their number

    def combine(self, values: Sequence[Decimal | None]) -> Quotient:
        """The measure's value from its aggregates' values, in their order; divided once, in Decimal."""
        raise NotImplementedError

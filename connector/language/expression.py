"""Checked expressions: what the rest of the house gets to see of the language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from connector.errors import Place, Problem
from connector.language.emit import sql
from connector.language.evaluate import divided, reckon
from connector.language.tree import Name, Node, Operation, Slot
from connector.model.catalogue import Type


@dataclass(frozen=True, slots=True)
class Expression:
    """A value or condition over one record, parsed and type-checked."""

    text: str
    type: Type
    relation: str
    fields: frozenset[str]
    place: Place
    tree: Node = field(repr=False, compare=False)
    warnings: tuple[Problem, ...] = field(default=(), repr=False, compare=False)

    def sql(self, today: date) -> str:
        """DuckDB SQL over the columns of the relation; money literals are in minor units."""
        return sql(self.tree, today)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One number made out of many records, or in a formula the value of a metric."""

    function: str  # a function that gathers, or "metric": the value of an input, which may be a target
    value: Expression | None  # None: count() and count_if, and metrics
    condition: Expression | None  # for count_if, sum_if and avg_if
    type: Type
    share: Decimal | None = None  # for percentile: 0.8 is 80 %


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
    tree: Node = field(repr=False, compare=False)  # aggregates replaced by their number
    inputs: tuple[str, ...] = ()  # a formula's metrics, "target:" before its targets, in the order of `aggregates`
    warnings: tuple[Problem, ...] = field(default=(), repr=False, compare=False)

    def combine(self, values: Sequence[Decimal | None]) -> Quotient:
        """The measure's value from its aggregates' values, in their order; divided once, in Decimal.

        None where a needed value is None, and where the divisor is zero: nothing to measure.
        """
        if isinstance(self.tree, Slot):  # most measures are one aggregate
            return Quotient(values[self.tree.number])

        def value_of(node: Node) -> Decimal | None:
            if isinstance(node, Slot):  # or one divided by another
                return values[node.number]
            found = reckon(node, lambda slot: _filled(slot, values), None)
            return found if isinstance(found, Decimal) else None

        if isinstance(self.tree, Operation) and self.tree.word == "/":
            top, bottom = map(value_of, self.tree.operands)
            return Quotient(divided(top, bottom), top, bottom)
        return Quotient(value_of(self.tree))


def _filled(slot: Slot | Name, values: Sequence[Decimal | None]) -> Decimal | None:
    if isinstance(slot, Name):
        raise TypeError(f"`{slot.name}` stands outside of an aggregate")
    return values[slot.number]

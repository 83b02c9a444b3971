"""The typed tree of a checked expression: what emit and evaluate walk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from connector.language.functions import Function
from connector.model.catalogue import Type

Plain: TypeAlias = str | bool | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A value written in the rule. Money is in minor units."""

    value: Plain
    type: Type | None  # None: `null`, which fits every type
    bare: bool = False  # a number or text without a unit: it takes the type of what stands beside it
    at: int = field(default=0, compare=False)  # offset into the expression's text


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the relation, or a metric in a formula."""

    name: str
    type: Type
    sql: str
    nullable: bool
    choices: tuple[str, ...] = ()
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator with its operands.

    `case` alternates conditions and values and ends with the value of `else`; `in` begins with
    the value looked for; `between` is value, low, high.
    """

    word: str  # and or not = <> < <= > >= in between like "is null" + - * / neg case
    operands: tuple[Node, ...]
    type: Type | None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the table with its arguments."""

    function: Function
    arguments: tuple[Node, ...]
    type: Type | None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of an aggregate's value in a measure, by its number."""

    number: int
    type: Type | None
    at: int = field(default=0, compare=False)


Node: TypeAlias = Constant | Name | Operation | Call | Slot


def below(node: Node) -> tuple[Node, ...]:
    """The nodes directly under a node."""
    match node:
        case Operation():
            return node.operands
        case Call():
            return node.arguments
        case _:
            return ()


def names(node: Node) -> frozenset[str]:
    """Every field that a tree mentions."""
    if isinstance(node, Name):
        return frozenset({node.name})
    return frozenset().union(*map(names, below(node)))


def outcomes(node: Node) -> tuple[Node, ...]:
    """The nodes that a value may come from, for the nodes that only choose one of several."""
    match node:
        case Operation("case", operands):
            return (*operands[1:-1:2], operands[-1])
        case Call(function, arguments) if function.chooses:
            return arguments
        case _:
            return (node,)


def every(tree: Node) -> Iterator[Node]:
    """The tree and everything below it."""
    yield tree
    for each in below(tree):
        yield from every(each)

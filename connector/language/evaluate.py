"""The same tree over one person's numbers, in Python: SQL's three-valued logic, in Decimals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Context, Decimal, localcontext
from functools import reduce
from typing import TYPE_CHECKING

from connector.language.tree import Call, Constant, Name, Node, Operation, Slot

if TYPE_CHECKING:
    from connector.language.expression import Expression

_PRECISION = 50  # digits; more than any quotient of two amounts needs to be rounded once, correctly
_EXACT = Context(prec=_PRECISION)


def truth(expression: Expression, values: Mapping[str, object], today: date) -> bool | None:
    """Whether a condition holds; None when a value it needs is empty. A field that is absent is empty."""
    found = result(expression, values, today)
    return found if isinstance(found, bool) else None


def result(expression: Expression, values: Mapping[str, object], today: date) -> object:
    """An expression's value over one row: text, bool, Decimal, date or None. Money is in minor units."""

    def look_up(node: Name | Slot) -> object:
        return values.get(node.name) if isinstance(node, Name) else None

    return reckon(expression.tree, look_up, today)


def reckon(node: Node, look_up: Callable[[Name | Slot], object], today: date | None) -> object:
    """The value of a tree, whose names and slots are looked up as they are met."""
    match node:
        case Constant(value):
            return value
        case Name() | Slot():
            return _plain(look_up(node))
        case Call(_, arguments):
            return _called(node, [reckon(each, look_up, today) for each in arguments], today)
        case Operation("case", operands):
            return _case(operands, lambda each: reckon(each, look_up, today))
        case Operation(word, operands):
            return _operation(word, [reckon(each, look_up, today) for each in operands])


def divided(top: Decimal | None, bottom: Decimal | None) -> Decimal | None:
    """The one division of a measure; None when a side is None, or the bottom is zero."""
    if top is None or bottom is None or not bottom:
        return None
    return _EXACT.divide(top, bottom)


def _plain(value: object) -> object:
    """Numbers as Decimal, everything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return Decimal(str(value))


def _called(call: Call, arguments: Sequence[object], today: date | None) -> object:
    evaluate = call.function.evaluate
    if evaluate is None:
        raise TypeError(f"`{call.function.name}` gathers records, and here are none")
    if call.function.chooses:
        filled = [each for each in arguments if each is not None]
        return evaluate(*filled) if len(filled) > 1 else (filled or [None])[0]
    if any(each is None for each in arguments):
        return None
    return evaluate(*arguments, today) if "{today}" in call.function.duckdb else evaluate(*arguments)


def _case(operands: Sequence[Node], value_of: Callable[[Node], object]) -> object:
    for when, then in zip(operands[:-1:2], operands[1:-1:2], strict=True):
        if value_of(when) is True:
            return value_of(then)
    return value_of(operands[-1])


def _operation(word: str, values: Sequence[object]) -> object:
    match word:
        case "and":
            return _all(values)
        case "or":
            return _negated(_all([_negated(each) for each in values]))
        case "not":
            return _negated(values[0])
        case "is null":
            return values[0] is None
        case "in":
            return _negated(_all([_negated(_compared("=", values[0], each)) for each in values[1:]]))
        case "between":
            return _all([_compared(">=", values[0], values[1]), _compared("<=", values[0], values[2])])
        case "like":
            return _like(values[0], values[1])
        case "=" | "<>" | "<" | "<=" | ">" | ">=":
            return _compared(word, values[0], values[1])
        case _:
            return _reckoned(word, values)


def _all(values: Sequence[object]) -> bool | None:
    """SQL's `and`: false when one is false, else unknown when one is unknown."""
    if any(each is False for each in values):
        return False
    return None if any(each is None for each in values) else True


def _negated(value: object) -> bool | None:
    return None if value is None else not value


def _compared(sign: str, left: object, right: object) -> bool | None:
    if left is None or right is None:
        return None
    if sign in ("=", "<>"):
        return (left == right) is (sign == "=")
    less, equal = bool(left < right), left == right  # type: ignore[operator]
    return {"<": less, "<=": less or equal, ">": not (less or equal), ">=": not less}[sign]


def _like(text: object, pattern: object) -> bool | None:
    if text is None or pattern is None:
        return None
    parts = (".*" if sign == "%" else "." if sign == "_" else re.escape(sign) for sign in str(pattern))
    return re.fullmatch("".join(parts), str(text), re.DOTALL) is not None


def _reckoned(word: str, values: Sequence[object]) -> Decimal | None:
    numbers = [each for each in values if isinstance(each, Decimal)]
    if len(numbers) != len(values):
        return None
    if word == "/":
        return divided(numbers[0], numbers[1])
    with localcontext(prec=_PRECISION):
        match word:
            case "neg":
                return -numbers[0]
            case "+":
                return numbers[0] + numbers[1]
            case "-":
                return numbers[0] - numbers[1]
            case _:
                return reduce(lambda one, other: one * other, numbers)

"""Calls of functions: whether one may stand where it does, and what its arguments have to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connector.language.fit import Types, is_bare
from connector.language.functions import SHARE, Function
from connector.language.tree import Call, Constant, Name, Node
from connector.model.catalogue import Type

MOST_PLACES = 9  # of round: more than any unit has
TARGET = "target:"  # before a metric's name in a formula: what should be reached of it


@dataclass(frozen=True, slots=True)
class Standing:
    """Where in a rule a call stands."""

    records: bool  # over fields of records; false: over metrics, in a formula
    measure: bool  # in a measure, where aggregates are
    inside: bool  # inside of an aggregate
    alone: bool  # the values of one person are at hand, and no table of the mirror

    @property
    def reckons(self) -> bool:
        """Among values of aggregates or metrics: no record is near, and no day is asked about."""
        return not self.records or (self.measure and not self.inside)


def placed(function: Function, where: Standing, types: Types, at: int) -> None:
    """Check that what a function needs is at hand where it stands. Raises Refused."""
    if function.gathers:
        if not where.measure or where.inside:
            why = "no aggregate stands inside another" if where.inside else "one record has nothing to gather"
            text = f"`{function.name}` makes one number of many: {why}"
            raise types.refusal(_spot(at), "misplaced-aggregate", text)
    elif function.of_targets:
        if where.records:
            text = f"`{function.name}` stands in a formula: records have no target"
            raise types.refusal(_spot(at), "misplaced-function", text)
    elif _lacks(function, where):
        hint = "put it inside of an aggregate: avg(…)" if where.measure else ""
        text = f"`{function.name}` is asked of records, and here are none"
        raise types.refusal(_spot(at), "misplaced-function", text, hint)


def _lacks(function: Function, where: Standing) -> bool:
    """The company's calendar is in the mirror only, and the day asked about is known of records and people."""
    if function.evaluate is None:
        return where.alone or where.reckons
    return "{today}" in function.duckdb and where.reckons


def typed(function: Function, given: Sequence[Node], types: Types, at: int) -> Call:
    """The call with arguments of the right number and types. Raises Refused."""
    arguments = list(given)
    least, most = len(function.takes) - function.optional, len(function.takes)
    if len(arguments) < least or (len(arguments) > most and not function.chooses):
        raise types.refusal(_spot(at), "wrong-arguments", f"`{function.name}` is called as {function.signature}")
    kind: Type | None = None
    if function.chooses:
        same, kind = types.alike(arguments, f"stands in {function.name} beside")
        arguments = list(same)
    takes = [*function.takes, *([function.takes[-1]] if function.takes else []) * len(arguments)]
    for position, (argument, allowed) in enumerate(zip(arguments, takes, strict=False)):
        if argument.type is not None and argument.type not in allowed:
            if len(allowed) > 1 or not is_bare(argument):
                text = f"{function.signature} takes no {argument.type} here"
                raise types.refusal(argument, "wrong-type", text)
            arguments[position] = types.fit(argument, next(iter(allowed)), f"is given to {function.name} as")
        if allowed == SHARE:
            _share(arguments[position], types)
        if function.name == "round" and position == 1:
            arguments[position] = _places(arguments[position], types)
    gives = function.gives or kind or (arguments[0].type if arguments else None)
    return Call(function, tuple(arguments), gives, at)


def target(call: Call, types: Types) -> Node:
    """What should be reached of a metric, as an input of a formula. Raises Refused."""
    (metric,) = call.arguments
    if not isinstance(metric, Name):
        raise types.refusal(metric, "wrong-arguments", "`target` takes the name of a metric", "target(bookings)")
    return replace(metric, name=TARGET + metric.name, at=call.at)


def _share(node: Node, types: Types) -> None:
    if not isinstance(node, Constant) or not isinstance(node.value, Decimal) or not 0 <= node.value <= 1:
        raise types.refusal(node, "wrong-share", "a share from 0% to 100% is expected here", "write 80%")


def _places(node: Node, types: Types) -> Node:
    """How many decimals are kept: written out, since a database wants to know beforehand."""
    if isinstance(node, Constant) and isinstance(node.value, Decimal):
        places = int(node.value)
        if places == node.value and 0 <= places <= MOST_PLACES:
            return replace(node, value=Decimal(places))
    text = f"a whole number of decimals from 0 to {MOST_PLACES} is expected here"
    raise types.refusal(node, "wrong-places", text, "write round(x, 2)")


def _spot(at: int) -> Node:
    return Constant(None, None, at=at)

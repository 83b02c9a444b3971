"""Read a rule's text: a condition, a value, a measure or a formula, checked and typed.

Each of these raises Refused with every problem it found. `locate` says where in the file an offset
into the text stands. A bare number beside money counts whole units of the company's currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from connector.errors import Place, Problem
from connector.language.calls import TARGET
from connector.language.check import Checker
from connector.language.expression import Aggregate, Expression, Measure
from connector.language.fit import Types
from connector.language.functions import AMOUNTS, CONDITION
from connector.language.parse import Parsed, mentions, parse
from connector.language.refused import Locate, refused
from connector.language.remarks import remarks
from connector.language.tree import Call, Constant, Name, Node, Operation, Slot, below, every, names
from connector.model.catalogue import Field, Relation, Type

_COMPARING = frozenset({"=", "<>", "<", "<=", ">", ">=", "in", "between"})
_HARDLY_A_RATIO = 10


def condition(text: str, relation: Relation, currency: str, locate: Locate) -> Expression:
    """A condition over one record: true, false or unknown."""
    found = value(text, relation, currency, locate)
    if found.type is not Type.BOOLEAN:
        hint = "compare it with something"
        raise refused(found.place, "not-a-condition", f"a condition is expected here, and this is {found.type}", hint)
    return found


def value(text: str, relation: Relation, currency: str, locate: Locate) -> Expression:
    """A value of any type over one record."""
    parsed = parse(text, locate)
    alone = not relation.dates  # people and their scores: no record of them is measured
    tree = Checker(parsed, relation.fields, relation.name, Types(currency, locate), alone=alone).whole()
    found = _expression(tree, text, relation.name, locate)
    warnings = (*found.warnings, *_bare_ratios([tree], parsed, locate), *remarks([tree], relation, locate))
    return replace(found, warnings=warnings)


def measure(text: str, relation: Relation, currency: str, locate: Locate) -> Measure:
    """One number made of many records: aggregates, and arithmetic between them."""
    parsed, calls = parse(text, locate), list[Call]()

    def gather(call: Call) -> Node:
        if call not in calls:
            calls.append(call)
        return Slot(calls.index(call), call.type, call.at)

    tree = Checker(parsed, relation.fields, relation.name, Types(currency, locate), gather).whole()
    _number(tree, "measure", locate)
    if not calls:
        hint = "gather records: sum(…), count(), median(…)"
        raise refused(locate(0), "no-aggregate", "a measure makes one number of many records", hint)
    gathered = tuple(_aggregate(each, parsed, relation.name, locate) for each in calls)
    warnings = (*_warnings(calls, locate), *_bare_ratios(calls, parsed, locate), *remarks(calls, relation, locate))
    return Measure(text, _type(tree), gathered, locate(0), tree, warnings=warnings)


def formula(
    text: str,
    metrics: Mapping[str, Type],
    locate: Locate,
    currency: str = "",
    former: Mapping[str, str] | None = None,
) -> Measure:
    """Arithmetic over other metrics, which are named in `inputs` in the order of the aggregates.

    `target(bookings)` is the input "target:bookings". `former` gives metrics by the names they had: such a
    name is obeyed, with a warning.
    """
    fields = {name: Field(name, kind, "a metric") for name, kind in metrics.items()}
    fields |= {old: fields[new] for old, new in (former or {}).items() if new in fields}
    parsed = parse(text, locate)
    tree = Checker(parsed, fields, "", Types(currency, locate)).whole()
    _number(tree, "formula", locate)
    inputs = tuple(sorted(names(tree), key=lambda each: _first(tree, each)))
    if all(each.startswith(TARGET) for each in inputs):
        raise refused(locate(0), "no-metric", "a formula names at least one metric, targets aside")
    gathered = tuple(Aggregate("metric", None, None, metrics[each.removeprefix(TARGET)]) for each in inputs)
    old = tuple(renamed(name, former[name], locate(at)) for name, at in mentions(parsed) if former and name in former)
    return Measure(text, _type(tree), gathered, locate(0), _slotted(tree, inputs), inputs, old)


def renamed(old: str, new: str, place: Place) -> Problem:
    """The warning about a name that a metric no longer has."""
    return Problem(place, "old-name", f"`{old}` is called `{new}` now", f"write `{new}`")


def _expression(tree: Node, text: str, relation: str, locate: Locate) -> Expression:
    warnings = tuple(_warnings([tree], locate))
    return Expression(text, _type(tree), relation, names(tree), locate(tree.at), tree, warnings)


def _aggregate(call: Call, parsed: Parsed, relation: str, locate: Locate) -> Aggregate:
    """An aggregate with its parts as expressions of their own; warnings stay with the measure."""
    written = _arguments(parsed.text, call.at)
    parts = [
        Expression(text, _type(tree), relation, names(tree), locate(tree.at), tree)
        for text, tree in zip(written, call.arguments, strict=True)
    ]
    condition_of = parts.pop() if call.function.takes[-1:] == (CONDITION,) else None
    share = call.arguments[1] if call.function.name == "percentile" else None
    given = share.value if isinstance(share, Constant) and isinstance(share.value, Decimal) else None
    return Aggregate(call.function.name, parts[0] if parts else None, condition_of, _type(call), given)


def _arguments(text: str, at: int) -> list[str]:
    """What stands between the parentheses that follow an offset, cut at its own commas."""
    found, depth, quoted = [""], 0, False
    for sign in text[text.index("(", at) + 1 :]:
        quoted ^= sign == "'"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            break
        if sign == "," and not depth and not quoted:
            found.append("")
        else:
            found[-1] += sign
    return [each.strip() for each in found if each.strip()]


def _type(tree: Node) -> Type:
    return tree.type or Type.NUMBER


def _number(tree: Node, what: str, locate: Locate) -> None:
    if tree.type not in AMOUNTS:
        kind = tree.type or "null"
        raise refused(locate(tree.at), "not-a-number", f"a {what} is a number, and this is {kind}")


def _first(tree: Node, name: str) -> int:
    """The offset of the first mention."""
    if isinstance(tree, Name):
        return tree.at if tree.name == name else 1 << 20
    return min((_first(each, name) for each in below(tree)), default=1 << 20)


def _slotted(tree: Node, inputs: tuple[str, ...]) -> Node:
    """Metrics replaced by the number of their value."""
    match tree:
        case Name(name):
            return Slot(inputs.index(name), tree.type, tree.at)
        case Operation():
            return replace(tree, operands=tuple(_slotted(each, inputs) for each in tree.operands))
        case Call():
            return replace(tree, arguments=tuple(_slotted(each, inputs) for each in tree.arguments))
        case _:
            return tree


def _warnings(trees: Iterable[Node], locate: Locate) -> Iterable[Problem]:
    """Fields that may be empty under `<>` or `not`: an empty one is neither equal nor unequal."""
    for tree in trees:
        tested = frozenset().union(*(names(each) for each in every(tree) if _tests_for_null(each)))
        seen: set[str] = set()
        for each in every(tree):
            if isinstance(each, Operation) and each.word in ("<>", "not"):
                for name in _empty(each):
                    if name.name not in tested | seen:
                        seen.add(name.name)
                        yield _left_out(name, locate)


def _bare_ratios(trees: Iterable[Node], parsed: Parsed, locate: Locate) -> Iterable[Problem]:
    """Ratios beside a number that is hardly one: `pace < 70` is true of everybody, since a pace of 70 is 7000%."""
    for node in (node for tree in trees for node in every(tree)):
        if not isinstance(node, Operation) or node.word not in _COMPARING:
            continue
        field = next((each for each in node.operands if isinstance(each, Name) and each.type is Type.RATIO), None)
        for each in (each for each in node.operands if isinstance(each, Constant) and each.at not in parsed.units):
            number = each.value
            if field and isinstance(number, Decimal) and number > _HARDLY_A_RATIO:
                text = f"`{field.name}` is a ratio, of which 1 is 100%: {number:f} is {number.scaleb(2):f}%"
                yield Problem(locate(each.at), "bare-ratio", text, f"write {number:f}%, if that is meant")


def _left_out(name: Name, locate: Locate) -> Problem:
    text = f"`{name.name}` may be empty, and such records are left out here: empty is neither equal nor unequal"
    hint = f"to keep them, add `or {name.name} is null`"
    return Problem(locate(name.at), "empty-left-out", text, hint)


def _tests_for_null(node: Node) -> bool:
    return isinstance(node, Operation) and node.word == "is null"


def _empty(tree: Node) -> Iterable[Name]:
    """Names whose emptiness makes a tree unknown."""
    if _tests_for_null(tree) or (isinstance(tree, Call) and tree.function.chooses):
        return
    if isinstance(tree, Name) and tree.nullable:
        yield tree
    for each in below(tree):
        yield from _empty(each)

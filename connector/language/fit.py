"""Type rules: how what stands in a rule takes the type of its neighbours, and what arithmetic gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from connector.language.functions import AMOUNTS, NUMBERS, TEXTS
from connector.language.refused import Locate, Refused, refused
from connector.language.tree import Call, Constant, Name, Node, Operation, outcomes
from connector.model.catalogue import Type
from connector.model.money import digits
from connector.yamlfile import did_you_mean

_LARGEST = Decimal(10) ** 18  # in minor units: what a BIGINT of the mirror holds


@dataclass(frozen=True, slots=True)
class Types:
    """The type rules of one expression: they know its currency and where its characters stand."""

    currency: str
    locate: Locate

    def refusal(self, node: Node, code: str, text: str, hint: str = "") -> Refused:
        """A problem at a node."""
        return refused(self.locate(node.at), code, text, hint)

    def alike(self, nodes: Sequence[Node], doing: str) -> tuple[tuple[Node, ...], Type | None]:
        """Bring nodes to one type: that of the first which is not a mere number, text or null."""
        settled = [each for each in nodes if not is_bare(each)] or [each for each in nodes if each.type]
        if not settled:
            return tuple(nodes), None
        wanted = settled[0].type
        return tuple(self.fit(each, wanted, doing, beside=settled[0]) for each in nodes), wanted

    def fit(self, node: Node, wanted: Type | None, doing: str, *, beside: Node | None = None) -> Node:
        """The node as a value of a type. Raises Refused."""
        if wanted is None or node.type is wanted or {node.type, wanted} <= TEXTS:
            return self._chosen(node, beside)
        if isinstance(node, Constant) and (node.bare or node.type is None):
            return self._constant(node, wanted, doing)
        if is_bare(node):
            return self._bare_branches(node, wanted, doing)
        hint = _hint(node.type, wanted)
        what, other = _described(node), _described(beside) if beside else str(wanted)
        raise self.refusal(node, "wrong-type", f"{what} {doing} {other}", hint)

    def arithmetic(self, sign: str, left: Node, right: Node) -> tuple[Node, Node, Type | None]:
        """Both sides as they take part in `+ - * /`, and the type of what comes out. Raises Refused."""
        for side in (left, right):
            if side.type is not None and side.type not in AMOUNTS:
                hint = "use days_between(from, to)" if side.type in (Type.DATE, Type.MOMENT) else ""
                raise self.refusal(side, "wrong-type", f"{_described(side)} cannot be reckoned with", hint)
        if sign in "+-":
            (left, right), both = self.alike((left, right), "does not add up with")
            return left, right, both
        found = _product(left, right) if sign == "*" else _quotient(left, right)
        if found is None:
            doing = "multiplied with" if sign == "*" else "divided by"
            raise self.refusal(left, "wrong-type", f"{_described(left)} cannot be {doing} {_described(right)}")
        return left, right, found

    def money(self, node: Constant) -> Constant:
        """A number of whole units as money, in minor units. Raises Refused."""
        assert isinstance(node.value, Decimal)
        minor = node.value.scaleb(digits(self.currency))
        if minor != minor.to_integral_value():
            places = digits(self.currency)
            raise self.refusal(node, "too-precise", f"{self.currency} has {places} decimals, {node.value} has more")
        if abs(minor) > _LARGEST:
            raise self.refusal(node, "no-number", "an amount this large cannot be held")
        return Constant(minor.to_integral_value(), Type.MONEY, at=node.at)

    def _constant(self, node: Constant, wanted: Type, doing: str) -> Node:
        if node.value is None:
            return replace(node, type=wanted)
        if isinstance(node.value, Decimal) and wanted in NUMBERS:
            return replace(node, type=wanted, bare=False)
        if isinstance(node.value, Decimal) and wanted is Type.MONEY:
            return self.money(node)
        if isinstance(node.value, str) and wanted in (Type.DATE, Type.MOMENT):
            return self._dated(node, node.value, wanted)
        raise self.refusal(node, "wrong-type", f"{_described(node)} {doing} {wanted}", _hint(node.type, wanted))

    def _dated(self, node: Constant, text: str, wanted: Type) -> Constant:
        try:
            if wanted is Type.DATE:
                return Constant(date.fromisoformat(text), wanted, at=node.at)
            moment = datetime.fromisoformat(text)
        except ValueError:
            shape = "2026-11-25" if wanted is Type.DATE else "2026-11-25T08:00:00Z"
            raise self.refusal(node, "no-date", f"`{text}` is no {wanted}", f"write it as '{shape}'") from None
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return Constant(zoned.astimezone(UTC), wanted, at=node.at)

    def _bare_branches(self, node: Node, wanted: Type, doing: str) -> Node:
        """A choice among mere numbers or texts: each of them takes the type."""
        if isinstance(node, Operation):
            last = len(node.operands) - 1
            parts = tuple(
                self.fit(each, wanted, doing) if at % 2 or at == last else each for at, each in enumerate(node.operands)
            )
            return replace(node, operands=parts, type=wanted)
        assert isinstance(node, Call)
        return replace(node, arguments=tuple(self.fit(each, wanted, doing) for each in node.arguments), type=wanted)

    def _chosen(self, node: Node, beside: Node | None) -> Node:
        """A text beside a field with known choices must be one of them."""
        if not isinstance(beside, Name) or not isinstance(node, Constant) or not isinstance(node.value, str):
            return node
        if beside.choices and node.value not in beside.choices:
            hint = did_you_mean(node.value, beside.choices) or f"it is one of {', '.join(beside.choices)}"
            raise self.refusal(node, "unknown-choice", f"`{beside.name}` is never `{node.value}`", hint)
        return node


def is_bare(node: Node) -> bool:
    """Whether a node is a mere number, text or null, or a choice among such."""
    if isinstance(node, Constant):
        return node.bare or node.type is None
    found = outcomes(node)
    return found != (node,) and all(is_bare(each) for each in found)


def _product(left: Node, right: Node) -> Type | None:
    kinds = {left.type, right.type}
    for one, other in ((left, right), (right, left)):
        if is_bare(one):
            return other.type or Type.NUMBER
    for whole in (Type.MONEY, Type.DAYS):
        if whole in kinds:
            return whole if kinds <= {whole, Type.NUMBER, Type.RATIO} and left.type is not right.type else None
    return Type.RATIO if kinds == {Type.RATIO} else Type.NUMBER


def _quotient(left: Node, right: Node) -> Type | None:
    if is_bare(right):
        return left.type or Type.NUMBER
    if right.type is Type.MONEY:
        return Type.RATIO if left.type is Type.MONEY else None
    if left.type is right.type:
        return Type.RATIO
    return left.type if not is_bare(left) else Type.NUMBER


def _described(node: Node) -> str:
    kind = f"a {node.type}" if node.type in (Type.TEXT, Type.CHOICE, Type.NUMBER, Type.RATIO, Type.DATE) else node.type
    if isinstance(node, Name):
        return f"`{node.name}` ({node.type})"
    return "null" if kind is None else str(kind)


def _hint(found: Type | None, wanted: Type | None) -> str:
    if wanted is Type.MONEY and found in NUMBERS:
        return "money compares with money, or with a number written in the rule"
    if wanted is Type.BOOLEAN:
        return "a condition holds or not, and has no text: write it alone, or with `not` or `is not null`"
    if wanted is Type.RATIO and found in (Type.NUMBER, Type.MONEY):
        return "a ratio compares with a share: 70%"
    return ""

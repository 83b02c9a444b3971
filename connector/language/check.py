"""From sqlglot's tree to our typed one; what the language does not know has no way through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import ClassVar

from sqlglot import exp

from connector.errors import Problem
from connector.language import calls
from connector.language.fit import Types
from connector.language.functions import FUNCTIONS, Function
from connector.language.parse import CONSTANTS, Parsed, chain, offset
from connector.language.refused import Refused
from connector.language.tree import Call, Constant, Name, Node, Operation
from connector.model.catalogue import Field, Type
from connector.yamlfile import did_you_mean

_Signs = Mapping[type[exp.Expression], str]

_COMPARED: _Signs = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_RECKONED: _Signs = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_JOINED: _Signs = {exp.And: "and", exp.Or: "or"}
_DEEPEST = 60  # of the tree: a sum of sixty terms nests as deeply
_MOST_NODES = 240

Gather = Callable[[Call], Node]


class Checker:
    """Walks one expression, and returns what it means or raises all that is wrong with it."""

    def __init__(
        self,
        parsed: Parsed,
        fields: Mapping[str, Field],
        subject: str,
        types: Types,
        gather: Gather | None = None,
        *,
        alone: bool = False,
    ) -> None:
        self.parsed, self.fields, self.types = parsed, fields, types
        self.subject = subject  # what has the fields: "deals"; empty in a formula, whose names are metrics
        self.gather = gather  # given: a measure, in which fields stand inside of aggregates only
        self.inside: Function | None = None  # the aggregate we are in
        self.alone = alone  # the values of one person are at hand, and no table of the mirror
        self.nodes = 0

    def whole(self) -> Node:
        """The checked tree. Raises Refused."""
        return self.node(self.parsed.tree, 0)

    def node(self, tree: exp.Expression, depth: int) -> Node:
        """One node of the tree, and all below it."""
        kind = type(tree)  # exactly: a subclass is a stranger
        if depth > _DEEPEST:
            raise self._refusal(tree, "too-deep", "nested too deeply")
        self.nodes += 1
        if self.nodes > _MOST_NODES:
            raise self._refusal(tree, "too-long", f"more than {_MOST_NODES} values and operations")
        if kind is exp.Paren:
            return self.node(tree.this, depth + 1)
        if kind in _COMPARED:
            return self._compared(_COMPARED[kind], tree, depth)
        if kind in _RECKONED:
            return self._reckoned(_RECKONED[kind], tree, depth)
        if kind in _JOINED:
            parts = chain(tree, kind)
            conditions = self._conditions(parts, depth)
            return Operation(_JOINED[kind], conditions, Type.BOOLEAN, offset(tree))
        reader = self._readers.get(kind)
        if reader is None:
            raise self._stranger(tree)
        return reader(self, tree, depth)

    def _all(self, trees: Iterable[exp.Expression], depth: int) -> list[Node]:
        """Check siblings, and report what is wrong with each of them at once."""
        found: list[Node] = []
        problems: list[Problem] = []
        for tree in trees:
            try:
                found.append(self.node(tree, depth + 1))
            except Refused as error:
                problems += error.problems
                if error.problems[0].code in ("too-deep", "too-long"):
                    break
        if problems:
            raise Refused(problems)
        return found

    def _conditions(self, trees: Sequence[exp.Expression], depth: int) -> tuple[Node, ...]:
        nodes = self._all(trees, depth)
        wrong = [each for each in nodes if each.type not in (Type.BOOLEAN, None)]
        if wrong:
            text = "a condition is expected here, that is: true or false"
            raise Refused(self.types.refusal(each, "not-a-condition", text).problems[0] for each in wrong)
        return tuple(nodes)

    def _compared(self, sign: str, tree: exp.Expression, depth: int) -> Node:
        if type(tree.this) in _COMPARED:
            raise self._refusal(tree.expression, "not-in-language", "one comparison at a time", "join two with `and`")
        sides = self._all((tree.this, tree.expression), depth)
        self._no_null(sides)
        both, kind = self.types.alike(sides, "is compared with")
        if kind is Type.BOOLEAN and sign not in ("=", "<>"):
            raise self.types.refusal(both[0], "wrong-type", "conditions have no order")
        return Operation(sign, both, Type.BOOLEAN, offset(tree))

    def _reckoned(self, sign: str, tree: exp.Expression, depth: int) -> Node:
        left, right = self._all((tree.this, tree.expression), depth)
        if isinstance(left, Constant) and isinstance(right, Constant) and left.bare and right.bare:
            return self._folded(sign, left, right)
        left, right, kind = self.types.arithmetic(sign, left, right)
        return Operation(sign, (left, right), kind, offset(tree))

    def _folded(self, sign: str, left: Constant, right: Constant) -> Node:
        """Arithmetic of mere numbers is done now, so that the result is a mere number too."""
        one, other = left.value, right.value
        if not isinstance(one, Decimal) or not isinstance(other, Decimal):
            raise self.types.refusal(left, "wrong-type", "a text cannot be reckoned with")
        if sign == "/" and other == 0:
            raise self.types.refusal(right, "division-by-zero", "nothing can be divided by zero")
        with localcontext(prec=38):
            value = {"+": one + other, "-": one - other, "*": one * other, "/": one / (other or 1)}[sign]
        return replace(left, value=value)

    def _no_null(self, nodes: Iterable[Node]) -> None:
        for each in nodes:
            if isinstance(each, Constant) and each.value is None:
                hint = "write `is null` or `is not null`"
                raise self.types.refusal(each, "compared-with-null", "nothing is equal to null, not even null", hint)

    def _not(self, tree: exp.Expression, depth: int) -> Node:
        return Operation("not", self._conditions((tree.this,), depth), Type.BOOLEAN, offset(tree))

    def _neg(self, tree: exp.Expression, depth: int) -> Node:
        node = self.node(tree.this, depth + 1)
        if isinstance(node, Constant) and isinstance(node.value, Decimal):
            return replace(node, value=-node.value)
        _, node, kind = self.types.arithmetic("+", node, node)
        return Operation("neg", (node,), kind, offset(tree))

    def _in(self, tree: exp.Expression, depth: int) -> Node:
        choices = tree.expressions
        if not choices or any(value for key, value in tree.args.items() if key not in ("this", "expressions")):
            raise self._refusal(tree, "syntax", "`in` is followed by values in parentheses", "in ('won', 'lost')")
        nodes = self._all((tree.this, *choices), depth)
        self._no_null(nodes)
        same, _ = self.types.alike(nodes, "is compared with")
        return Operation("in", same, Type.BOOLEAN, offset(tree))

    def _between(self, tree: exp.Expression, depth: int) -> Node:
        if tree.args.get("symmetric") is not None:
            raise self._refusal(tree, "not-in-language", "`symmetric` is not part of the rule language")
        nodes = self._all((tree.this, tree.args["low"], tree.args["high"]), depth)
        self._no_null(nodes)
        same, kind = self.types.alike(nodes, "is compared with")
        if kind is Type.BOOLEAN:
            raise self.types.refusal(same[0], "wrong-type", "conditions have no order")
        return Operation("between", same, Type.BOOLEAN, offset(tree))

    def _like(self, tree: exp.Expression, depth: int) -> Node:
        left, right = self._all((tree.this, tree.expression), depth)
        self.types.fit(left, Type.TEXT, "is compared by `like` with")
        if not isinstance(right, Constant) or not isinstance(right.value, str):
            raise self.types.refusal(right, "wrong-type", "`like` takes a text with % and _", "name like 'Acme%'")
        found = Operation("like", (left, right), Type.BOOLEAN, offset(tree))
        return Operation("not", (found,), Type.BOOLEAN, found.at) if tree.args.get("negate") else found

    def _is(self, tree: exp.Expression, depth: int) -> Node:
        if type(tree.expression) is not exp.Column or tree.expression.name != "_null":
            raise self._refusal(tree, "not-in-language", "`is` goes with null only", "compare with `=`")
        node = self.node(tree.this, depth + 1)
        return Operation("is null", (node,), Type.BOOLEAN, offset(tree))

    def _case(self, tree: exp.Expression, depth: int) -> Node:
        if tree.this is not None:
            raise self._refusal(
                tree, "not-in-language", "a case names a condition after each `when`", "case when … then"
            )
        branches = tree.args["ifs"]
        conditions = self._conditions([each.this for each in branches], depth)
        default = tree.args.get("default")
        values = self._all([each.args["true"] for each in branches] + ([default] if default is not None else []), depth)
        if default is None:
            values.append(Constant(None, None, at=offset(tree)))
        same, kind = self.types.alike(values, "stands in a case beside")
        pairs = [node for pair in zip(conditions, same, strict=False) for node in pair]
        return Operation("case", (*pairs, same[-1]), kind, offset(tree))

    def _literal(self, tree: exp.Expression, _depth: int) -> Node:
        at = offset(tree)
        if tree.args["is_string"]:
            return Constant(str(tree.this), Type.TEXT, bare=True, at=at)
        number = Constant(Decimal(str(tree.this)), Type.NUMBER, bare=True, at=at)
        unit = self.parsed.units.get(at)
        if unit is None:
            return number
        if unit == "%":
            return Constant(Decimal(str(tree.this)).scaleb(-2), Type.RATIO, at=at)
        if unit != self.types.currency:
            text = f"amounts are compared in {self.types.currency}, the company's currency"
            raise self.types.refusal(number, "wrong-currency", text)
        return self.types.money(number)

    def _name(self, tree: exp.Expression, _depth: int) -> Node:
        if not tree.name.startswith("_"):  # a keyword where a value should be
            raise self._refusal(tree, "syntax", f"`{tree.name}` is not expected here")
        name = tree.name.removeprefix("_")
        if name in CONSTANTS:
            value = CONSTANTS[name]
            return Constant(value, None if value is None else Type.BOOLEAN, at=offset(tree))
        known = self.fields.get(name)
        if known is None:
            hint = did_you_mean(name, self.fields)
            text = f"{self.subject} have no field `{name}`" if self.subject else f"there is no metric `{name}`"
            raise self._refusal(tree, "unknown-field" if self.subject else "unknown-metric", text, hint)
        if self.gather and not self.inside:
            hint = f"gather it: sum({name})" if known.type in (Type.MONEY, Type.NUMBER, Type.DAYS) else ""
            raise self._refusal(
                tree, "outside-aggregate", f"`{name}` has a value per record, a measure one in all", hint
            )
        return Name(known.name, known.type, known.sql, known.nullable, known.choices, offset(tree))

    def _call(self, tree: exp.Expression, depth: int) -> Node:
        function = FUNCTIONS.get(tree.name.removeprefix("_"))
        if function is None:
            raise self._stranger(tree)
        at = offset(tree)
        calls.placed(function, self._standing(), self.types, at)
        outer, self.inside = self.inside, function if function.gathers else self.inside
        try:
            arguments = self._all(tree.expressions, depth)
        finally:
            self.inside = outer
        call = calls.typed(function, arguments, self.types, at)
        if function.of_targets:
            return calls.target(call, self.types)
        return self.gather(call) if function.gathers and self.gather else call

    def _standing(self) -> calls.Standing:
        return calls.Standing(
            records=bool(self.subject),
            measure=self.gather is not None,
            inside=self.inside is not None,
            alone=self.alone,
        )

    def _refusal(self, tree: exp.Expression, code: str, text: str, hint: str = "") -> Refused:
        return self.types.refusal(Constant(None, None, at=offset(tree)), code, text, hint)

    def _stranger(self, tree: exp.Expression) -> Refused:
        if type(tree) is exp.Alias:
            extra = tree.args["alias"]
            word = str(extra.this).removeprefix("_")
            return self._refusal(extra, "syntax", f"`{word}` is not expected here", "is an `and` or a sign missing?")
        if type(tree) is exp.Star:
            return self._refusal(tree, "not-in-language", "`*` stands between two numbers", "write count()")
        return self._refusal(tree, "not-in-language", "this is not part of the rule language")

    _readers: ClassVar[Mapping[type[exp.Expression], Callable[[Checker, exp.Expression, int], Node]]] = {
        exp.Not: _not,
        exp.Neg: _neg,
        exp.In: _in,
        exp.Between: _between,
        exp.Like: _like,
        exp.Is: _is,
        exp.Case: _case,
        exp.Literal: _literal,
        exp.Column: _name,
        exp.Anonymous: _call,
    }

"""SOQL read into its parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.salesforce.soql_tree import (
    Both,
    Call,
    Condition,
    Either,
    Item,
    Literal,
    Not,
    Order,
    Path,
    Query,
    Test,
    Unanswered,
)
from connector.sandbox.salesforce.soql_words import Word, malformed, words

T = TypeVar("T")

RESERVED = frozenset(
    [
        "AND",
        "ASC",
        "DESC",
        "FROM",
        "GROUP",
        "HAVING",
        "IN",
        "LIKE",
        "LIMIT",
        "NOT",
        "NULL",
        "NULLS",
        "OFFSET",
        "OR",
        "ORDER",
        "SELECT",
        "WHERE",
        "WITH",
    ]
)
SECURITY = frozenset({"SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"})
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def parse(text: str) -> Query:
    """The query's parts. Raises Refused: MALFORMED_QUERY, with the place."""
    reader = _Reader(text)
    try:
        query = reader.query()
    except RecursionError:
        raise malformed(text, 0, "the query is nested too deeply") from None
    reader.expect_end()
    return query


class _Reader:
    """Walks the words from left to right; every method leaves the position behind what it read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words(text)
        self.position = 0

    @property
    def word(self) -> Word:
        return self.words[self.position]

    def step(self) -> Word:
        self.position += 1
        return self.words[self.position - 1]

    def unexpected(self) -> Refused:
        if self.word.kind == "end":
            return malformed(self.text, self.word.at, "unexpected token: '<EOF>'")
        return malformed(self.text, self.word.at, f"unexpected token: '{self.word.text}'")

    def meets(self, *upper: str) -> bool:
        """Step over these words when they come next."""
        ahead = self.words[self.position : self.position + len(upper)]
        if tuple(each.upper for each in ahead) != upper:
            return False
        self.position += len(upper)
        return True

    def expect(self, *upper: str) -> None:
        for each in upper:
            if not self.meets(each):
                raise self.unexpected()

    def expect_end(self) -> None:
        if self.word.kind != "end":
            raise self.unexpected()

    def query(self) -> Query:
        start = self.word.at
        self.expect("SELECT")
        items = self.several(self.item)
        self.expect("FROM")
        entity = self.name()
        self.scope()
        where = self.condition() if self.meets("WHERE") else None
        if self.meets("WITH") and self.step().upper not in SECURITY:
            self.position -= 1
            raise self.unexpected()
        group = self.several(self.operand) if self.meets("GROUP", "BY") else ()
        having = self.condition() if group and self.meets("HAVING") else None
        order = self.several(self.order) if self.meets("ORDER", "BY") else ()
        limit = self.whole_number() if self.meets("LIMIT") else None
        offset = self.whole_number() if self.meets("OFFSET") else 0
        all_rows = self.meets("ALL", "ROWS")
        text = self.text if start == 0 else self.text[start:]
        return Query(text, items, entity.text, entity.at, where, group, having, order, limit, offset, all_rows)

    def scope(self) -> None:
        """`USING SCOPE everything` changes nothing for somebody who sees all."""
        if self.meets("USING", "SCOPE"):
            self.name()

    def several(self, one: Callable[[], T]) -> tuple[T, ...]:
        found = [one()]
        while self.meets(","):
            found.append(one())
        return tuple(found)

    def name(self) -> Word:
        if self.word.kind != "name" or self.word.upper in RESERVED:
            raise self.unexpected()
        return self.step()

    def whole_number(self) -> int:
        if not (self.word.kind == "number" and self.word.text.isdigit() and len(self.word.text) < 10):
            raise self.unexpected()
        return int(self.step().text)

    def item(self) -> Item | Unanswered:
        if self.word.text == "(":
            return self.child_query()
        if self.word.upper == "TYPEOF":
            return self.type_of()
        selected = self.operand()
        alias = self.step().text if self.word.kind == "name" and self.word.upper not in RESERVED else None
        return Item(selected, alias)

    def child_query(self) -> Unanswered:
        at = self.step().at
        self.query()
        self.expect(")")
        return Unanswered("a query of children", at)

    def type_of(self) -> Unanswered:
        at = self.step().at
        self.name()
        while self.meets("WHEN"):
            self.name()
            self.expect("THEN")
            self.several(self.name)
        if self.meets("ELSE"):
            self.several(self.name)
        self.expect("END")
        return Unanswered("TYPEOF", at)

    def operand(self) -> Path | Call:
        word = self.name()
        if self.word.text != "(":
            return Path(tuple(word.text.split(".")), word.at)
        self.step()
        argument = None if self.word.text == ")" else self.name()
        self.expect(")")
        path = None if argument is None else Path(tuple(argument.text.split(".")), argument.at)
        return Call(word.upper, path, word.at)

    def order(self) -> Order:
        by = self.operand()
        descending = self.meets("DESC")
        if not descending:
            self.meets("ASC")
        last = self.meets("NULLS", "LAST")
        if not last:
            self.meets("NULLS", "FIRST")
        return Order(by, descending, last)

    def condition(self) -> Condition:
        """AND and OR side by side need brackets, as in the real one."""
        first = self.part()
        for joiner, kind in (("AND", Both), ("OR", Either)):
            if self.word.upper == joiner:
                parts = [first]
                while self.meets(joiner):
                    parts.append(self.part())
                if self.word.upper in {"AND", "OR"}:
                    raise self.unexpected()
                return kind(tuple(parts))
        return first

    def part(self) -> Condition:
        if self.meets("NOT"):
            return Not(self.part())
        if self.meets("("):
            inside = self.condition()
            self.expect(")")
            return inside
        return self.test()

    def test(self) -> Test:
        left = self.operand()
        negated = self.meets("NOT")
        if self.meets("IN"):
            return Test(left, "NOT IN" if negated else "IN", self.members())
        if negated:
            raise self.unexpected()
        if self.meets("LIKE"):
            return Test(left, "LIKE", self.literal())
        if self.word.text not in {"=", "!=", "<>", "<", "<=", ">", ">="}:
            raise self.unexpected()
        operator = self.step().text
        return Test(left, "!=" if operator == "<>" else operator, self.literal())

    def members(self) -> tuple[Literal, ...] | Query:
        self.expect("(")
        inside = self.query() if self.word.upper == "SELECT" else self.several(self.literal)
        self.expect(")")
        return inside

    def literal(self) -> Literal:
        word = self.step()
        value = _literal(word)
        if value is None:
            self.position -= 1
            raise self.unexpected()
        return value


def _literal(word: Word) -> Literal | None:
    try:
        return _valued(word)
    except ValueError:  # 2026-02-30
        return None


def _valued(word: Word) -> Literal | None:
    kind, text, at = word.kind, word.text, word.at
    if kind == "string":
        return Literal("string", unescaped(text[1:-1]), at)
    if kind == "number":
        return Literal("number", float(text), at)
    if kind == "currency":
        return Literal("currency", float(text[3:]), at)
    if kind == "date":
        return Literal("date", date.fromisoformat(text), at)
    if kind == "datetime":
        return Literal("datetime", datetime.fromisoformat(text), at)
    if kind == "relative":
        name, _, count = text.partition(":")
        return Literal("relative", name.upper(), at, int(count))
    if kind == "name" and word.upper in {"TRUE", "FALSE"}:
        return Literal("boolean", word.upper == "TRUE", at)
    if kind == "name" and word.upper == "NULL":
        return Literal("null", None, at)
    return Literal("relative", word.upper, at) if kind == "name" and word.upper not in RESERVED else None


def unescaped(text: str) -> str:
    r"""A string's content with `\'` and the like resolved; `\_` and `\%` stay for LIKE."""
    out, at = "", 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            letter = text[at + 1]
            out += "\\" + letter if letter in "_%" else _ESCAPES.get(letter.lower(), letter)
            at += 2
        else:
            out += text[at]
            at += 1
    return out

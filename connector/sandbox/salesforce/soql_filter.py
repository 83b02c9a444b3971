"""WHERE and HAVING as SQL, with each value checked against its field's type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from connector.sandbox.salesforce.fields import NUMBERS, Field
from connector.sandbox.salesforce.ids import canonical
from connector.sandbox.salesforce.moments import span, stamp
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.salesforce.soql_tree import Both, Call, Condition, Either, Literal, Not, Path, Query, Test
from connector.sandbox.salesforce.soql_words import malformed, pointed

Operand = Callable[[Path | Call], tuple[str, Field]]  # its SQL, and what it holds
_WRITTEN = {"datetime": "dateTime", "int": "int", "boolean": "boolean", "date": "date"}


@dataclass(slots=True)
class Filter:
    """Turns conditions into SQL; values are bound, never written into it."""

    text: str
    operand: Operand
    subquery: Callable[[Query], str]
    today: date
    fiscal_starts: int
    values: list[object] = field(default_factory=list)

    def sql(self, condition: Condition) -> str:
        """Two-valued like SOQL: a comparison with null is false, and its opposite true."""
        if isinstance(condition, Both | Either):
            joiner = " AND " if isinstance(condition, Both) else " OR "
            return "(" + joiner.join(self.sql(each) for each in condition.parts) + ")"
        if isinstance(condition, Not):
            return f"NOT coalesce({self.sql(condition.part)}, 0)"
        return self._test(condition)

    def bind(self, value: object) -> str:
        self.values.append(value)
        return f"?{len(self.values)}"

    def _test(self, test: Test) -> str:
        sql, found = self.operand(test.left)
        if not found.is_filterable:
            reason = f"field '{found.name}' can not be filtered in a query call"
            raise pointed("INVALID_FIELD", self.text, test.left.at, reason)
        if isinstance(test.right, Query):
            return f"{sql} {test.operator} ({self.subquery(test.right)})"
        if isinstance(test.right, tuple):
            return self._member(sql, found, test.operator, test.right)
        if test.right.kind == "relative":
            return self._within(sql, found, test.operator, test.right)
        return self._compare(sql, found, test.operator, test.right)

    def _compare(self, sql: str, found: Field, operator: str, literal: Literal) -> str:
        value = self._value(found, literal)
        if operator == "LIKE":
            if not isinstance(value, str) or found.type in {"id", "reference"}:
                raise pointed("INVALID_QUERY_FILTER_OPERATOR", self.text, literal.at, "invalid operator")
            return f"{sql} LIKE {self.bind(value)} ESCAPE '\\'"
        operator = {"=": "IS", "!=": "IS NOT"}.get(operator, operator)
        return f"{sql}{_collation(found)} {operator} {self.bind(value)}"

    def _member(self, sql: str, found: Field, operator: str, literals: tuple[Literal, ...]) -> str:
        values = [self._value(found, each) for each in literals]
        marks = ", ".join(self.bind(value) for value in values if value is not None)
        inside = f"{sql}{_collation(found)} IN ({marks})" + (f" OR {sql} IS NULL" if None in values else "")
        return f"({inside})" if operator == "IN" else f"NOT coalesce({inside}, 0)"

    def _within(self, sql: str, found: Field, operator: str, literal: Literal) -> str:
        days = span(str(literal.value), literal.count, self.today, self.fiscal_starts)
        if days is None or found.type not in {"date", "datetime"} or operator == "LIKE":
            raise malformed(self.text, literal.at, f"unexpected token: '{literal.value}'")
        if found.type == "date":
            first, after = (day.isoformat() for day in days)
        else:
            first, after = (stamp(datetime(day.year, day.month, day.day, tzinfo=UTC)) for day in days)
        low, high = self.bind(first), self.bind(after)
        inside = f"({sql} >= {low} AND {sql} < {high})"
        return {
            "=": inside,
            "!=": f"NOT coalesce({inside}, 0)",
            "<": f"{sql} < {low}",
            ">=": f"{sql} >= {low}",
            ">": f"{sql} >= {high}",
            "<=": f"{sql} < {high}",
        }[operator]

    def _value(self, found: Field, literal: Literal) -> object:
        """The literal as the column holds it. Raises Refused."""
        value, kind = literal.value, found.type
        if literal.kind == "null":
            return None
        if literal.kind == "currency":
            raise malformed(self.text, literal.at, "this stand-in does not answer amounts with a currency")
        if kind in {"id", "reference"} and isinstance(value, str):
            whole = canonical(value)
            if whole is None and value:
                reason = f"invalid ID field: {value}"
                raise pointed("INVALID_QUERY_FILTER_OPERATOR", self.text, literal.at, reason)
            return whole
        if not _fits(kind, literal.kind):
            raise self._wrong_type(found, literal)
        if isinstance(value, datetime):
            return _whole_stamp(value)
        if isinstance(value, date):
            return value.isoformat()
        return int(value) if isinstance(value, bool) else value

    def _wrong_type(self, found: Field, literal: Literal) -> Refused:
        quoted = "should be enclosed in quotes"
        if found.type in NUMBERS | {"int", "boolean", "date", "datetime"}:
            quoted = "should not be enclosed in quotes"
        written = _WRITTEN.get(found.type, "double" if found.type in NUMBERS else "string")
        reason = f"value of filter criterion for field '{found.name}' must be of type {written} and {quoted}"
        return pointed("INVALID_FIELD", self.text, literal.at, reason)


def _fits(kind: str, written: str) -> bool:
    if kind in NUMBERS or kind == "int":
        return written == "number"
    return written == (kind if kind in {"boolean", "date", "datetime"} else "string")


def _collation(found: Field) -> str:
    """Text is compared without case, unless the field says otherwise."""
    cased = found.case_sensitive or found.affinity != "TEXT" or found.type in {"id", "reference", "date", "datetime"}
    return "" if cased else " COLLATE NOCASE"


def _whole_stamp(moment: datetime) -> str:
    """Stamps are whole seconds; a fraction in a filter still has to sort between them."""
    text = stamp(moment - timedelta(microseconds=moment.microsecond))
    return text.replace(".000+", f".{moment.microsecond // 1000:03}+")

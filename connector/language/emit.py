"""From the typed tree to DuckDB SQL; nothing that a user typed reaches the database unread."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from connector.language.tree import Call, Constant, Name, Node, Operation, Plain


def sql(node: Node, today: date) -> str:
    """SQL over the columns of the relation. Every quotient is null where its divisor is zero."""
    match node:
        case Constant(value):
            return _literal(value)
        case Name():
            return node.sql.replace("{today}", _literal(today))
        case Call(function, arguments):
            written = [sql(each, today) for each in arguments]
            return function.duckdb.format(*written, all=", ".join(written), today=_literal(today))
        case Operation("case", operands):
            return _case([sql(each, today) for each in operands])
        case Operation(word, operands):
            return f"({_operation(word, [sql(each, today) for each in operands])})"
        case _:
            raise TypeError("the value of an aggregate is not SQL over records")


def _operation(word: str, operands: list[str]) -> str:
    match word:
        case "not":
            return f"NOT {operands[0]}"
        case "neg":
            return f"- {operands[0]}"
        case "is null":
            return f"{operands[0]} IS NULL"
        case "in":
            return f"{operands[0]} IN ({', '.join(operands[1:])})"
        case "between":
            return f"{operands[0]} BETWEEN {operands[1]} AND {operands[2]}"
        case "/":
            return f"{operands[0]} / nullif({operands[1]}, 0)"
        case _:
            return f" {word.upper()} ".join(operands)


def _case(operands: list[str]) -> str:
    pairs = zip(operands[:-1:2], operands[1:-1:2], strict=True)
    return f"CASE {' '.join(f'WHEN {when} THEN {then}' for when, then in pairs)} ELSE {operands[-1]} END"


def _literal(value: Plain) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case Decimal():
            return f"{value:f}" if value >= 0 else f"({value:f})"
        case datetime():  # the mirror's moments carry no zone: they are UTC
            return f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S}'"
        case date():
            return f"DATE '{value.isoformat()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"

"""What holds for any text: nothing is raised but declared errors, and what is accepted can be obeyed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb

from connector.errors import Problem
from connector.language.evaluate import result
from connector.language.expression import Expression, Measure
from connector.language.read import condition, formula, measure, value
from connector.language.refused import Refused
from connector.model.catalogue import Field, Relation, Type, relation
from connector.yamlfile import Trail, YamlFile, parse
from tests.language.reading import DEALS, TODAY, locate
from tests.rulebook.wrong.codes import WARNINGS, declared

PERSON = relation("people", "for tests", tuple(DEALS.fields.values()), dates=(), credits=())  # evaluated in Python
METRICS = {"bookings": Type.MONEY, "deals_won": Type.NUMBER, "win_rate": Type.RATIO, "sales_cycle": Type.DAYS}

_SQL = {
    Type.TEXT: "varchar", Type.CHOICE: "varchar", Type.BOOLEAN: "boolean", Type.NUMBER: "decimal(18, 4)", Type.RATIO: "double",
    Type.MONEY: "bigint", Type.DAYS: "bigint", Type.DATE: "date", Type.MOMENT: "timestamp",
}  # fmt: skip
_EXAMPLES: dict[Type, object] = {
    Type.TEXT: "Acme", Type.CHOICE: "won", Type.BOOLEAN: True, Type.NUMBER: Decimal(3), Type.RATIO: Decimal("0.5"),
    Type.MONEY: Decimal(12_345), Type.DAYS: Decimal(7), Type.DATE: date(2026, 11, 2), Type.MOMENT: datetime(2026, 11, 2, tzinfo=UTC),
}  # fmt: skip


def of_an_expression(text: str) -> bool:
    """Every way to read an expression keeps its promises. Says whether one of them accepts it."""
    accepted = False
    for over in (DEALS, PERSON):
        _told(text, lambda over=over: condition(text, over, "EUR", locate))
        found = _told(text, lambda over=over: value(text, over, "JPY", locate))
        if isinstance(found, Expression):
            accepted = True
            _obeyed(found, over)
    for made in (
        _told(text, lambda: measure(text, DEALS, "EUR", locate)),
        _told(text, lambda: formula(text, METRICS, locate, "EUR", {"revenue": "bookings"})),
    ):
        if isinstance(made, Measure):
            accepted = True
            _combined(made)
    return accepted


def of_a_file(text: str) -> None:
    """Any text is a file: with problems, or with a value whose every character has its place."""
    file = parse(text, "f")
    _declared(file.problems)
    for each in file.problems:
        _inside(each, text)
    for trail, found in _values(file.value, ()):
        assert isinstance(found, str | bool | int | Decimal | None), found
        if isinstance(found, str) and not file.problems:
            _placed(file, trail, found)


def _told(text: str, read: Any) -> Expression | Measure | None:
    found: Expression | Measure | None = None
    problems: tuple[Problem, ...] = ()
    try:
        found = read()
    except Refused as error:
        problems = error.problems
    assert found or problems
    _declared(problems)
    for each in (*problems, *(found.warnings if found else ())):
        assert 1 <= each.place.column <= len(text) + 1, each
    assert {each.code for each in (found.warnings if found else ())} <= WARNINGS
    return found


def _declared(problems: Iterable[Problem]) -> None:
    for each in problems:
        assert each.code in declared(), each
        assert each.text


def _obeyed(found: Expression, over: Relation) -> None:
    """What is accepted is understood by the mirror, and reckoned in Python, whatever is empty."""
    with contextlib.closing(_mirror().cursor()) as cursor:
        cursor.execute(f"select {found.sql(TODAY)} from deals where {found.sql(TODAY)} is not null").fetchall()
    if over is PERSON:
        result(found, {}, TODAY)
        with contextlib.suppress(ArithmeticError):  # beyond the range of a Decimal or a date: only rules made for it
            result(found, {name: _EXAMPLES[each.type] for name, each in over.fields.items()}, TODAY)


def _combined(made: Measure) -> None:
    size = len(made.aggregates)
    for values in ([None] * size, [Decimal(0)] * size, [Decimal(7)] * size):
        with contextlib.suppress(ArithmeticError):
            made.combine(values)
    for each in made.aggregates:
        for part in (each.value, each.condition):
            if part:
                _obeyed(part, DEALS)


@cache
def _mirror() -> duckdb.DuckDBPyConnection:
    """An empty mirror: it binds, and reckons with nothing."""
    mirror = duckdb.connect()
    columns = ", ".join(f'"{each.name}" {_SQL[each.type]}' for each in _stored(DEALS))
    mirror.execute(f"create table deals ({columns}, stage_entered_on date)")
    mirror.execute("create table calendar (day date, working_number integer)")
    return mirror


def _stored(over: Relation) -> Iterator[Field]:
    return (each for each in over.fields.values() if not each.column)


def _values(value: object, trail: Trail) -> Iterator[tuple[Trail, object]]:
    if isinstance(value, dict):
        for key, each in value.items():
            assert isinstance(key, str)
            yield from _values(each, (*trail, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _values(each, (*trail, at))
    else:
        yield trail, value


def _inside(problem: Problem, text: str) -> None:
    place = problem.place
    assert place.line >= 1 or problem.code == "empty", problem
    assert (
        place.line
        <= text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + text.count("\u2029") + 1
    )
    assert place.column <= len(text) + 1


def _placed(file: YamlFile, trail: Trail, value: str) -> None:
    for offset in range(min(len(value), 30)):
        place = file.place_in(trail, offset)
        assert place.line >= 1
        assert place.column >= 1

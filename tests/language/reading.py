"""How the tests of the language read expressions: one line of `f`, in euros, over a small relation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from connector.errors import Place, Problem
from connector.language.expression import Expression, Measure
from connector.language.read import condition, formula, measure
from connector.language.refused import Refused
from connector.model.catalogue import Field, Relation, Type, relation

TODAY = date(2026, 11, 25)

DEALS = relation(
    "deals",
    "for tests",
    (
        Field("outcome", Type.CHOICE, "", nullable=False, choices=("open", "won", "lost")),
        Field("stage", Type.CHOICE, ""),
        Field("name", Type.TEXT, ""),
        Field("amount", Type.MONEY, ""),
        Field("list_price", Type.MONEY, ""),
        Field("probability", Type.RATIO, ""),
        Field("seats", Type.NUMBER, ""),
        Field("created_on", Type.DATE, ""),
        Field("closed_on", Type.DATE, ""),
        Field("signed_at", Type.MOMENT, ""),
        Field("is_first_win", Type.BOOLEAN, "", nullable=False),
        Field("is_renewal", Type.BOOLEAN, ""),
        Field("days_in_stage", Type.DAYS, "", '({today} - "stage_entered_on")'),
    ),
    dates=("closed_on",),
    credits=("owner",),
)


def locate(offset: int) -> Place:
    return Place("f", 1, offset + 1)


def a_condition(text: str, over: Relation = DEALS, currency: str = "EUR") -> Expression:
    return condition(text, over, currency, locate)


def a_measure(text: str, over: Relation = DEALS, currency: str = "EUR") -> Measure:
    return measure(text, over, currency, locate)


def a_formula(text: str, metrics: Mapping[str, Type]) -> Measure:
    return formula(text, metrics, locate)


def problems_of(text: str, read: object = a_condition) -> tuple[Problem, ...]:
    """What is wrong with an expression; nothing when it is right."""
    try:
        read(text)  # type: ignore[operator]
    except Refused as error:
        return error.problems
    return ()


def codes(text: str, read: object = a_condition) -> list[str]:
    """Problems as `column: code`."""
    return [f"{each.place.column}: {each.code}" for each in problems_of(text, read)]

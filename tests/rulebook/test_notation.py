"""Numbers as ops write them outside of expressions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic_core import PydanticCustomError

from connector.rulebook.notation import Figure, figure, in_unit


@pytest.mark.parametrize(
    ("written", "number", "unit"),
    [
        ("24_000_000 EUR", "24000000", "EUR"),
        ("250 000 EUR", "250000", "EUR"),
        ("30%", "30", "%"),
        ("12.5 %", "12.5", "%"),
        ("-3", "-3", ""),
        ("1_000", "1000", ""),
        ("12 meetings", "12", "meetings"),
        (12, "12", ""),
        (Decimal("0.5"), "0.5", ""),
    ],
)
def test_a_figure_is_a_number_and_the_word_behind_it(written: object, number: str, unit: str) -> None:
    assert figure(written) == Figure(Decimal(number), unit)


@pytest.mark.parametrize("written", ["", "EUR", "1,000", "1__", "_1", "1.2.3", "0x1F", "a 1", True, [1], "1 EUR/month"])
def test_what_is_no_figure_is_refused(written: object) -> None:
    with pytest.raises(PydanticCustomError):
        figure(written)


@pytest.mark.parametrize(
    ("written", "unit", "currency", "value"),
    [
        ("1_000 EUR", "money", "EUR", "100000"),
        ("1_000", "money", "EUR", "100000"),
        ("1_000", "money", "JPY", "1000"),
        ("1.005 KWD", "money", "KWD", "1005"),
        ("30%", "ratio", "EUR", "0.3"),
        ("12", "meetings", "EUR", "12"),
        ("1 meeting", "meetings", "EUR", "1"),
        ("30 days", "days", "EUR", "30"),
    ],
)
def test_a_figure_in_the_unit_of_a_metric(written: str, unit: str, currency: str, value: str) -> None:
    assert in_unit(figure(written), unit, currency) == Decimal(value)


@pytest.mark.parametrize(
    ("written", "unit", "hint"),
    [("30", "ratio", "write 30%"), ("0.3", "ratio", "write 30%"), ("5 USD", "money", "write 5 EUR")],
)
def test_a_figure_in_another_unit_is_refused_with_the_right_one(written: str, unit: str, hint: str) -> None:
    with pytest.raises(PydanticCustomError) as error:
        in_unit(figure(written), unit, "EUR")
    assert (error.value.context or {})["hint"] == hint

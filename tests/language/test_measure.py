"""One number from several: divided once, and unknown where it has to be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.language.expression import Quotient
from connector.model.catalogue import Type
from tests.language.reading import a_formula, a_measure

D = Decimal


def test_one_division_keeps_both_whole_sides() -> None:
    assert a_measure("count_if(outcome = 'won') / count()").combine([D(1), D(4)]) == Quotient(D("0.25"), D(1), D(4))
    assert a_measure("(sum(amount) - sum(list_price)) / count()").combine([D(9), D(2), D(2)]) == Quotient(
        D("3.5"), D(7), D(2)
    )


def test_a_division_is_exact_to_at_least_28_digits() -> None:
    value = a_measure("sum(amount) / count()").combine([D(1), D(3)]).value
    assert value is not None
    assert str(value).startswith("0." + "3" * 28)


def test_sums_of_amounts_beyond_the_range_of_a_double_stay_whole() -> None:
    whole = a_measure("sum(amount) + sum(list_price)").combine([D(9007199254740993), D(10) ** 30])
    assert whole == Quotient(D("1000000000000009007199254740993"))


@pytest.mark.parametrize(
    ("text", "values", "value"),
    [
        ("sum(amount)", [None], None),
        ("count()", [D(0)], D(0)),
        ("count_if(outcome = 'won') / count()", [D(0), D(0)], None),
        ("sum(amount) / count()", [None, D(2)], None),
        ("sum(amount) + sum(list_price)", [D(2), None], None),
        ("coalesce(sum(amount), 0) + 1", [None], D(100)),
        ("100 * count() / 8", [D(1)], D("12.5")),
        ("sum(amount) / count() / 2", [D(9), D(2)], D("2.25")),
        ("- sum(amount)", [D(9)], D(-9)),
        ("case when count() > 3 then sum(amount) end", [D(3), D(9)], None),
        ("case when count() > 3 then sum(amount) else 0 end", [D(4), D(9)], D(9)),
        ("least(count(), count_distinct(stage))", [D(4), D(2)], D(2)),
        ("abs(sum(amount)) * 0.5", [D(-9)], D("4.5")),
    ],
)
def test_what_is_unknown_and_what_is_zero_stay_apart(text: str, values: list[Decimal | None], value: object) -> None:
    assert a_measure(text).combine(values).value == value


def test_a_division_inside_of_an_addition_has_no_whole_sides() -> None:
    assert a_measure("count_if(outcome = 'won') / count() + 1").combine([D(1), D(4)]) == Quotient(D("1.25"))


def test_a_formula_divides_the_values_of_its_metrics() -> None:
    average = a_formula("bookings / deals_won", {"bookings": Type.MONEY, "deals_won": Type.NUMBER})
    assert average.combine([D(100_000), D(8)]) == Quotient(D(12_500), D(100_000), D(8))
    assert average.combine([None, D(0)]) == Quotient(None, None, D(0))

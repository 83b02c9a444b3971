"""The evaluator in Python and DuckDB give one answer to every condition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.language.evaluate import result, truth
from tests.language.reading import TODAY, a_condition

D = Decimal

# Values and divisors are dyadic, so that DuckDB's doubles and our Decimals are both exact.
_COLUMNS: Mapping[str, tuple[str, st.SearchStrategy[Any]]] = {
    "outcome": ("VARCHAR", st.sampled_from(["open", "won", "lost"])),
    "stage": ("VARCHAR", st.sampled_from(["Won", "won", "a%", "a_b", "", "Négo", "x'y"])),
    "name": ("VARCHAR", st.sampled_from(["Won", "a", "ab", "A\nb", "axb"])),
    "amount": ("BIGINT", st.sampled_from([0, 1, -100, 100, 250, 99_999, 10**12])),
    "list_price": ("BIGINT", st.sampled_from([0, 100, 400, -200, 51_200])),
    "probability": ("DOUBLE", st.sampled_from([0.0, 0.25, 0.5, 1.0])),
    "seats": ("BIGINT", st.sampled_from([0, 1, 2, -2, 3, 8])),
    "created_on": ("DATE", st.sampled_from([date(2026, 1, 1), date(2026, 2, 28), TODAY])),
    "closed_on": ("DATE", st.sampled_from([date(2026, 1, 1), date(2026, 3, 1), date(2027, 1, 1)])),
    "stage_entered_on": ("DATE", st.sampled_from([date(2026, 11, 1), TODAY])),
    "is_first_win": ("BOOLEAN", st.booleans()),
    "is_renewal": ("BOOLEAN", st.booleans()),
}
_FULL = ("outcome", "is_first_win")

_rows = st.fixed_dictionaries(
    {name: each if name in _FULL else st.none() | each for name, (_, each) in _COLUMNS.items()}
)


def _joined(form: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: form.format(*found))


def _deeper(leaves: st.SearchStrategy[str], *forms: str) -> st.SearchStrategy[str]:
    return st.recursive(
        leaves, lambda below: st.one_of([_joined(form, *[below] * form.count("{}")) for form in forms]), max_leaves=4
    )


_numbers = _deeper(
    st.sampled_from(["seats", "coalesce(seats, 2)", "-seats"]),
    "({} + {})",
    "({} - {})",
    "({} * 0.5)",
    "({} / 2)",
    "abs({})",
    "least({}, {}, 3)",
    "greatest({}, {})",
    "round({} / 4)",
    "round({} / 8, 1)",
    "coalesce({}, {})",
    "case when is_renewal then {} else {} end",
    "case when seats > 1 then {} end",
)
_money = _deeper(
    st.sampled_from(["amount", "list_price", "coalesce(amount, 3)"]),
    "({} + {})",
    "({} - 10)",
    "({} * 0.25)",
    "({} / 4)",
    "(- {})",
    "greatest({}, {})",
    "case when is_first_win then {} else 5 end",
)
_days = st.sampled_from(
    ["days_in_stage", "days_between(created_on, closed_on)", "days_since(closed_on)", "days_since('2026-11-01')"]
)
_dates = st.sampled_from(["created_on", "closed_on", "coalesce(closed_on, '2026-03-01')", "'2026-02-28'"])
_texts = st.sampled_from(["stage", "name", "lower(stage)", "coalesce(name, 'a')", "'won'"])
_signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
_leaves = st.one_of(
    _joined("{} {} {}", _numbers, _signs, st.sampled_from(["0", "1", "2", "-1", "0.5"])),
    _joined("{} {} {}", _numbers, _signs, _numbers),
    _joined("{} {} {}", _money, _signs, st.sampled_from(["0", "1", "2.50 EUR", "1_000"])),
    _joined("{} {} {}", _money, _signs, _money),
    _joined("amount / list_price {} {}", _signs, st.sampled_from(["50%", "100%", "0.25"])),
    _joined("probability {} {}", _signs, st.sampled_from(["50%", "0.25", "100%"])),
    _joined("{} {} {}", _days, _signs, st.sampled_from(["0", "7", "-30", "59"])),
    _joined("{} {} {}", _dates, _signs, _dates.filter(lambda text: "'" not in text or "(" in text)),
    _joined("{} {} {}", _texts.filter(lambda text: text != "'won'"), _signs, _texts),
    _joined("{} {} between {} and {}", _numbers, st.sampled_from(["", "not"]), _numbers, _numbers),
    _joined("{} in ({}, {}, 2)", _numbers, _numbers, _numbers),
    _joined("stage {} ('Won', name)", st.sampled_from(["in", "not in"])),
    _joined("{} {} like {}", st.sampled_from(["stage", "name"]), st.sampled_from(["", "not"]), st.sampled_from(
        ["'%'", "'a%'", "'_'", "'a_b'", "'A%b'", "''"])),
    _joined("{} {}", st.sampled_from(["stage", "amount", "closed_on", "is_renewal"]), st.sampled_from(
        ["is null", "is not null"])),
    st.sampled_from(["is_first_win", "is_renewal", "true", "false", "is_renewal = (outcome = 'won')"]),
)  # fmt: skip
_conditions = _deeper(_leaves, "({} and {})", "({} or {})", "not ({})", "({} and {} and {})", "coalesce({}, {})")


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as connection:
        yield connection


def _in_duckdb(engine: duckdb.DuckDBPyConnection, sql: str, row: Mapping[str, Any]) -> Any:
    columns = ", ".join(f'?::{kind} as "{name}"' for name, (kind, _) in _COLUMNS.items())
    found = engine.execute(f"select {sql} from (select {columns})", [row[name] for name in _COLUMNS]).fetchone()
    assert found is not None
    return found[0]


@settings(max_examples=300, deadline=None)
@given(text=_conditions, row=_rows)
def test_a_condition_holds_in_python_exactly_where_it_holds_in_duckdb(
    engine: duckdb.DuckDBPyConnection, text: str, row: dict[str, Any]
) -> None:
    checked = a_condition(text)
    entered = row["stage_entered_on"]
    values = {**row, "days_in_stage": None if entered is None else (TODAY - entered).days}
    assert truth(checked, values, TODAY) is _in_duckdb(engine, checked.sql(TODAY), row)


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("seats / 0.5 > 1", {"seats": 1}, True),
        ("amount / list_price > 1", {"amount": 1, "list_price": 0}, None),
        ("probability < 70%", {"probability": D("0.69999")}, True),
        ("probability < 70%", {"probability": D("0.7")}, False),
        ("probability < 70%", {"probability": None}, None),
        ("probability < 70%", {}, None),
        ("probability < 70% or is_first_win", {"is_first_win": True}, True),
        ("probability < 70% and is_first_win", {"is_first_win": False}, False),
        ("not probability < 70%", {}, None),
        ("amount > 1000", {"amount": D(100_001)}, True),
        ("amount > 1000", {"amount": D(100_000)}, False),
        ("stage in ('a', 'b')", {"stage": "c"}, False),
        ("seats in (1, seats)", {"seats": None}, None),
        ("days_since(closed_on) = 10", {"closed_on": TODAY - timedelta(days=10)}, True),
        ("round(seats / 8, 2) = 0.13", {"seats": 1}, True),
        ("round(seats / 2) = -2", {"seats": -3}, True),
        ("least(seats, 3) = 3", {"seats": None}, True),
    ],
)
def test_three_valued_logic_by_hand(text: str, values: Mapping[str, object], holds: bool | None) -> None:
    assert truth(a_condition(text), values, TODAY) is holds


def test_money_and_ratios_are_never_floats_inside() -> None:
    found = result(a_condition("probability = 10%"), {"probability": 0.1}, TODAY)
    assert found is True

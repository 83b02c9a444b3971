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


@settings(max_examples=250, deadline=None)
@given(text=_conditions, row=_rows)
def test_a_condition_holds_in_python_exactly_where_it_holds_in_duckdb(
    engine: duckdb.DuckDBPyConnection, text: str, row: dict[str, Any]
) -> None:
    checked = a_condition(text)
    entered = row["stage_entered_on"]
    values = {**row, "days_in_stage": None if entered is None else (TODAY - entered).days}
    assert truth(checked, values, TODAY) is _in_duckdb(engine, checked.sql(TODAY), row)


BY_HAND: list[tuple[str, dict[str, Any], bool | None]] = [
    ("seats / 0.5 > 1", {"seats": 1}, True),
    ("amount / list_price > 1", {"amount": 1, "list_price": 0}, None),
    ("probability < 50%", {"probability": 0.4999}, True),
    ("probability < 50%", {"probability": 0.5}, False),
    ("probability < 50%", {}, None),
    ("probability < 50% or is_first_win", {"is_first_win": True}, True),
    ("probability < 50% and is_first_win", {"is_first_win": False}, False),
    ("probability < 50% and is_first_win", {"is_first_win": True}, None),
    ("not probability < 50%", {}, None),
    ("amount > 1000", {"amount": 100_001}, True),
    ("amount > 1000", {"amount": 100_000}, False),
    ("stage in ('a', 'b')", {"stage": "c"}, False),
    ("stage not in ('a', 'b')", {}, None),
    ("seats in (1, seats)", {}, None),
    ("seats between 1 and 3", {"seats": 3}, True),
    ("seats between 1 and 3", {"seats": 0}, False),
    ("seats between 2 and seats / 0", {"seats": 1}, False),
    ("days_since(closed_on) = 10", {"closed_on": TODAY - timedelta(days=10)}, True),
    ("days_between(created_on, closed_on) = 59", {"created_on": date(2026, 1, 1), "closed_on": date(2026, 3, 1)}, True),
    ("days_in_stage = 24", {"stage_entered_on": date(2026, 11, 1)}, True),
    ("round(seats / 8, 2) = 0.13", {"seats": 1}, True),
    ("round(seats / 2) = -2", {"seats": -3}, True),
    ("round(seats / 2) = 3", {"seats": 5}, True),
    ("least(seats, 3) = 3", {}, True),
    ("greatest(seats, 3) = 4", {"seats": 4}, True),
    ("least(seats, 3) = 3", {"seats": 4}, True),
    ("abs(seats) = 2", {"seats": -2}, True),
    ("case when is_renewal then seats > 0 else true end", {"seats": -2}, True),
    ("case when is_renewal then seats > 0 end", {"is_renewal": False}, None),
    ("name like 'A%b'", {"name": "A\nb"}, True),
    ("name like 'a_b'", {"name": "a.b"}, True),
    ("name like 'a.b'", {"name": "axb"}, False),
    ("name like 'A%'", {"name": "a"}, False),
    ("lower(stage) = 'négo'", {"stage": "NÉGO"}, True),
    ("stage = 'x''y'", {"stage": "x'y"}, True),
    ("'B' < stage", {"stage": "a"}, True),
]


@pytest.mark.parametrize(("text", "values", "holds"), BY_HAND)
def test_both_agree_with_what_was_worked_out_by_hand(
    engine: duckdb.DuckDBPyConnection, text: str, values: dict[str, Any], holds: bool | None
) -> None:
    checked, row = a_condition(text), dict.fromkeys(_COLUMNS) | values
    entered = values.get("stage_entered_on")
    assert truth(checked, values | {"days_in_stage": entered and (TODAY - entered).days}, TODAY) is holds
    assert _in_duckdb(engine, checked.sql(TODAY), row) is holds


def test_a_ratio_on_the_bound_is_on_the_bound_however_it_was_reckoned() -> None:
    assert truth(a_condition("probability < 70%"), {"probability": D(7) / D(10)}, TODAY) is False
    assert result(a_condition("probability = 10%"), {"probability": 0.1}, TODAY) is True

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import text

from connector.model.changes import Value
from connector.store import ledger
from connector.store.database import Store
from connector.store.ledger import Acknowledged
from connector.store.typed import dump, dump_all, load, load_all
from tests.store.made import MONDAY, TODAY, TUESDAY, change

VALUES: dict[str, Value] = {
    "text": 'Süd \u2028 "quoted"',
    "number_in_text": "12",
    "whole": 12,
    "large": 9_007_199_254_740_993,  # 2**53 + 1: a float would lose it
    "decimal": Decimal("0.1234567890123456789"),
    "yes": True,
    "no": False,
    "day": date(2026, 2, 28),
    "moment": datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC),
    "nothing": None,
}


def test_values_keep_their_type(store: Store) -> None:
    wish = change("k", **VALUES)
    with store.writing() as tx:
        ledger.acknowledge(tx, [Acknowledged(wish, "a01")], "r1", MONDAY)
        shown = ledger.shown(tx, "emea")[wish.row]
    assert shown == VALUES
    assert {name: type(value) for name, value in shown.items()} == {n: type(v) for n, v in VALUES.items()}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("1.50"), Decimal("1.5")),
        (Decimal("0E+3"), Decimal("-0.00")),
        (Decimal("1E+3"), Decimal(1000)),
        (datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_equal_values_are_one_text(one: Value, other: Value) -> None:
    assert dump(one) == dump(other)


@pytest.mark.parametrize(("one", "other"), [(1, True), ("1", 1), (Decimal(1), 1), (TODAY, "2026-11-25"), (None, "")])
def test_values_of_different_types_are_different_texts(one: Value, other: Value) -> None:
    assert dump(one) != dump(other)


def test_names_come_in_order_whatever_order_they_were_given_in() -> None:
    assert dump_all({"b": 1, "a": 2}) == dump_all({"a": 2, "b": 1})
    assert load_all(dump_all({"b": 1, "a": 2})) == {"a": 2, "b": 1}


def test_text_that_no_one_stored_is_refused() -> None:
    with pytest.raises(ValueError, match="no stored value"):
        load('{"colour": "red"}')


def test_a_field_that_was_never_confirmed_is_absent_and_not_empty(store: Store) -> None:
    with store.writing() as tx:
        ledger.acknowledge(tx, [Acknowledged(change("k", x=None), None)], "r1", MONDAY)
        (shown,) = ledger.shown(tx, "emea").values()
        assert shown == {"x": None}
        assert ledger.shown(tx, "smb") == {}
        assert ledger.remote_id(tx, change("other").row) is None


def test_the_value_before_stays_beside_the_new_one(store: Store) -> None:
    with store.writing() as tx:
        for number, run in ((1, "r1"), (2, "r2"), (3, "r3")):
            ledger.acknowledge(tx, [Acknowledged(change("k", x=number, y="same"), "a01")], run, TUESDAY)
        found = tx.execute(text("select field, value, prior, run_id from ledger order by field")).all()
    assert [tuple(each) for each in found] == [("x", "3", "2", "r3"), ("y", '"same"', '"same"', "r3")]


def test_a_confirmation_without_an_id_does_not_forget_the_id(store: Store) -> None:
    wish = change("k", x=1)
    with store.writing() as tx:
        ledger.acknowledge(tx, [Acknowledged(wish, "a01")], "r1", MONDAY)
        ledger.acknowledge(tx, [Acknowledged(wish, None)], "r2", TUESDAY)
        assert ledger.remote_id(tx, wish.row) == "a01"

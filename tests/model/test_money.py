"""Money in minor units, and sharing it without losing a cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.money import Money, share_out


def test_a_currency_has_its_own_digits() -> None:
    amounts = [Money.of(Decimal("12.345"), currency).minor for currency in ("EUR", "JPY", "KWD")]
    assert amounts == [1235, 12, 12345]


def test_half_a_cent_rounds_away_from_zero() -> None:
    assert [Money.of(Decimal(text), "EUR").minor for text in ("0.005", "-0.005")] == [1, -1]


def test_is_written_with_spaces_and_its_currency() -> None:
    assert str(Money(123_456_789, "EUR")) == "1 234 567.89 EUR"


def test_the_cent_left_over_goes_to_the_largest_remainder() -> None:
    # 100 in proportion 1:1:1 leaves one over: ties go to the earlier share.
    assert share_out(100, [1, 1, 1]) == [34, 33, 33]
    # 10 in proportion 3:3:1 is 4.29, 4.29, 1.43: the last has the largest remainder.
    assert share_out(10, [3, 3, 1]) == [4, 4, 2]
    assert share_out(-100, [1, 1, 1]) == [-34, -33, -33]


def test_refuses_weights_that_add_up_to_nothing() -> None:
    for weights in ([0, 0], [], [2, -1]):
        with pytest.raises(ValueError, match="weights"):
            share_out(10, weights)


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_parts_always_add_up_and_stay_within_one_unit(total: int, weights: list[int]) -> None:
    parts = share_out(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)

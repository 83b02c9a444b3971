"""Money in whole minor units, and how to divide it without losing a cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache


@cache
def digits(currency: str) -> int:
    """How many decimals a currency has: EUR 2, JPY 0, KWD 3; unknown codes count as 2."""
    from babel.numbers import get_currency_precision

    return int(get_currency_precision(currency))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of one currency; never a float."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """From major units, rounded half up to the currency's digits."""
        return cls(to_minor(amount, currency), currency)

    @property
    def amount(self) -> Decimal:
        """In major units, with the currency's digits."""
        return Decimal(self.minor).scaleb(-digits(self.currency))

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency}".replace(",", " ")


def to_minor(amount: Decimal, currency: str) -> int:
    """Major to minor units, rounded half up (away from zero)."""
    return int(amount.scaleb(digits(currency)).to_integral_value(ROUND_HALF_UP))


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Split minor units in proportion; the parts always add up to `total`.

    Units left over by rounding down go to the largest remainders, ties to the earlier share.
    Raises ValueError when the weights add up to nothing.
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be positive somewhere and negative nowhere")
    sign, size = (-1, -total) if total < 0 else (1, total)
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(parts)), key=lambda at: (-(size * weights[at] % whole), at))
    for at in by_remainder[: size - sum(parts)]:
        parts[at] += 1
    return [sign * part for part in parts]

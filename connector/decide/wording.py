"""Numbers and messages as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from connector.model.money import digits


def number(value: Decimal | None, unit: str, currency: str) -> str:
    """A number with its unit: `60 000 EUR` (whole units), `68.9%`, `12 meetings`, `15.5 days`; None is `unknown`."""
    if value is None:
        return "unknown"
    if unit == "money":
        return f"{_grouped(value.scaleb(-digits(currency)), 0)} {currency}"
    return percent(value) if unit == "ratio" else f"{_grouped(value, 1)} {unit}"


def percent(value: Decimal | None) -> str:
    """A ratio as a percentage with at most one decimal."""
    return "unknown" if value is None else f"{_grouped(value * 100, 1)}%"


def filled(template: str, words: Mapping[str, str]) -> str:
    """A message with its words filled in; a word that is not known stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), template)


def _grouped(value: Decimal, decimals: int) -> str:
    """Thousands apart by a space, rounded half up, without trailing zeros."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    whole = f"{rounded:,f}".replace(",", " ")
    return whole.rstrip("0").rstrip(".") if "." in whole else whole

"""Numbers and messages as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from connector.model.money import digits

ENGLISH = "en"
WORD = re.compile(r"\{(\w+)\}")  # what a message fills in
_UNKNOWN = {"zh": "未知", "de": "unbekannt", "fr": "inconnu", "es": "desconocido"}


def number(value: Decimal | None, unit: str, currency: str, language: str = ENGLISH) -> str:
    """A number with its unit: `60 000 EUR` (whole units), `68.9%`, `12 meetings`, `15.5 days`; None is `unknown`.

    In other languages than English, as their readers group and point numbers (Unicode CLDR).
    """
    if value is None:
        return _UNKNOWN.get(language.partition("-")[0], "unknown")
    if unit == "money":
        return f"{_grouped(value.scaleb(-digits(currency)), 0, language)} {currency}"
    return percent(value, language) if unit == "ratio" else f"{_grouped(value, 1, language)} {unit}"


def percent(value: Decimal | None, language: str = ENGLISH) -> str:
    """A ratio as a percentage with at most one decimal."""
    if value is None:
        return number(None, "", "", language)
    if language == ENGLISH:
        return f"{_grouped(value * 100, 1)}%"
    from babel.numbers import format_percent

    return str(format_percent(_rounded(value, 3), "#,##0.#%", locale=_locale(language)))


def filled(template: str, words: Mapping[str, str]) -> str:
    """A message with its words filled in; a word that is not known stays as it is."""
    return WORD.sub(lambda found: words.get(found[1], found[0]), template)


def _grouped(value: Decimal, decimals: int, language: str = ENGLISH) -> str:
    """Thousands apart by a space, rounded half up, without trailing zeros; other languages have their own way."""
    rounded = _rounded(value, decimals)
    if language != ENGLISH:
        from babel.numbers import format_decimal

        return str(format_decimal(rounded, "#,##0.#", locale=_locale(language)))
    whole = f"{rounded:,f}".replace(",", " ")
    return whole.rstrip("0").rstrip(".") if "." in whole else whole


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _locale(language: str) -> str:
    return language.replace("-", "_")

"""The exchange rates of a company's plan, as ops write them: per fiscal year and currency."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from connector.model.calendar import YEARS
from connector.model.settings import PlanRate
from connector.rulebook.notation import Figure
from connector.yamlfile import Trail

_LEAST = Decimal("0.000001")  # rates are kept with twelve decimals


class Refuse(Protocol):
    """Notes a problem at a place of the file."""

    def __call__(self, trail: Trail, code: str, text: str, hint: str = "", *, key: bool = False) -> None: ...


def plan_rates(given: Mapping[str, Mapping[str, Figure]], own: str, refuse: Refuse) -> tuple[PlanRate, ...]:
    """One fixed rate per fiscal year and currency; `own` is the company's currency, which has none."""
    found: dict[tuple[str, str], PlanRate] = {}
    for written, rates in given.items():
        trail: Trail = ("company", "plan_rates", written)
        named = re.fullmatch(r"(?:FY)?(\d{4})", written)
        year = named[1] if named else ""
        if not year or int(year) not in YEARS:
            refuse(trail, "no-year", f"`{written}` is no fiscal year", "write FY2027", key=True)
        for currency, rate in rates.items():
            wrong = _wrong(currency, rate, own)
            if wrong:
                refuse((*trail, currency), "no-rate", *wrong, key=True)
            elif (year, currency) in found:
                text = f"the plan rate of {currency} in {year} is given twice"
                refuse((*trail, currency), "said-twice", text, "keep one of the two", key=True)
            else:
                found[year, currency] = PlanRate(year, currency, rate.number)
    return tuple(found.values())


def _wrong(currency: str, rate: Figure, own: str) -> tuple[str, str] | None:
    """What is wrong with a rate, and what to do about it."""
    if currency == own:
        return f"{own} is the company's own currency, and needs no rate", "leave it out"
    if re.fullmatch(r"[A-Z]{3}", currency) and not rate.unit and rate.number >= _LEAST:
        return None
    return f"`{currency}: {rate}` is no rate", f"write how many units of a currency one {own} buys: USD: 1.08"

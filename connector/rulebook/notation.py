"""Names, numbers and lengths of time as ops write them outside of expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import PlainValidator, StringConstraints, WithJsonSchema

from connector.model.calendar import Grain
from connector.model.catalogue import Type
from connector.model.money import digits
from connector.model.periods import WRITTEN
from connector.rulebook.validate import complaint

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1)]

_FIGURE = re.compile(r"(?P<number>[-+]?\d(?:[_ ]?\d)*(?:\.\d+)?)\s*(?P<unit>%|[^\W\d_]+(?: [^\W\d_]+)*)?")
_AFTER = re.compile(r"([1-9]\d?)(?: working days?)?")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the unit written behind it; no unit is an empty text."""

    number: Decimal
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.number:f}{self.unit if self.unit == '%' else f' {self.unit}' if self.unit else ''}"


def figure(value: object) -> Figure:
    """Read `24_000_000 EUR`, `30%`, `12`. Raises a complaint."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Figure(Decimal(value))
    found = _FIGURE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise complaint("no-number", f"`{value}` is no number", "write 250_000 EUR, 30% or 12")
    return Figure(Decimal(re.sub("[_ ]", "", found["number"])), found["unit"] or "")


def in_unit(written: Figure, unit: str, currency: str) -> Decimal:
    """The figure in a metric's unit: minor units for money, 0.3 for 30%. Raises a complaint."""
    if unit == "money":
        return _money(written, currency)
    if unit == "ratio":
        if written.unit == "%":
            return written.number.scaleb(-2)
        share = written.number * 100 if written.number <= 1 else written.number
        raise complaint("wrong-unit", "a ratio is written as a share", f"write {share.normalize():f}%")
    if written.unit and written.unit not in (unit, unit.removesuffix("s")):
        raise complaint("wrong-unit", f"the metric counts {unit}, not {written.unit}", f"write {written.number:f}")
    return written.number


def _money(written: Figure, currency: str) -> Decimal:
    if written.unit and written.unit != currency:
        hint = f"write {written.number:f} {currency}"
        raise complaint("wrong-currency", f"the company's currency is {currency}, this is {written.unit}", hint)
    minor = written.number.scaleb(digits(currency))
    if minor != minor.to_integral_value():
        raise complaint("too-precise", f"{currency} has {digits(currency)} decimals, {written.number} has more")
    return Decimal(int(minor))


def unit_type(unit: str) -> Type:
    """The type of a metric's values, in conditions and formulas."""
    return {"money": Type.MONEY, "ratio": Type.RATIO, "days": Type.DAYS}.get(unit, Type.NUMBER)


def _working_days(value: object) -> int:
    found = _AFTER.fullmatch(str(value).strip())
    if found is None or isinstance(value, bool):
        raise complaint("no-duration", f"`{value}` is no number of working days", "write 3 working days")
    return int(found[1])


def _year(value: object) -> str:
    found = re.fullmatch(r"(?:FY)?(\d{4})", str(value))
    if found is None:
        raise complaint("no-year", f"`{value}` is no fiscal year", "write FY2027")
    return found[1]


_NUMBER_OR_TEXT = {"anyOf": [{"type": "number"}, {"type": "string"}]}

AFigure = Annotated[
    Figure,
    PlainValidator(figure),
    WithJsonSchema({**_NUMBER_OR_TEXT, "description": "a number with its unit: 250_000 EUR, 30%, 12"}),
]
WorkingDays = Annotated[
    int, PlainValidator(_working_days), WithJsonSchema({**_NUMBER_OR_TEXT, "description": "3 working days"})
]
FiscalYear = Annotated[str, PlainValidator(_year), WithJsonSchema({**_NUMBER_OR_TEXT, "description": "FY2027"})]


def _grain(value: object) -> Grain:
    known = next((each for each in WRITTEN if each == value), None)
    if known is None:
        raise complaint("unknown-value", f"`{value}` is no period", f"it is one of {', '.join(WRITTEN)}")
    return known


AGrain = Annotated[Grain, PlainValidator(_grain), WithJsonSchema({"enum": [str(each) for each in WRITTEN]})]

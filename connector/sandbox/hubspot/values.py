"""Property values on their way in: everything becomes text, and wrong text is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from connector.sandbox.hubspot.definitions import Definition
from connector.sandbox.hubspot.moments import parse_day, parse_stamp, value_text
from connector.sandbox.hubspot.replies import Fault, invalid

# No exponents: "1.42e-14 was not a valid number". Source: Atlas-Authority/marketing-automation, issue 206, 2025-10.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


def text_of(name: str, value: Any) -> str:  # noqa: ANN401 - a JSON value
    """Numbers and booleans are accepted and kept as text; null clears, as "" does. Raises Refused for the rest."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal):
        return str(value)
    raise invalid(f"Invalid input JSON: the value of {name} is neither text nor a number")


def accepted(
    definition: Definition | None, name: str, text: str, elsewhere: Callable[[str, str], Fault | None]
) -> str | Fault:
    """The value as it will be kept. `elsewhere` judges options that do not stand in the definition."""
    if definition is None:
        return Fault(name, f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST")
    if definition.read_only:
        return Fault(name, f'"{name}" is a read only property; its value cannot be set.', "READ_ONLY_VALUE", text)
    if text == "":
        return text
    kept = _SHAPES.get(definition.type, _as_it_is)(name, text)
    if isinstance(kept, Fault):
        return kept
    if definition.options is None:
        return elsewhere(name, kept) or kept
    chosen = kept.split(";") if definition.type == "enumeration" else [kept]
    if not definition.options.issuperset(chosen):
        allowed = ", ".join(sorted(definition.options))
        return Fault(name, f"{text} was not one of the allowed options: [{allowed}]", "INVALID_OPTION", text)
    return kept


def _as_it_is(_name: str, text: str) -> str:
    return text


def _number(name: str, text: str) -> str | Fault:
    """A number is echoed as it was written: "5000.00" stays "5000.00"."""
    # Code and wording as reported for `amount`: INVALID_INTEGER even where a fraction would be fine.
    return text if _NUMBER.fullmatch(text) else Fault(name, f"{text} was not a valid number.", "INVALID_INTEGER", text)


def _moment(name: str, text: str) -> str | Fault:
    stamp = parse_stamp(text)
    return Fault(name, f"{text} was not a valid long.", "INVALID_LONG", text) if stamp is None else value_text(stamp)


def _day(name: str, text: str) -> str | Fault:
    day = parse_day(text)
    return Fault(name, f"{text} is not a valid date.", "INVALID_DATE", text) if day is None else day.isoformat()


def _truth(name: str, text: str) -> str | Fault:
    lower = text.lower()
    return (
        lower
        if lower in ("true", "false")
        else Fault(name, f"{text} was not a valid boolean.", "INVALID_BOOLEAN", text)
    )


_SHAPES: Mapping[str, Callable[[str, str], str | Fault]] = {
    "number": _number,
    "datetime": _moment,
    "date": _day,
    "bool": _truth,
}

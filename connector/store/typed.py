"""Values as JSON text that remembers their type: what went in comes out again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from connector.model.records import Scalar


def dump(value: Scalar) -> str:
    """Canonical text: equal values give equal text, whatever their way of writing (1.50 is 1.5)."""
    return json.dumps(_tagged(value), ensure_ascii=False)


def load(text: str) -> Scalar:
    """The reverse of `dump`."""
    return _plain(json.loads(text))


def dump_all(values: Mapping[str, Scalar]) -> str:
    """Named values as one JSON object, names in order."""
    return json.dumps({name: _tagged(values[name]) for name in sorted(values)}, ensure_ascii=False)


def load_all(text: str) -> dict[str, Scalar]:
    """The reverse of `dump_all`."""
    return {name: _plain(value) for name, value in json.loads(text).items()}


def dump_plain(values: Mapping[str, Scalar]) -> str:
    """Named values without type tags: decimals and days are text. For readers who know the types."""
    if not values:
        return "{}"
    return json.dumps({name: _untagged(values[name]) for name in sorted(values)}, ensure_ascii=False)


def decimal_text(value: Decimal) -> str:
    """A decimal without exponent and trailing zeros: 1.50 and 1.5 are one number."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _tagged(value: Scalar) -> object:
    match value:
        case datetime():
            return {"moment": value.astimezone(UTC).isoformat()}
        case date():
            return {"day": value.isoformat()}
        case Decimal():
            return {"decimal": decimal_text(value)}
        case _:
            return value


def _untagged(value: Scalar) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        case date():
            return value.isoformat()
        case Decimal():
            return decimal_text(value)
        case _:
            return value


def _plain(value: object) -> Scalar:
    match value:
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case {"day": str(text)}:
            return date.fromisoformat(text)
        case {"decimal": str(text)}:
            return Decimal(text)
        case None | str() | int() | float() | bool():
            return value
        case _:
            raise ValueError(f"{value!r} is no stored value")

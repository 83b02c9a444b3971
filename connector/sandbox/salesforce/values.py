"""A value from a request, checked against its field and brought into the form in which it is kept."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connector.sandbox.salesforce.fields import NUMBERS, TEXTS, Field
from connector.sandbox.salesforce.ids import canonical
from connector.sandbox.salesforce.moments import stamp
from connector.sandbox.salesforce.refusal import Refused

Kept = str | float | int | None


def kept(field: Field, value: Any) -> Kept:  # noqa: ANN401 - whatever JSON brought
    """The value as its column holds it. Raises Refused; whether a reference exists is not asked here."""
    if value is None or value == "":
        return 0 if field.type == "boolean" else None
    if field.type == "boolean":
        return _boolean(field, value)
    if field.type in NUMBERS or field.type == "int":
        return _number(field, value)
    if field.type == "date":
        return _date(value)
    if field.type == "datetime":
        return _moment(value)
    if field.type == "reference":
        return _reference(field, value)
    return _text(field, value)


def _boolean(field: Field, value: object) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return int(value.lower() == "true")
    raise unreadable("boolean", value, field)


def _number(field: Field, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise unreadable("double", value, field)
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        raise unreadable("int" if field.type == "int" else "double", value, field) from None
    digits = field.precision - field.scale if field.precision else 18
    if not number.is_finite() or abs(number) >= Decimal(10) ** digits:
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise Refused("NUMBER_OUTSIDE_VALID_RANGE", message, fields=[field.name])
    rounded = number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP)
    return int(rounded) if field.type == "int" else float(rounded)


def _date(value: object) -> str:
    if not isinstance(value, str):
        raise unreadable("date", value)
    try:
        return date.fromisoformat(value[:10] if "T" in value else value).isoformat()
    except ValueError:
        raise unreadable("date", value) from None


def _moment(value: object) -> str:
    if not isinstance(value, str):
        raise unreadable("datetime", value)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise unreadable("datetime", value) from None
    return stamp(found if found.tzinfo else found.replace(tzinfo=UTC))


def _reference(field: Field, value: object) -> str:
    found = canonical(value) if isinstance(value, str) else None
    if found is None:
        message = f"{field.label}: id value of incorrect type: {value}"
        raise Refused("MALFORMED_ID", message, fields=[field.name])
    return found


def _text(field: Field, value: object) -> str:
    if isinstance(value, dict | list):
        raise unreadable("string", value, field)
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if field.length and len(text) > field.length and field.type in TEXTS:
        message = f"{field.label}: data value too large: {text} (max length={field.length})"
        raise Refused("STRING_TOO_LONG", message, fields=[field.name])
    if field.choices and field.may("R") and text not in {choice for choice, _ in field.choices}:
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, fields=[field.name])
    return text


def unreadable(kind: str, value: object, field: Field | None = None) -> Refused:
    """JSON of the wrong kind."""
    token = "START_OBJECT" if isinstance(value, dict | list) else "VALUE_STRING"
    if isinstance(value, bool):
        token = "VALUE_TRUE" if value else "VALUE_FALSE"
    elif isinstance(value, int | float) and not math.isnan(value):
        token = "VALUE_NUMBER_FLOAT" if isinstance(value, float) else "VALUE_NUMBER_INT"
    message = (
        f"Cannot deserialize instance of {kind} from {token} value {value} or request may be missing a required field"
    )
    return Refused("JSON_PARSER_ERROR", message, fields=[] if field is None else [field.name])

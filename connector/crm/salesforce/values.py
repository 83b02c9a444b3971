"""Values across the border: ours into Salesforce's JSON, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connector.crm.salesforce.describe import DECIMALS, FieldShape
from connector.crm.salesforce.window import moment_of
from connector.model.changes import Value


def outward(value: Value, field: FieldShape) -> str | int | Decimal | bool | None:
    """A value as Salesforce takes it for that field; null empties it.

    A percent field holds 87.5 where we say 0.875. Decimals are rounded half up to the field's scale,
    so that what comes back is what we sent.
    """
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal) and field.type in DECIMALS:
        number = Decimal(value) * (100 if field.type == "percent" else 1)
        return number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP)
    if isinstance(value, Decimal) and field.type in ("int", "long"):
        return int(value.to_integral_value(ROUND_HALF_UP))
    if isinstance(value, datetime):
        utc = value.astimezone(UTC)
        return f"{utc:%Y-%m-%d}" if field.type == "date" else f"{utc:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int) and field.type not in ("string", "textarea") else str(value)


def inward(value: Any, field: FieldShape) -> Value:  # noqa: ANN401 - a raw value
    """A value of Salesforce's as we would have written it; unreadable dates stay text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal) and field.type in DECIMALS:
        return Decimal(value) / (100 if field.type == "percent" else 1)
    if isinstance(value, int | Decimal):
        return value
    try:
        if field.type == "datetime":
            return moment_of(value)
        if field.type == "date":
            return date.fromisoformat(value)
    except (TypeError, ValueError):
        pass
    return str(value)

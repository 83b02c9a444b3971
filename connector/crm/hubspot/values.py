"""Our values as the text that HubSpot takes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from connector.model.changes import Value


def text(value: Value) -> str:
    """Every value is text: plain decimals, `true`, `2026-11-25`, `2026-11-25T08:14:03Z`; None clears."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime():
            exact = "milliseconds" if value.microsecond else "seconds"
            return value.astimezone(UTC).isoformat(timespec=exact).replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return str(value)

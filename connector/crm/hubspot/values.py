"""Values across the border: ours as the text that HubSpot takes, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from connector.crm.hubspot.rich import plain, rich
from connector.model.changes import Value

# Kept and shown as HTML: the notes of a task, which people edit as rich text. No page of HubSpot's says so of this
# property, and no portal has shown us yet how it is kept (README, "To verify in a live org").
RICH = frozenset({"hs_task_body"})


def outward(name: str, value: Value) -> str:
    """A value as HubSpot takes it for that property; empty text clears it."""
    return rich(value) if name in RICH and isinstance(value, str) else text(value)


def inward(name: str, shown: str | None) -> str | None:
    """What a property shows, as we would have written it: still text, HTML as the lines that it says. None: no value."""
    return plain(shown) if name in RICH and shown is not None else shown


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

"""Whether a CRM shows what we said, in whatever form it shows it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from connector.model.changes import Value


def alike(said: Value, shown: Value) -> bool:
    """Whether both are one value: HubSpot shows numbers, days and moments as text, and an empty text for nothing."""
    if _empty(said) or _empty(shown):
        return _empty(said) and _empty(shown)
    match said:
        case bool():
            return shown is said or str(shown).lower() == str(said).lower()
        case int() | Decimal():
            return _number(shown) == said
        case datetime():
            return _moment(shown) == said.astimezone(UTC)
        case date():
            return str(shown)[:10] == said.isoformat()
        case str():
            return _number(said) == _number(shown) is not None or _lines(said) == _lines(str(shown))
        case None:
            return False


def kept_as(said: Value, shown: Value) -> bool:
    """Whether what is shown may be how the CRM kept what we said: with fewer decimals, or cut short at its end."""
    if alike(said, shown):
        return True
    number, kept = _number(said), _number(shown)
    if number is not None and kept is not None:
        exponent = kept.as_tuple().exponent
        return isinstance(exponent, int) and number.quantize(Decimal(1).scaleb(exponent), ROUND_HALF_UP) == kept
    if isinstance(said, str) and isinstance(shown, str):
        return len(shown) >= 255 and _lines(said).startswith(_lines(shown))
    return False


def _empty(value: Value) -> bool:
    return value is None or value == ""


def _number(value: Value) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _moment(value: Value) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()

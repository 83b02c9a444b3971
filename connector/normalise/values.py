"""Reading single values that a CRM sent: text, numbers, days, moments, flags.

Each reader gives None for an empty value and raises `Unreadable` for one it cannot make sense of.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

LARGEST = Decimal(10) ** 15  # beyond it an amount is a typing error, and would not fit minor units


class Unreadable(ValueError):
    """A value is there, but says nothing we understand."""


def text(value: object) -> str | None:
    """Trimmed text without NUL bytes, which PostgreSQL refuses."""
    if value is None:
        return None
    return str(value).replace("\x00", "").strip() or None


def number(value: object) -> Decimal | None:
    """A finite decimal."""
    if value is None or isinstance(value, bool) or (isinstance(value, str) and not value.strip()):
        if isinstance(value, bool):
            raise Unreadable("is a flag, not a number")
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        raise Unreadable("is not a number") from None
    if not found.is_finite() or abs(found) > LARGEST:
        raise Unreadable("is no number we can count with")
    return found


def ratio(value: object) -> Decimal | None:
    """A share: `0.2`, or `20%` as people type it into a table."""
    words = text(value)
    if words is None or not words.endswith("%"):
        return number(value)
    found = number(words[:-1])
    return None if found is None else found.scaleb(-2)


def flag(value: object) -> bool | None:
    """True, false, "true", "false", 1, 0."""
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("true", "1", "yes"):
        return True
    if word in ("false", "0", "no"):
        return False
    if not word:
        return None
    raise Unreadable("is neither true nor false")


def moment(value: object) -> datetime | None:
    """An aware UTC moment: ISO 8601 with any offset, or milliseconds since 1970.

    Salesforce writes `2026-01-02T03:04:05.000+0000`, HubSpot `2026-01-02T03:04:05.000Z` or, in older
    replies, milliseconds as text. A moment without an offset is taken as UTC.
    """
    if isinstance(value, datetime):
        return _utc(value)
    words = text(value)
    if words is None:
        return None
    try:
        if words.lstrip("-").isdigit() and len(words) >= 11:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(words))
        return _utc(datetime.fromisoformat(words))
    except (ValueError, OverflowError):
        raise Unreadable("is not a moment") from None


def day(value: object, zone: ZoneInfo) -> date | None:
    """A calendar day. Plain dates are never shifted; moments are taken to the company's zone first.

    HubSpot keeps a date that was set by day as midnight UTC: that is a plain date too.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    words = text(value)
    if words is None:
        return None
    if len(words) == 10 and words[4] == "-":
        try:
            return date.fromisoformat(words)
        except ValueError:
            raise Unreadable("is not a day") from None
    found = moment(words)
    if found is None or found.timetz() == time(0, tzinfo=UTC):
        return found.date() if found else None
    return found.astimezone(zone).date()


def _utc(found: datetime) -> datetime:
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

"""Moments and days as HubSpot writes and reads them: milliseconds inside, ISO text outside."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def moment_at(stamp: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=stamp)


def stamp_text(stamp: int) -> str:
    """`2026-11-25T08:14:03.000Z`: how HubSpot's own stamps arrive, always with milliseconds."""
    return moment_at(stamp).strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp % 1000:03d}Z"


def value_text(stamp: int) -> str:
    """`2026-12-31T00:00:00Z`: how a moment that somebody set comes back; whole seconds drop the milliseconds."""
    return stamp_text(stamp) if stamp % 1000 else moment_at(stamp).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_stamp(text: str) -> int | None:
    """Epoch milliseconds, an ISO day or an ISO moment (UTC unless it says otherwise); None: neither."""
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and (len(digits) != 8 or text != digits):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return milliseconds(moment)


def parse_day(text: str) -> date | None:
    """`2026-12-31`, or the epoch milliseconds of a midnight in UTC; None: neither."""
    if text.isascii() and text.isdigit():
        moment = moment_at(int(text))
        return moment.date() if int(text) % 86_400_000 == 0 else None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def midnight(day: date) -> int:
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))

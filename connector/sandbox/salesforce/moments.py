"""Moments and days in the form in which Salesforce writes them, which is also how we keep them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


def stamp(moment: datetime) -> str:
    """`2026-01-02T03:04:05.000+0000`: whole seconds, always UTC, so that texts sort as moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def moment(text: str) -> datetime:
    """From a stamp, or any ISO 8601 moment with its offset. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return found.astimezone(UTC)


def fiscal(day: date, starts: int) -> tuple[int, int]:
    """Fiscal year and quarter. The year is named after the calendar year in which it ends."""
    months = (day.month - starts) % 12
    year = day.year + (1 if starts > 1 and day.month >= starts else 0)
    return year, months // 3 + 1


def month_after(day: date, months: int) -> date:
    """The first of the month that many months on."""
    total = day.year * 12 + day.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)


def span(name: str, count: int, today: date, fiscal_starts: int) -> tuple[date, date] | None:
    """The half-open days of `THIS_QUARTER`, `LAST_N_DAYS:30` …; None for a name we do not know.

    Weeks are left out. Source: Salesforce, "Date Formats and Date Literals in WHERE", read 2026-11-23.
    """
    tomorrow = today + timedelta(1)
    days = {
        "TODAY": (today, tomorrow),
        "YESTERDAY": (today - timedelta(1), today),
        "TOMORROW": (tomorrow, tomorrow + timedelta(1)),
        "LAST_N_DAYS": (today - timedelta(count), tomorrow),
        "NEXT_N_DAYS": (tomorrow, tomorrow + timedelta(count)),
        "LAST_90_DAYS": (today - timedelta(90), tomorrow),
        "NEXT_90_DAYS": (tomorrow, tomorrow + timedelta(90)),
    }
    return days.get(name) or _months(name, today, fiscal_starts)


def _months(name: str, today: date, fiscal_starts: int) -> tuple[date, date] | None:
    which, _, what = name.partition("_")
    steps = {"LAST": -1, "THIS": 0, "NEXT": 1}.get(which)
    lengths = {"MONTH": 1, "QUARTER": 3, "YEAR": 12, "FISCAL_QUARTER": 3, "FISCAL_YEAR": 12}
    if steps is None or what not in lengths:
        return None
    length, first = lengths[what], fiscal_starts if what.startswith("FISCAL") else 1
    start = month_after(today, -((today.month - first) % length) + steps * length)
    return start, month_after(start, length)

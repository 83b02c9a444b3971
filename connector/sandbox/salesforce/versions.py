"""Versions of the API that the stand-in speaks."""

from __future__ import annotations

OLDEST, NEWEST = 31, 68  # 68 is Winter '27
_SEASONS = ("Winter", "Spring", "Summer")


def spoken() -> list[dict[str, str]]:
    """As the service lists them, oldest first."""
    return [
        {"label": _label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST, NEWEST + 1)
    ]


def _label(number: int) -> str:
    """Three releases a year: 65 is Winter '26, 66 Spring '26, 67 Summer '26."""
    years, season = divmod(number - 65, 3)
    return f"{_SEASONS[season]} '{(26 + years) % 100:02}"

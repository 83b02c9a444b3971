"""Exchange rates of the invented company, and exact conversion to whole minor units."""

from __future__ import annotations

from random import Random

from connector.sandbox.company.days import Days

CURRENCY = "EUR"
UNKNOWN = "CHF"  # deals in it exist, a rate for it does not
_SCALE = 10_000  # rates have four decimals
_START = {"USD": 10_850, "GBP": 8_430}


class Rates:
    """Quarterly rates: units of a currency per 1 unit of the company's."""

    def __init__(self, days: Days, random: Random) -> None:
        first = days.quarter_starts[days.quarter_starts[days.starts] - 1]
        self._days = days
        self._known: dict[str, dict[int, int]] = {}
        for currency, rate in _START.items():
            dated = self._known[currency] = {}
            day = first
            while day <= days.today:
                # An odd numerator: no amount then falls exactly between two minor units, so that dividing
                # by the rate and multiplying by its long inverse round alike.
                rate = (rate + random.randrange(-250, 251)) | 1  # noqa: PLW2901
                dated[day] = rate
                day = days.quarter_ends[day]

    def rows(self) -> list[tuple[str, str, str]]:
        """The rows of rates.csv."""
        return [
            (currency, self._days.text[day], f"{rate // _SCALE}.{rate % _SCALE:04}")
            for currency, dated in self._known.items()
            for day, rate in dated.items()
        ]

    def convert(self, minor: int, currency: str, day: int) -> int | None:
        """In minor units of the company's currency at the rate of that day, half a unit rounded up; None without a rate."""
        if currency == CURRENCY:
            return minor
        if currency not in self._known:
            return None
        rate = self._known[currency][self._days.quarter_starts[day]]
        return (2 * minor * _SCALE + rate) // (2 * rate)

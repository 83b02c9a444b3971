"""The generator's calendar: days as whole numbers, with everything about each looked up once."""

from __future__ import annotations

from datetime import date

BACK, AHEAD = 1600, 1000  # how far the tables reach around today
DAY = 86_400  # seconds
_CLOCK = [f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60)]
_SECOND = [f"{second:02}Z" for second in range(60)]


class Days:
    """Days and seconds counted from `BACK` days before today, UTC; every table is indexed by that day.

    The fiscal year is the calendar year, so that a quarter's id reads the same to everybody.
    """

    def __init__(self, today: date) -> None:
        self._first = today.toordinal() - BACK
        self.today = BACK
        self.now = BACK * DAY + 6 * 3600  # six in the morning: nobody has worked yet
        self.starts = BACK - 730  # 24 months
        dates = [date.fromordinal(self._first + at) for at in range(BACK + AHEAD)]
        quarters = [(each.year, (each.month - 1) // 3) for each in dates]
        self.text = [each.isoformat() for each in dates]
        self.year = [each.year for each in dates]
        self.month = [each.month for each in dates]
        self.quarter = [f"{year}-Q{quarter + 1}" for year, quarter in quarters]
        self.quarter_starts = [self.at(date(year, 3 * quarter + 1, 1)) for year, quarter in quarters]
        self.quarter_ends = [
            self.at(date(year + quarter // 3, (3 * quarter + 3) % 12 + 1, 1)) for year, quarter in quarters
        ]
        weekdays = [each.weekday() for each in dates]
        self.is_working = [weekday < 5 for weekday in weekdays]
        self.working = [at - max(0, weekday - 4) for at, weekday in enumerate(weekdays)]  # a Saturday's is Friday
        self.next_working = [at + (7 - weekday if weekday > 4 else 0) for at, weekday in enumerate(weekdays)]

    def at(self, day: date) -> int:
        """The count of a day."""
        return day.toordinal() - self._first

    def moment(self, seconds: int) -> str:
        """`2026-11-25T08:14:03Z`."""
        day, second = divmod(seconds, DAY)
        return self.text[day] + _CLOCK[second // 60] + _SECOND[second % 60]

    def office(self, seconds: int) -> int:
        """The same moment squeezed into working days and hours (07:00 to 17:00 UTC)."""
        day, second = divmod(seconds, DAY)
        return self.working[day] * DAY + 25_200 + second * 5 // 12

    def working_days(self, starts: int, ends_before: int) -> int:
        """Weekdays in a half-open stretch; the generator knows no holidays."""
        return sum(self.is_working[starts:ends_before]) if starts < ends_before else 0

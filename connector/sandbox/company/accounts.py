"""The accounts of the invented company, worked out from their number alone."""

from __future__ import annotations

from random import Random

from connector.sandbox.company import names
from connector.sandbox.company.columns import CRMS
from connector.sandbox.company.days import DAY, Days
from connector.sandbox.company.staff import REGIONS, Staff
from connector.sandbox.company.write import CsvFile, quoted


class Accounts:
    """Customers and prospects; even numbers live in Salesforce, odd ones in HubSpot.

    One half was there before the first deal, the others came evenly since. Of every fifty in a CRM, the first is a
    group, the second and third its subsidiaries, the fourth a branch of the second.
    """

    def __init__(self, count: int, staff: Staff, days: Days, random: Random) -> None:
        self.count = max(count, 20)
        self._days = days
        self._won = bytearray(self.count)
        now = days.today - 1
        half = self.count // 2
        self._here = [
            half + (self.count - half) * max(0, day - days.starts) // (now - days.starts) for day in range(now + 1)
        ]
        self._since = [days.starts - 1 - random.randrange(600) for _ in range(half)]
        self._owners = [staff.seller(CRMS[at % 2], now, random.random()) for at in range(self.count)]

    def pick(self, crm: str, day: int, chance: float) -> int:
        """An account of that CRM that exists on that day; old customers come back more often."""
        here = self._here[day] // 2
        return 2 * int(here * chance**1.5) + CRMS.index(crm)

    def owner(self, at: int) -> int:
        """Whose account it is today."""
        return self._owners[at]

    def deal_type(self, at: int, won: bool) -> str:
        """New business until the account's first win; remembers this win for later deals."""
        known = self._won[at]
        if won:
            self._won[at] = 1
        return "Existing Business" if known else "New Business"

    def write(self, file: CsvFile) -> None:
        """All rows of accounts.csv, oldest number first."""
        half = len(self._since)
        days, rows = self._days, file.rows
        now = days.today - 1
        for at in range(self.count):
            turn = at // 2 % 50
            parent = account_id(at - 2 * (turn if turn < 3 else 2)) if turn in (1, 2, 3) else ""
            if at < half:
                since = self._since[at]
            else:  # the day on which `_here` first counts it, or earlier
                since = days.starts + (at - half) * (now - days.starts) // (self.count - half)
            countries = names.COUNTRIES[REGIONS[at // 2 % 3]]
            rows(
                f"{account_id(at)},{CRMS[at % 2]},{quoted(names.account(at))},{parent},p{self._owners[at] + 1:03},"
                f"{names.INDUSTRIES[at // 3 % len(names.INDUSTRIES)]},{countries[at // 7 % len(countries)]},"
                f"{days.moment(since * DAY + 21_600 + at % 3000)}"
            )
            file.ease()


def account_id(at: int) -> str:
    """The id of the account of that number."""
    return f"a{at + 1:06}"

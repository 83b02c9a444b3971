"""What every writer of the company has to look at."""

from __future__ import annotations

from dataclasses import dataclass

from connector.sandbox.company.accounts import Accounts
from connector.sandbox.company.days import Days
from connector.sandbox.company.rates import Rates
from connector.sandbox.company.staff import Staff
from connector.sandbox.company.truth import Tally


@dataclass(frozen=True, slots=True)
class World:
    """The company around the deals, and the tally that is kept of them."""

    days: Days
    staff: Staff
    accounts: Accounts
    rates: Rates
    tally: Tally

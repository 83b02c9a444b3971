"""What the company decided once: currency, zone, calendar, connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.model.calendar import Calendar


@dataclass(frozen=True, slots=True)
class PlanRate:
    """How many units of a currency one unit of the company's buys, by plan, for a whole fiscal year."""

    year: str  # "2026"
    currency: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Company:
    """The company whose targets these are."""

    name: str
    currency: str
    zone: ZoneInfo
    calendar: Calendar
    close_after: int = 15  # working days that an ended period stays open
    plan_rates: tuple[PlanRate, ...] = ()
    like_periods: int = 4  # past periods of one length that a season is learned from; with fewer, working days count
    language: str = "en"  # what alerts speak to whoever has no language of their own

    def day_of(self, moment: datetime) -> date:
        """The company's day of a moment."""
        return moment.astimezone(self.zone).date()


class Approve(StrEnum):
    """Which plans of a connection a human lets pass before they are written."""

    FIRST = "first"  # the first one, and any that changes too much
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """One connected CRM account, as the config file describes it."""

    name: str
    type: str  # the folder under connector/crm
    options: Mapping[str, str]  # secrets already resolved
    mapping_file: Path | None
    write: bool = False
    overlap: timedelta | None = None  # None: the adapter's default
    settle: timedelta | None = None
    approve: Approve = Approve.FIRST
    share_of_calls: Decimal = Decimal("0.2")  # of the CRM's calls of a day that we may make; alerts are outside it
    at_most: int = 2000  # records of people that may change in one cycle
    at_most_share: Decimal = Decimal("0.5")  # the same, of all their deals and accounts
    trusted_hosts: tuple[str, ...] = ()  # that keys may be sent to, besides the vendor's: `proxy.example.com`, `*.…`


DETECTORS = (
    "bunching",
    "pulled in",
    "pushed out",
    "just under a tier",
    "burst of activities",
    "commit bias",
)


KEPT = ("activities", "alerts", "journal", "runs")  # what may be thrown away after some time


@dataclass(frozen=True, slots=True)
class Privacy:
    """What the company agreed to. Nothing that looks at single people happens, unless it says so."""

    detectors: frozenset[str] = frozenset()  # of DETECTORS
    amount_tiers: tuple[int, ...] = ()  # minor units: amounts from which on a deal needs somebody's consent
    ranks: bool = False  # whether anybody has a place among others
    activities: str = "person"  # at which grain they are measured: person | team
    reps_see: str = "own"  # own | team: whose numbers somebody without reports may see
    least_team: int = 1  # people; totals of smaller units are not shown
    hold_back: frozenset[str] = frozenset()  # countries (people's level `country`) that have not agreed yet
    keep: Mapping[str, int] = field(default_factory=dict)  # of KEPT, for how many months; absent: for good

    @property
    def shown(self) -> str:
        """What decides on what is written of whom, as a text that tells one agreement from another."""
        return f"ranks {self.ranks}, activities {self.activities}, least_team {self.least_team}, hold_back {sorted(self.hold_back)}"


@dataclass(frozen=True, slots=True)
class Address:
    """Where we listen."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration, checked and resolved."""

    home: Path  # the folder of the config file; other paths are relative to it
    company: Company
    store: str  # a path or a database URL
    mirror: Path
    rules: Path
    connections: tuple[ConnectionSettings, ...]
    files: Path | None = None
    every: timedelta = timedelta(minutes=15)
    door: Address | None = None  # where CRMs tell us of changes; None: nobody does
    privacy: Privacy = field(default_factory=Privacy)
    secrets: frozenset[str] = field(default_factory=frozenset, repr=False)  # scrubbed from every log line

"""What a CRM holds, in our words: deals, activities, accounts, users, and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from connector.model.money import Money

Scalar = str | int | float | Decimal | bool | date | datetime | None


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """One record of one connection; written `emea:Opportunity/006A1`."""

    connection: str
    object: str
    id: str

    def __str__(self) -> str:
        return f"{self.connection}:{self.object}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """The reverse of `str`. Raises ValueError."""
        connection, _, rest = text.partition(":")
        obj, _, record_id = rest.partition("/")
        if not (connection and obj and record_id):
            raise ValueError(f"`{text}` is not a record reference")
        return cls(connection, obj, record_id)

    @property
    def whole(self) -> Ref:
        """The record that a part of one belongs to: `deals.history/77-1700000000000` is a moment of `deals/77`."""
        obj, _, part = self.object.partition(".")
        return Ref(self.connection, obj, self.id.partition("-")[0]) if part else self


FILES = "files"  # the connection that refs of rows of CSV files carry
# Tables that a CRM may keep for us.
QUOTAS, NOTES, MEMBERSHIPS, PERIODS = "quotas", "notes", "memberships", "periods"


class RecordKind(StrEnum):
    """The kinds of record that a CRM is asked for."""

    DEAL = "deal"
    STAGE_CHANGE = "stage_change"
    SPLIT = "split"
    TEAM_MEMBER = "team_member"
    ACCOUNT_TERRITORY = "account_territory"
    ACTIVITY = "activity"
    ACCOUNT = "account"
    USER = "user"
    RATE = "rate"
    READING = "reading"
    NOTE = "note"  # kept as a reading too: a row of the table `<connection>.notes`
    MEMBERSHIP = "membership"  # and this one: a row of `<connection>.memberships`
    PERIOD = "period"  # of a fiscal year that was cut by hand: a row of `<connection>.periods`


# By our names: what else a record may belong to.
POINTERS: Mapping[str, RecordKind] = {
    "account": RecordKind.ACCOUNT,
    "deal": RecordKind.DEAL,
    "parent": RecordKind.ACCOUNT,
}


class Outcome(StrEnum):
    """Where a deal ended, or that it has not."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as the CRM sent it; the only place where a loose mapping travels."""

    kind: RecordKind
    ref: Ref
    modified_at: datetime  # aware UTC; the CRM's own stamp
    fields: Mapping[str, Any]  # the CRM's names
    deleted: bool = False
    into: Ref | None = None  # what a deleted one was merged into; None: into nothing that the CRM tells of


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity, open or closed."""

    ref: Ref
    modified_at: datetime
    name: str
    outcome: Outcome
    stage: str | None
    pipeline: str | None
    account: Ref | None
    owner: Ref | None
    amount: Money | None  # in the deal's own currency; None: nobody entered one
    probability: Decimal | None  # 0 to 1
    created_at: datetime | None
    created_on: date | None  # in the company's zone
    closed_on: date | None  # the CRM's close date: expected while open, real once closed
    forecast_category: str | None = None
    deal_type: str | None = None
    source: str | None = None
    next_step: bool = False  # whether one is planned: its text is not ours to keep
    term_months: int | None = None  # for how many months it is paid; None: nobody says
    term_starts_on: date | None = None  # the first day that is paid for; None: nobody says
    is_renewal: bool | None = None  # whether it goes on with what its account has already; None: nobody says
    territory: str | None = None  # the CRM's name of it; several are set apart by semicolons
    team: tuple[Ref, ...] = ()  # users who work on it, the owner aside
    amount_converted: Money | None = None  # in the company's currency, as the CRM converted it; None: it did not
    custom: Mapping[str, Scalar] = field(default_factory=dict)
    deleted_at: datetime | None = None  # a deal of the past: nothing is measured on it but how the past looked


@dataclass(frozen=True, slots=True)
class StageChange:
    """A deal as it stood from a moment on: it entered a stage, or something else about it changed.

    Of two of one moment the later reference holds. What is None was empty, or the CRM does not tell.
    """

    ref: Ref
    modified_at: datetime
    deal: Ref
    stage: str
    changed_at: datetime
    changed_on: date  # in the company's zone
    amount: Money | None = None
    closed_on: date | None = None
    owner: Ref | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A share of a deal that belongs to a user; overlays stay out of company roll-ups."""

    ref: Ref
    modified_at: datetime
    deal: Ref
    user: Ref
    percent: Decimal  # 0 to 100
    overlay: bool = False


@dataclass(frozen=True, slots=True)
class TeamMember:
    """A user who works on a deal, as the CRM keeps it today."""

    ref: Ref
    modified_at: datetime
    deal: Ref
    user: Ref
    role: str | None = None  # the CRM's word: "Sales Engineer"


@dataclass(frozen=True, slots=True)
class AccountTerritory:
    """A territory that an account lies in, as the CRM has it today; it may lie in several."""

    ref: Ref
    modified_at: datetime
    account: Ref
    territory: str  # the CRM's name of it


@dataclass(frozen=True, slots=True)
class Activity:
    """A call, meeting, e-mail, task or note; subjects and bodies are never pulled."""

    ref: Ref
    modified_at: datetime
    type: str  # call | meeting | email | task | note
    status: str  # completed | planned
    performer: Ref | None
    deal: Ref | None
    account: Ref | None
    happened_at: datetime | None
    happened_on: date | None  # in the company's zone
    minutes: int | None = None

    @property
    def kept_by(self) -> date:
        """The day that says how old it is: its own, or of its last change (UTC) where it has none, as an open task may."""
        return self.happened_on or self.modified_at.astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class Account:
    """A customer or prospect."""

    ref: Ref
    modified_at: datetime
    name: str
    parent: Ref | None
    owner: Ref | None
    industry: str | None
    country: str | None
    created_on: date | None
    custom: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class User:
    """A login of a CRM; several of them may be one person."""

    ref: Ref  # what owner fields point at
    modified_at: datetime
    email: str | None  # lower-cased
    name: str
    active: bool
    human: bool  # False: a queue or an integration user, never scored
    manager: Ref | None = None
    levels: Mapping[str, str] = field(default_factory=dict)  # "team" → "East 1", "role" → "AE"
    scores_on: Ref | None = None  # the record that carries this user's numbers, where it is another
    person: str | None = None  # the person id that the store keeps for it; None: it was never stored
    former: tuple[str, ...] = ()  # addresses that it had before, as far as the store saw them
    former_names: tuple[str, ...] = ()  # names, likewise


@dataclass(frozen=True, slots=True)
class Rate:
    """How many units of `currency` one unit of `base` buys, from a day on."""

    ref: Ref
    modified_at: datetime
    currency: str
    base: str
    starts_on: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Reading:
    """A row of a file table; or a quota, a note or a membership that a CRM keeps: a row of `<connection>.quotas` and so on."""

    ref: Ref  # files:<table>/<key>
    modified_at: datetime
    values: Mapping[str, Scalar]
    of: str = QUOTAS  # of what a CRM keeps: quotas | notes | memberships | periods

    @property
    def table(self) -> str:
        """The table that it is a row of."""
        return self.ref.object if self.ref.connection == "files" else table_of(self.ref.connection, self.of)


def table_of(connection: str, of: str) -> str:
    """What is kept by a connection, as a table: `emea.notes`."""
    return f"{connection}.{of}"


Record = Deal | StageChange | Split | TeamMember | AccountTerritory | Activity | Account | User | Rate | Reading


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that could not be normalised; set aside with its reason, never fatal."""

    raw: RawRecord
    reason: str  # names the field and what was wrong with its value, without personal data

"""What the CRMs hold: one table per kind of record, and what we keep about them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from connector.store.tables.columns import Moment


class Fact(SQLModel):
    """What every record of a CRM carries; `ref` is `str(Ref)`."""

    ref: str = Field(primary_key=True, sa_type=Text)
    connection: str = Field(sa_type=Text)
    modified_at: datetime = Field(sa_type=Moment)
    change_seq: int = Field(sa_type=BigInteger, index=True)  # raised by every change: the mirror reads on from here
    deleted_at: datetime | None = Field(default=None, sa_type=Moment)  # a tombstone, which scoring ignores


class UserRow(Fact, table=True):
    """A login of a CRM."""

    __tablename__ = "users"

    email: str | None = Field(default=None, sa_type=Text)
    name: str = Field(sa_type=Text)
    active: bool
    human: bool
    manager: str | None = Field(default=None, sa_type=Text)
    levels: str = Field(sa_type=Text)  # JSON: level → name
    scores_on: str | None = Field(default=None, sa_type=Text)
    person: str = Field(sa_type=Text, sa_column_kwargs={"server_default": ""})  # since it was first seen, for good
    former: str = Field(
        sa_type=Text, sa_column_kwargs={"server_default": ""}
    )  # addresses before, set apart by semicolons
    former_names: str = Field(sa_type=Text, sa_column_kwargs={"server_default": ""})  # names before, one a line


class DealRow(Fact, table=True):
    """An opportunity."""

    __tablename__ = "deals"

    name: str = Field(sa_type=Text)
    outcome: str = Field(sa_type=Text)
    stage: str | None = Field(default=None, sa_type=Text)
    pipeline: str | None = Field(default=None, sa_type=Text)
    account: str | None = Field(default=None, sa_type=Text)
    owner: str | None = Field(default=None, sa_type=Text)
    closed_owner: str | None = Field(default=None, sa_type=Text)  # who owned it when it closed; None while open
    amount: int | None = Field(default=None, sa_type=BigInteger)  # minor units of its own currency
    currency: str | None = Field(default=None, sa_type=Text)
    probability: str | None = Field(default=None, sa_type=Text)  # a decimal
    created_at: datetime | None = Field(default=None, sa_type=Moment)
    created_on: date | None = None
    closed_on: date | None = None
    forecast_category: str | None = Field(default=None, sa_type=Text)
    deal_type: str | None = Field(default=None, sa_type=Text)
    source: str | None = Field(default=None, sa_type=Text)
    next_step: str | None = Field(default=None, sa_type=Text)
    term_months: int | None = Field(default=None, sa_type=BigInteger)
    territory: str | None = Field(default=None, sa_type=Text)
    closed_territory: str | None = Field(default=None, sa_type=Text)  # the one it closed in; None while open
    team: str | None = Field(default=None, sa_type=Text)  # users, set apart by semicolons
    amount_converted: int | None = Field(default=None, sa_type=BigInteger)  # minor units of the company's currency
    term_starts_on: date | None = None
    is_renewal: bool | None = None
    custom: str = Field(sa_type=Text)  # JSON: name → number, text, boolean or null


class StageChangeRow(Fact, table=True):
    """A deal as it stood from a moment on."""

    __tablename__ = "stage_changes"

    deal: str = Field(sa_type=Text, index=True)
    stage: str = Field(sa_type=Text)
    changed_at: datetime = Field(sa_type=Moment)
    changed_on: date
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = Field(default=None, sa_type=Text)
    closed_on: date | None = None
    owner: str | None = Field(default=None, sa_type=Text)


class SplitRow(Fact, table=True):
    """A share of a deal."""

    __tablename__ = "splits"

    deal: str = Field(sa_type=Text, index=True)
    user: str = Field(sa_type=Text)
    percent: str = Field(sa_type=Text)  # a decimal, 0 to 100
    overlay: bool


class TeamMemberRow(Fact, table=True):
    """Somebody on a deal's team."""

    __tablename__ = "team_members"

    deal: str = Field(sa_type=Text)
    user: str = Field(sa_type=Text)
    role: str | None = Field(default=None, sa_type=Text)


class AccountTerritoryRow(Fact, table=True):
    """A territory that an account lies in."""

    __tablename__ = "account_territories"

    account: str = Field(sa_type=Text)
    territory: str = Field(sa_type=Text)


class ActivityRow(Fact, table=True):
    """A call, meeting, e-mail, task or note."""

    __tablename__ = "activities"

    type: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    performer: str | None = Field(default=None, sa_type=Text)
    deal: str | None = Field(default=None, sa_type=Text)
    account: str | None = Field(default=None, sa_type=Text)
    happened_at: datetime | None = Field(default=None, sa_type=Moment)
    happened_on: date | None = None
    minutes: int | None = Field(default=None, sa_type=BigInteger)


class AccountRow(Fact, table=True):
    """A customer or prospect."""

    __tablename__ = "accounts"

    name: str = Field(sa_type=Text)
    parent: str | None = Field(default=None, sa_type=Text)
    owner: str | None = Field(default=None, sa_type=Text)
    industry: str | None = Field(default=None, sa_type=Text)
    country: str | None = Field(default=None, sa_type=Text)
    created_on: date | None = None
    custom: str = Field(sa_type=Text)


class RateRow(Fact, table=True):
    """Units of `currency` that one unit of `base` buys from a day on."""

    __tablename__ = "rates"

    currency: str = Field(sa_type=Text)
    base: str = Field(sa_type=Text)
    starts_on: date
    rate: str = Field(sa_type=Text)  # a decimal


class ReadingRow(Fact, table=True):
    """A row of a file table."""

    __tablename__ = "readings"

    file_table: str = Field(sa_type=Text)
    values: str = Field(sa_type=Text)  # JSON with typed values


class SightingRow(SQLModel, table=True):
    """How a user looked from a day on: appended when level, manager or activity changed."""

    __tablename__ = "sightings"

    user: str = Field(primary_key=True, sa_type=Text)
    seen_on: date = Field(primary_key=True)
    levels: str = Field(sa_type=Text)
    manager: str | None = Field(default=None, sa_type=Text)
    active: bool


class RejectionRow(SQLModel, table=True):
    """A record that could not be normalised; its values are not kept."""

    __tablename__ = "rejections"

    ref: str = Field(primary_key=True, sa_type=Text)
    connection: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    first_seen: datetime = Field(sa_type=Moment)
    last_seen: datetime = Field(sa_type=Moment)
    times: int
    rules_version: str = Field(sa_type=Text, sa_column_kwargs={"server_default": ""})  # a new one is worth another try
    next_try: datetime | None = Field(default=None, sa_type=Moment)

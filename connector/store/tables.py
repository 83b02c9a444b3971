"""The tables, seen only inside the store; `migrations/` brings a database to this shape."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Index, Table, Text, TypeDecorator, text
from sqlmodel import Field, SQLModel


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite keeps it as text without a zone, PostgreSQL as timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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
    custom: str = Field(sa_type=Text)  # JSON: name → number, text, boolean or null


class StageChangeRow(Fact, table=True):
    """A deal entered a stage."""

    __tablename__ = "stage_changes"

    deal: str = Field(sa_type=Text, index=True)
    stage: str = Field(sa_type=Text)
    changed_at: datetime = Field(sa_type=Moment)
    changed_on: date
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = Field(default=None, sa_type=Text)
    closed_on: date | None = None


class SplitRow(Fact, table=True):
    """A share of a deal."""

    __tablename__ = "splits"

    deal: str = Field(sa_type=Text, index=True)
    user: str = Field(sa_type=Text)
    percent: str = Field(sa_type=Text)  # a decimal, 0 to 100
    overlay: bool


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


class StreamRow(SQLModel, table=True):
    """How far a stream has been read."""

    __tablename__ = "streams"

    connection: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(primary_key=True, sa_type=Text)
    covered: datetime | None = Field(default=None, sa_type=Moment)
    until: datetime | None = Field(default=None, sa_type=Moment)
    after: str = Field(sa_type=Text)
    epoch: int = Field(sa_type=BigInteger)  # whose hand moved it last


class CounterRow(SQLModel, table=True):
    """Numbers that only go up: the change sequence, one epoch per connection; and this store's own number."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True, sa_type=Text)
    value: int = Field(sa_type=BigInteger)


class RunRow(SQLModel, table=True):
    """One run of a command that changes something."""

    __tablename__ = "runs"

    id: str = Field(primary_key=True, sa_type=Text)
    what: str = Field(sa_type=Text)
    started_at: datetime = Field(sa_type=Moment, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)
    rules_version: str = Field(sa_type=Text)
    summary: str = Field(sa_type=Text)
    error: str = Field(sa_type=Text)


class PeriodSpan(SQLModel):
    """A period, kept with its bounds: the calendar may change later."""

    period_id: str = Field(primary_key=True, sa_type=Text)
    grain: str = Field(sa_type=Text)
    starts_on: date
    ends_before: date


class TargetRow(PeriodSpan, table=True):
    """What a subject should reach. Decimals are text, so that no digit is lost."""

    __tablename__ = "targets"

    metric: str = Field(primary_key=True, sa_type=Text)
    kind: str = Field(primary_key=True, sa_type=Text)
    subject_kind: str = Field(primary_key=True, sa_type=Text)
    subject_id: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(sa_type=Text)
    unit: str = Field(sa_type=Text)
    steps: str = Field(sa_type=Text)  # JSON: [what, says, change, value]
    source: str = Field(sa_type=Text)
    as_of: date
    run_id: str = Field(sa_type=Text)


class ScoreRow(PeriodSpan, table=True):
    """A measurement set against its target."""

    __tablename__ = "scores"

    metric: str = Field(primary_key=True, sa_type=Text)
    subject_kind: str = Field(primary_key=True, sa_type=Text)
    subject_id: str = Field(primary_key=True, sa_type=Text)
    as_of: date
    unit: str = Field(sa_type=Text)
    actual: str | None = Field(default=None, sa_type=Text)
    target: str | None = Field(default=None, sa_type=Text)
    attainment: str | None = Field(default=None, sa_type=Text)
    gap: str | None = Field(default=None, sa_type=Text)
    expected: str | None = Field(default=None, sa_type=Text)
    pace: str | None = Field(default=None, sa_type=Text)
    elapsed: int
    working_days: int
    reason: str = Field(sa_type=Text)
    rank: int | None = None
    pace_by: str = Field(sa_type=Text)
    records: int
    left_out: int
    run_id: str = Field(sa_type=Text)


class AlertRow(PeriodSpan, table=True):
    """An alert, open until `cleared_on`."""

    __tablename__ = "alerts"

    period_id: str = Field(sa_type=Text)  # not part of the key here: the key says it all
    key: str = Field(primary_key=True, sa_type=Text)
    rule: str = Field(sa_type=Text)
    subject_kind: str = Field(sa_type=Text)
    subject_id: str = Field(sa_type=Text)
    band: str = Field(sa_type=Text)
    metric: str = Field(sa_type=Text)
    raised_on: date
    cleared_on: date | None = None
    person: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    run_id: str = Field(sa_type=Text)


class RemoteRow(SQLModel):
    """The columns that name a row of a CRM."""

    connection: str = Field(primary_key=True, sa_type=Text)
    object: str = Field(primary_key=True, sa_type=Text)
    key_field: str = Field(primary_key=True, sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)


class LedgerRow(RemoteRow, table=True):
    """The last acknowledged value of one field of one row."""

    __tablename__ = "ledger"

    field: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(sa_type=Text)  # JSON with its type
    prior: str | None = Field(default=None, sa_type=Text)  # what we showed before; None: nothing of ours
    remote_id: str | None = Field(default=None, sa_type=Text)
    run_id: str = Field(sa_type=Text)
    acked_at: datetime = Field(sa_type=Moment)


class OutboxRow(RemoteRow, table=True):
    """A change on its way to a CRM. Acknowledged revisions stay; of the others a row has one at most."""

    __tablename__ = "outbox"

    revision: int = Field(primary_key=True)
    state: str = Field(sa_type=Text)
    fields: str = Field(sa_type=Text)
    riding: str = Field(sa_type=Text)
    links: str = Field(sa_type=Text)
    once: bool
    because: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    payload: str = Field(sa_type=Text)  # digest of fields and links
    attempt: int
    epoch: int = Field(sa_type=BigInteger)  # who is sending it
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    queued_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)
    run_id: str = Field(sa_type=Text)
    remote_id: str | None = Field(default=None, sa_type=Text)
    reason: str = Field(sa_type=Text)


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


users, deals, stage_changes, splits = (table_of(each) for each in (UserRow, DealRow, StageChangeRow, SplitRow))
activities, accounts, rates, readings = (table_of(each) for each in (ActivityRow, AccountRow, RateRow, ReadingRow))
sightings, rejections, streams, counters = (
    table_of(each) for each in (SightingRow, RejectionRow, StreamRow, CounterRow)
)
runs, targets, scores, alerts = (table_of(each) for each in (RunRow, TargetRow, ScoreRow, AlertRow))
ledger, outbox = table_of(LedgerRow), table_of(OutboxRow)

OPEN = text("state <> 'acked'")
Index(
    "ix_outbox_open",
    outbox.c.connection,
    outbox.c.object,
    outbox.c.key_field,
    outbox.c.key,
    unique=True,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)
Index("ix_outbox_state", outbox.c.connection, outbox.c.state)

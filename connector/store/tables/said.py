"""What we concluded, and what the CRMs were told."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Text, false
from sqlmodel import Field, SQLModel

from connector.store.tables.columns import Moment


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
    surplus: str | None = Field(default=None, sa_type=Text)
    run_rate: str | None = Field(default=None, sa_type=Text)
    required_rate: str | None = Field(default=None, sa_type=Text)
    ahead: str | None = Field(default=None, sa_type=Text)
    projection: str | None = Field(default=None, sa_type=Text)
    projection_error: str | None = Field(default=None, sa_type=Text)
    projection_by: str = Field(sa_type=Text, sa_column_kwargs={"server_default": ""})
    band: str = Field(sa_type=Text, sa_column_kwargs={"server_default": ""})
    field_size: int = Field(sa_column_kwargs={"server_default": "0"})


class CardRow(PeriodSpan, table=True):
    """A scorecard filled in."""

    __tablename__ = "cards"

    scorecard: str = Field(primary_key=True, sa_type=Text)
    subject_kind: str = Field(primary_key=True, sa_type=Text)
    subject_id: str = Field(primary_key=True, sa_type=Text)
    as_of: date
    score: str | None = Field(default=None, sa_type=Text)
    band: str = Field(sa_type=Text)
    lines: str = Field(sa_type=Text)  # JSON: [name, weight, share, reached, points, says]
    held: str = Field(sa_type=Text)  # JSON: the gates
    reason: str = Field(sa_type=Text)
    rank: int | None = None
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
    edited: str | None = Field(default=None, sa_type=Text)  # what a person put there instead, and keeps
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
    epoch: int = Field(sa_type=BigInteger)  # who is sending it; 0: nothing of it can have arrived
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    queued_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)
    run_id: str = Field(sa_type=Text)
    remote_id: str | None = Field(default=None, sa_type=Text)
    reason: str = Field(sa_type=Text)
    approval: str = Field(sa_type=Text, sa_column_kwargs={"server_default": ""})  # the plan that a human let pass
    undoes: str = Field(sa_type=Text, sa_column_kwargs={"server_default": ""})  # the run whose writing it takes back
    expects: str | None = Field(default=None, sa_type=Text)  # what the CRM must still show; "absent": no such record
    shown: str | None = Field(default=None, sa_type=Text)  # what it showed before we wrote
    gone: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class JournalRow(RemoteRow, table=True):
    """One value that we wrote, and what stood there before."""

    __tablename__ = "journal"

    revision: int = Field(primary_key=True)
    field: str = Field(primary_key=True, sa_type=Text)
    run_id: str = Field(sa_type=Text, index=True)  # the run that delivered it
    wished_by: str = Field(sa_type=Text)  # the run that decided it
    because: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    value: str = Field(sa_type=Text)  # JSON with its type
    prior: str | None = Field(default=None, sa_type=Text)  # None: nobody looked
    remote_id: str | None = Field(default=None, sa_type=Text, index=True)
    created: bool  # the record came to be by this write
    gone: bool  # the record left by it
    at: datetime = Field(sa_type=Moment)


class DecisionRow(SQLModel, table=True):
    """What a human let pass, gave up, or took back."""

    __tablename__ = "decisions"

    id: str = Field(primary_key=True, sa_type=Text)  # of the plan, or of the act
    connection: str = Field(primary_key=True, sa_type=Text)
    what: str = Field(sa_type=Text)  # apply, undo, retry, discard
    reason: str = Field(sa_type=Text)
    records: int
    at: datetime = Field(sa_type=Moment)

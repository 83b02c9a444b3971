"""How far we are: streams, counters, runs."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from connector.store.tables.columns import Moment


class StreamRow(SQLModel, table=True):
    """How far a stream has been read."""

    __tablename__ = "streams"

    connection: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(primary_key=True, sa_type=Text)
    covered: datetime | None = Field(default=None, sa_type=Moment)
    until: datetime | None = Field(default=None, sa_type=Moment)
    after: str = Field(sa_type=Text)
    memo: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    judged: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})  # of the open window
    epoch: int = Field(sa_type=BigInteger)  # whose hand moved it last


class UnreadableRow(SQLModel, table=True):
    """A record that the open window of a stream brought, and that was set aside."""

    __tablename__ = "unreadable"

    connection: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(primary_key=True, sa_type=Text)  # the stream's
    ref: str = Field(primary_key=True, sa_type=Text)


class ShapeRow(SQLModel, table=True):
    """How the fields of a source were when it was read."""

    __tablename__ = "shapes"

    connection: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(primary_key=True, sa_type=Text)
    mapping: str = Field(sa_type=Text)  # a fingerprint of what the mapping said
    wanted: str = Field(sa_type=Text)  # by which mapping all of it is to be read once more; empty: it is not
    fields: str = Field(sa_type=Text)  # JSON: the CRM's name → [type, choices]
    drift: str = Field(sa_type=Text)  # why it pauses; empty: it does not
    since: datetime = Field(sa_type=Moment)


class OrganisationRow(SQLModel, table=True):
    """Whom a connection was read from."""

    __tablename__ = "organisations"

    connection: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(sa_type=Text)  # the CRM's own
    since: datetime = Field(sa_type=Moment)


class CounterRow(SQLModel, table=True):
    """Numbers that only go up: the change sequence, one epoch per connection; and this store's own number."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True, sa_type=Text)
    value: int = Field(sa_type=BigInteger)


class CircuitRow(SQLModel, table=True):
    """How a connection is doing, while its circuit is open and since."""

    __tablename__ = "circuits"

    connection: str = Field(primary_key=True, sa_type=Text)
    recent: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    in_a_row: int
    wait: int  # seconds
    probe_at: datetime | None = Field(default=None, sa_type=Moment)


class CallsRow(SQLModel, table=True):
    """Calls of a CRM's API that we made, or were about to make, on a day of UTC."""

    __tablename__ = "calls"

    connection: str = Field(primary_key=True, sa_type=Text)
    day: date = Field(primary_key=True)
    made: int = Field(sa_type=BigInteger)


class JobRow(SQLModel, table=True):
    """A job of the calendar, once per bucket."""

    __tablename__ = "jobs"

    job: str = Field(primary_key=True, sa_type=Text)
    bucket: str = Field(primary_key=True, sa_type=Text)  # a day or a week of the company's
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class ForgottenRow(SQLModel, table=True):
    """A login of somebody whom we were asked to forget."""

    __tablename__ = "forgotten"

    digest: str = Field(primary_key=True, sa_type=Text)
    pseudonym: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)


class HintRow(SQLModel, table=True):
    """A record that a CRM said has changed, and that was not read since."""

    __tablename__ = "hints"

    connection: str = Field(primary_key=True, sa_type=Text)
    object: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    heard_at: datetime = Field(sa_type=Moment)


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

"""How far we are: streams, counters, runs."""

from __future__ import annotations

from datetime import datetime

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

"""Closed periods, what was credited in them, and what changed afterwards."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from connector.store.tables.columns import Moment
from connector.store.tables.said import PeriodSpan


class ClosingRow(PeriodSpan, table=True):
    """A closed or locked period."""

    __tablename__ = "closings"

    state: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)
    by: str = Field(sa_type=Text)
    note: str = Field(sa_type=Text)
    rules_version: str = Field(sa_type=Text)
    inputs: str = Field(sa_type=Text)
    calendar: str = Field(sa_type=Text)
    kinds: str = Field(sa_type=Text, sa_column_kwargs={"server_default": ""})  # set apart by semicolons


class LockedCreditRow(SQLModel, table=True):
    """A record as it was credited at the lock."""

    __tablename__ = "locked_credits"

    period_id: str = Field(primary_key=True, sa_type=Text)
    metric: str = Field(primary_key=True, sa_type=Text)
    subject_kind: str = Field(primary_key=True, sa_type=Text)
    subject_id: str = Field(primary_key=True, sa_type=Text)
    ref: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    happened_on: date
    credited: str = Field(sa_type=Text)


class TrueUpRow(SQLModel, table=True):
    """A dated difference to a locked credit. Rows are only ever added."""

    __tablename__ = "true_ups"

    period_id: str = Field(primary_key=True, sa_type=Text)
    metric: str = Field(primary_key=True, sa_type=Text)
    subject_kind: str = Field(primary_key=True, sa_type=Text)
    subject_id: str = Field(primary_key=True, sa_type=Text)
    ref: str = Field(primary_key=True, sa_type=Text)
    on_day: date = Field(primary_key=True)
    name: str = Field(sa_type=Text)
    amount: str = Field(sa_type=Text)

"""How each record lies in its table: one tuple per record, in the order of the table's columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from sqlalchemy import Table

from connector.model.records import (
    Account,
    AccountTerritory,
    Activity,
    Deal,
    Outcome,
    Rate,
    Reading,
    Record,
    RecordKind,
    Ref,
    Split,
    StageChange,
    TeamMember,
    User,
)
from connector.store import tables
from connector.store.typed import decimal_text, dump_all, dump_plain

Cell = str | int | bool | date | datetime | None
PLANNED = "planned"  # in the column of a deal's next step, whatever its text is
FACT_COLUMNS = ("ref", "connection", "modified_at", "change_seq", "deleted_at")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a database takes moments and days: PostgreSQL as they are, SQLite as text."""

    moment: Callable[[datetime], Cell]
    day: Callable[[date | None], Cell]


def moment_text(value: datetime) -> str:
    """As SQLAlchemy writes it to SQLite; raises ValueError without a zone."""
    return in_utc(value).isoformat(" ", "microseconds")[:26]


def in_utc(value: datetime) -> datetime:
    """The same moment; raises ValueError without a zone."""
    if value.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


@lru_cache(maxsize=50_000)  # days repeat
def day_text(value: date | None) -> str | None:
    """As SQLAlchemy writes it to SQLite."""
    return None if value is None else value.isoformat()


SQLITE = Dialect(moment_text, day_text)
POSTGRESQL = Dialect(in_utc, lambda value: value)


def row(record: Record, seq: int, dialect: Dialect) -> tuple[Cell, ...]:
    """The record as its table wants it."""
    ref = record.ref
    content = _CONTENT[type(record)](record, dialect)
    deleted_at = dialect.moment(record.deleted_at) if isinstance(record, Deal) and record.deleted_at else None
    return (_ref(ref), ref.connection, dialect.moment(record.modified_at), seq, deleted_at, *content)


def _ref(ref: Ref | None) -> str | None:
    return None if ref is None else f"{ref.connection}:{ref.object}/{ref.id}"


def _user(user: User, _: Dialect) -> tuple[Cell, ...]:
    levels, scores_on, former = dump_all(user.levels), _ref(user.scores_on), ";".join(user.former)
    seen = (user.email, user.name, user.active, user.human, _ref(user.manager), levels, scores_on)
    return (*seen, user.person or "", former, "\n".join(user.former_names))


def lines(text: str) -> tuple[str, ...]:
    """The names in the column `former_names`."""
    return tuple(filter(None, text.split("\n")))


def addresses(former: str) -> tuple[str, ...]:
    """The addresses in the column `former`."""
    return tuple(filter(None, former.split(";")))


def _deal(deal: Deal, dialect: Dialect) -> tuple[Cell, ...]:
    owner, amount = _ref(deal.owner), deal.amount
    return (
        deal.name,
        deal.outcome.value,
        deal.stage,
        deal.pipeline,
        _ref(deal.account),
        owner,
        None if deal.outcome is Outcome.OPEN else owner,
        None if amount is None else amount.minor,
        None if amount is None else amount.currency,
        None if deal.probability is None else decimal_text(deal.probability),
        None if deal.created_at is None else dialect.moment(deal.created_at),
        dialect.day(deal.created_on),
        dialect.day(deal.closed_on),
        deal.forecast_category,
        deal.deal_type,
        deal.source,
        PLANNED if deal.next_step else None,
        deal.term_months,
        deal.territory,
        None if deal.outcome is Outcome.OPEN else deal.territory,
        ";".join(map(str, deal.team)) or None,
        None if deal.amount_converted is None else deal.amount_converted.minor,
        dialect.day(deal.term_starts_on),
        deal.is_renewal,
        dump_plain(deal.custom),
    )


def _stage_change(change: StageChange, dialect: Dialect) -> tuple[Cell, ...]:
    return (
        _ref(change.deal),
        change.stage,
        dialect.moment(change.changed_at),
        dialect.day(change.changed_on),
        None if change.amount is None else change.amount.minor,
        None if change.amount is None else change.amount.currency,
        dialect.day(change.closed_on),
        _ref(change.owner),
    )


def _split(split: Split, _: Dialect) -> tuple[Cell, ...]:
    return (_ref(split.deal), _ref(split.user), decimal_text(split.percent), split.overlay)


def _team_member(member: TeamMember, _: Dialect) -> tuple[Cell, ...]:
    return (_ref(member.deal), _ref(member.user), member.role)


def _account_territory(lies: AccountTerritory, _: Dialect) -> tuple[Cell, ...]:
    return (_ref(lies.account), lies.territory)


def _activity(activity: Activity, dialect: Dialect) -> tuple[Cell, ...]:
    return (
        activity.type,
        activity.status,
        _ref(activity.performer),
        _ref(activity.deal),
        _ref(activity.account),
        None if activity.happened_at is None else dialect.moment(activity.happened_at),
        dialect.day(activity.happened_on),
        activity.minutes,
    )


def _account(account: Account, dialect: Dialect) -> tuple[Cell, ...]:
    return (
        account.name,
        _ref(account.parent),
        _ref(account.owner),
        account.industry,
        account.country,
        dialect.day(account.created_on),
        dump_plain(account.custom),
    )


def _rate(rate: Rate, dialect: Dialect) -> tuple[Cell, ...]:
    return (rate.currency, rate.base, dialect.day(rate.starts_on), decimal_text(rate.rate))


def _reading(reading: Reading, _: Dialect) -> tuple[Cell, ...]:
    return (reading.table, dump_all(reading.values))


_CONTENT: Mapping[type[Record], Callable[..., tuple[Cell, ...]]] = {
    User: _user,
    Deal: _deal,
    StageChange: _stage_change,
    Split: _split,
    TeamMember: _team_member,
    AccountTerritory: _account_territory,
    Activity: _activity,
    Account: _account,
    Rate: _rate,
    Reading: _reading,
}

TABLES: Mapping[RecordKind, Table] = {
    RecordKind.USER: tables.users,
    RecordKind.DEAL: tables.deals,
    RecordKind.STAGE_CHANGE: tables.stage_changes,
    RecordKind.SPLIT: tables.splits,
    RecordKind.TEAM_MEMBER: tables.team_members,
    RecordKind.ACCOUNT_TERRITORY: tables.account_territories,
    RecordKind.ACTIVITY: tables.activities,
    RecordKind.ACCOUNT: tables.accounts,
    RecordKind.RATE: tables.rates,
    RecordKind.READING: tables.readings,
    RecordKind.NOTE: tables.readings,  # told apart by their table
    RecordKind.MEMBERSHIP: tables.readings,
    RecordKind.PERIOD: tables.readings,
}

KINDS: Mapping[type[Record], RecordKind] = {
    User: RecordKind.USER,
    Deal: RecordKind.DEAL,
    StageChange: RecordKind.STAGE_CHANGE,
    Split: RecordKind.SPLIT,
    TeamMember: RecordKind.TEAM_MEMBER,
    AccountTerritory: RecordKind.ACCOUNT_TERRITORY,
    Activity: RecordKind.ACTIVITY,
    Account: RecordKind.ACCOUNT,
    Rate: RecordKind.RATE,
    Reading: RecordKind.READING,
}

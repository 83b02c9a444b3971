"""One raw CRM record in; our records, or a rejection with its reason, out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from connector.model.money import Money, to_minor
from connector.model.records import (
    Account,
    AccountTerritory,
    Deal,
    Outcome,
    Rate,
    RawRecord,
    Record,
    RecordKind,
    Ref,
    Rejection,
    Split,
    StageChange,
    TeamMember,
    User,
)
from connector.normalise import values
from connector.normalise.activities import activity
from connector.normalise.fields import Context, Fields, Refused
from connector.normalise.mapping import USER_FIELDS, ScoreProperties
from connector.normalise.typed_in import fiscal_period, membership, note, quota

ALWAYS = date(1, 1, 1)  # a rate without a date holds from the beginning


def normalise(raw: RawRecord, context: Context) -> tuple[Record, ...] | Rejection:
    """Our records from one raw record; an empty tuple when it is knowingly nobody's business.

    Raises nothing: a value that cannot be read rejects this one record, and names the field.
    """
    try:
        found = _READERS[raw.kind](Fields(raw, context))
    except Refused as refused:
        return Rejection(raw, str(refused))
    return (found,) if found is not None else ()


def _deal(fields: Fields) -> Deal:
    raw = fields.raw
    created_at = fields.moment("created_at")
    probability = fields.number("probability")
    return Deal(
        ref=raw.ref,
        modified_at=raw.modified_at,
        name=fields.text("name") or raw.ref.id,
        outcome=_outcome(fields),
        stage=fields.text("stage"),
        pipeline=fields.text("pipeline"),
        account=fields.ref("account", RecordKind.ACCOUNT),
        owner=fields.ref("owner", RecordKind.USER),
        amount=fields.money("amount"),
        probability=None if probability is None else round(probability, 6),
        created_at=created_at,
        created_on=fields.context.company.day_of(created_at) if created_at else None,
        closed_on=fields.day("closed_on"),
        forecast_category=fields.text("forecast_category"),
        deal_type=fields.text("deal_type"),
        source=fields.text("source"),
        next_step=_has(fields, "next_step"),
        term_months=_months(fields),
        term_starts_on=fields.day("term_starts_on"),
        is_renewal=fields.flag("is_renewal"),
        territory=fields.text("territory"),
        team=fields.refs("team", RecordKind.USER),
        amount_converted=_converted(fields),
        custom=fields.custom(),
        deleted_at=raw.modified_at if raw.deleted else None,
    )


def _has(fields: Fields, name: str) -> bool:
    """Whether a field is filled; one that only says so itself, as a formula may, is believed.

    Of a free text no more goes on from here. It is read all the same: neither CRM tells beside a record's other fields
    whether one is filled. A second query could (`NextStep != null`, a search by HAS_PROPERTY), for twice the calls.
    """
    return (fields.text(name) or "").lower() not in ("", "false")


def _months(fields: Fields) -> int | None:
    """Whole months; a term of none or less says nothing."""
    term = fields.number("term_months")
    return None if term is None or term < 1 else int(term)


def _converted(fields: Fields) -> Money | None:
    """What the CRM converted into its own currency; of use where that is the company's."""
    amount, currency = fields.number("amount_converted"), fields.context.company.currency
    if amount is None or fields.context.mapping.assumed(currency) != currency:
        return None
    return Money(to_minor(amount, currency), currency)


def _outcome(fields: Fields) -> Outcome:
    rule = fields.context.mapping.outcome
    if rule.field:
        stage = values.text(fields.raw.fields.get(rule.field))
        if stage in rule.won:
            return Outcome.WON
        return Outcome.LOST if stage in rule.lost else Outcome.OPEN
    try:
        won = values.flag(fields.raw.fields.get(rule.won_flag or ""))
        closed = values.flag(fields.raw.fields.get(rule.closed_flag or ""))
    except values.Unreadable as problem:
        raise Refused(f"{rule.won_flag} or {rule.closed_flag} {problem}") from None
    if won:
        return Outcome.WON
    return Outcome.LOST if closed else Outcome.OPEN


def _stage_change(fields: Fields) -> StageChange | None:
    stage = fields.text("stage")
    if stage is None:
        return None  # nothing says whether it was open
    changed_at = fields.required("changed_at", fields.moment("changed_at"))
    return StageChange(
        ref=fields.raw.ref,
        modified_at=fields.raw.modified_at,
        deal=fields.required("deal", fields.ref("deal", RecordKind.DEAL)),
        stage=stage,
        changed_at=changed_at,
        changed_on=fields.context.company.day_of(changed_at),
        amount=fields.money("amount"),
        closed_on=fields.day("closed_on"),
        owner=fields.ref("owner", RecordKind.USER),
    )


def _split(fields: Fields) -> Split | None:
    counts = fields.flag("counts")
    if counts is None and "counts" in fields.source.values:
        return None  # of a type that the mapping does not list: shares of something else than the amount
    percent = fields.required("percent", fields.number("percent"))
    return Split(
        ref=fields.raw.ref,
        modified_at=fields.raw.modified_at,
        deal=fields.required("deal", fields.ref("deal", RecordKind.DEAL)),
        user=fields.required("user", fields.ref("user", RecordKind.USER)),
        percent=percent * 100,
        overlay=counts is False,
    )


def _team_member(fields: Fields) -> TeamMember:
    return TeamMember(
        ref=fields.raw.ref,
        modified_at=fields.raw.modified_at,
        deal=fields.required("deal", fields.ref("deal", RecordKind.DEAL)),
        user=fields.required("user", fields.ref("user", RecordKind.USER)),
        role=fields.text("role"),
    )


def _account_territory(fields: Fields) -> AccountTerritory:
    return AccountTerritory(
        ref=fields.raw.ref,
        modified_at=fields.raw.modified_at,
        account=fields.required("account", fields.ref("account", RecordKind.ACCOUNT)),
        territory=fields.required("territory", fields.text("territory")),
    )


def _account(fields: Fields) -> Account:
    created_at = fields.moment("created_at")
    return Account(
        ref=fields.raw.ref,
        modified_at=fields.raw.modified_at,
        name=fields.text("name") or fields.raw.ref.id,
        parent=fields.ref("parent", RecordKind.ACCOUNT),
        owner=fields.ref("owner", RecordKind.USER),
        industry=fields.text("industry"),
        country=fields.text("country"),
        created_on=fields.context.company.day_of(created_at) if created_at else None,
        custom=fields.custom(),
    )


def _user(fields: Fields) -> User:
    raw = fields.raw
    email = fields.text("email")
    parts = [part for part in (fields.text("first_name"), fields.text("last_name")) if part]
    active = fields.flag("active")
    levels = {name: fields.text(name) for name in fields.source.fields if name not in USER_FIELDS}
    return User(
        ref=raw.ref,
        modified_at=raw.modified_at,
        email=email.lower() if email else None,
        name=fields.text("name") or " ".join(parts) or email or raw.ref.id,
        active=not raw.deleted if active is None else active,
        human=fields.flag("human") is True if "human" in fields else True,
        manager=fields.ref("manager", RecordKind.USER),
        levels={name: value for name, value in levels.items() if value},
        scores_on=_scores_on(fields),
    )


def _scores_on(fields: Fields) -> Ref | None:
    """The record that carries this user's numbers, where the mapping keeps them as properties."""
    where = fields.context.mapping.write.scores
    if not isinstance(where, ScoreProperties):
        return None
    record_id = values.text(fields.raw.fields.get(f"{where.object}.id"))
    return Ref(fields.raw.ref.connection, where.object, record_id) if record_id else None


def _rate(fields: Fields) -> Rate | None:
    currency = fields.required("currency", fields.text("currency"))
    base = fields.context.mapping.assumed(fields.context.company.currency)
    if currency == base or fields.flag("corporate"):
        return None
    worth = fields.number("worth")
    rate = 1 / worth if worth else fields.required("rate", fields.number("rate"))
    if rate <= 0:
        raise Refused(f"{fields.source.fields.get('rate', 'rate')} is not above zero")
    return Rate(
        ref=fields.raw.ref,
        modified_at=fields.raw.modified_at,
        currency=currency,
        base=base,
        starts_on=fields.day("starts_on") or ALWAYS,
        rate=round(rate, 12),
    )


_READERS: Mapping[RecordKind, Callable[[Fields], Record | None]] = {
    RecordKind.DEAL: _deal,
    RecordKind.STAGE_CHANGE: _stage_change,
    RecordKind.SPLIT: _split,
    RecordKind.TEAM_MEMBER: _team_member,
    RecordKind.ACCOUNT_TERRITORY: _account_territory,
    RecordKind.ACTIVITY: activity,
    RecordKind.ACCOUNT: _account,
    RecordKind.USER: _user,
    RecordKind.RATE: _rate,
    RecordKind.READING: quota,
    RecordKind.NOTE: note,
    RecordKind.MEMBERSHIP: membership,
    RecordKind.PERIOD: fiscal_period,
}

"""Our names on the left side of a mapping, per kind of record; and what goes back to a CRM."""

from __future__ import annotations

from collections.abc import Mapping

from connector.model.catalogue import ACTIVITIES
from connector.model.periods import AIMED
from connector.model.records import RecordKind
from connector.normalise.mapping import NOTE_FIELDS, USER_FIELDS, VOID

KINDS: Mapping[str, RecordKind] = {
    "users": RecordKind.USER,
    "accounts": RecordKind.ACCOUNT,
    "deals": RecordKind.DEAL,
    "stage_changes": RecordKind.STAGE_CHANGE,
    "splits": RecordKind.SPLIT,
    "team_members": RecordKind.TEAM_MEMBER,
    "account_territories": RecordKind.ACCOUNT_TERRITORY,
    "activities": RecordKind.ACTIVITY,
    "rates": RecordKind.RATE,
    "quotas": RecordKind.READING,
    "notes": RecordKind.NOTE,
    "memberships": RecordKind.MEMBERSHIP,
    "periods": RecordKind.PERIOD,
}

# No mapping that is shipped reads these unless ops switch them on: a CRM that lacks them is worth a word.
ASKED_FOR = {name: KINDS[name] for name in ("team_members", "account_territories")}

# Levels come beside the names of a user: every other name is one.
KNOWN: Mapping[RecordKind, tuple[str, ...]] = {
    RecordKind.USER: tuple(sorted(USER_FIELDS)),
    RecordKind.ACCOUNT: ("name", "parent", "owner", "industry", "country", "created_at"),
    RecordKind.DEAL: (
        "name", "account", "owner", "pipeline", "stage", "amount", "currency", "probability", "forecast_category",
        "deal_type", "source", "next_step", "created_at", "closed_on", "term_months",
        "term_starts_on", "is_renewal",
        "amount_converted", "territory", "team",
    ),
    RecordKind.STAGE_CHANGE: ("deal", "stage", "amount", "currency", "closed_on", "owner", "changed_at"),
    RecordKind.SPLIT: ("deal", "user", "percent", "counts"),
    RecordKind.TEAM_MEMBER: ("deal", "user", "role"),
    RecordKind.ACCOUNT_TERRITORY: ("account", "territory"),
    RecordKind.ACTIVITY: (
        "performer", "about", "deal", "account", "type", "status", "done", "happened_at", "happened_on", "all_day",
        "ended_at", "due_at", "minutes", "seconds", "milliseconds", "key", "counts",
    ),
    RecordKind.RATE: ("currency", "rate", "worth", "corporate", "starts_on"),
    RecordKind.READING: ("user", "metric", "amount", "quantity", "currency", "starts_on", "ends_on", "grain"),
    RecordKind.NOTE: tuple(NOTE_FIELDS),
    RecordKind.MEMBERSHIP: ("user", "level", "unit", "active"),
    RecordKind.PERIOD: ("grain", "starts_on", "ends_on", "year", "number", "label", "forecasts"),
}  # fmt: skip

REQUIRED: Mapping[RecordKind, tuple[str, ...]] = {
    RecordKind.DEAL: ("name", "stage", "amount", "closed_on", "owner"),
    RecordKind.TEAM_MEMBER: ("deal", "user"),
    RecordKind.ACCOUNT_TERRITORY: ("account", "territory"),
    RecordKind.READING: ("user", "metric", "starts_on"),
    RecordKind.NOTE: ("author", "kind"),
    RecordKind.MEMBERSHIP: ("user", "level", "unit"),
    RecordKind.PERIOD: ("grain", "starts_on", "ends_on", "year"),
}

OUR_VALUES: Mapping[str, tuple[str, ...]] = {
    "type": ACTIVITIES.fields["type"].choices,
    "status": (*ACTIVITIES.fields["status"].choices, VOID),
    "grain": tuple(str(each) for each in AIMED),
}

SCORE_ATTRIBUTES = (
    "person", "metric", "metric_title", "period", "period_start", "period_end", "target", "actual", "attainment",
    "gap", "expected", "pace", "rank", "quartile", "field_size", "surplus", "run_rate", "required_rate", "ahead", "projection",
    "projection_by", "payout", "band", "reason", "records", "left_out", "elapsed", "working_days", "unit", "currency", "explanation", "why", "evidence", "owner", "manager", "computed_at", "run", "rules_version",
)  # fmt: skip

HEALTH_WORDS: Mapping[str, tuple[str, ...]] = {
    "deals": ("health", "health_band", "health_reasons", "next_step"),
    "accounts": ("health", "health_band", "health_reasons", "next_step", "retention"),
}

ALERT_ATTRIBUTES = ("person", "title", "text", "record", "due_on", "due_at")

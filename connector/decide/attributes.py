"""What of a score or an alert may be written to a CRM: one table of names, types and values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from connector.decide.wording import number, percent
from connector.measure.evidence import Evidence, EvidenceLine
from connector.measure.metric import Metric
from connector.model.changes import Value
from connector.model.money import Money
from connector.model.records import Ref
from connector.model.results import Alert, Score

_SIX = Decimal("0.000001")
WHY, EVIDENCE = "why", "evidence"  # the records behind a number, in words and for pages of ours
OWNER = "owner"  # whom a record of ours belongs to: the CRM's own field, there from the start
MANAGER = "manager"  # whose team it is shown to
_LONGEST = 32_000  # characters of a long text


@dataclass(frozen=True, slots=True)
class Written:
    """A score on its way to a CRM, with what it is written with."""

    score: Score
    metric: Metric
    currency: str
    user: str | None  # the remote id of the person's user
    pays: int | None = None  # minor units; by the plan that pays for this number first, if it is on
    behind: Evidence | None = None  # the newest records behind it, where a mapping shows them
    connection: str = ""  # where it goes: records of another CRM are named there, and not linked
    manager: str | None = None  # the remote id of the user of their manager today, who works here and has one there


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a score. Ratios go out as ratios (0.24): the adapter converts to what the field wants."""

    name: str
    label: str
    type: str  # as in WantedField; "amount": money, ratio or number, as the metric has it
    value: Callable[[Written], Value]


def amount(value: Decimal | None, unit: str, currency: str) -> Decimal | None:
    """A number as CRMs show it: money in whole units with the currency's digits, everything else to six digits."""
    if value is None:
        return None
    if unit == "money":
        return Money(int(value.to_integral_value(ROUND_HALF_UP)), currency).amount
    return _rounded(value)


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_SIX, ROUND_HALF_UP)


def _amount(name: str) -> Callable[[Written], Value]:
    return lambda it: amount(getattr(it.score, name), it.score.unit, it.currency)


def _payout(it: Written) -> Value:
    return None if it.pays is None else Money(it.pays, it.currency).amount


def why(it: Written) -> Value:
    """The newest records that were counted, and that were left out with the reason, a line each."""
    if it.behind is None:
        return None
    counted = [_counted(each, it.currency) for each in it.behind.lines]
    more = it.score.records - len(counted)
    lines = counted + ([f"and {more} more"] if more > 0 else [])
    lines += [f"left out: {each.name or each.ref}, {each.reason}" for each in it.behind.left_out]
    unseen = it.score.left_out - len(it.behind.left_out)
    return "\n".join(lines + ([f"and {unseen} more left out"] if unseen > 0 else [])) or None


def _counted(line: EvidenceLine, currency: str) -> str:
    parts = [line.name or line.ref, str(line.happened_on)]
    parts += [number(line.credited, "money", currency)] if line.credited is not None else []
    return ", ".join([*parts, *([line.note] if line.note else [])])


def evidence(it: Written) -> Value:
    """The same records as JSON, with the ids of those that live in this CRM; None where it would be cut short."""
    if it.behind is None:
        return None
    counted = [_known(it, each.ref, each.name) | _credit(it, each) for each in it.behind.lines]
    left_out = [_known(it, each.ref, each.name) | {"reason": each.reason} for each in it.behind.left_out]
    found = {
        "counted": counted,
        "left_out": left_out,
        "more": max(0, it.score.records - len(counted)),
        "unseen": max(0, it.score.left_out - len(left_out)),
    }
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= _LONGEST else None


def _known(it: Written, ref: str, name: str) -> dict[str, object]:
    try:
        parsed = Ref.parse(ref)
    except ValueError:  # a customer of several records, a row of a file
        return {"id": None, "name": name or ref}
    here = {"id": parsed.id, "of": parsed.object} if parsed.connection == it.connection else {"id": None}
    return {**here, "name": name or parsed.id}


def _credit(it: Written, line: EvidenceLine) -> dict[str, object]:
    """Money in whole units of the company's currency; what is counted by the piece has no amount."""
    found: dict[str, object] = {"on": line.happened_on.isoformat()}
    if line.credited is not None:
        credited = amount(line.credited, "money", it.currency)
        found["credit"] = None if credited is None else float(credited)
    return found | ({"note": line.note} if line.note else {})


def explanation(it: Written) -> str:
    """In one line: what was counted, what was left out, and why a number is missing."""
    score = it.score
    parts = [f"{score.records} counted"]
    if score.left_out:
        parts.append(f"{score.left_out} left out")
    if score.expected is not None:
        steady = number(score.expected, score.unit, it.currency)
        parts.append(f"{steady} expected after {score.elapsed} of {score.working_days} working days")
    if score.pace is not None:
        parts.append(f"pace {percent(score.pace)} by {score.pace_by}")
    if score.reason:
        parts.append(score.reason)
    return "; ".join(parts)


SCORE_ATTRIBUTES: Mapping[str, Attribute] = {
    each.name: each
    for each in (
        Attribute("person", "Person", "person", lambda it: it.user),
        Attribute("metric", "Metric", "text", lambda it: it.metric.name),
        Attribute("metric_title", "Metric", "text", lambda it: it.metric.title),
        Attribute("unit", "Unit", "text", lambda it: it.score.unit),
        Attribute("period", "Period", "text", lambda it: it.score.period.id),
        Attribute("period_start", "Period start", "date", lambda it: it.score.period.starts_on),
        Attribute("period_end", "Period end", "date", lambda it: it.score.period.last_day),
        Attribute("target", "Target", "amount", _amount("target")),
        Attribute("actual", "Actual", "amount", _amount("actual")),
        Attribute("gap", "Gap", "amount", _amount("gap")),
        Attribute("expected", "Expected to date", "amount", _amount("expected")),
        Attribute("attainment", "Attainment", "ratio", lambda it: _rounded(it.score.attainment)),
        Attribute("pace", "Pace", "ratio", lambda it: _rounded(it.score.pace)),
        Attribute("rank", "Rank", "number", lambda it: it.score.rank),
        Attribute("quartile", "Quarter of the field", "number", lambda it: it.score.quartile),
        Attribute("field_size", "People ranked", "number", lambda it: it.score.field_size or None),
        Attribute("surplus", "Surplus", "amount", _amount("surplus")),
        Attribute("run_rate", "Per working day so far", "amount", _amount("run_rate")),
        Attribute("required_rate", "Needed per working day", "amount", _amount("required_rate")),
        Attribute("ahead", "Ahead of time", "ratio", lambda it: _rounded(it.score.ahead)),
        Attribute("projection", "Projection", "amount", _amount("projection")),
        Attribute("projection_by", "Projected by", "text", lambda it: it.score.projection_by or None),
        Attribute("payout", "Payout, an estimate", "money", _payout),
        Attribute("band", "Band", "text", lambda it: it.score.band or None),
        Attribute("reason", "Reason", "text", lambda it: it.score.reason or None),
        Attribute("elapsed", "Working days over", "number", lambda it: it.score.elapsed),
        Attribute("working_days", "Working days", "number", lambda it: it.score.working_days),
        Attribute("records", "Records counted", "number", lambda it: it.score.records),
        Attribute("left_out", "Records left out", "number", lambda it: it.score.left_out),
        Attribute("currency", "Currency", "text", lambda it: it.currency if it.score.unit == "money" else None),
        Attribute("explanation", "Explanation", "long_text", explanation),
        Attribute(WHY, "Records behind it", "long_text", why),
        Attribute(EVIDENCE, "Records behind it, for pages", "long_text", evidence),
        Attribute(OWNER, "Owner", "person", lambda it: it.user),
        Attribute(MANAGER, "Manager", "person", lambda it: it.manager),
    )
}

# Sent along with a row, and never compared: they change with every run.
RIDING_TYPES: Mapping[str, tuple[str, str]] = {
    "computed_at": ("Computed at", "moment"),
    "run": ("Run", "text"),
    "rules_version": ("Rules version", "text"),
}


def alert_value(name: str, alert: Alert, user: str | None, today: date, connection: str = "") -> Value:
    """An attribute of an alert. Raises KeyError for a name that is none.

    Its record is an id of that connection, None where it lies in another one.
    A task is due on the day it is written; as a moment that is noon UTC, which falls on the same day nearly everywhere.
    """
    values: Mapping[str, Value] = {
        "person": user,
        "title": alert.title,
        "text": alert.text,
        "rule": alert.rule,
        "metric": alert.metric,
        "period": alert.period.id,
        "record": _record_id(alert.record, connection),
        "due_on": today,
        "due_at": datetime.combine(today, time(12), UTC),
    }
    return values[name]


def _record_id(record: str | None, connection: str) -> str | None:
    ref = Ref.parse(record) if record else None
    return ref.id if ref and ref.connection == connection else None
